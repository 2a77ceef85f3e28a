"""The course of a run: everything in turns, on two copies of the course."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

from torchkoans.benching import machine, rivals, saves
from torchkoans.benching.figures import Figures
from torchkoans.benching.saves import Save
from torchkoans.benching.walker import Walker, refuse_without_pty
from torchkoans.course import Course

ROUNDS = 5  # of what takes seconds; the saves of the walk are spread between them
PAUSE = 0.1  # seconds between two saves, less than anybody needs to type an answer
SETTLED = 50  # saves after which every lesson has been at hand, and memory should not grow
LOOK = 500  # saves between two looks at the memory


def measure(course: Course, folder: Path, count: int, tell: Callable[[str], None]) -> Figures:
    """Measure so many saves, in copies in this folder; `tell` is told what comes next.

    One walk has all the saves, in one copy; what it is compared with has the other. Raises
    BenchError where something that has to come does not.
    """
    refuse_without_pty()
    found = Figures(machine.here())
    tell("copying the course")
    mine, theirs = (saves.copy(course, folder / name) for name in ("walk", "others"))
    with Walker(mine) as walker:
        walker.arrived()
        _in_turns(walker, saves.saves(mine), theirs, count, found, tell)
    tell("the whole course, by pytest and by what proves it")
    found.course = rivals.whole_course(theirs)
    return found


def _in_turns(
    walker: Walker,
    stream: Iterator[Save],
    theirs: Course,
    count: int,
    found: Figures,
    tell: Callable[[str], None],
) -> None:
    """A share of the saves after each round of the others.

    The round before the first is not counted. It pays what only a first run pays, compiled files
    and disk cache; meanwhile the walk gets warm, as it does while a learner reads.
    """
    others = saves.saves(theirs)
    tell("a rehearsal")
    one_round(theirs, others, Figures(found.machine))
    for turn in range(ROUNDS):
        tell(f"torch, pytest, a watcher, a first verdict: {turn + 1} of {ROUNDS}")
        one_round(theirs, others, found)
        for number in range(count * turn // ROUNDS + 1, count * (turn + 1) // ROUNDS + 1):
            if number % 100 == 1:
                tell(f"saves: {number} of {count}")
            one_save(walker, next(stream), found)
            if number in (min(SETTLED, count // 2), count) or number % LOOK == 0:
                _look_at_memory(walker, number, found)


def one_round(course: Course, stream: Iterator[Save], found: Figures) -> None:
    """Everything that is no save of the walk, once."""
    found.import_torch.add(rivals.import_torch(course))
    _start(course, found)
    save = next(stream)
    save.write()
    found.cold_pytest.add(rivals.cold_pytest(course, save.file))
    with contextlib.closing(rivals.Watcher(course)) as watcher:
        found.watcher.add(watcher.verdict_on(next(stream)))


def _start(course: Course, found: Figures) -> None:
    """Start a walk for the first time: one koan is filled, and nothing is remembered."""
    saves.fresh(course)
    save = saves.first(course)
    save.write()
    with Walker(course) as walker:
        seen, verdict = walker.arrived(save)
    found.screen.add(seen)
    found.first.add(verdict)


def one_save(walker: Walker, save: Save, found: Figures) -> None:
    """Save a file for the walk, and leave it the time that a learner needs at the least."""
    seen, explained = walker.verdict_on(save)
    found.add(save, seen, explained)
    walker.pause(PAUSE)


def _look_at_memory(walker: Walker, number: int, found: Figures) -> None:
    size = walker.memory()
    if size is not None:
        found.memory[number] = size
