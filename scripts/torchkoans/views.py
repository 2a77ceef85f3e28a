"""What a person sees of the walk: lines of text, put together from what is known. Nothing prints.

A view is a list of sections, the most dispensable of them marked, so that a small terminal shows
what counts.
"""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from rich.cells import cell_len, chop_cells
from rich.text import Text

from torchkoans import pictures
from torchkoans.lesson import Lesson
from torchkoans.progress import Step
from torchkoans.source import Source
from torchkoans.verdicts import Result, Verdict, comparable
from torchkoans.warm.job import Message

STYLE = {
    Verdict.PASSED: "bold green",
    Verdict.WAITING: "dim",
    Verdict.BLANK: "bold yellow",
    Verdict.UNWRITTEN: "bold yellow",
    Verdict.WRONG: "bold red",
    Verdict.BROKEN: "bold magenta",
    Verdict.TIMEOUT: "bold magenta",
    Verdict.CRASHED: "bold magenta",
}
NEXT = {
    Verdict.BLANK: "Put the answer in place of __ and save the file.",
    Verdict.UNWRITTEN: "Write the body of the function and save the file.",
    Verdict.WRONG: "Try another answer and save the file.",
    Verdict.BROKEN: "Mend it and save the file.",
    Verdict.TIMEOUT: "Look for a loop that never ends, and save the file.",
    Verdict.CRASHED: "Take out what ends the process, and save the file.",
}
KEYS = (
    "n next · h hint · r run again · l lessons · o open · s reveal · x reset · q quit",
    "n next · h hint · r run · l list · o open · s reveal · x reset · q quit",
    "n h r l o s x q",
)
LIST_KEYS = ("up, down or a number: choose · Enter: go there · Esc: back", "up down Enter Esc")
MOST_LINES = 12  # of a message; the rest is a run of pytest away
GREEN, RED, OPEN, WAITS, SOON = "●", "x", "○", "-", "◌"  # one for each koan of a lesson

Lines = list[Text]


@dataclass(frozen=True)
class Progress:
    """How far along: the koans of the lesson one by one, and two sums as (green, all)."""

    lesson: tuple[Verdict | None, ...]
    chapter: str
    in_chapter: tuple[int, int]
    in_course: tuple[int, int]


@dataclass(frozen=True)
class View:
    """A koan as it is to be shown."""

    step: Step
    source: Source | None
    progress: Progress
    about: bool = False  # whether to begin with what the lesson says of itself
    running: bool = False
    explained: bool = True
    looking: int = 0  # koans that are still to be looked at before the walk begins
    picture: Message | None = None
    hints: tuple[str, ...] = ()  # those that were asked for
    notes: tuple[tuple[str, str], ...] = ()  # (text, style), below everything else
    question: str = ""
    keys: bool = True
    offered: Sequence[str] = KEYS  # what can be typed, at length, shorter, in short


@dataclass(frozen=True)
class Row:
    """A lesson in the list."""

    lesson: Lesson
    verdicts: tuple[Verdict | None, ...]
    chapter: str = ""  # where a chapter begins, its name


@dataclass
class Section:
    """Some lines that belong together; what `less` makes of them where there is little room."""

    lines: Lines
    less: Callable[[], Lines] | None = field(default=None, repr=False)


def koan(view: View, width: int, height: int | None = None) -> Lines:
    """The whole view of a koan in so many columns, and lines if there is no more room."""
    sections = list(_sections(view, width))
    for section in sections:
        if height is None or sum(len(one.lines) for one in sections) <= height:
            break
        if section.less:
            section.lines = section.less()
    lines = [line for section in sections for line in section.lines]
    return lines if height is None else _cut(lines, height)


def _cut(lines: Lines, height: int) -> Lines:
    """The last lines are the ones that count: the verdict and what follows from it."""
    return lines if len(lines) <= height else [*lines[:2], *lines[2 - height :]]


def _sections(view: View, width: int) -> Iterator[Section]:
    step = view.step
    if view.about:
        yield Section(list(_about(step.lesson, width)), list)
    yield Section(list(_head(view, width)))
    yield Section([Text()], list)
    yield Section(wrapped(step.sentence[:1].upper() + step.sentence[1:], width, "bold"))
    where, code = wrapped(step.where, width, "cyan"), list(_code(step, view.source, width))
    yield Section([*where, *code], lambda: [*where, *filter(_is_marked, code)])
    yield Section([Text()], list)
    yield Section(list(_verdict(view, width)))
    picture = list(_picture(view, width))
    if picture:
        yield Section([Text(), *picture], lambda: picture)
    if picture and (view.hints or view.notes):
        yield Section([Text()], list)
    for number, hint in enumerate(view.hints, 1):
        yield Section(wrapped(f"Hint {number} of {len(hints(step))}: {hint}", width, "yellow"))
    for text, style in view.notes:
        yield Section(wrapped(text, width, style))
    if view.question:
        yield Section(wrapped(view.question, width, "bold"))
    elif view.keys:
        short = keys(view.offered, width)
        yield Section([Text(), *short], lambda: short)


