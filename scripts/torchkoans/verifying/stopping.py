"""Ctrl-C, a closed terminal and a kill: the first one stops the work, and what follows is finished.

Somebody who presses Ctrl-C twice wants it to end, not to lose the report of what was done.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

# An end was asked for; the error that says so may have got lost, in a callback say.
asked = threading.Event()
_NAMES = ("SIGINT", "SIGTERM", "SIGHUP")


@contextmanager
def once() -> Iterator[None]:
    """The first of them is a KeyboardInterrupt; all others are not heard until the end of this."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    numbers = [getattr(signal, name) for name in _NAMES if hasattr(signal, name)]
    before = {number: signal.getsignal(number) for number in numbers}
    asked.clear()

    def stop(*_: object) -> None:
        asked.set()
        for number in numbers:
            signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    for number in numbers:
        signal.signal(number, stop)
    try:
        yield
    finally:
        asked.clear()
        for number, handler in before.items():
            signal.signal(number, handler)


def not_now() -> None:
    """From here on nothing is stopped: what is left takes a moment, and must not be half done."""
    if threading.current_thread() is threading.main_thread():
        for name in _NAMES:
            if hasattr(signal, name):
                signal.signal(getattr(signal, name), signal.SIG_IGN)


def stop_if_asked() -> None:
    """For loops that wait: raises KeyboardInterrupt where one was asked for and has got lost."""
    if asked.is_set():
        raise KeyboardInterrupt
