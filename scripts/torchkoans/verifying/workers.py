"""Processes that run checks, and what happens where one of them dies, hangs or is left unclean.

A worker is forked where that is safe, so that torch is imported once; it is started anew on
Windows, on macOS and where there is a GPU. It runs one unit after the other. Whoever kills or
hangs it is run again alone, and the others get a fresh process.
"""

from __future__ import annotations

import contextlib
import faulthandler
import gc
import multiprocessing
import os
import signal
import sys
import time
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

from torchkoans.course import Course
from torchkoans.devices import SIMGPU, Devices
from torchkoans.verdicts import Verdict
from torchkoans.verifying import leaks
from torchkoans.verifying.planning import Check, Unit
from torchkoans.verifying.trying import Outcome, Trial
from torchkoans.warm import limits, warmup
from torchkoans.warm.doing import how

FORK, SPAWN = "fork", "spawn"
LOOK = 0.2  # seconds between two looks at who hangs
START = 180.0  # seconds for torch to be imported on a slow machine
UNLUCKY = 3  # workers in a row that die before they have begun with anything
LEAVE = 2.0  # seconds for a process to go by itself
NOTHING = -1  # the number of the check that runs before the first one does


class WorkersError(Exception):
    """Nothing can be run here, and why."""


@dataclass(frozen=True)
class Task:
    """Some checks of a unit, by their place in it.

    A task that is `alone` gets a process of its own; there it is seen which check leaves what
    behind.
    """

    unit: Unit
    places: tuple[int, ...]
    alone: bool = False


