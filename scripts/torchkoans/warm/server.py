"""The process that is warm: `python -m torchkoans.warm.server fork|spare`, spoken to through pipes.

`fork`: a pytest session is configured once; each job is done by a child that was forked before the
job came. `spare`: the same without forking, for one job, after which the process is used up.
Forking is safe as long as this process has started no thread, no parallel op and no CUDA.
"""

from __future__ import annotations

import contextlib
import gc
import os
import selectors
import signal
import socket
import sys
import time
import warnings
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from torchkoans.devices import SIMGPU
from torchkoans.warm import job as wire
from torchkoans.warm import limits
from torchkoans.warm.doing import Doing
from torchkoans.warm.job import Job, Lines, Message
from torchkoans.warm.spare import Channel, serve

COLD_JOBS = 2  # that nobody looks at and that are done at once, before this process is warm
SPARES = 2  # one to be used, and one for the save that follows at once
UNLUCKY = 3  # spares in a row that died before they had begun with anything
LEAVE = 1.0  # seconds for what was killed to be gone, before this process goes
PLUGINS = ("cacheprovider", "xdist", "faulthandler")  # that nobody here has any use for
OPTIONS = ("koans", "-q", "--capture=sys", *(f"-pno:{plugin}" for plugin in PLUGINS))


@dataclass(eq=False)
class Spare:
    """A forked child; `socket` is this end of what is said to it and what it says."""

    pid: int
    socket: socket.socket
    lines: Lines = field(default_factory=Lines)
    doing: Doing | None = None
    is_mute: bool = False  # nothing more is heard of it


