"""Brings a session's log to the room, while the walk goes on: in a thread that never troubles it.

Whether the room is there or not, all is in the log; when it is back, it is told what it missed.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable
from pathlib import Path

from torchkoans.dojo import address, delivery
from torchkoans.dojo.delivery import TIMEOUT, Delivery, DeliveryError
from torchkoans.dojo.log import logs

LOOK = 1.0  # seconds between two looks at the log
HERE = 10.0  # seconds after which a room is told that the pair is still here
AGAIN = (1.0, 2.0, 4.0, 8.0, 15.0)  # seconds until the next try, after so many that failed
MOST_STEPS = 1000  # in a row; the longest session takes fewer
EARLIER = 5  # sessions of the clone whose end a room may lack


class Courier:
    """Tells the room of the clone at `root` what stands in this log, until it is closed.

    `state` is a few words for the status line, empty where no room was joined. Joining and leaving
    in another terminal are noticed.
    """

    def __init__(self, root: Path, path: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self.root, self.path, self.state = root, path, ""
        self._clock = clock
        self._joined: tuple[int, ...] | None = None  # room.json, as it was read last
        self._where: address.Address | None = None
        self._way: Delivery | None = None
        self._told_at = self._not_before = float("-inf")
        self._failed, self._why = 0, ""
        self._has_caught_up = False  # whether earlier sessions were looked after
        self._wake, self._is_over = threading.Event(), False
        self._thread: threading.Thread | None = None

    # -- the thread --

    def open(self) -> None:
        self._thread = threading.Thread(target=self._run, name="courier", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """There is something new in the log."""
        self._wake.set()

    def close(self, wait: float = 2.0) -> None:
        """One last attempt, in so many seconds; what is not told then stays in the log."""
        self._is_over = True
        self._wake.set()
        if self._thread:
            self._thread.join(wait)

    def _run(self) -> None:
        while True:
            is_last = self._is_over
            if is_last:
                self._not_before = float("-inf")
            with contextlib.suppress(Exception):  # whatever it is, it is no reason to stop walking
                self.turn()
            if is_last:
                return
            self._wake.wait(LOOK)
            self._wake.clear()

    # -- a turn --

    def turn(self) -> None:
        """Do what is to be done now."""
        self._find()
        if self._way is None:
            self.state = ""
            return
        self._way.look()
        now = self._clock()
        if now >= self._not_before and (self._way.left or now - self._told_at >= HERE):
            self._try(self._way)
        self.state = _state(self._way.left, self._why)

    def _find(self) -> None:
        """Look where the clone is joined to, if that has changed."""
        stamp = address.stamp(self.root)
        if stamp == self._joined:
            return
        self._joined, self._where = stamp, address.load(self.root)
        self._way = delivery.of(self.path, self._where) if self._where else None
        self._told_at = self._not_before = float("-inf")
        self._failed, self._why, self._has_caught_up = 0, "", False

    def _try(self, way: Delivery) -> None:
        try:
            tell(way)
            self._catch_up()
        except DeliveryError as trouble:
            self._fail(trouble)
        else:
            self._failed, self._why, self._told_at = 0, "", self._clock()

    def _fail(self, trouble: DeliveryError) -> None:
        pause = AGAIN[min(self._failed, len(AGAIN) - 1)]
        self._failed += 1
        self._not_before = self._clock() + (pause if trouble.wait is None else trouble.wait)
        self._why = trouble.why

    def _catch_up(self) -> None:
        """Complete what the room knows a part of: a session may have ended while it was away.

        What the room refuses of it is no trouble of the session that goes on.
        """
        if self._has_caught_up or self._where is None:
            return
        for path in logs(self.root)[-EARLIER:]:
            try:
                if path != self.path:
                    complete(path, self._where)
            except DeliveryError as error:
                if error.why in (delivery.OFFLINE, delivery.BUSY):
                    return  # the next time that the room is told something
        self._has_caught_up = True


def tell(way: Delivery, timeout: float = TIMEOUT) -> None:
    """Tell all that a log has.

    Raises DeliveryError where it comes to a halt.
    """
    way.look()
    in_vain = 0
    for _ in range(MOST_STEPS):
        before = way.left
        way.step(timeout)
        in_vain = in_vain + 1 if way.left >= before else 0
        if not way.left:
            return
        if in_vain > 1:  # once it may be: the room had less than it said before
            break
    raise DeliveryError("it does not take all of it", delivery.SLOWLY)


def complete(path: Path, where: address.Address) -> None:
    """Tell the rest of a log of which a room has a part.

    Raises DeliveryError.
    """
    way = delivery.of(path, where)
    if delivery.session_of(path) and way.is_known():
        tell(way)


def _state(left: int, why: str) -> str:
    told = f"{left} to tell" if left else "all told"
    if not why:
        return f"room: {told}"
    if why == delivery.WRONG_CODE:
        return f"room: wrong code, {told}; dojo.py join …"
    return f"room: {why}, {told}, trying"
