"""The real walk in a terminal that a program holds, and what can be read there, and when."""

from __future__ import annotations

import codecs
import contextlib
import importlib
import os
import re
import select
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from types import TracebackType

from torchkoans import views
from torchkoans.benching import BenchError, memory
from torchkoans.benching.saves import Save
from torchkoans.course import Course
from torchkoans.terminal import BEGIN, END
from torchkoans.verdicts import Verdict

COLUMNS, LINES = 100, 60
PATIENCE = 60.0  # seconds for a frame that has to come
GOODBYE = 5.0  # seconds for the walk to end after q, before it is killed
_COLOUR = re.compile(r"\x1b\[[0-9;:?]*[a-zA-Z]")
EXPECTED = "\n    ...\n"  # what stands where an explanation is still to come


def refuse_without_pty() -> None:
    """Raises BenchError where there are no pseudo-terminals."""
    try:
        importlib.import_module("pty")
    except ImportError:
        raise BenchError(
            "bench reads the walk in a pseudo-terminal (pty), and this system has none: "
            "run it on Linux or macOS, or in WSL."
        ) from None


class Walker:
    """A walk that was started, to be used in `with`; `begun` is when, on the clock."""

    def __init__(self, course: Course) -> None:
        import pty

        self.master, terminal = pty.openpty()
        _resize(terminal)
        self.begun = time.perf_counter()
        self.process = subprocess.Popen(
            [sys.executable, str(course.root / "scripts" / "walk.py")],
            cwd=course.root,
            stdin=terminal,
            stdout=terminal,
            stderr=terminal,
            start_new_session=True,
            env={**os.environ, "TERM": "xterm-256color", "PYTHONIOENCODING": "utf-8"},
        )
        os.close(terminal)
        self.last = ""  # the frame that was read last
        self._letters = codecs.getincrementaldecoder("utf-8")("replace")
        self._rest, self._read_at = "", self.begun

    def __enter__(self) -> Walker:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    # -- what can be read --

    def arrived(self, save: Save | None = None) -> tuple[float, float]:
        """Seconds from the start until anything is seen, and until a verdict is.

        With a save, which must be the first koan's, it is the verdict on that one.
        """
        seen: float | None = None
        for now, frame in self._frames(PATIENCE):
            seen = now - self.begun if seen is None else seen
            if verdict_in(frame, save.where if save else "koans/"):
                return seen, now - self.begun
        raise self._trouble(f"The walk has shown no verdict {PATIENCE:g} s after its start")

    def verdict_on(self, save: Save) -> tuple[float, float]:
        """Save a file; seconds until its verdict is seen, and until all that is said of it is."""
        seen: float | None = None
        begun = time.perf_counter()
        save.write()
        for now, frame in self._frames(PATIENCE):
            verdict = verdict_in(frame, save.where) if save.mark in frame.split() else None
            if verdict is None:
                continue
            if (verdict is Verdict.PASSED) != save.right:
                raise self._trouble(f"{save}, and the walk says {verdict.value}")
            seen = now - begun if seen is None else seen
            if EXPECTED not in frame:
                return seen, now - begun
        wanted = "explanation" if seen else "verdict"
        raise self._trouble(f"{save}, and no {wanted} was seen for {PATIENCE:g} s")

    def pause(self, seconds: float) -> None:
        """Let time pass, reading what comes, as a terminal does."""
        for _ in self._frames(seconds):
            pass

    def _frames(self, patience: float) -> Iterator[tuple[float, str]]:
        """(when it came, plain text) of each frame, until so many seconds are over."""
        until = time.perf_counter() + patience
        while True:
            while (end := self._rest.find(END)) >= 0:
                frame, self._rest = self._rest[:end], self._rest[end + len(END) :]
                self.last = plain(frame)
                yield self._read_at, self.last
            left = until - time.perf_counter()
            if left <= 0 or not select.select([self.master], [], [], left)[0]:
                return
            data = self._read()
            if not data:
                said = plain(self._rest).strip() or self.last
                raise BenchError(f"The walk has ended by itself. What it said last:\n{said}")
            self._rest += self._letters.decode(data)

    def _read(self) -> bytes:
        try:
            data = os.read(self.master, 1 << 16)
        except OSError:  # Linux says it like this that nobody is at the other end
            data = b""
        self._read_at = time.perf_counter()
        return data

    def _trouble(self, what: str) -> BenchError:
        return BenchError(f"{what}. What is on the screen:\n{self.last or '(nothing)'}")

    # -- what it takes --

    def memory(self) -> float | None:
        """MB in use by the walk and the process that is warm for it; None where nobody can say."""
        return memory.resident(self.process.pid)

    def close(self) -> None:
        """Quit, and see that it is over."""
        with contextlib.suppress(OSError, BenchError):
            os.write(self.master, b"q")
            self.pause(GOODBYE)
        try:
            self.process.wait(GOODBYE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        os.close(self.master)


def plain(text: str) -> str:
    """What a person sees of a frame."""
    return _COLOUR.sub("", text.rpartition(BEGIN)[2]).replace("\r", "")


def verdict_in(frame: str, where: str) -> Verdict | None:
    """The verdict in a frame whose koan stands at `where`, or where that begins so.

    It is the first word below the lines of code, which are numbered or indented.
    """
    lines = iter(frame.split("\n"))
    if not any(line.startswith(where) and " " not in line for line in lines):
        return None
    below = (line for line in lines if line.strip() and line[0] not in " >!")
    word = next(below, "").split(" ")[0]
    return next((verdict for verdict in views.STYLE if verdict.value == word), None)


def _resize(terminal: int) -> None:
    import fcntl
    import termios

    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
