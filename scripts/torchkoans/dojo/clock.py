"""Time in which somebody could work, in seconds.

Only steps of a clock that never goes back are added up, and only those in which this process ran:
whatever the clock on the wall does, and however long the computer slept, none of it counts.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable

TICK = 0.5  # seconds between two steps
GAP = 15.0  # seconds; a longer step is one in which the process did not run


class Stopwatch:
    """Counts on from `start` while it `runs`. Somebody has to `tick` it more often than GAP."""

    def __init__(self, start: float = 0.0, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._passed = start
        self._before = clock()
        self._lock = threading.Lock()
        self.runs = True

    def tick(self) -> float:
        """Take a step; returns the time as it is now."""
        with self._lock:
            now = self._clock()
            step = now - self._before
            self._before = now
            if self.runs and 0 < step <= GAP:
                self._passed += step
            return self._passed

    def stop(self) -> None:
        self.tick()
        self.runs = False

    def go(self) -> None:
        self.tick()
        self.runs = True


class Ticking:
    """Calls `beat` every half second, in a thread, until it is closed.

    A thread, since a person may be in an editor that has the terminal, and time goes on.
    """

    def __init__(self, beat: Callable[[], None]) -> None:
        self._stop = threading.Event()
        self._beat = beat
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while not self._stop.wait(TICK):
            with contextlib.suppress(Exception):  # whatever it was, time goes on
                self._beat()

    def close(self) -> None:
        self._stop.set()
        self._thread.join(1)