class Server:
    """A pytest plugin whose test loop serves jobs until the other end hangs up."""

    def __init__(self, incoming: int, outgoing: int, limit: float) -> None:
        self.incoming, self.outgoing, self.limit = incoming, outgoing, limit
        self.lines = Lines()
        self.waiting: deque[Job] = deque()
        self.spares: deque[Spare] = deque()
        self.busy: Spare | None = None
        self.unlucky = 0
        self.given = 0
        self.is_tidy = True  # nothing is left of what has ended
        self.over = False

    def pytest_collection(self) -> bool:
        """There is nothing to collect yet."""
        return True

    def pytest_runtestloop(self, session: Any) -> bool:
        from torchkoans import collecting
        from torchkoans.warm.judging import Judge

        if collecting.devices_of(session.config).no_cuda is None:
            self.say(cuda=True)
            return True
        self.judge = Judge(session)
        self.selector = selectors.DefaultSelector()
        self.selector.register(self.incoming, selectors.EVENT_READ, self.hear_jobs)
        self.be_told_of_deaths()
        limits.prepare()
        limits.adopt_orphans()
        self.say(ready=True)
        warming = _warming(session)
        try:
            while not self.over:
                self.turn(warming)
        finally:
            self.end()
        return True

    # -- one turn --

    def turn(self, warming: Iterator[object]) -> None:
        """Hear what there is to hear, give out a job, and get warmer while nobody waits."""
        awaited = self.waiting or (self.busy and self.busy.doing and self.busy.doing.job.explain)
        idle = not (awaited or self.selector.select(0)) or self.rather_warms()
        is_cold = not idle or next(warming, self) is not self
        for key, _ in self.selector.select(self.patience(is_cold)):
            key.data()
        if self.is_overdue() and self.busy:
            self.hear_spare(self.busy)  # it may have come to its end at this very moment
            if self.is_overdue():
                self.lose(self.busy, None)
        if not (self.busy or self.is_tidy):
            self.is_tidy = not limits.end_children({one.pid for one in self.spares})
        if not self.busy and self.waiting and not (is_cold and self.rather_warms()):
            self.give(self.waiting.popleft())
        elif not self.busy and not is_cold and self.lacks_spares():
            self.spares.append(self.fork())

    def rather_warms(self) -> bool:
        """Whether many jobs are done sooner if they wait until this process is warm."""
        awaited = any(job.explain for job in self.waiting)
        return self.given >= COLD_JOBS and not (self.busy or awaited)

    def patience(self, is_cold: bool) -> float | None:
        """Seconds to wait for something to happen; None is for ever."""
        if self.busy and self.busy.doing:
            left = max(0.0, self.busy.doing.deadline - time.monotonic())
            return 0.0 if is_cold and not self.busy.doing.job.explain else left
        return 0.0 if is_cold or self.waiting or self.lacks_spares() else None

    def is_overdue(self) -> bool:
        doing = self.busy.doing if self.busy else None
        return doing is not None and time.monotonic() > doing.deadline

    def lacks_spares(self) -> bool:
        return len(self.spares) < SPARES and self.unlucky < UNLUCKY

    # -- what comes in --

    def hear_jobs(self) -> None:
        data = os.read(self.incoming, 65536)
        self.over = not data
        for message in self.lines.fed(data):
            if "job" in message:
                self.waiting.append(Job.of(message["job"]))
            elif "drop" in message:
                self.drop(message["drop"])

    def drop(self, number: int) -> None:
        """A newer text has come: nobody waits for this job any more."""
        self.waiting = deque(job for job in self.waiting if job.number != number)
        if self.busy and self.busy.doing and self.busy.doing.job.number == number:
            self.finish(self.busy)

    def hear_spare(self, spare: Spare) -> bool:
        """Hear what there is; whether there was anything. At its end, its death will tell more."""
        try:
            data = spare.socket.recv(1 << 20, socket.MSG_DONTWAIT)
        except BlockingIOError:
            return False
        except OSError:
            data = b""
        for message in spare.lines.fed(data):
            if spare is self.busy and spare.doing:
                self.heard(spare, spare.doing, message)
        if not data:
            self.mute(spare)
        return bool(data)

    def heard(self, spare: Spare, doing: Doing, message: Message) -> None:
        if message.get("number") != doing.job.number:
            return
        doing.hear(message)
        self.unlucky = 0
        if "begin" not in message:
            self.say(**message)
        if "over" in message:
            self.finish(spare)

    def hear_of_deaths(self) -> None:
        """Take leave of the children that have ended, whatever they have ended with."""
        self.bell[0].recv(4096)
        for pid, code in limits.bury():
            self.is_tidy = False
            for spare in self.all_spares():
                if spare.pid == pid:
                    self.lose(spare, code)

    # -- spares --

    def give(self, job: Job) -> None:
        self.given += 1
        spare = self.spares.popleft() if self.spares else self.fork(hurry=True)
        spare.doing, self.busy = Doing(job, self.limit), spare
        spare.lines.key = wire.new_key()
        with contextlib.suppress(OSError):  # it has died meanwhile: that will be heard
            spare.socket.sendall(job.encoded(spare.lines.key))

    def fork(self, hurry: bool = False) -> Spare:
        """A new spare; in a hurry, it is there for a job that has come already."""
        here, there = socket.socketpair()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # of forks beside threads: none is
            pid = os.fork()
        if pid == 0:
            here.close()
            self.become_a_spare(there, hurry)
        there.close()
        spare = Spare(pid, here)
        self.selector.register(here, selectors.EVENT_READ, partial(self.hear_spare, spare))
        return spare

    def become_a_spare(self, mine: socket.socket, hurry: bool) -> None:
        try:
            os.setsid()
            limits.die_with_parent(self.pid)
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            signal.signal(signal.SIGINT, signal.default_int_handler)  # only a koan can send it here
            self.selector.close()
            for number in (self.incoming, self.outgoing):
                os.close(number)
            for one in (*self.bell, *(spare.socket for spare in self.all_spares())):
                one.close()
            _get_warm_alone(self.judge.config, hurry)
            channel = mine.detach()
            serve(self.judge, Channel(channel, channel), hurry=hurry)
        finally:
            os._exit(1)

    def all_spares(self) -> list[Spare]:
        return [*self.spares, *([self.busy] if self.busy else [])]

    def lose(self, spare: Spare, code: int | None) -> None:
        """A spare died, or has to: say what that means, and let another one do the rest."""
        for _ in range(8):  # what it said last
            if spare.is_mute or not self.hear_spare(spare):
                break
        if spare in self.spares:
            self.spares.remove(spare)
            self.unlucky += 1
        elif spare is self.busy and spare.doing:
            said, rest = spare.doing.death(code, blame=self.unlucky >= UNLUCKY)
            self.unlucky += not spare.doing.running
            for message in said:
                self.say(**message)
            if rest:
                self.waiting.appendleft(rest)
            else:
                self.say(number=spare.doing.job.number, over=True)
        self.finish(spare)

    def finish(self, spare: Spare) -> None:
        """End a spare and its group; once it is dead, the others that it has started are found."""
        if spare is self.busy:
            self.busy = None
        self.mute(spare)
        limits.end_family(spare.pid)

    def mute(self, spare: Spare) -> None:
        if not spare.is_mute:
            spare.is_mute = True
            self.selector.unregister(spare.socket)
            spare.socket.close()

    # -- from birth to death --

    def be_told_of_deaths(self) -> None:
        """Let the end of a child be heard like a message, whoever holds its socket open."""
        self.pid = os.getpid()
        self.bell = socket.socketpair()
        for end in self.bell:
            end.setblocking(False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self.bell[1].fileno(), warn_on_full_buffer=False)
        self.selector.register(self.bell[0], selectors.EVENT_READ, self.hear_of_deaths)

    def end(self) -> None:
        """End all that was started, and see it gone."""
        for spare in self.all_spares():
            self.finish(spare)
        until = time.monotonic() + LEAVE
        while limits.end_children(set()) and time.monotonic() < until:
            time.sleep(0.002)
            limits.bury()

    def say(self, **message: Any) -> None:
        data = memoryview(wire.line(message))
        try:
            while data:
                data = data[os.write(self.outgoing, data) :]
        except OSError:  # the walk is gone
            self.over = True


