"""What a koan asks for: the lines with its answer, as they would stand in the learner's file.

Nothing is written.
"""

from __future__ import annotations

import ast
import textwrap

from torchkoans import cut
from torchkoans.course import Course
from torchkoans.lesson import Blank, Koan, Lesson
from torchkoans.lineup import BlankAt, line_up
from torchkoans.source import CourseError, Source


def revealed(course: Course, lesson: Lesson, koan: Koan) -> list[str]:
    """The lines that hold the answers, then the bodies of the katas, without their margin."""
    lines: list[str] = []
    for blank, stands in zip(koan.blanks, _blanks(course, lesson, koan), strict=True):
        lines += _answered(lesson, blank, *stands)
    for name in koan.katas:
        lines += _body(cut.filled(lesson), name)
    return lines


def _blanks(course: Course, lesson: Lesson, koan: Koan) -> list[tuple[Source, BlankAt | None]]:
    """Each blank in the learner's file, where there is one that can be read."""
    try:
        lined = line_up(lesson, course.read(lesson), only=[koan.name])
    except CourseError:
        return [(lesson.source, None) for _ in koan.blanks]
    return [(lined.source, at) for test in lined.tests for at in test.blanks]


def _answered(lesson: Lesson, blank: Blank, source: Source, at: BlankAt | None) -> list[str]:
    """The lines of the blank with the answer in its place; if it is gone, as the author has it."""
    span = at.span if at else None
    if not span:
        source, span = lesson.source, blank.span
    first = source.line_at(span[0])
    answered = source.spliced([(span, blank.answer)])
    last = answered.line_at(span[0] + len(blank.answer.encode()))
    return _dedented(answered.lines[first - 1 : last])


def _body(solved: Source, kata: str) -> list[str]:
    functions = {n.name: n for n in solved.tree.body if isinstance(n, ast.FunctionDef)}
    return _dedented(solved.cut(cut.body_span(solved, functions[kata])).splitlines())


def _dedented(lines: list[str]) -> list[str]:
    return textwrap.dedent("\n".join(lines)).strip("\n").split("\n")
