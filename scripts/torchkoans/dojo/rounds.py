"""The room's own clock: rounds of the same length, at whose end all pairs change seats.

A facilitator starts it, lets it pause, and calls the next round; pairs have clocks of their own.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from typing import Any

from torchkoans.dojo.clock import Stopwatch
from torchkoans.dojo.session import MINUTE

START, PAUSE, MORE, NEXT = "start", "pause", "more", "next"
LONGEST = 24 * 60 * MINUTE  # more is no time that anybody wishes for
MOST = 10**8  # seconds that a clock has counted; three years are more than a room is left to run
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
        self.is_break = False
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
        return self.left() <= 0

    @property
    def is_break_due(self) -> bool:
        """Whether the room has worked for as long as it wanted to without a break."""
        with self._lock:
            worked = self.tick() - self._break_from
            return self.break_after is not None and worked >= self.break_after

    # -- what is done with it --

    def tick(self) -> float:
        return self._watch.tick()

    def start(self) -> None:
        with self._lock:
            if self.is_break:
                self.is_break, self._break_from = False, self.tick()
            self._watch.go()

    def pause(self) -> None:
        with self._lock:
            self.is_break = self.is_break or self.is_break_due
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
                "is_break": self.is_break,
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
        found.number, found.is_break = given["number"], given["is_break"]
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
    flags = (given.get("is_break"), given.get("runs"))
    return (
        is_counted
        and are_counted
        and _is_time(given.get("every"))
        and given["every"] > 0
        and (after is None or _is_time(after))
        and all(isinstance(flag, bool) for flag in flags)
    )


def _is_time(value: object, most: float = LONGEST) -> bool:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return is_number and math.isfinite(value) and 0 <= value <= most  # type: ignore[operator,arg-type]
