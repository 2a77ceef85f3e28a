"""A process that is warm, or getting there, as the watching process holds it."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from queue import SimpleQueue

from torchkoans.warm import job, limits
from torchkoans.warm.doing import GRACE, Doing
from torchkoans.warm.job import Job, Lines, Message

FORK, SPARE = MODES = ("fork", "spare")
START = 180.0  # seconds for pytest and torch to begin on a slow machine
STUCK = 15  # times a koan's limit; a server that keeps silent for so long does not watch over one
AT_ONCE = 16_384  # bytes that an empty pipe takes in without waiting (Linux: 65,536)
LAST_WORDS = 0.5  # seconds for what a process said last to arrive


class Process:
    """`how` it works: one that forks has many jobs in its life, a spare one; each one at a time.

    Raises OSError where the system cannot start it.
    """

    def __init__(self, root: Path, limit: float, how: str) -> None:
        self.how, self.limit = how, limit
        self.ready = False
        self.doing: Doing | None = None
        self.number = 0  # of the job as this process knows it; what is left of a job gets a new one
        self.since = time.monotonic()  # when something was last heard of it, or said to it
        self._gone = 0.0
        self._mark = job.new_key().decode()
        self._lines = Lines()
        self._outbox: SimpleQueue[bytes | None] = SimpleQueue()
        self._writing = threading.Lock()
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115  closed when the process has ended
        try:
            self._popen = subprocess.Popen(
                command(how, root, limit),
                cwd=root,
                env=_settings(root, self._mark),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._errors,
                bufsize=0,
                start_new_session=os.name == "posix",  # Ctrl-C is the walk's
            )
        except OSError:
            self._errors.close()
            raise
        threading.Thread(target=self._write, daemon=True).start()

    @property
    def pid(self) -> int:
        return self._popen.pid

    @property
    def serves(self) -> bool:
        return self.how == FORK

    @property
    def is_free(self) -> bool:
        return self.ready and not self.doing

    # -- what is said to it, and what it says --

    def give(self, task: Job) -> None:
        self.doing, self.since = Doing(task, self.limit), time.monotonic()
        self.number += 1
        if not self.serves:  # the koan will be in that process
            self._lines.key = job.new_key()
        self.send(replace(task, number=self.number).encoded(self._lines.key))

    def leave(self) -> None:
        """Let it forget the job that it is doing."""
        self.doing = None
        self.send(job.line({"drop": self.number}))

    def about(self, message: Message) -> Message | None:
        """What it says of its job, under the number that the walk knows; None of any other."""
        if self.doing and message.get("number") == self.number:
            return {**message, "number": self.doing.job.number}
        return None

    def send(self, data: bytes) -> None:
        """Returns at once, whatever the process is busy with."""
        if not self._sent_at_once(data):
            self._outbox.put(data)

    def _sent_at_once(self, data: bytes) -> bool:
        """Spare a waiting process the way through a thread: it reads, and this fits its pipe."""
        assert self._popen.stdin is not None
        if not (self.ready and os.name == "posix" and len(data) <= AT_ONCE):
            return False
        if not self._writing.acquire(blocking=False):
            return False
        try:
            if not self._outbox.empty() or self._popen.stdin.closed:
                return False
            with suppress(OSError):  # a dead one is heard of
                os.write(self._popen.stdin.fileno(), data)
            return True
        finally:
            self._writing.release()

    def hang_up(self) -> None:
        """Tell the process that nothing more will come."""
        self._outbox.put(None)

    def messages(self) -> Iterator[Message]:
        """All that it says, as it comes."""
        assert self._popen.stdout is not None
        with self._popen.stdout as out:
            while data := os.read(out.fileno(), 1 << 16):
                self.since = time.monotonic()
                yield from self._lines.fed(data)

    def _write(self) -> None:
        """Runs in a thread."""
        assert self._popen.stdin is not None
        with suppress(OSError), self._popen.stdin as stdin:  # a dead one is heard of
            while data := self._outbox.get():
                with self._writing:
                    rest = memoryview(data)
                    while rest:
                        rest = rest[stdin.write(rest) :]

    # -- its end --

    def excuse(self, seconds: float) -> None:
        """The watching process itself was stopped for so long, and could hear nothing."""
        self.since += seconds
        if self.doing:
            self.doing.since += seconds

    @property
    def is_overdue(self) -> bool:
        """Whether it has to be killed. A server watches over its koans itself."""
        now = time.monotonic()
        if not self.ready:
            return now - self.since > START
        if self.doing and self.serves:
            return now - self.since > STUCK * (self.limit + GRACE)
        return bool(self.doing and now > self.doing.deadline)

    @property
    def code(self) -> int | None:
        """What it ended with, None while it lives."""
        return self._popen.poll()

    @property
    def is_gone(self) -> bool:
        """Whether it has ended and what it said last had time to come.

        What it has started may hold its pipe open, so that the end of that never comes.
        """
        if self.code is None:
            return False
        self._gone = self._gone or time.monotonic()
        return time.monotonic() - self._gone > LAST_WORDS

    def wait(self, seconds: float | None = None) -> bool:
        """Wait for its end; whether it has come."""
        with suppress(subprocess.TimeoutExpired):
            self._popen.wait(seconds)
        return self.code is not None

    def kill(self) -> None:
        """End it at once, and what has stayed with it."""
        if os.name == "posix":
            limits.end_family(self.pid)
        else:
            self._popen.kill()

    def clear_up(self) -> None:
        """When it has ended, end what it has started and nobody else could. Takes milliseconds."""
        self._popen.wait()
        if sys.platform == "linux":
            limits.end_marked(self._mark)

    def last_words(self) -> str:
        """The end of what it wrote to its standard error; asked for once."""
        with self._errors as errors:
            errors.seek(0)
            lines = errors.read(1_000_000).decode(errors="replace").splitlines()
        return "\n".join([line for line in lines if line.strip()][-15:])


def command(how: str, root: Path, limit: float) -> list[str]:
    """What is started."""
    return [sys.executable, "-m", "torchkoans.warm.server", how, str(root), f"{limit:g}"]


def _settings(root: Path, mark: str) -> dict[str, str]:
    """The environment that it is started in."""
    settings = {**os.environ, limits.MARK: mark}
    paths = [str(root / "scripts"), settings.get("PYTHONPATH", "")]
    settings["PYTHONPATH"] = os.pathsep.join(filter(None, paths))
    settings["PYTORCH_NVML_BASED_CUDA_CHECK"] = "1"  # ask for GPUs without starting CUDA
    settings.pop("PYTEST_ADDOPTS", None)  # a learner's shell must not change a verdict
    return settings