def keys(choice: Sequence[str], width: int) -> Lines:
    """What can be typed, as fully as it fits."""
    fits = next((text for text in choice if len(text) <= width), choice[-1])
    return [Text(fits, style="dim")]


def wrapped(text: str, width: int, style: str = "", indent: str = "") -> Lines:
    """Paragraphs, folded between words."""
    lines = []
    for paragraph in text.split("\n"):
        folded = textwrap.wrap(
            paragraph,
            width,
            initial_indent=indent,
            subsequent_indent=indent,
            break_on_hyphens=False,
        )
        lines += [Text(line, style=style) for line in _in_cells(folded or [""], width)]
    return lines


def _in_cells(lines: Sequence[str], width: int) -> Iterator[str]:
    """The lines, chopped where letters that are two cells wide make one too long."""
    for line in lines:
        yield from chop_cells(line, width) if cell_len(line) > width else [line]


# -- above ---------------------------------------------------------------------------------------


def about(lesson: Lesson) -> list[str]:
    """The paragraphs of what a lesson is about, as its file says below its title."""
    text = (ast.get_docstring(lesson.source.tree) or "").partition("\n")[2].strip()
    return [" ".join(paragraph.split()) for paragraph in text.split("\n\n")]


def _about(lesson: Lesson, width: int) -> Iterator[Text]:
    yield Text(lesson.title, style="bold cyan")
    yield Text()
    for paragraph in about(lesson):
        yield from wrapped(paragraph, width)
        yield Text()


def _head(view: View, width: int) -> Iterator[Text]:
    """A rule with how far along the learner is, and the name of the lesson."""
    green, total = view.progress.in_course
    said = f" {green} of {total} koans green "
    chapter, (done, all_) = view.progress.chapter, view.progress.in_chapter
    with_chapter = f" {chapter} {done} of {all_} ·{said}"
    if chapter and len(with_chapter) <= width - 8:
        said = with_chapter
    yield Text(said.center(width, "─")[:width], style="dim")
    name = view.step.file.split("/")[-1].removesuffix(".py")
    title = f"{name} · {view.step.lesson.title}"
    marks = dots(view.progress.lesson)
    if len(title) + len(marks) + 2 > width:
        title = title[: max(0, width - len(marks) - 3)] + "…"
    yield Text().append(title.ljust(width - len(marks)), "dim").append_text(marks)


def dots(verdicts: Sequence[Verdict | None]) -> Text:
    """One mark for each koan: green, red, open, waiting, or not looked at yet."""
    line = Text()
    for verdict in verdicts:
        if verdict is Verdict.PASSED:
            line.append(GREEN, style="green")
        elif verdict is Verdict.WAITING:
            line.append(WAITS, style="dim")
        elif verdict in (Verdict.BLANK, Verdict.UNWRITTEN):
            line.append(OPEN, style="dim")
        elif verdict is None:
            line.append(SOON, style="dim")
        else:
            line.append(RED, style="red")
    return line


def _is_marked(line: Text) -> bool:
    return line.plain[:1] in (">", "!")


def _code(step: Step, source: Source | None, width: int) -> Iterator[Text]:
    """The koan's lines with their numbers, the one to look at marked."""
    if source is None or step.line is None:
        yield from wrapped(step.koan.docstring, width)
        return
    first, last = step.lines or (max(1, step.line - 9), step.line)
    for number in range(first, min(last, len(source.lines)) + 1):
        mark = ">" if number == step.line else "!" if number == step.failed else " "
        style = "dim" if mark == " " else "bold"
        line = f"{mark}{number:>4}  {source.lines[number - 1].rstrip()}"
        for folded in _folded(line.expandtabs(4), width):
            yield Text(folded, style=style)


