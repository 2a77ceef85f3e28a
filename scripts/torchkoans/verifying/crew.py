"""The processes that run checks, and what happens where one of them dies, hangs or is left unclean.

Each runs one unit after the other. Whatever kills or hangs one is run again alone, and the others
get a fresh process.
"""

from __future__ import annotations

import contextlib
import gc
import multiprocessing
import os
import time
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection, wait
from typing import Any

from torchkoans.cuda import VISIBLE
from torchkoans.verdicts import Verdict
from torchkoans.verifying import stopping, workers
from torchkoans.verifying.planning import ANSWER
from torchkoans.verifying.trying import Outcome
from torchkoans.verifying.workers import FORK, NOTHING, Done, Setting, Task
from torchkoans.warm.doing import CUT_OFF, how

LOOK = 0.2  # seconds between two looks at who hangs
START = 180.0  # seconds for torch to be imported on a slow machine
LEAVE = 2.0  # seconds for a process to go by itself
UNLUCKY = 4  # processes in a row that die before they have begun with anything
LOST = 2  # that die before they have begun with one and the same task
HANGS = 3  # wrong answers of one unit that may hang before the others are not tried

Place = tuple[str, str, int]  # file and name of a unit, and the number of a check


class WorkersError(Exception):
    """Nothing can be run here, and why."""


@dataclass(eq=False)
class Worker:
    """A process, what it has been given, and when it was last seen to get on."""

    process: Any
    pipe: Connection
    at: Any
    is_fresh: bool = True
    task: Task | None = None
    place: int = NOTHING
    since: float = 0.0

    def give(self, task: Task) -> None:
        self.task, self.place, self.since = task, NOTHING, time.monotonic()
        self.at.value = NOTHING
        with contextlib.suppress(OSError):  # it died while it waited: that is noticed in a moment
            self.pipe.send(task)

    def is_stuck(self, limit: float) -> bool:
        now = time.monotonic()
        if self.at.value != self.place:
            self.place, self.since = self.at.value, now
        return now - self.since > (START if self.place == NOTHING else limit)

    def end(self, patience: float = LEAVE) -> int | None:
        """See it gone; what it ended with, None where it had to be killed."""
        with contextlib.suppress(OSError):
            self.pipe.send(None)  # closing is not heard: a forked worker holds this end open, too
        with contextlib.suppress(OSError):
            self.pipe.close()
        self.process.join(patience)
        code = self.process.exitcode
        if code is None:
            self.process.kill()
            self.process.join()
        return code if code is None else int(code)