@dataclass(frozen=True)
class Done:
    """What came of a task: outcomes by place, and what was left behind, by place where known.

    Not all places are there where the process had to end before its time.
    """

    outcomes: dict[int, Outcome]
    left: dict[int, list[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Setting:
    """What a worker has to know; plain data, for it may go to another process."""

    root: Path
    found: Devices
    how: str


# -- in the worker -------------------------------------------------------------------------------


def work(pipe: Connection, at: Any, setting: Setting, parent: int) -> None:
    """Run tasks until the other end hangs up."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that started this one
    if setting.how == FORK:
        limits.die_with_parent(parent)
        limits.adopt_orphans()
        limits.be_modest()
    _keep_quiet()
    if str(setting.root) not in sys.path:
        sys.path.insert(0, str(setting.root))  # `import koans`
    warm_up(setting.found)
    course, trials = Course(setting.root), dict[str, Trial]()
    with contextlib.suppress(EOFError, OSError):
        while task := pipe.recv():
            if task.unit.file not in trials:
                lesson = course.lesson_of(course.answers / task.unit.file)
                assert lesson is not None  # it was planned from this file
                trials = {task.unit.file: Trial(lesson)}
            done = _do(task, trials[task.unit.file], at)
            pipe.send(done)
            if done.left or len(done.outcomes) < len(task.places):
                break  # whoever comes next shall find nothing of it


def _keep_quiet() -> None:
    """Koans may print; what a dying process has to say is told by how it ended."""
    faulthandler.disable()
    null = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(null, number)
    os.close(null)


def warm_up(found: Devices) -> None:
    """Make a process ready: one thread, what torch puts off, and simgpu before any backward()."""
    import torch

    torch.set_num_threads(1)
    if found.uses(SIMGPU):
        from torchkoans import simgpu

        simgpu.enable()
    for step in warmup.imports():
        step()  # when torch imports a part of itself late, it changes what the next koan finds


def _do(task: Task, trial: Trial, at: Any) -> Done:
    outcomes: dict[int, Outcome] = {}
    left: dict[int, list[str]] = {}
    before = leaks.picture()
    for place in task.places:
        at.value = place
        outcomes[place] = _outcome(trial, task.unit.checks[place], task.alone)
        if outcomes[place].is_lost:
            break
        if task.alone:
            before = _look(before, place, left)
    _look(before, NOTHING, left)
    at.value = NOTHING
    return Done(outcomes, left)


def _outcome(trial: Trial, check: Check, explained: bool) -> Outcome:
    try:
        return trial.outcome(check, explained)
    except Exception as error:  # not the koan's: those are caught where it runs
        said = f"verify itself failed: {error!r}"
        return Outcome(Verdict.BROKEN, what=said, trouble=said)


def _look(before: leaks.Picture, place: int, left: dict[int, list[str]]) -> leaks.Picture:
    limits.bury()
    after = leaks.picture()
    if found := leaks.differences(before, after):
        left[place] = found
        limits.end_children(set())
    return after


# -- in the process that has them ----------------------------------------------------------------


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

    def __enter__(self) -> Crew:
        return self

    def __exit__(self, *_: object) -> None:
        for worker in filter(None, self.workers):
            worker.process.kill()
            worker.end()

    def run(self) -> Iterator[tuple[Task, Done]]:
        """Do what is in the queue, in any order; tasks may be added while this goes on.

        Raises WorkersError where no process can be kept alive.
        """
        while True:
            self._give_out()
            busy = [worker for worker in self.workers if worker and worker.task]
            if not busy:
                return
            ready = wait([worker.pipe for worker in busy], LOOK)
            for worker in busy:
                if worker.pipe in ready:
                    yield from self._hear(worker)
                elif worker.is_stuck(self.limit):
                    yield from self._lose(worker, worker.end(patience=0))

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
        process = self.context.Process(target=work, args=arguments, daemon=True)
        with self._seeing_a_gpu(number):
            if self.setting.how == FORK:
                gc.freeze()  # a child's collector need not touch, and copy, what is here
            process.start()
        there.close()
        return Worker(process, here, at)

    @contextlib.contextmanager
    def _seeing_a_gpu(self, number: int) -> Iterator[None]:
        """A process that is started meanwhile sees this GPU alone."""
        name = "CUDA_VISIBLE_DEVICES"
        before = os.environ.get(name)
        try:
            if self.gpus:
                os.environ[name] = self.gpus[number % len(self.gpus)]
            yield
        finally:
            if self.gpus and before is None:
                os.environ.pop(name, None)
            elif before is not None:
                os.environ[name] = before

    def _hear(self, worker: Worker) -> Iterator[tuple[Task, Done]]:
        try:
            done = worker.pipe.recv()
        except (EOFError, OSError):
            yield from self._lose(worker, worker.end())
            return
        task, worker.task, worker.is_fresh = worker.task, None, False
        assert task is not None  # only those who have one are listened to
        self.unlucky = 0
        unheard = tuple(place for place in task.places if place not in done.outcomes)
        if unheard:
            self.queue.appendleft(Task(task.unit, unheard))
        if task.alone or done.left or unheard:
            worker.end()
            self.workers[self.workers.index(worker)] = None
        yield task, done

    def _lose(self, worker: Worker, code: int | None) -> Iterator[tuple[Task, Done]]:
        """A worker died or hangs: what it was at is run again alone, the others by another one."""
        task, place = worker.task, worker.at.value
        assert task is not None
        self.workers[self.workers.index(worker)] = None
        if place == NOTHING:
            self.unlucky += 1
            if self.unlucky >= UNLUCKY:
                raise WorkersError(f"the processes that run koans die at once ({_ended(code)})")
            self.queue.appendleft(task)
            return
        self.unlucky = 0
        if len(task.places) == 1:
            yield task, Done({place: self._death(code)})
            return
        others = tuple(other for other in task.places if other != place)
        self.queue.extendleft(
            [Task(task.unit, others, task.alone), Task(task.unit, (place,), True)]
        )

    def _death(self, code: int | None) -> Outcome:
        if code is None:
            what = f"it took longer than {self.limit:g} seconds; an endless loop?"
            return Outcome(Verdict.TIMEOUT, None, what)
        return Outcome(Verdict.CRASHED, None, f"its {_ended(code)}")


def _ended(code: int | None) -> str:
    return "process had to be ended" if code is None else f"process ended with {how(code)}"
