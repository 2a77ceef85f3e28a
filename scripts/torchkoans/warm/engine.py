"""The watching process's end: gives out jobs, hears what came of them, keeps warm processes there.

Where forking is safe, one server lives as long as the walk. Elsewhere a few spare processes wait,
each for one job. Messages are handed over in threads of their own.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path

from torchkoans.warm.job import Job, Message
from torchkoans.warm.process import FORK, MODES, SPARE, Process

SPARES = 2  # processes that wait where forking is not safe
LOOK = 0.2  # seconds between two looks at processes that may have to be killed
PATIENCE = 2  # starts of a process that ends by itself without having got ready
STOPPED = 1.0  # seconds between two looks after which this process itself must have been stopped
LEAVE = 2.0  # seconds for a server to end its children, and itself
TROUBLE, READY = "trouble", "ready"

Hear = Callable[[Message], None]


def mode() -> str:
    """How koans are kept apart here: forks where they are safe, spare processes elsewhere.

    Forking a process in which Apple's frameworks were used is not safe. A server that finds CUDA
    says so, and spares take its place. TORCH_KOANS_ENGINE=fork or =spare decides otherwise.
    """
    asked = os.environ.get("TORCH_KOANS_ENGINE", "")
    if asked in MODES:
        return asked
    return FORK if sys.platform == "linux" else SPARE


class Engine:
    """Runs jobs for the course at `root`; `hear` is called with each message, in another thread.

    The messages are those of `job`, {"ready": true} once koans can run, and {"trouble": text}
    where none can.
    """

    def __init__(self, root: Path, limit: float, hear: Hear, how: str | None = None) -> None:
        self.root, self.limit, self.hear = root, limit, hear
        self.how = how or mode()
        self._lock = threading.RLock()
        self._processes: list[Process] = []
        self._waiting: deque[Job] = deque()
        self._retried: set[int] = set()  # jobs that have lost a process before any koan had begun
        self._closed = threading.Event()
        self._keeper: threading.Thread | None = None
        self._ending: list[threading.Thread] = []
        self._failures = 0

    # -- what the walk asks for --

    def start(self) -> None:
        """Begin to get warm; returns at once."""
        with self._lock:
            self._fill_up()
            if not self._keeper:
                self._keeper = threading.Thread(target=self._keep_time, daemon=True)
                self._keeper.start()

    def run(self, job: Job) -> None:
        """Have this job done as soon as a process is free.

        A koan that somebody looks at goes before those that only have to be known.
        """
        with self._lock:
            if not self._keeper:
                self.start()
            self._waiting.append(job)
            if job.explain:
                self._make_room()
            self._give()

    def drop(self, number: int) -> None:
        """Nobody waits for this job any more: a newer text has come."""
        with self._lock:
            self._waiting = deque(job for job in self._waiting if job.number != number)
            for process in list(self._processes):
                if process.doing and process.doing.job.number == number:
                    self._stop(process)
            self._give()

    def close(self) -> None:
        """End all processes; nothing is heard of them any more."""
        self._closed.set()
        with self._lock:
            processes, self._processes = self._processes, []
        for process in processes:
            process.hang_up()
            if not process.serves:
                process.kill()
        for process in processes:
            if not (process.wait(LEAVE) and process.code == 0):
                self._end(process)
        for thread in self._ending:
            thread.join(LEAVE)

    @property
    def pids(self) -> list[int]:
        """The processes that were started and are alive."""
        return [process.pid for process in self._processes]

    # -- jobs --

    def _give(self) -> None:
        """Hand waiting jobs to processes that are free. The lock is held."""
        for process in self._processes:
            if self._waiting and process.is_free:
                job = next((one for one in self._waiting if one.explain), self._waiting[0])
                self._waiting.remove(job)
                process.give(job)

    def _make_room(self) -> None:
        """Interrupt a job that nobody looks at; what it has not said yet is done later."""
        for process in self._processes:
            doing = process.doing
            if process.serves and doing and not doing.job.explain:
                left = doing.left
                self._stop(process)
                if left:
                    self._waiting.append(left)
                else:
                    self.hear({"number": doing.job.number, "over": True})

    def _stop(self, process: Process) -> None:
        """Let a process leave the job that it is doing."""
        if process.serves:
            process.leave()
        else:
            self._replace(process)

    def _heard(self, process: Process, message: Message) -> None:
        if process not in self._processes:
            return
        if READY in message:
            process.ready, self._failures = True, 0
            self.hear(message)
            self._give()
        elif "cuda" in message:
            self._turn_to_spares(process)
        else:
            told = process.about(message)
            if told and process.doing:
                process.doing.hear(told)
                if "begin" not in told:
                    self.hear(told)
                if "over" in told:
                    self._done(process)

    def _done(self, process: Process) -> None:
        assert process.doing is not None
        self._retried.discard(process.doing.job.number)
        process.doing = None
        if process.serves:
            self._give()
        else:  # used up
            self._replace(process)

    # -- processes --

    def _fill_up(self) -> None:
        """Start what is lacking, and let it have jobs. The lock is held."""
        wanted = 1 if self.how == FORK else SPARES
        while not self._closed.is_set() and len(self._processes) < wanted:
            try:
                process = Process(self.root, self.limit, self.how)
            except OSError as error:
                self.hear({TROUBLE: f"no process can be started: {error}"})
                return
            self._processes.append(process)
            threading.Thread(target=self._listen, args=(process,), daemon=True).start()
        self._give()

    def _replace(self, process: Process) -> None:
        """End a process, and start another one."""
        self._processes.remove(process)
        self._end(process)
        self._fill_up()

    def _end(self, process: Process) -> None:
        """Kill a process at once, and in a thread of its own whatever it leaves behind."""
        process.kill()
        thread = threading.Thread(target=process.clear_up, daemon=True)
        self._ending = [one for one in self._ending if one.is_alive()] + [thread]
        thread.start()

    def _turn_to_spares(self, server: Process) -> None:
        """There is a GPU: a process that has used it must not be forked."""
        self.how = SPARE
        self._processes.remove(server)
        self._fill_up()

    def _listen(self, process: Process) -> None:
        """Hear what a process says until it ends. Runs in a thread."""
        for message in process.messages():
            with self._lock:
                self._heard(process, message)
        process.wait()
        process.hang_up()
        self._ended(process)

    def _ended(self, process: Process) -> None:
        """A process is no more. Another one takes its place and its jobs; else says why not."""
        with self._lock:
            words = process.last_words()
            if process in self._processes:
                self._lost(process, words)

    def _lost(self, process: Process, words: str) -> None:
        self._processes.remove(process)
        self._bury(process)
        self._end(process)
        self._failures += not process.ready
        if self._failures < PATIENCE:
            self._fill_up()
        else:
            code = process.code
            how = "it did not get ready" if code is None else f"it ended with exit code {code}"
            self.hear({TROUBLE: words or f"{how} and said nothing"})

    def _bury(self, process: Process) -> None:
        """Say what the death of a process means for a job, and let another do what is left."""
        doing, process.doing = process.doing, None
        if not doing:
            return
        number = doing.job.number
        retry = (process.serves or not doing.running) and number not in self._retried
        if retry:  # perhaps the koan has nothing to do with it
            self._retried.add(number)
            said, rest = list[Message](), doing.left
        else:
            self._retried.discard(number)
            said, rest = doing.death(process.code, blame=True)
        for message in said:
            self.hear(message)
        if rest:
            self._waiting.appendleft(rest)
        else:
            self.hear({"number": number, "over": True})

    def _keep_time(self) -> None:
        """Kill processes that are overdue. Runs in a thread."""
        before = time.monotonic()
        while not self._closed.wait(LOOK):
            now = time.monotonic()
            with self._lock:
                for process in list(self._processes):
                    if now - before > STOPPED:
                        process.excuse(now - before)
                    if process.is_overdue or process.is_gone:
                        self._lost(process, "")
            before = now
