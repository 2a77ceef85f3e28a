"""Which koan a person means.

By the number or the file of its lesson, a file and a line, its name or its sentence, the name of a
kata, or the node id that pytest and editors show.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from torchkoans import cut
from torchkoans.course import Course
from torchkoans.definitions import definitions
from torchkoans.progress import Step, next_step
from torchkoans.source import CourseError, Source

_LINE = re.compile(r"(.+\.py):(\d+)(?::\d+)?")
_PARAMETERS = re.compile(r"\[[^]]*]$")
NEAR = 3  # names that are offered in the place of one that is unknown


def chosen(course: Course, path: Sequence[Step], name: str | None) -> Step | None:
    """The koan that is meant, or the next one; None where all are green.

    Raises CourseError as `find` does.
    """
    return find(course, path, name) if name else next_step(path)


def find(course: Course, path: Sequence[Step], name: str) -> Step:
    """The koan that is meant; of a lesson or a kata the first that is not green.

    Raises CourseError with what is near where there is none, or more than one.
    """
    file, _, test = name.strip().partition("::")
    placed = _LINE.fullmatch(file)
    if test:
        found = _in_lesson(path, file) and _named(_in_lesson(path, file), test)
    elif placed:
        mine = _in_lesson(path, placed.group(1))
        found = _named(mine, _function_at(course, mine, file, int(placed.group(2))))
    else:
        found = _in_lesson(path, file) or _named(path, file)
        _refuse_twins(name, found)
    if not found:
        raise CourseError(name, None, f"there is no such koan; {_near(path, test or file)}")
    return next_step(found) or found[0]


def _refuse_twins(name: str, found: Sequence[Step]) -> None:
    """Lessons are free to use a name of another lesson."""
    if len({step.file for step in found}) > 1:
        ids = ", ".join(dict.fromkeys(step.id for step in found))
        raise CourseError(name, None, f"several koans have this name: {ids}")


def _in_lesson(path: Iterable[Step], wanted: str) -> list[Step]:
    """The koans of the lesson with this number, or of this file in koans/ or answers/."""
    name = Path(wanted).name.removesuffix(".py")
    return [
        step
        for step in path
        if name == step.lesson.path.stem or name.zfill(2) == step.lesson.path.name[:2]
    ]


def _named(path: Iterable[Step], wanted: str) -> list[Step]:
    """The koans of this name, which may be that of a kata, or be written as a sentence."""
    name = _plain(wanted)
    return [
        step
        for step in path
        if name == _plain(step.koan.name) or name in map(_plain, step.koan.katas)
    ]


def _plain(name: str) -> str:
    words = re.findall(r"\w+", _PARAMETERS.sub("", name).lower())
    return "_".join(words).removeprefix("test_")


def _function_at(course: Course, mine: Sequence[Step], file: str, line: int) -> str:
    """The name of the test or kata that this line belongs to, or ""; below it still counts."""
    if not mine:
        return ""
    lesson = mine[0].lesson
    answer = Path(file).parent.name == course.answers.name
    starts = dict(_starts(lesson.source if answer else course.read(lesson)))
    above = [start for start in starts if start <= line]
    return starts[max(above)] if above else ""


def _starts(source: Source) -> Iterator[tuple[int, str]]:
    """(first line, name) of each function, also of those that do not parse."""
    found, _, spoiled = definitions(source)
    for name, nodes in found.items():
        for node in nodes:
            if isinstance(node, ast.FunctionDef):
                yield source.line_at(cut.whole_span(source, node)[0]), name
    for name, (_, span) in spoiled.items():
        yield source.line_at(span[0]), name


def _near(path: Sequence[Step], wanted: str) -> str:
    """The names that look like it, or else what there is."""
    import difflib  # only somebody who has mistyped waits for it

    names = list(dict.fromkeys(step.koan.name.removeprefix("test_") for step in path))
    names += dict.fromkeys(step.lesson.path.stem for step in path)
    plain = _plain(Path(wanted).name.removesuffix(".py"))
    near = [name for name in names if plain and plain in name.lower()]
    near += difflib.get_close_matches(plain, names, NEAR, 0.5)
    if near:
        return f"near it are {', '.join(list(dict.fromkeys(near))[:NEAR])}"
    numbers = [step.lesson.path.name[:2] for step in path]
    return f"the lessons are {numbers[0]} to {numbers[-1]}"
