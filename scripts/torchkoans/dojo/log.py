"""The log of a session: a file to which whole lines are added, and nothing else is ever done.

Several processes may add to it, each line under a lock. A line that was cut short by a death or a
full disk is passed over, by whoever reads and by whoever adds the next.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from torchkoans import locking
from torchkoans.dojo.events import FORMAT, LONGEST, Event, parsed
from torchkoans.remembered import FOLDER

LOGS = Path(FOLDER, "dojo", "logs")
ENDING = ".jsonl"
PIECE = 2**18  # bytes that are read at a time
FULLEST = 10_000  # events that are kept in memory while they cannot be written


class Tail:
    """Reads a log as it grows, whole lines at a time."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._at = 0  # where a line begins
        self._is_within = False  # of one that is too long to be an event

    def new(self) -> list[Event]:
        """The events that have come since the last look; from the first on where it is new.

        Raises OSError where the file cannot be read.
        """
        found: list[Event] = []
        rest = b""
        with self.path.open("rb") as file:
            if file.seek(0, os.SEEK_END) < self._at:  # it is another file by now
                self.pass_over(0)
            file.seek(self._at)
            while data := file.read(PIECE):
                *lines, rest = (rest + data).split(b"\n")
                found += filter(None, map(self._event, lines))
                if len(rest) > LONGEST:
                    self._at += len(rest)
                    rest, self._is_within = b"", True
        return found

    def _event(self, line: bytes) -> Event | None:
        self._at += len(line) + 1
        is_end, self._is_within = self._is_within, False
        return None if is_end else parsed(line)

    def pass_over(self, end: int) -> None:
        """What stands before this byte is known already."""
        self._at, self._is_within = end, False


class Log:
    """A session's log, to be added to.

    Where the disk refuses a line it is kept in memory, and written with the next one that it takes;
    `unsaved` tells how many wait. May be used by several threads.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.trouble = ""  # why the last line could not be written
        self._tail = Tail(path)
        self._next = 0
        self._waiting: list[Event] = []
        self._lock = threading.RLock()

    @property
    def unsaved(self) -> int:
        return len(self._waiting)

    def new(self) -> list[Event]:
        """The events that others have added since the last look, or all at the first one."""
        with self._lock, contextlib.suppress(OSError):
            return self._read()
        return []

    def add(self, what: str, t: float, **values: Any) -> list[Event]:
        """Add an event; returns those that others have added before it, then this one."""
        event = Event.of({"n": 0, "t": max(0.0, t), "at": now(), "what": what, **values})
        with self._lock:
            others = self.flush(event)
            return [*others, event]

    def flush(self, event: Event | None = None) -> list[Event]:
        """Write what waits, and this event; returns what others have added meanwhile."""
        with self._lock:
            self._waiting = [*self._waiting, *([event] if event else [])][-FULLEST:]
            if not self._waiting:
                return self.new()
            others: list[Event] = []
            try:
                with self._alone():
                    others = self._read()
                    self._write()
                self.trouble = ""
            except OSError as error:
                self.trouble = error.strerror or str(error)
            return others

    def _read(self) -> list[Event]:
        """What is new; if the file was written anew, not what is known already."""
        events = [event for event in self._tail.new() if event.n >= self._next]
        self._next = max([self._next, *(event.n + 1 for event in events)])
        return events

    def _write(self) -> None:
        """Whole lines in one write; where the disk takes only a part, it has none of them."""
        first = self._next
        numbered = [
            Event(first + number, event.t, event.at, event.what, event.values)
            for number, event in enumerate(self._waiting)
        ]
        with self.path.open("ab", buffering=0) as file:
            before = file.seek(0, os.SEEK_END)
            data = (b"\n" if is_cut(self.path, before) else b"") + b"".join(
                event.line() for event in numbered
            )
            try:
                written = file.write(data)
                if written != len(data):
                    raise OSError(None, "the disk is full")
            except OSError:
                file.truncate(before)
                raise
            self._waiting = []  # at once: if this is interrupted, no line is written twice
        self._tail.pass_over(before + len(data))
        self._next = first + len(numbered)

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        with self.path.with_suffix(".lock").open("a+") as file:
            locking.lock(file)
            try:
                yield
            finally:
                locking.unlock(file)


def is_cut(path: Path, size: int) -> bool:
    """Whether the last line of a file of so many bytes lacks its end: whoever wrote it was killed.

    Raises OSError where it cannot be read.
    """
    if not size:
        return False
    with path.open("rb") as file:
        file.seek(size - 1)
        return file.read(1) != b"\n"


def now() -> str:
    """What the clock on the wall says, for people."""
    return datetime.now(timezone.utc).isoformat(timespec="seconds")


def begin(root: Path, session: str, people: list[str], **values: Any) -> Log:
    """The log of a new session, in the clone at `root`.

    Raises OSError where it cannot be written: a session that leaves no trace is none.
    """
    folder = root / LOGS
    folder.mkdir(parents=True, exist_ok=True)
    log = Log(folder / f"{time.strftime('%Y%m%d-%H%M%S')}-{session[:8]}{ENDING}")
    log.path.touch(exist_ok=False)
    log.add("start", 0.0, session=session, people=people, format=FORMAT, **values)
    if log.trouble:
        log.path.unlink()
        raise OSError(None, log.trouble, str(log.path))
    return Log(log.path)  # which reads what was just written, as whoever picks it up does


def logs(root: Path) -> list[Path]:
    """The logs of all sessions in the clone at `root`, the oldest first."""
    return sorted((root / LOGS).glob(f"*{ENDING}"))


def read(path: Path) -> list[Event]:
    """All events of a log; none where it cannot be read."""
    try:
        return Tail(path).new()
    except OSError:
        return []


def unfinished(root: Path) -> Path | None:
    """The log of the session that is going on in the clone at `root`."""
    for path in reversed(logs(root)):
        events = read(path)
        if events and events[0].what == "start" and all(one.what != "end" for one in events):
            return path
    return None
