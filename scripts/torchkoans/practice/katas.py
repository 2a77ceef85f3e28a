"""The katas of the course: which one is meant, which one is due, how often each was practised."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from torchkoans.course import Course
from torchkoans.lesson import Kata, Lesson
from torchkoans.practice import sheet
from torchkoans.practice.course import PracticeCourse
from torchkoans.practice.log import Run
from torchkoans.source import CourseError


@dataclass(frozen=True)
class Exercise:
    """A kata with the lesson that it belongs to."""

    root: Path
    lesson: Lesson
    kata: Kata

    @property
    def name(self) -> str:
        return self.kata.name

    @cached_property
    def course(self) -> PracticeCourse:
        """The kata as a course of its own."""
        return PracticeCourse(self.root, sheet=sheet.lesson_of(self.lesson, self.kata))


def of(course: Course) -> list[Exercise]:
    """All katas in walking order.

    Raises CourseError where there is none.
    """
    found = [Exercise(course.root, one, kata) for one in course.lessons for kata in one.katas]
    if not found:
        raise CourseError(course.answers, None, "there is no kata in any lesson")
    return found


def named(katas: Sequence[Exercise], name: str) -> Exercise:
    """The kata that is meant: by its name, the number of its lesson, or its practice file.

    Raises CourseError with the known names where there is none.
    """
    wanted = Path(name).name.removesuffix(".py").lower()
    for one in katas:
        number = one.lesson.path.name[:2]
        if wanted in (one.name.lower(), f"{number}_{one.name}".lower()) or wanted == number:
            return one
    known = ", ".join(one.name for one in katas)
    raise CourseError(name, None, f"there is no such kata; the known ones are {known}")


def due(
    katas: Sequence[Exercise], runs: Sequence[Run], passed_over: Collection[str] = ()
) -> Exercise:
    """The first that was never practised, else the one that was practised longest ago.

    Those that are passed over come only where there is no other.
    """
    last = {run.kata: place for place, run in enumerate(runs)}
    left = [one for one in katas if one.name not in passed_over] or list(katas)
    return min(left, key=lambda one: last.get(one.name, -1))


def why_due(one: Exercise, runs: Sequence[Run]) -> str:
    """In a sentence."""
    mine = [run for run in runs if run.kata == one.name]
    if not mine:
        return f"{one.name} is due: you have never practised it."
    return f"{one.name} is due: you practised it last on {mine[-1].day}."


def of_one(runs: Sequence[Run], name: str, variation: str | None) -> list[Run]:
    """The runs of a kata that can be compared: those with the same goal, reached."""
    mine = [run for run in runs if run.kata == name and run.variation == variation]
    return [run for run in mine if run.met is not False]


def goals(runs: Sequence[Run], name: str) -> list[str]:
    """The goals with which a kata was practised, and reached, in the order in which they came."""
    mine = (run.variation for run in runs if run.kata == name and run.met is not False)
    return [goal for goal in dict.fromkeys(mine) if goal]
