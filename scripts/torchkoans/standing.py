"""How a koan stands before it runs: blank, unwritten, or ready.

Found in the source, never by running it.

No placeholder object is safe with torch (`x is not __` is True), so a koan with a bare `__` left is
red whatever Python would make of it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from torchkoans import marks, spelling
from torchkoans.course import Course
from torchkoans.lesson import Koan, Lesson
from torchkoans.lineup import KataAt, Lineup, State, TestAt
from torchkoans.source import CourseError, Source, read
from torchkoans.verdicts import Verdict


@dataclass(frozen=True)
class Standing:
    """How one koan stands: `verdict` is None where only a run can tell."""

    test: str
    line: int | None
    verdict: Verdict | None = None
    what: str = ""
    altered: bool = False
    trap: str = ""  # the sentence that answers a known mistake
    lines: tuple[int, int] | None = None  # first and last of the function to look at
    is_answer: bool = False  # every blank is filled, and nothing else of the koan was changed


def of_lesson(course: Course, lesson: Lesson) -> list[Standing]:
    """The koans of a lesson in the learner's file, in the order of the lesson."""
    try:
        lined = course.line_up(lesson)
    except CourseError as error:
        return [Standing(k.name, error.line, Verdict.BROKEN, error.what) for k in lesson.koans]
    if lined.broken:
        line, what = lined.broken.line, lined.broken.what
        return [Standing(koan.name, line, Verdict.BROKEN, what) for koan in lesson.koans]
    return [_of_koan(koan, lined) for koan in lesson.koans]


def _of_koan(koan: Koan, lined: Lineup) -> Standing:
    test = lined.test(koan.name)
    if test is None or test.missing:
        back = "git diff shows it; a koan file that is moved away is made anew by scripts/blank.py"
        return Standing(koan.name, None, Verdict.BROKEN, f"the koan {koan.name} is gone: {back}")
    unfilled = _unfilled(koan, test, lined.source) or _unwritten(koan, lined)
    if unfilled:
        line, verdict, what = unfilled
        stub = verdict is Verdict.UNWRITTEN
        shown = next((k for k in map(lined.kata, koan.katas) if k and not k.written), test)
        lines = _lines(lined, shown if stub else test)
        return Standing(koan.name, line, verdict, what, test.altered, lines=lines)
    at = test.blanks[0].line if test.blanks else test.line
    trap = _trap(koan, test)
    is_answer = bool(koan.blanks) and not test.altered
    lines = _lines(lined, test)
    return Standing(koan.name, at, None, "", test.altered, trap, lines, is_answer)


def _lines(lined: Lineup, function: TestAt | KataAt) -> tuple[int, int] | None:
    """First and last line of a test, or of a kata that is still to be written."""
    if not function.span:
        return None
    return lined.source.line_at(function.span[0]), lined.source.line_at(function.span[1] - 1)


COMMA = (
    "to an assert, what follows a comma is only its message: put the whole tuple in round brackets"
)


def _trap(koan: Koan, test: TestAt) -> str:
    if test.altered and any(_is_bare_tuple(blank.text) for blank in test.blanks):
        return COMMA
    for blank, stands in zip(koan.blanks, test.blanks, strict=True):
        for trap in blank.traps:
            if spelling.same(trap.code, stands.text):
                return trap.sentence
    return ""


def _is_bare_tuple(code: str) -> bool:
    """Whether it is a tuple without its brackets, as in `assert t.shape == 2, 3`."""
    try:
        value = ast.parse(code, mode="eval").body
    except (SyntaxError, ValueError):
        return False
    return isinstance(value, ast.Tuple) and not code.lstrip().startswith("(")


def _unfilled(koan: Koan, test: TestAt, source: Source) -> tuple[int, Verdict, str] | None:
    for blank, original in zip(test.blanks, koan.blank_lines, strict=True):
        if blank.state is State.FILLED:
            continue
        line = blank.line or test.line or 1
        if blank.state is State.GONE:
            return line, Verdict.BLANK, f"the line with its blank is gone; it was: {original}"
        return line, Verdict.BLANK, source.lines[line - 1].strip()
    return None


def _unwritten(koan: Koan, lined: Lineup) -> tuple[int, Verdict, str] | None:
    for name in koan.katas:
        kata = lined.kata(name)
        if kata is None or kata.line is None:
            return 1, Verdict.BROKEN, f"the kata {name} is gone"
        if not kata.written:
            return kata.line, Verdict.UNWRITTEN, f"{name}() has no body yet"
    return None


def of_source(source: Source) -> Iterator[Standing]:
    """The tests of any file, by its own text alone: an answer file, a copy, a learner's new test.

    Raises CourseError where the file does not parse.
    """
    functions = [node for node in source.tree.body if isinstance(node, ast.FunctionDef)]
    stubs = {n.name: n for n in functions if marks.is_kata(n) and marks.is_unwritten(n)}
    for test in functions:
        if not marks.is_test(test):
            continue
        blanks = marks.bare(test)
        used = sorted(marks.names(test) & set(stubs))
        if blanks:
            line = blanks[0].lineno
            text = source.lines[line - 1].strip()
            yield Standing(test.name, line, Verdict.BLANK, text)
        elif used:
            kata = stubs[used[0]]
            yield Standing(
                test.name, kata.lineno, Verdict.UNWRITTEN, f"{used[0]}() has no body yet"
            )
        else:
            yield Standing(test.name, test.lineno)


@cache
def in_file(root: Path, file: Path) -> dict[str, Standing]:
    """Standings by test name of a file of the course at `root`, for one run of pytest.

    A koan file is lined up with its lesson; where there is none, the text speaks for itself.
    """
    course = Course(root)
    try:
        found = {standing.test: standing for standing in of_source(read(file))}
        lesson = course.lesson_of(file) if file.parent == course.koans else None
    except CourseError:
        return {}  # pytest says what is wrong when it imports the file
    if lesson:
        lined = {standing.test: standing for standing in of_lesson(course, lesson)}
        # A blank that the text shows is one, even where the lesson has none at that place.
        found |= {
            name: replace(lined[name], verdict=alone.verdict, line=alone.line, what=alone.what)
            if alone.verdict
            else lined[name]
            for name, alone in found.items()
            if name in lined
        }
    return found
