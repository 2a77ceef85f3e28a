"""The figures as rows of words, for whoever prints them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from torchkoans.benching.figures import Figures, Target, Times
from torchkoans.benching.room import Room

Row = tuple[str, ...]
TIMES: Row = ("", "median", "p95", "to import torch", "runs")
TARGETS: Row = ("held against", "promise", "here", "")
COURSE: Row = ("the whole course", "seconds", "runs of a koan", "a run")
SLOWEST: Row = ("the slowest saves", "verdict")
ROOM: Row = ("the dojo's server", "median", "p95", "p99", "asked")


class Held(Protocol):
    """What was measured, with what it is held against."""

    def targets(self) -> Iterator[Target]: ...


def times(figures: Figures) -> Iterator[Row]:
    """What was timed, with its ratio to `import torch` in the same run."""
    named = {
        "import torch": figures.import_torch,
        "cold pytest FILE": figures.cold_pytest,
        "a watcher: save to end of pytest": figures.watcher,
        "walk: save to verdict on screen": figures.walk,
        "   a green one": figures.green,
        "   a red one": figures.red,
        "   a red one with its explanation": figures.explained,
        "walk: start to something on screen": figures.screen,
        "walk: start to first verdict": figures.first,
    }
    for name, taken in named.items():
        if taken.taken:
            ratio = taken.median / figures.import_torch.median
            yield name, _ms(taken.median), _ms(taken.p95), _ratio(ratio), _count(taken)


def targets(figures: Held) -> Iterator[Row]:
    """What was promised, and whether it is so."""
    for target in figures.targets():
        sign = ">=" if target.at_least else "<="
        met = "met" if target.is_met else "not met"
        yield target.promise, f"{sign} {_value(target, target.limit)}", _found(target), met


def course(figures: Figures) -> Iterator[Row]:
    """The ways to run the whole course."""
    for whole in figures.course:
        each = _ms(whole.seconds * 1000 / whole.runs)
        name = whole.name + (f" ({whole.problems} not as it should be)" if whole.problems else "")
        yield name, f"{whole.seconds:.1f}", f"{whole.runs:,}", each


def slowest(figures: Figures) -> Iterator[Row]:
    """The saves that took longest."""
    for ms, koan in figures.slowest:
        yield koan, _ms(ms)


def room(found: Room) -> Iterator[Row]:
    """How long those who ask the dojo's server wait."""
    named = {f"a post, {found.pairs} pairs at once": found.posts, "the board's data": found.data}
    for name, taken in named.items():
        yield name, _ms(taken.median), _ms(taken.p95), _ms(taken.p99), _count(taken)


def room_notes(found: Room) -> Iterator[str]:
    """What a reader has to know besides."""
    said = f"{found.events:,} events, as many as in an hour, were taken in {found.seconds:.1f} s"
    if found.tenth is None or found.end is None:
        yield f"{said}."
    else:
        yield (
            f"{said}; the server had {found.tenth:.1f} MB in use after a tenth of them, "
            f"{found.end:.1f} MB at the end."
        )


def notes(figures: Figures) -> Iterator[str]:
    """What a reader has to know besides."""
    if figures.machine.is_busy:
        yield (
            f"This machine was busy (load average {figures.machine.load} on "
            f"{figures.machine.cores} cores): all figures are too high. Once more, on a quiet one."
        )
    if figures.memory:
        said = ", ".join(f"{size:.1f} after {after:,}" for after, size in figures.memory.items())
        yield f"Memory of the walk and its warm process, in MB, by saves: {said}."


def _ms(value: float) -> str:
    return f"{value:,.1f} ms" if value < 100 else f"{value:,.0f} ms"


def _ratio(ratio: float) -> str:
    return f"{ratio:.2f}" if ratio >= 0.1 else f"1/{1 / ratio:.0f}"


def _count(taken: Times) -> str:
    return f"{len(taken.taken):,}"


def _value(target: Target, value: float) -> str:
    return f"{value:,.0f} {target.unit}"


def _found(target: Target) -> str:
    return (
        _value(target, target.found)
        if abs(target.found) >= 100
        else (f"{target.found:.1f} {target.unit}")
    )
