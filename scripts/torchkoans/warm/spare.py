"""A process that waits for one job, does it and ends; forked from the server, or started alone."""

from __future__ import annotations

import contextlib
import gc
import os
import select
import sys
from collections.abc import Callable
from typing import Any

from torchkoans.warm import job, limits
from torchkoans.warm.doing import CUT_OFF
from torchkoans.warm.job import Job, Lines

OUT_OF_THE_WAY = 200  # the lowest number of a channel; koans that close or write to all use fewer

Say = Callable[..., None]


class Channel:
    """Where a spare hears its job and says what came of it, out of reach of what koans print."""

    def __init__(self, incoming: int, outgoing: int) -> None:
        self.incoming = _out_of_the_way(incoming)
        self.outgoing = self.incoming if outgoing == incoming else _out_of_the_way(outgoing)

    def hear(self) -> tuple[Job, Say] | None:
        """Wait for a job, and how to speak of it; None where nobody is there any more."""
        lines = Lines()
        while data := os.read(self.incoming, 65536):
            for message in lines.fed(data):
                if "job" in message:
                    found = Job.of(message["job"])
                    return found, _speaker(self.outgoing, found.number, message["key"].encode())
        return None

    def say(self, **message: Any) -> None:
        """Say something before there is a job."""
        _write(self.outgoing, job.line(message))


def _speaker(outgoing: int, number: int, key: bytes) -> Say:
    """A function that speaks of a job. Only it knows the key, and only in this process."""
    process = os.getpid()

    def say(**message: Any) -> None:
        if os.getpid() != process:
            os._exit(0)  # the koan has forked, and this is the child
        _write(outgoing, job.line({"number": number, **message}, key))

    return say


def _write(outgoing: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        try:
            rest = rest[os.write(outgoing, rest) :]
        except BlockingIOError:  # a koan has changed what is not its own
            select.select([], [outgoing], [])


def _out_of_the_way(number: int) -> int:
    """The same file under a high number, where the system can do that."""
    if os.name != "posix":
        return number
    import fcntl

    with contextlib.suppress(OSError):  # so many may not be allowed
        moved = fcntl.fcntl(number, fcntl.F_DUPFD_CLOEXEC, OUT_OF_THE_WAY)
        os.close(number)
        return moved
    return number


def quiet() -> None:
    """Nothing to read, nowhere to print: the terminal belongs to the walk."""
    null = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(null, number)
    os.close(null)


def serve(judge: Any, channel: Channel, alone: bool = False, hurry: bool = False) -> None:
    """Do one job and end this process, whatever threads the koan has left behind."""
    code = 1
    try:
        quiet()
        if not hurry:
            judge.rehearse()
            gc.collect()
            gc.freeze()  # what has come with the rehearsal need not be looked at again
        limits.be_modest()
        sys.breakpointhook = _nobody_is_there
        heard = channel.hear()
        if alone:
            limits.die_with_pipe(channel.incoming)
        if heard:
            found, say = heard
            judge.judge(found, say)
            say(over=True)
        code = 0
    except OSError:
        code = CUT_OFF
    finally:
        os._exit(code)


def _nobody_is_there(*_: object, **__: object) -> None:
    """A breakpoint() that a learner has left in a koan."""
