"""The map of the course: a chapter a heading, a lesson a row, a koan a mark. Lines, unprinted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import groupby

from rich.text import Text

from torchkoans import chapters
from torchkoans.progress import Step, next_step
from torchkoans.verdicts import Verdict

Marks = dict[str, str]
GREEN, FILLED, RED, BLANK, WAITS = "green", "filled, not run yet", "red", "blank", "waiting"
MARKS: Marks = {GREEN: "●", FILLED: "◌", RED: "x", BLANK: "○", WAITS: "-"}
PLAIN: Marks = {GREEN: "#", FILLED: "+", RED: "x", BLANK: ".", WAITS: "-"}  # for any encoding
STYLE = {GREEN: "green", FILLED: "yellow", RED: "red", BLANK: "dim", WAITS: "dim"}
_NARROW, _WIDE = 40, 80  # columns; more would only tear the marks from their titles


def kind(verdict: Verdict | None) -> str:
    """What the mark of a koan says."""
    if verdict is None:
        return FILLED
    named = {Verdict.PASSED: GREEN, Verdict.WAITING: WAITS}
    named |= {Verdict.BLANK: BLANK, Verdict.UNWRITTEN: BLANK}
    return named.get(verdict, RED)


def lines(path: Sequence[Step], width: int, marks: Marks = MARKS) -> list[Text]:
    """The map, then the sum and where to go on."""
    width = max(_NARROW, min(width, _WIDE))
    most = max(Counter(step.file for step in path).values())
    found: list[Text] = []
    for chapter, in_chapter in groupby(path, lambda step: chapters.of(step.lesson.number)):
        steps = list(in_chapter)
        found.append(_heading(chapter, steps, width))
        for _, in_lesson in groupby(steps, lambda step: step.file):
            found.append(_row(list(in_lesson), width, most, marks))
    return [*found, Text(), _sum(path, marks), *_next(path)]


def _heading(chapter: str, steps: Sequence[Step], width: int) -> Text:
    green = sum(step.verdict is Verdict.PASSED for step in steps)
    sums = f"{green} of {len(steps)}"
    line = Text().append(chapter.ljust(width - len(sums)), style="bold")
    return line.append(sums, style="green" if green == len(steps) else "dim")


def _row(steps: Sequence[Step], width: int, most: int, marks: Marks) -> Text:
    """The marks begin in one column, in all rows."""
    lesson, room = steps[0].lesson, width - most - 2
    title = f"  {lesson.number:02}  {lesson.title}"
    if len(title) > room:
        title = f"{title[: room - 3].rstrip()}..."
    line = Text(title.ljust(room + 2))
    for step in steps:
        what = kind(step.verdict)
        line.append(marks[what], style=STYLE[what])
    return line


def _sum(path: Iterable[Step], marks: Marks) -> Text:
    """How many there are of each kind, which explains the marks, too."""
    counts = Counter(kind(step.verdict) for step in path)
    line = Text().append(marks[GREEN], style=STYLE[GREEN])
    line.append(f" {counts[GREEN]} of {sum(counts.values())} koans green", style="bold")
    for what, mark in marks.items():
        if counts[what] and what != GREEN:
            line.append(f"  {mark}", style=STYLE[what]).append(f" {counts[what]} {what}")
    return line


def _next(path: Sequence[Step]) -> list[Text]:
    step = next_step(path)
    if step is None:
        return []
    line = Text().append("Next: ", style="bold").append(step.where, style="cyan")
    return [line, Text(f"      {step.sentence[:1].upper()}{step.sentence[1:]}")]