def _warming(session: Any) -> Iterator[object]:
    """Steps that make this process warm; each is short, so that a job need not wait for long."""
    from torchkoans import collecting, cut, standing
    from torchkoans.source import CourseError
    from torchkoans.warm import warmup

    found = collecting.devices_of(session.config)
    if found.uses(SIMGPU):
        from torchkoans import simgpu

        simgpu.enable()
        yield None
    for step in warmup.steps([name for name, waits in found.for_device() if not waits]):
        yield step()
    for file in standing.course_in(session.config.rootpath).answer_files:
        with contextlib.suppress(CourseError):
            lesson = standing.course_in(session.config.rootpath).lesson_of(file)
            yield cut.pristine(lesson).tree if lesson else None
    gc.collect()
    gc.freeze()  # what is here now stays: a child's collector need not touch, and copy, its pages
    yield None


def _get_warm_alone(config: Any, hurry: bool = False) -> None:
    """What only a process that is never forked again may do; in a hurry, only what it must."""
    from torchkoans import collecting
    from torchkoans.warm import warmup

    found = collecting.devices_of(config)
    if found.uses(SIMGPU):
        from torchkoans import simgpu

        simgpu.enable()  # after a first backward() it would be too late, and the server may be cold
    if not hurry:
        warmup.backward([name for name, waits in found.for_device() if not waits])


class Alone:
    """A pytest plugin for systems where forking is not safe: one job, in this very process."""

    def __init__(self, channel: Channel) -> None:
        self.channel = channel

    def pytest_collection(self) -> bool:
        return True

    def pytest_runtestloop(self, session: Any) -> bool:
        from torchkoans import collecting
        from torchkoans.warm.judging import Judge

        judge = Judge(session)
        for _ in _warming(session):
            pass
        _get_warm_alone(session.config)
        cuda = collecting.devices_of(session.config).no_cuda is None
        self.channel.say(ready=True, cuda=cuda)
        serve(judge, self.channel, alone=True)
        return True


def main(argv: list[str]) -> int:
    """Start a session in the course at argv[1] whose koans may take argv[2] seconds."""
    mode, root, limit = argv[0], Path(argv[1]), float(argv[2])
    incoming, outgoing = os.dup(0), os.dup(1)
    quiet_but_for_errors()
    os.chdir(root)
    sys.path.insert(0, str(root / "scripts"))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the walk's; it hangs up
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # numpy's; it starts them when imported
    import torch

    torch.set_num_threads(1)  # before any op, or a forked child would wait for threads it lacks
    import pytest

    server = Server(incoming, outgoing, limit)
    plugin = server if mode == "fork" else Alone(Channel(incoming, outgoing))
    with contextlib.suppress(ImportError):
        from torchkoans import collecting  # noqa: F401  beside pytest's own imports
    code = int(pytest.main([*OPTIONS, f"--timeout={limit:g}"], plugins=[plugin]))
    return 0 if server.over else code


def quiet_but_for_errors() -> None:
    """Standard output is where messages go out; nothing else may get there."""
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    os.dup2(2, 1)
    os.close(null)


if __name__ == "__main__":
    code = main(sys.argv[1:])
    sys.stderr.flush()
    os._exit(code)  # nobody waits while Python and torch take themselves apart
