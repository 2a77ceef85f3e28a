"""What is saved: answers, right and wrong, one koan after another, in a copy of the course.

No text comes twice, or somebody might remember what came of it.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from torchkoans import cut, filling
from torchkoans.benching import BenchError
from torchkoans.course import Course
from torchkoans.lesson import Koan, Lesson
from torchkoans.remembered import FOLDER
from torchkoans.source import Source

WRONG = '"what " + "nobody would answer"'


@dataclass(frozen=True)
class Save:
    """A text for a koan file, and the koan whose verdict it changes."""

    number: int
    file: Path
    text: bytes
    koan: Koan
    line: int
    right: bool

    @property
    def where(self) -> str:
        """As the walk writes it."""
        return f"koans/{self.file.name}:{self.line}"

    @property
    def mark(self) -> str:
        """What stands at the end of the line and in no other save."""
        return f"#{self.number}"

    def __str__(self) -> str:
        return f"{self.where}: save {self.number}, a {'right' if self.right else 'wrong'} answer"

    def write(self) -> None:
        """Save it as most editors do: into the file as it is."""
        self.file.write_bytes(self.text)


def copy(course: Course, to: Path) -> Course:
    """The course in a folder of its own, its koans as they are handed out."""
    made = filling.copy_course(course, course.lessons, to)
    fresh(made)
    return made


def fresh(course: Course) -> None:
    """Nothing filled, nothing remembered."""
    for lesson in course.lessons:
        course.koan_file(lesson).write_bytes(cut.pristine(lesson).encoded())
    shutil.rmtree(course.root / FOLDER, ignore_errors=True)


def saves(course: Course) -> Iterator[Save]:
    """One koan of each lesson after the other, for ever; each is answered right and wrong in turns.

    Raises BenchError where there are not two lessons to go to and fro between: a walk stays at its
    koan as long as the file with it is saved.
    """
    lessons = [(lesson, here) for lesson in course.lessons if (here := _fillable(lesson))]
    if len(lessons) < 2:
        raise BenchError(f"{course.answers}: it takes two lessons with blanks at the least")
    number = turn = 0
    while True:
        for place, (lesson, koans) in enumerate(lessons):
            koan = koans[turn // 2 % len(koans)]
            number += 1
            yield _save(course, lesson, koan, number, right=(turn + place) % 2 == 0)
        turn += 1


def first(course: Course) -> Save:
    """A wrong answer in the first koan: the walk begins at it, and stays there."""
    found = next(saves(course))
    lesson = next(one for one in course.lessons if one.path.name == found.file.name)
    return _save(course, lesson, found.koan, 0, right=False)


def _fillable(lesson: Lesson) -> list[Koan]:
    return [koan for koan in lesson.koans if koan.blanks and not (koan.needs_cuda or koan.katas)]


def _save(course: Course, lesson: Lesson, koan: Koan, number: int, right: bool) -> Save:
    """The fresh file with this one koan filled."""
    typed = cut.typed(lesson, {b.span: b.answer if right else WRONG for b in koan.blanks})
    pairs = zip(cut.pristine(lesson).lines, typed.lines, strict=False)
    line = next(number for number, (old, new) in enumerate(pairs, 1) if old != new)
    text = _with_comment(typed, line, f"#{number}")
    return Save(number, course.koan_file(lesson), text.encoded(), koan, line, right)


def _with_comment(source: Source, line: int, comment: str) -> Source:
    start, _ = source.line_span(line, line)
    end = start + len(source.lines[line - 1].encode())
    return source.spliced([((end, end), f"  {comment}")])
