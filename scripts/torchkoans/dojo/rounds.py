"""The room's own clock: rounds of the same length, at whose end all pairs change seats.

A facilitator starts it, lets it pause, and calls the next round; pairs have clocks of their own.
"""

from __future__ import annotations

import hashlib
import math
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from torchkoans.dojo.clock import Stopwatch
from torchkoans.dojo.session import MINUTE
from torchkoans.dojo.store import Store

START, PAUSE, MORE, NEXT = "start", "pause", "more", "next"
LONGEST = 24 * 60 * MINUTE  # more is no time that anybody wishes for
MOST = 10**8  # seconds that a clock has counted; three years are more than a room is left to run
STALE = 2 * 60 * MINUTE  # by this computer's clock; whoever comes back later begins anew
_COUNTED = ("passed", "from", "extra", "break_from")


class Round:
    """The round that the room is in. Somebody has to `tick` it more often than `clock.GAP`.

    Times are seconds. It stands until it is started. A pause while a break is due is that break.
    Several threads may use it.
    """

    def __init__(
        self,
        every: float = 5 * MINUTE,
        break_after: float | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.every, self.break_after = every, break_after
        self.number = 1
        self._watch = Stopwatch(clock=clock)
        self._watch.stop()
        self._from = self._extra = self._break_from = 0.0
        self._lock = threading.RLock()

    # -- what it says --

    @property
    def runs(self) -> bool:
        return self._watch.runs

    def left(self) -> float:
        """What is left of the round, below 0 where it is over."""
        with self._lock:
            return self.every + self._extra - (self.tick() - self._from)

    @property
    def is_up(self) -> bool:
        """Whether it is time to change seats; a clock that stands calls nobody."""
        return self.runs and self.left() <= 0

    @property
    def is_break_due(self) -> bool:
        """Whether the room has worked for as long as it wanted to without a break."""
        with self._lock:
            worked = self.tick() - self._break_from
            return self.break_after is not None and worked >= self.break_after

    @property
    def is_break(self) -> bool:
        return not self.runs and self.is_break_due

    # -- what is done with it --

    def tick(self) -> float:
        return self._watch.tick()

    def start(self) -> None:
        with self._lock:
            if self.is_break:
                self._break_from = self.tick()
            self._watch.go()

    def pause(self) -> None:
        with self._lock:
            self._watch.stop()

    def more(self, seconds: float = MINUTE) -> None:
        """Let the round last so much longer, from now on where it is over already."""
        with self._lock:
            self._extra += max(0.0, -self.left()) + seconds

    def next(self) -> None:
        """Begin the next round, and with it the clock where it stands."""
        with self._lock:
            self.start()
            self.number += 1
            self._from, self._extra = self.tick(), 0.0

    def do(self, what: str, number: int | None = None) -> None:
        """Do what a button says that was pressed in the round of this number.

        Two facilitators may press at once, or one of them twice: what was meant for a round that is
        gone has no effect. Raises ValueError for what no button says.
        """
        deeds = {START: self.start, PAUSE: self.pause, MORE: self.more, NEXT: self.next}
        if what not in deeds:
            raise ValueError(f"{what!r}: a round can be told to {', '.join(deeds)}")
        with self._lock:
            if number is None or number == self.number:
                deeds[what]()

    # -- how it outlives a restart --

    def as_json(self) -> dict[str, Any]:
        """All of it as plain values, for `of`."""
        with self._lock:
            return {
                "number": self.number,
                "every": self.every,
                "break": self.break_after,
                "passed": self.tick(),
                "from": self._from,
                "extra": self._extra,
                "break_from": self._break_from,
                "runs": self.runs,
            }

    @staticmethod
    def of(given: Any, clock: Callable[[], float] = time.monotonic) -> Round:
        """The round that these values are; time that has passed since then does not count.

        Raises ValueError for what is none.
        """
        if not isinstance(given, dict) or not _is_round(given):
            raise ValueError("this is no round")
        found = Round(given["every"], given["break"], clock)
        found.number = given["number"]
        found._watch = Stopwatch(given["passed"], clock)
        found._watch.runs = given["runs"]
        found._from, found._extra = given["from"], given["extra"]
        found._break_from = given["break_from"]
        return found


def _is_round(given: dict[str, Any]) -> bool:
    number = given.get("number")
    is_counted = isinstance(number, int) and not isinstance(number, bool) and 0 < number < 10**6
    are_counted = all(_is_time(given.get(name), MOST) for name in _COUNTED)
    after = given.get("break", "")
    return (
        is_counted
        and are_counted
        and _is_time(given.get("every"))
        and given["every"] > 0
        and (after is None or _is_time(after))
        and isinstance(given.get("runs"), bool)
    )


def _is_time(value: object, most: float = LONGEST) -> bool:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return is_number and math.isfinite(value) and 0 <= value <= most  # type: ignore[operator,arg-type]


# -- which one goes on -----------------------------------------------------------------------------


class Rounds:
    """The rounds that a store keeps: one of the room that pairs post to, one of each folder.

    `wall` is this computer's clock. It says only whether a round is of this meeting, or of one that
    was long ago: of the time that a round has left it decides nothing.
    """

    def __init__(
        self, store: Store, folder: Path | None = None, wall: Callable[[], float] = time.time
    ) -> None:
        self._store, self._wall = store, wall
        self._room = _digest(folder) if folder else "posts"

    def restored(self, clock: Callable[[], float] = time.monotonic) -> Round | None:
        """The round that was going on in this room lately; None where there was none."""
        try:
            return Round.of(self._fresh().get(self._room), clock)
        except ValueError:
            return None

    def keep(self, round: Round) -> None:  # noqa: A002 (the room's word for it)
        """Raises StoreError where the disk takes nothing."""
        kept = {**round.as_json(), "at": self._wall()}
        self._store.keep("round", {**self._fresh(), self._room: kept})

    def _fresh(self) -> dict[str, Any]:
        """Of every room what is kept, as plain values; what is of long ago is let go."""
        found = self._store.kept("round")
        rooms = found.items() if isinstance(found, dict) else ()
        return {room: kept for room, kept in rooms if self._is_fresh(kept)}

    def _is_fresh(self, kept: Any) -> bool:
        at = kept.get("at") if isinstance(kept, dict) else None
        return isinstance(at, float) and abs(self._wall() - at) <= STALE  # it may be set back


def _digest(folder: Path) -> str:
    return hashlib.sha256(os.fsencode(os.path.realpath(folder))).hexdigest()[:16]