class Crew:
    """As many workers as there are `jobs`; `limit` is the seconds that a check may take.

    `gpus` has what CUDA_VISIBLE_DEVICES says for each of them, where there are GPUs.
    """

    def __init__(self, setting: Setting, jobs: int, limit: float, gpus: Sequence[str] = ()) -> None:
        self.setting, self.jobs, self.limit, self.gpus = setting, jobs, limit, gpus
        self.context: Any = multiprocessing.get_context(setting.how)
        self.workers: list[Worker | None] = [None] * jobs
        self.queue: deque[Task] = deque()
        self.unlucky = 0
        self.held: dict[Place, Task] = {}  # until it is known whether a check hangs alone, too
        self.hangs: Counter[tuple[str, str]] = Counter()

    def __enter__(self) -> Crew:
        return self

    def __exit__(self, *_: object) -> None:
        for worker in filter(None, self.workers):
            worker.process.kill()
            worker.end()
        gc.unfreeze()

    def run(self) -> Iterator[tuple[Task, Done]]:
        """Do what is in the queue, in any order; tasks may be added while this goes on.

        Raises WorkersError where no process can be kept alive.
        """
        while True:
            stopping.stop_if_asked()
            self._give_out()
            busy = [worker for worker in self.workers if worker and worker.task]
            if not busy:
                return
            ready = wait([worker.pipe for worker in busy], LOOK)
            for worker in busy:
                if worker.pipe in ready:
                    yield from self._hear(worker)
                elif worker.is_stuck(self.limit):
                    yield from self._lose(worker, worker.end(patience=0), hung=True)

    def running(self) -> list[str]:
        """What the workers are at."""
        busy = [worker for worker in self.workers if worker and worker.task]
        return [
            f"{worker.task.unit.file}: {worker.task.unit.checks[worker.at.value]}"
            for worker in busy
            if worker.task and worker.at.value != NOTHING
        ]

    def _give_out(self) -> None:
        for number, worker in enumerate(self.workers):
            if not self.queue:
                return
            if worker and worker.task:
                continue
            task = self.queue.popleft()
            if worker and task.alone and not worker.is_fresh:
                worker.end()
                worker = None
            worker = worker or self._started(number)
            self.workers[number] = worker
            worker.give(task)

    def _started(self, number: int) -> Worker:
        here, there = self.context.Pipe()
        at = self.context.RawValue("q", NOTHING)
        arguments = (there, at, self.setting, os.getpid())
        process = self.context.Process(target=workers.work, args=arguments)
        with self._seeing_a_gpu(number):
            if self.setting.how == FORK:
                gc.freeze()  # a child's collector need not touch, and copy, what is here
            process.start()
        there.close()
        return Worker(process, here, at)

    @contextlib.contextmanager
    def _seeing_a_gpu(self, number: int) -> Iterator[None]:
        """A process that is started meanwhile sees this GPU alone."""
        before = os.environ.get(VISIBLE)
        try:
            if self.gpus:
                os.environ[VISIBLE] = self.gpus[number % len(self.gpus)]
            yield
        finally:
            if self.gpus and before is None:
                os.environ.pop(VISIBLE, None)
            elif before is not None:
                os.environ[VISIBLE] = before

    def _hear(self, worker: Worker) -> Iterator[tuple[Task, Done]]:
        try:
            done = worker.pipe.recv()
        except (EOFError, OSError):
            yield from self._lose(worker, worker.end(), hung=False)
            return
        task, worker.task, worker.is_fresh = worker.task, None, False
        assert task is not None  # only those who have one are listened to
        self.unlucky = 0
        unheard = tuple(place for place in task.places if place not in done.outcomes)
        if unheard:
            self.queue.appendleft(replace(task, places=unheard))
        if task.alone or done.left or unheard:
            worker.end()
            self.workers[self.workers.index(worker)] = None
        yield task, done
        yield from self._let_go(task, done)

    def _lose(self, worker: Worker, code: int | None, hung: bool) -> Iterator[tuple[Task, Done]]:
        """A worker died or hangs: what it was at is run again alone, the others by another one."""
        task, place = worker.task, worker.at.value
        assert task is not None
        self.workers[self.workers.index(worker)] = None
        if place == NOTHING:
            yield from self._never_began(task, code)
            return
        self.unlucky = 0
        if len(task.places) == 1:
            done = Done({place: self._death(code, hung)})
            yield task, done
            yield from self._let_go(task, done)
            return
        alone = Task(task.unit, (place,), alone=True)
        others = replace(task, places=tuple(one for one in task.places if one != place))
        if hung:
            self.held[task.unit.file, task.unit.name, place] = others
            self.queue.appendleft(alone)
        else:
            self.queue.extendleft([others, alone])

    def _never_began(self, task: Task, code: int | None) -> Iterator[tuple[Task, Done]]:
        self.unlucky += 1
        if self.unlucky >= UNLUCKY:
            raise WorkersError(f"the processes that run koans die at once ({_ended(code)})")
        if task.lost + 1 < LOST:
            self.queue.appendleft(replace(task, lost=task.lost + 1))
            return
        dead = Outcome(Verdict.CRASHED, None, f"its {_ended(code)} before it began")
        yield task, Done(dict.fromkeys(task.places, dead))

    def _let_go(self, task: Task, done: Done) -> Iterator[tuple[Task, Done]]:
        """A check that has hung is known alone by now: go on with the others of its unit, or not.

        Where the answer itself hangs, so would all that is only a little different from it.
        """
        unit = task.unit
        for place, outcome in done.outcomes.items():
            held = self.held.pop((unit.file, unit.name, place), None)
            if not held:
                continue
            self.hangs[unit.file, unit.name] += outcome.verdict is Verdict.TIMEOUT
            check = unit.checks[place]
            many = self.hangs[unit.file, unit.name] >= HANGS
            if outcome.verdict is Verdict.TIMEOUT and (check.variant.kind == ANSWER or many):
                said = (
                    f"not tried, for so many hang: {check}" if many else f"not tried: {check} hangs"
                )
                untried = Outcome(Verdict.TIMEOUT, None, said, trouble=said)
                yield held, Done(dict.fromkeys(held.places, untried))
            else:
                self.queue.appendleft(held)

    def _death(self, code: int | None, hung: bool) -> Outcome:
        if hung:
            what = f"it took longer than {self.limit:g} seconds; an endless loop?"
            return Outcome(Verdict.TIMEOUT, None, what)
        return Outcome(Verdict.CRASHED, None, f"its {_ended(code)}")


def _ended(code: int | None) -> str:
    if code is None:
        return "process had to be ended"
    if code == CUT_OFF:
        return "process was left without the pipe through which it tells its verdicts"
    return f"process ended with {how(code)}"
