"""The session at this keyboard: its log, its time, what it comes to; and the bell."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from torchkoans import locking
from torchkoans.dojo import log as logs
from torchkoans.dojo.clock import Stopwatch, Ticking
from torchkoans.dojo.events import Event
from torchkoans.dojo.log import Log
from torchkoans.dojo.session import MINUTE, Session
from torchkoans.remembered import FOLDER

BEAT = 10.0  # seconds between two lines that say that somebody is here
BELL = 20.0  # seconds between two strokes, until the keyboard has changed hands
LOCK = Path(FOLDER, "dojo", "lock")


class SeatError(Exception):
    """Why nobody can sit down here, in one sentence: where, what, what next."""


class Seat:
    """Keeps a session going while it is open; `ring` and `tell` are called from a thread.

    `tell` is called twice a second, after whatever others have added to the log was taken in.
    """

    def __init__(
        self,
        log: Log,
        ring: Callable[[], None] = lambda: None,
        tell: Callable[[], None] = lambda: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.log, self._ring, self._tell = log, ring, tell
        self.session = Session().take_all(log.new())
        self._watch = Stopwatch(self.session.t, clock)
        self._clock = clock
        self._lock = threading.RLock()
        self._beat_at = self._bell_at = clock()
        self._was_due = False
        self._keep_running()
        self._ticking: Ticking | None = None

    def open(self) -> None:
        """Time goes on from here."""
        self._watch.tick()
        self._ticking = Ticking(self.beat)

    def close(self) -> None:
        """Time stands still until somebody opens the session again."""
        if self._ticking:
            self._ticking.close()
        if not self.session.is_over:
            self.add("beat")

    @property
    def now(self) -> float:
        """Seconds of the session."""
        return self._watch.tick()

    def add(self, what: str, **values: Any) -> None:
        """Write an event down, and let it have its effect."""
        with self._lock:
            self._take(self.log.add(what, self.now, **values))

    def _take(self, events: Iterable[Event]) -> None:
        self.session.take_all(events)
        self._keep_running()

    def _keep_running(self) -> None:
        """Time stands still in a pause, whoever has asked for it."""
        if self.session.is_paused and self._watch.runs:
            self._watch.stop()
        elif not self.session.is_paused and not self._watch.runs:
            self._watch.go()

    # -- as time goes by --

    def beat(self) -> None:
        """One look at the clock and at the log."""
        with self._lock:
            now = self._clock()
            self._take(self.log.flush())
            if now - self._beat_at >= BEAT and not self.session.is_over:
                self._beat_at = now
                self.add("beat")
            is_due = self._is_due()
            if is_due and (not self._was_due or now - self._bell_at >= BELL):
                self._bell_at = now
                self._ring()
            self._was_due = is_due
        self._tell()

    def _is_due(self) -> bool:
        return self.session.is_up(self.now) and not self.session.is_paused

    # -- what people decide --

    def hand_over(self, why: str) -> None:
        """The next one drives."""
        self.add("drive", people=self.session.after_this(), why=why)

    def more(self) -> None:
        """One minute more for this turn."""
        self.add("more", seconds=MINUTE)

    def pause(self) -> None:
        """Stop the time, or let it go on; where a break is due it is one."""
        with self._lock:
            if self.session.is_paused:
                self.add("resume")
            else:
                self.add("break" if self.session.is_break_due(self.now) else "pause")

    def came(self, who: str) -> None:
        """Somebody sits down; they drive after all who are here."""
        self.add("came", who=who)

    def away(self, who: str) -> None:
        """Somebody has left; if they drove, the next one does."""
        with self._lock:
            drove = self.session.driver == who
            self.add("away", who=who)
            if drove and self.session.people:
                self.add("drive", people=self.session.people, why="away")


def lately(root: Path) -> Log | None:
    """The log of the session that is going on in this clone."""
    path = logs.unfinished(root)
    return Log(path) if path else None


@contextlib.contextmanager
def alone(root: Path) -> Iterator[None]:
    """One open session a clone: its screen holds a lock, which the system frees if it dies.

    Raises SeatError where it is held.
    """
    path = root / LOCK
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("a+", encoding="utf-8")
    except OSError as error:
        raise SeatError(f"{path} cannot be written: {error.strerror}.") from None
    with file:
        file.seek(0)  # where Windows locks
        if not locking.lock(file, wait=False):
            said = file.read().strip()
            by = f" (process {said})" if said.isdecimal() else ""
            raise SeatError(
                f"The session of this clone is open in another terminal{by}: go on there, or leave "
                "it there with q first. A second pair takes a clone of its own."
            )
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        try:
            yield
        finally:
            locking.unlock(file)
