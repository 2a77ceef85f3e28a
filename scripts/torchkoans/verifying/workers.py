"""A process that runs checks: told which by `crew`, it tells what came of them.

It is forked where that is safe, so that torch is imported once; it is started anew on Windows, on
macOS and where there is a GPU.
"""

from __future__ import annotations

import contextlib
import faulthandler
import os
import signal
import sys
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from torchkoans.course import Course
from torchkoans.devices import CUDA, SIMGPU, Devices
from torchkoans.verdicts import Verdict
from torchkoans.verifying import leaks
from torchkoans.verifying.planning import Check, Unit
from torchkoans.verifying.trying import Outcome, Trial
from torchkoans.warm import limits, warmup
from torchkoans.warm.doing import CUT_OFF

FORK, SPAWN = "fork", "spawn"
NOTHING = -1  # the number of the check that runs before the first one does


@dataclass(frozen=True)
class Task:
    """Some checks of a unit, by their place in it.

    A task that is `alone` gets a process of its own; there it is seen which check leaves what
    behind.
    """

    unit: Unit
    places: tuple[int, ...]
    alone: bool = False
    lost: int = 0  # processes that died before they had begun with it


@dataclass(frozen=True)
class Done:
    """What came of a task: outcomes by place, and what was left behind, by place where known.

    Not all places are there where the process had to end before its time.
    """

    outcomes: dict[int, Outcome]
    left: dict[int, list[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Setting:
    """What a worker has to know; plain data, for it may go to another process."""

    root: Path
    found: Devices
    how: str


# -- in the worker -------------------------------------------------------------------------------


def work(pipe: Connection, at: Any, setting: Setting, parent: int) -> None:
    """Run tasks until the other end hangs up."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that started this one
    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_DFL)
    if setting.how == FORK:
        limits.die_with_parent(parent)
        limits.adopt_orphans()
        limits.be_modest()
    _keep_quiet()
    if str(setting.root) not in sys.path:
        sys.path.insert(0, str(setting.root))  # `import koans`
    warm_up(setting.found)
    course, trials = Course(setting.root), dict[str, Trial]()
    channel, before = Channel(pipe), leaks.picture()
    while task := _heard(pipe):
        if task.unit.file not in trials:
            lesson = course.lesson_of(course.answers / task.unit.file)
            assert lesson is not None  # it was planned from this file
            trials = {task.unit.file: Trial(lesson)}
        done, before = _do(task, trials[task.unit.file], at, channel, before)
        with contextlib.suppress(OSError):  # nobody is there any more: then there is no next task
            pipe.send(done)
        if done.left or len(done.outcomes) < len(task.places):
            break  # whoever comes next shall find nothing of it


def _heard(pipe: Connection) -> Task | None:
    """The next task; None where there is none, or nobody who would give one."""
    try:
        task: Task | None = pipe.recv()
    except (EOFError, OSError):
        return None
    return task


class Channel:
    """Whether the pipe still is the one that it was: a koan may have closed it."""

    def __init__(self, pipe: Connection) -> None:
        self._number = pipe.fileno()
        self._was = self._is()

    def _is(self) -> tuple[int, int] | None:
        if os.name == "nt":  # there it is a handle, of which fstat knows nothing
            return None
        try:
            status = os.fstat(self._number)
        except OSError:
            return None
        return status.st_dev, status.st_ino

    def end_if_cut(self) -> None:
        """End the process at once, so that the koan is known that has done it."""
        if self._is() != self._was:
            os._exit(CUT_OFF)


def _keep_quiet() -> None:
    """Koans may print; what a dying process has to say is told by how it ended."""
    faulthandler.disable()
    null = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(null, number)
    os.close(null)


def warm_up(found: Devices) -> None:
    """Make a process ready: one thread, what torch puts off, and simgpu before any backward()."""
    import torch

    torch.set_num_threads(1)
    if found.uses(SIMGPU):
        from torchkoans import simgpu

        simgpu.enable()
    for step in warmup.imports():
        step()  # when torch imports a part of itself late, it changes what the next koan finds
    if found.uses(CUDA):
        torch.zeros(1, device=CUDA).item()  # and so does CUDA when it starts


def _do(
    task: Task, trial: Trial, at: Any, channel: Channel, before: leaks.Picture
) -> tuple[Done, leaks.Picture]:
    """What came of a task, and what the process is like after it."""
    outcomes: dict[int, Outcome] = {}
    left: dict[int, list[str]] = {}
    for place in task.places:
        at.value = place
        outcomes[place] = _outcome(trial, task.unit.checks[place], task.alone)
        channel.end_if_cut()
        if outcomes[place].is_lost:
            break
        if task.alone:
            before = _look(before, place, left)
    after = _look(before, NOTHING, left)
    return Done(outcomes, left), after


def _outcome(trial: Trial, check: Check, explained: bool) -> Outcome:
    try:
        return trial.outcome(check, explained)
    except Exception as error:  # not the koan's: those are caught where it runs
        said = f"verify itself failed: {error!r}"
        return Outcome(Verdict.BROKEN, what=said, trouble=said)


def _look(before: leaks.Picture, place: int, left: dict[int, list[str]]) -> leaks.Picture:
    limits.bury()
    after = leaks.picture()
    if found := leaks.differences(before, after):
        left[place] = found
        limits.end_children(set())
    return after
