"""The session at this keyboard: its log, its time, what it comes to; and the bell."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO, Any

from torchkoans import locking
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
        self.add("beat")

    @property
    def now(self) -> float:
        """Seconds of the session."""
        return self._watch.tick()

    def add(self, what: str, **values: Any) -> None:
        """Write an event down, and let it have its effect; after the end nothing is added."""
        with self._lock:
            if not self.session.is_over:
                self._take(self.log.add(what, self.now, **values))

    def _take(self, events: Iterable[Event]) -> None:
        """Others know the time as it was last written down: what they have added happens now."""
        self.session.take(Event(0, self.now, "", "beat"))
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
            if now - self._beat_at >= BEAT:
                self._beat_at = now
                self.add("beat")
            rings = self._rings(now)
        if rings:  # when nothing is held: a terminal may take its time
            self._ring()
        self._tell()

    def _rings(self, now: float) -> bool:
        """Whether a stroke of the bell is due: when a turn is over, and now and then after that."""
        session, was_due = self.session, self._was_due
        self._was_due = session.is_up(self.now) and not (session.is_paused or session.is_over)
        rings = self._was_due and (not was_due or now - self._bell_at >= BELL)
        if rings:
            self._bell_at = now
        return rings

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


@contextlib.contextmanager
def alone(root: Path) -> Iterator[None]:
    """One open session a clone: its screen holds a lock, which the system frees if it dies.

    Raises SeatError where it is held.
    """
    path = root / LOCK
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        number = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    except OSError as error:
        raise SeatError(f"{path} cannot be written: {error.strerror}.") from None
    with os.fdopen(number, "r+b", buffering=0) as file:
        if not locking.lock(file, wait=False):
            raise SeatError(
                f"The session of this clone is open in another terminal{_by(file)}: go on there, "
                "or leave it there with q first. A second pair takes a clone of its own."
            )
        with contextlib.suppress(OSError):  # only a courtesy, which a full disk may refuse
            file.write(b"#%d\n" % os.getpid())
            file.truncate()
        try:
            yield
        finally:
            file.seek(0)  # Windows frees the byte that it stands at, which has to be the locked one
            locking.unlock(file)


def _by(file: IO[bytes]) -> str:
    """Who holds the lock, as far as it can be read: Windows lets nobody read the locked byte."""
    with contextlib.suppress(OSError):
        file.seek(1)
        said = file.read(20).strip()
        if said.isdigit():
            return f" (process {said.decode()})"
    return ""
