"""What a person sees at a practice file: the kata's statement, and what came of it when green."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from rich.text import Text

from torchkoans.dojo.session import shown
from torchkoans.lesson import Kata
from torchkoans.practice import variations
from torchkoans.practice.green import Green, function
from torchkoans.practice.log import Run
from torchkoans.source import Source
from torchkoans.verdicts import Verdict
from torchkoans.views import NEXT, STYLE, Lines, View, hints, keys, wrapped

STUB_KEYS = (
    "h hint · o open · s reveal · p pause · x fresh stub · n next kata · q quit",
    "h hint · o open · s reveal · p pause · x fresh · n next · q quit",
    "h o s p x n q",
)
KEYS = (
    "h hint · r run again · o open · s reveal · p pause · x fresh stub · n next kata · q quit",
    "h hint · r run · o open · s reveal · p pause · x fresh · n next · q quit",
    "h r o s p x n q",
)
GREEN_KEYS = (
    "v try that · x once more · n next kata · o open · up, down · q quit",
    "v try · x again · n next · o open · q quit",
    "v x n o q",
)
OPEN_KEYS = (
    "h hint · o open · s reveal · p pause · x fresh stub · n next kata · up, down · q quit",
    "h hint · o open · s reveal · p pause · x fresh · n next · q quit",
    "h o s p x n q",
)
MOST_RUNS = 10  # in the chart, the last ones
BAR = 30  # columns of the longest bar
_SIGNED = {"-": "red", "+": "green"}

Draw = Callable[[Any, int], Lines]  # as Screen.drawn


def head(kata: Kata, number: int, seconds: float, paused: bool, goal: str | None) -> Text:
    """The line above everything: which kata, for how long, and to what end."""
    line = Text().append(kata.name, "bold").append(f" · lesson {number} · ", "dim")
    line.append(shown(seconds), "bold")
    if paused:
        line.append(" · paused, p goes on", "yellow")
    if goal:
        line.append(f" · {goal}", "bold cyan")
    return line


def fitted(middle: Lines, foot: Lines, height: int | None, top: int) -> Lines:
    """As much of the middle, from line `top` on, as leaves the foot in sight."""
    room = len(middle) if height is None else max(1, height - len(foot))
    if len(middle) <= room:
        return [*middle, *foot]
    room = max(1, room - 1)
    top = min(top, last(middle, foot, height))
    below = len(middle) - top - room
    said = f"{below} lines more: down" if below else "this is the end: up"
    return [*middle[top : top + room], Text(f"    ... {said}", style="dim"), *foot]


def last(middle: Lines, foot: Lines, height: int | None) -> int:
    """The greatest line that the middle may begin with."""
    room = len(middle) if height is None else height - len(foot)
    return 0 if len(middle) <= room else len(middle) - max(1, room - 1)


def foot(view: View, choice: Sequence[str], width: int) -> Lines:
    """Hints that were asked for, what was noted, and a question, or what can be typed."""
    lines: Lines = []
    for number, hint in enumerate(view.hints, 1):
        lines += wrapped(f"Hint {number} of {len(hints(view.step))}: {hint}", width, "yellow")
    for text, style in view.notes:
        lines += wrapped(text, width, style)
    return [
        *lines,
        *(wrapped(view.question, width, "bold") if view.question else []),
        *(keys(choice, width) if view.keys and not view.question else []),
    ]


# -- before it is written ------------------------------------------------------------------------


def statement(view: View, width: int) -> tuple[Lines, Lines]:
    """The kata as it is asked, and below it what to do."""
    (kata,) = view.step.lesson.katas
    middle = [*wrapped(view.step.where, width, "cyan")]
    middle += [Text(line, "bold") for line in _signature(kata, view.source, width)]
    middle += [Text(line) for line in _told(kata.docstring, width)]
    middle.append(Text())
    verdict = Text(Verdict.UNWRITTEN.value, STYLE[Verdict.UNWRITTEN])
    if len(verdict) + 2 + len(NEXT[Verdict.UNWRITTEN]) <= width:
        verdict.append(f"  {NEXT[Verdict.UNWRITTEN]}", "dim")
    return middle, [verdict, *foot(view, STUB_KEYS, width)]


def _signature(kata: Kata, source: Source | None, width: int) -> Iterator[str]:
    """The lines from `def` to its colon, as the learner has them; long ones are folded."""
    written = function(source, kata.name) if source else None
    if source and written:
        for line in source.lines[written.lineno - 1 : written.body[0].lineno - 1]:
            yield from textwrap.wrap(line, width, subsequent_indent=" " * 8)


def _told(docstring: str, width: int) -> Iterator[str]:
    """A docstring in so many columns: prose is folded anew, what is indented in it stays."""
    for number, paragraph in enumerate(inspect.cleandoc(docstring).split("\n\n")):
        if number:
            yield ""
        lines = paragraph.split("\n")
        if any(line.startswith(" ") for line in lines):
            yield from (f"    {line}" for line in lines)
        else:
            yield from (line.plain for line in wrapped(" ".join(lines), width, indent="    "))


# -- when it is green ----------------------------------------------------------------------------


def result(green: Green, view: View, width: int, draw: Draw) -> tuple[Lines, Lines]:
    """The time among the earlier ones, and the reference; below it what to try next."""
    middle = list(_sentence(green, width))
    if green.breach:  # the author's body and the why would give away how
        said = "The clock goes on. Change it and save the file."
        return middle, [Text(), *wrapped(said, width), *foot(view, OPEN_KEYS, width)]
    for part in (_chart(green, width, draw), _diff(green, width), wrapped(green.why, width, "dim")):
        middle += [Text(), *part] if part else []
    offer = wrapped(f"Try next: {green.offer}.", width, "bold cyan")
    return middle, [Text(), *offer, *foot(view, GREEN_KEYS, width)]


def _sentence(green: Green, width: int) -> Iterator[Text]:
    on = f" on {green.devices}" if green.devices else ""
    said = f"Green in {shown(green.seconds)}{on}"
    if green.breach:
        yield from wrapped(f"{said}, but the goal is open: {green.goal}.", width, "bold yellow")
        yield from wrapped(f"Line {green.breach.line}: {green.breach.what}.", width, "yellow")
        return
    is_checked = green.goal in variations.KNOWN
    yield from wrapped(f"{said}{f', and {green.goal}' if is_checked else ''}.", width, "bold green")
    if green.goal and not is_checked:
        yield from wrapped(f"Was it {green.goal}? Only you can tell.", width)


def _chart(green: Green, width: int, draw: Draw) -> Lines:
    """The last times as bars; nothing where this is the first."""
    if len(green.runs) < 1 + green.is_noted:
        return []
    from rich.progress_bar import ProgressBar  # only who has practised before waits for it
    from rich.table import Table

    runs = green.runs[-MOST_RUNS:]
    best, longest = min(run.seconds for run in green.runs), max(run.seconds for run in runs)
    table = Table.grid(padding=(0, 2))
    room = max(5, min(BAR, width - 34))
    for run in runs:
        bar = ProgressBar(
            total=1.0,
            completed=1.0,
            width=max(1, round(room * run.seconds / longest) if longest else room),
            finished_style="bold green" if run.seconds == best else "cyan",
        )
        said = _said(run, best, green.is_noted and run is runs[-1])
        table.add_row(Text(run.day), Text(shown(run.seconds), justify="right"), bar, said)
    title = f"Your times {green.goal}:" if green.goal else "Your times:"
    return [Text(title, style="bold"), *draw(table, width)]


def _said(run: Run, best: float, now: bool) -> Text:
    words = [*(["best"] if run.seconds == best else []), *(["now"] if now else [])]
    return Text(", ".join(words), style="bold green" if run.seconds == best else "")


def _diff(green: Green, width: int) -> Lines:
    """The author's body against the learner's."""
    lines = green.difference
    if not lines:
        return wrapped("Your body says what the reference says.", width)
    what = f"one {green.goal}" if green.goal in variations.KNOWN else "the reference"
    found = [Text(f"Yours (-) beside {what} (+):", style="bold")]
    for line in lines:
        found.append(Text(f"  {line}", style=_SIGNED.get(line[:1], "dim")))
    return found
