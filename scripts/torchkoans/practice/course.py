"""One kata as a course of its own: the walk can be at it, and the koans are never touched."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from torchkoans import source
from torchkoans.course import Course
from torchkoans.lesson import Lesson
from torchkoans.remembered import Remembered
from torchkoans.source import CourseError, Source, command

FOLDER = "katas"


@dataclass(frozen=True)
class PracticeCourse(Course):
    """The course in `root` with `sheet`, a lesson that holds one kata, in the place of all others.

    Its learner's file lies in katas/.
    """

    sheet: Lesson = field(kw_only=True)

    @property
    def koans(self) -> Path:
        return self.root / FOLDER

    @cached_property
    def lessons(self) -> tuple[Lesson, ...]:
        return (self.sheet,)

    @cached_property
    def remembered(self) -> Remembered:
        return _Forgets(self.root)

    @property
    def file(self) -> Path:
        return self.koan_file(self.lessons[0])

    def read(self, of: Lesson) -> Source:
        path = self.koan_file(of)
        if not path.exists():
            fresh = command("kata", path.stem[3:])
            raise CourseError(path, None, f"this practice file is gone; a fresh one: {fresh}")
        return source.read(path)


class _Forgets(Remembered):
    """Practice begins anew each time, and is no part of how far along the learner is."""

    def save(self) -> None:
        pass
