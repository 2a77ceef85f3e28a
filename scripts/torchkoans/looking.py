"""What one look at a learner's file tells of its koans, without running any.

Looks are remembered: a file that is as it was at the last look is not even parsed.
"""

from __future__ import annotations

from dataclasses import dataclass

from torchkoans import standing, texts
from torchkoans.course import Course
from torchkoans.lesson import Lesson
from torchkoans.packing import kinds
from torchkoans.source import CourseError, Source
from torchkoans.standing import Standing
from torchkoans.verdicts import Verdict


@dataclass(frozen=True)
class Look:
    """One koan: how it stands, the text that its verdict depends on, and the line of its `def`."""

    standing: Standing
    text: str
    line: int = 0


_KINDS = kinds(Look, Standing, Verdict)


def of_lesson(course: Course, lesson: Lesson) -> tuple[Look, ...]:
    """The koans of a lesson in the learner's file, in the order of the lesson."""
    try:
        source = course.read(lesson)
    except CourseError as error:
        return tuple(Look(stands, str(error)) for stands in standing.of_lesson(course, lesson))
    looked = course.looks.get(lesson.path)
    if not looked or looked[:2] != (lesson, source):
        looked = lesson, source, _looked_up(course, lesson, source)
        course.looks[lesson.path] = looked
    found: tuple[Look, ...] = looked[2]
    return found


def _looked_up(course: Course, lesson: Lesson, source: Source) -> tuple[Look, ...]:
    name, key = lesson.path.name, course.remembered.key(lesson.source.text, source.text)
    known: tuple[Look, ...] | None = course.remembered.found("looks", name, key, _KINDS)
    if known is not None:
        return known
    parsed = course.line_up(lesson).source
    hashed = texts.of_file(lesson, parsed)
    found = tuple(
        Look(stands, hashed[stands.test].hash, hashed[stands.test].line)
        for stands in standing.of_lesson(course, lesson)
    )
    if parsed == source == course.read(lesson):  # it was not saved meanwhile
        course.remembered.put("looks", name, key, found)
    return found