def _folded(line: str, width: int) -> list[str]:
    """A numbered line of code, continued below its own indentation where it is too long."""
    if cell_len(line) <= width:
        return [line]
    code = line[7:]
    indent = " " * min(7 + len(code) - len(code.lstrip()) + 4, width // 2)
    folded = textwrap.wrap(
        line, width, subsequent_indent=indent, break_on_hyphens=False, drop_whitespace=False
    )
    return list(_in_cells(folded, width))


# -- the verdict ---------------------------------------------------------------------------------


def _verdict(view: View, width: int) -> Iterator[Text]:
    """The verdict, why, and what to do next."""
    step = view.step
    if view.looking:
        yield Text(f"Looking at what is filled already: {view.looking} to go ...", style="dim")
        return
    if step.verdict is None:
        yield Text("Looking ..." if view.running else "It has not been run yet: r", style="dim")
        return
    line = Text().append(step.verdict.value, STYLE[step.verdict])
    on = ", ".join(dict.fromkeys(result.device for result in step.same if result.device))
    if on:
        line.append(f" on {on}", style="dim")
    yield line
    if step.verdict is not Verdict.PASSED and not _shows(step):
        yield from _explained(view, width)
    if step.altered and step.verdict is not Verdict.BLANK:
        said = "The koan was changed beyond its blank; the verdict is on what stands there now."
        yield from wrapped(said, width, "dim")
    if step.verdict is Verdict.PASSED and step.koan.why:
        yield Text()
        yield from wrapped(step.koan.why, width, "green")
    if step.verdict in NEXT:
        yield Text()
        gone = step.verdict is Verdict.BLANK and "is gone" in step.what
        yield from wrapped(
            "Put that line back and save the file." if gone else NEXT[step.verdict], width
        )


def _shows(step: Step) -> bool:
    """Whether the marked line itself says all that there is to say."""
    return step.verdict is Verdict.BLANK and not step.altered


def _explained(view: View, width: int) -> Iterator[Text]:
    """The sentence that answers a known mistake; for any other, what torch says."""
    same, trap = view.step.same, view.step.trap
    if trap:
        yield from wrapped(trap if trap.endswith(("?", ".")) else f"{trap}.", width, "yellow")
    else:
        yield from _told(view.step.what, same, width)
        if not view.explained and not view.step.what:
            yield Text("    ...", style="dim")
    printed = next((result.printed for result in same if result.printed.strip()), "")
    if printed:
        yield Text("It printed:", style="dim")
        for line in abridged(printed):
            yield from wrapped(line, width, "dim", "    ")


def _told(what: str, same: Sequence[Result], width: int) -> Iterator[Text]:
    for line in abridged(what):
        yield from _kept(line, width)
    for other in same:
        if other.what and comparable(other.what) != comparable(what):
            yield from wrapped(
                f"on {other.device}: {abridged(other.what)[0]}", width, "dim", "    "
            )


def _kept(line: str, width: int) -> Lines:
    """A line whose spaces mean something, cut where it must be."""
    room = width - 4
    return [Text(f"    {line[at : at + room]}") for at in range(0, max(1, len(line)), room)]


def abridged(text: str) -> list[str]:
    """The lines that help: no addresses, no offers of more, and not too many."""
    lines = [re.sub(r" at 0x[0-9a-f]+", "", line.rstrip()) for line in text.splitlines()]
    lines = [line for line in lines if line and not _HELPS_NOBODY.search(line)]
    if len(lines) > MOST_LINES:
        lines = [*lines[:MOST_LINES], "..."]
    return [line[:300] for line in lines] or [""]


_HELPS_NOBODY = re.compile(
    r"Use -v to get"
    r"|where <(built-in|bound) method"  # how Python finds a method is not what was asked
    r"|where (.+) = <(built-in|bound) method"
    r"|<ExceptionInfo "
    r"|where (.+) = \2$"
)


def _picture(view: View, width: int) -> Iterator[Text]:
    shown = view.picture and view.step.verdict in (Verdict.PASSED, Verdict.WRONG)
    if view.picture and shown:
        yield from (Text(line) for line in pictures.drawn(view.picture, width))


def hints(step: Step) -> list[str]:
    """All hints of a koan, and of the katas that it tests."""
    katas = [kata for kata in step.lesson.katas if kata.name in step.koan.katas]
    return [
        *(hint for blank in step.koan.blanks for hint in blank.hints),
        *(hint for kata in katas for hint in kata.hints),
    ]


def farewell(path: Sequence[Step], width: int) -> Lines:
    """The end of the path: everything that can be green here is."""
    lines = [Text(), Text("Every koan is green. The path is walked.", style="bold green")]
    waiting = [step for step in path if step.verdict is Verdict.WAITING]
    if waiting:
        said = f"{len(waiting)} of them wait for a device that is not here:"
        lines += wrapped(said, width, "dim")
    for step in waiting:
        lines += wrapped(f"{step.where}: {step.sentence}", width, "dim", "    ")
    return [*lines, Text(), *keys(("l lessons · q quit",), width)]


# -- the list of lessons ---------------------------------------------------------------------------


def lessons(rows: Sequence[Row], at: int, width: int, height: int | None = None) -> Lines:
    """All lessons by chapter, the one at `at` marked; as many as fit around it."""
    lines: Lines = []
    marked = 0
    for number, row in enumerate(rows):
        if row.chapter:
            lines += [Text(), Text(row.chapter, style="bold")]
        if number == at:
            marked = len(lines)
        lines.append(_row(row, number == at, width))
    room = len(lines) if height is None else max(3, height - 3)
    first = max(0, min(marked - room // 2, len(lines) - room))
    green = sum(verdict is Verdict.PASSED for row in rows for verdict in row.verdicts)
    total = sum(len(row.verdicts) for row in rows)
    head = Text(f"{green} of {total} koans green", style="dim")
    return [head, *lines[first : first + room], Text(), *keys(LIST_KEYS, width)]


def _row(row: Row, marked: bool, width: int) -> Text:
    marks = dots(row.verdicts)
    title = f"{'>' if marked else ' '} {row.lesson.number:02}  {row.lesson.title}"
    room = width - len(marks) - 1
    if len(title) > room:
        title = title[: max(0, room - 1)] + "…"
    return Text().append(title.ljust(room + 1), "bold" if marked else "").append_text(marks)
