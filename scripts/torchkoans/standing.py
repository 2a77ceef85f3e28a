"""How a koan stands before it runs: blank, unwritten, or ready.

Found in the source, never by running it.

No placeholder object is safe with torch (`x is not __` is True), so a koan with a bare `__` left is
red whatever Python would make of it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache, cached_property
from pathlib import Path

from torchkoans import marks, remarks, texts
from torchkoans.course import Course
from torchkoans.lesson import Koan, Lesson
from torchkoans.lineup import KataAt, Lineup, State, TestAt, line_up
from torchkoans.source import CourseError, Source, read
from torchkoans.texts import Text
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
    return [of_koan(koan, lined) for koan in lesson.koans]


def of_koan(koan: Koan, lined: Lineup) -> Standing:
    """How one koan stands in a learner's file that was lined up."""
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
    said = remarks.remark(koan, test, lined.source)
    lines = _lines(lined, test)
    if remarks.is_the_question(koan, test, lined.source):
        return Standing(koan.name, at, Verdict.WRONG, said, test.altered, said, lines)
    is_answer = bool(koan.blanks) and not test.altered
    return Standing(koan.name, at, None, "", test.altered, said, lines, is_answer)


def _lines(lined: Lineup, function: TestAt | KataAt) -> tuple[int, int] | None:
    """First and last line of a test, or of a kata that is still to be written."""
    if not function.span:
        return None
    return lined.source.line_at(function.span[0]), lined.source.line_at(function.span[1] - 1)


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
    stubs = _stubs(source)
    for test in source.tree.body:
        if isinstance(test, ast.FunctionDef) and marks.is_test(test):
            yield _alone(test, stubs, source)


def _stubs(source: Source) -> dict[str, ast.FunctionDef]:
    """The katas that nobody has written yet."""
    functions = [node for node in source.tree.body if isinstance(node, ast.FunctionDef)]
    return {n.name: n for n in functions if marks.is_kata(n) and marks.is_unwritten(n)}


def _alone(test: ast.FunctionDef, stubs: dict[str, ast.FunctionDef], source: Source) -> Standing:
    """A test by its own text alone."""
    blanks = marks.bare(test)
    used = sorted(marks.names(test) & set(stubs))
    if blanks:
        line = blanks[0].lineno
        return Standing(test.name, line, Verdict.BLANK, source.lines[line - 1].strip())
    if used:
        kata = stubs[used[0]]
        return Standing(test.name, kata.lineno, Verdict.UNWRITTEN, f"{used[0]}() has no body yet")
    return Standing(test.name, test.lineno)


class InFile:
    """The tests of a file of the course, for one run of pytest; each looked at when asked for.

    A koan file is lined up with its lesson; where there is none, the text speaks for itself.
    """

    def __init__(self, source: Source, lesson: Lesson | None) -> None:
        self.source, self.lesson = source, lesson
        self._known: dict[str, Standing | None] = {}

    @cached_property
    def texts(self) -> dict[str, Text]:
        """What the verdict on each koan depends on."""
        return texts.of_file(self.lesson, self.source) if self.lesson else {}

    def get(self, name: str) -> Standing | None:
        """How a test stands, or None where the file has none of this name, or does not parse."""
        if name not in self._known:
            try:
                self._known[name] = self._look(name)
            except CourseError:  # pytest says what is wrong when it imports the file
                self._known[name] = None
        return self._known[name]

    def _look(self, name: str) -> Standing | None:
        found = [node for node in self.source.tree.body if getattr(node, "name", "") == name]
        if not found or not isinstance(found[-1], ast.FunctionDef) or not marks.is_test(found[-1]):
            return None
        alone = _alone(found[-1], _stubs(self.source), self.source)
        koan = self.lesson.koan(name) if self.lesson else None
        if not koan or not self.lesson:
            return alone
        lined = of_koan(koan, line_up(self.lesson, self.source, only=[name]))
        # A blank that the text shows is one, even where the lesson has none at that place.
        known = {"verdict": alone.verdict, "line": alone.line, "what": alone.what}
        return replace(lined, **known) if alone.verdict else lined  # type: ignore[arg-type]


course_in = cache(Course)  # one for all files of a run: a lesson is read once
_sent: dict[Path, Source] = {}  # texts that were sent along, and count instead of the file's


def send(source: Source) -> None:
    """Let this text be what `in_file` finds, whatever is on the disk."""
    _sent[source.path] = source
    in_file.cache_clear()


def forget(source: Source) -> None:
    """Let the file on the disk count again."""
    _sent.pop(source.path, None)
    in_file.cache_clear()


@cache
def in_file(root: Path, file: Path) -> InFile | None:
    """The file as it is on the disk when it is first asked for, None where it cannot be read."""
    course = course_in(root)
    try:
        source = _sent.get(file) or read(file)
        return InFile(source, course.lesson_of(file) if file.parent == course.koans else None)
    except CourseError:
        return None
