"""A copy of the course with blanks filled from answers/.

All of them, or those that a learner has left.

koans/ itself is never written.
"""

from __future__ import annotations

import ast
import hashlib
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from torchkoans import cut, marks
from torchkoans.course import Course
from torchkoans.lesson import Lesson
from torchkoans.lineup import KataAt, State, line_up
from torchkoans.source import CourseError, Source, read, shown, write

OURS = ".torch-koans-copy"  # in a folder that fill made, and may make again
RUNS_WITH = ("conftest.py", "pytest.ini", "pyproject.toml")


@dataclass(frozen=True)
class Filled:
    """A koan file without blanks.

    `restored` names the koans and katas that were taken whole from the answers.
    """

    source: Source
    restored: tuple[str, ...] = ()


def whole(lesson: Lesson) -> Filled:
    """The lesson solved, whatever the learner has written."""
    return Filled(cut.filled(lesson))


def rest(lesson: Lesson, learner: Source) -> Filled:
    """The learner's file with what is left filled; what they wrote stays as it is.

    A koan or kata that is missing, or whose blank or body is gone, is taken whole from the answers.

    Raises CourseError where the file does not parse.
    """
    lined = line_up(lesson, learner)
    if lined.broken:
        raise lined.broken
    if all(test.missing for test in lined.tests):  # then the imports may be gone as well
        return Filled(cut.filled(lesson), tuple(test.name for test in lined.tests))
    edits: list[cut.Edit] = []
    lost: dict[str, tuple[int, int] | None] = {}  # where it stands, None where it is missing
    for koan in lesson.koans:
        test = lined.test(koan.name)
        assert test is not None  # line_up answers for every koan of the lesson
        if test.missing or any(b.state is State.GONE or not b.span for b in test.blanks):
            lost[koan.name] = test.span
            continue
        edits += [
            (blank.span, answer.answer)
            for blank, answer in zip(test.blanks, koan.blanks, strict=True)
            if blank.state is State.EMPTY and blank.span
        ]
    solved = cut.filled(lesson)
    functions = {n.name: n for n in solved.tree.body if isinstance(n, ast.FunctionDef)}
    for kata in lined.katas:
        if kata.written:
            continue
        if _has_room(kata, learner, cut.indentation(solved, functions[kata.name])):
            assert kata.body is not None
            edits.append((kata.body, solved.cut(cut.body_span(solved, functions[kata.name]))))
        else:
            lost[kata.name] = kata.span
    whole = {name: _text_of(solved, functions[name]) for name in lost}
    edits += [(span, whole[name]) for name, span in lost.items() if span]
    result = learner.spliced((span, _like(learner, text)) for span, text in edits)
    for name, span in lost.items():
        if not span:
            text = f"{result.text.rstrip()}\n\n\n{whole[name]}"
            result = Source(learner.path, _like(learner, text), learner.encoding)
    return Filled(result, tuple(lost))


def _has_room(kata: KataAt, learner: Source, indentation: str) -> bool:
    """Whether the answer's body can stand under what is left of the learner's function."""
    if kata.altered or not kata.body:
        return False
    (function,) = (n for n in learner.tree.body if getattr(n, "lineno", 0) == kata.line)
    assert isinstance(function, ast.FunctionDef)
    return cut.indentation(learner, function) == indentation


def _like(learner: Source, text: str) -> str:
    """The text with the line ends of the learner's file."""
    return learner.newline.join(Source(learner.path, text).lines)


def _text_of(solved: Source, function: ast.FunctionDef) -> str:
    last = function.end_lineno or function.lineno
    return solved.cut(solved.line_span(marks.first_line(function), last))


def copy_course(course: Course, lessons: Sequence[Lesson], to: Path) -> Course:
    """A course of these lessons in `to` that runs by itself, its koans not yet there.

    Raises CourseError where `to` holds anything that this function did not put there.
    """
    _refuse_a_used_folder(course, to)
    try:
        to.mkdir(parents=True, exist_ok=True)
        (to / OURS).touch()
        (to / "answers").mkdir(exist_ok=True)
        for lesson in lessons:
            shutil.copyfile(lesson.path, to / "answers" / lesson.path.name)
        for name in RUNS_WITH:
            shutil.copyfile(course.root / name, to / name)
        shutil.copytree(
            course.root / "scripts", to / "scripts", dirs_exist_ok=True, ignore=_rubbish
        )
    except OSError as error:
        raise CourseError(to, None, f"it cannot be written: {error.strerror or error}") from None
    package = read(course.koans / "__init__.py")
    write(to / "koans" / "__init__.py", package.encoded())
    return Course(to)


_rubbish = shutil.ignore_patterns("__pycache__", ".*")


def _refuse_a_used_folder(course: Course, to: Path) -> None:
    here, root = to.resolve(), course.root.resolve()
    own = [root / name for name in ("koans", "answers", "scripts", "tests", "docs")]
    if here == root or any(folder in (here, *here.parents) for folder in own):
        raise CourseError(to, None, "this is the course's own, and fill never writes there")
    if to.exists() and not to.is_dir():
        raise CourseError(to, None, "there is a file of that name; name a folder")
    if to.is_dir() and any(to.iterdir()) and not (to / OURS).exists():
        raise CourseError(
            to, None, "there are files in it that fill did not make; name another folder"
        )


def write_koans(copy: Course, sources: Sequence[Source]) -> None:
    """Write koan files into a copy, and note what was written.

    Raises CourseError where somebody has worked in a file since it was written there.
    """
    note = copy.root / OURS
    written = dict(line.split("  ", 1)[::-1] for line in note.read_text().splitlines())
    for source in sources:
        path = copy.koans / source.path.name
        if path.exists() and written.get(path.name) != _hash(path.read_bytes()):
            raise CourseError(path, None, "it was changed since fill wrote it; name another folder")
    written |= {source.path.name: _hash(source.encoded()) for source in sources}
    write(note, "".join(f"{hashed}  {name}\n" for name, hashed in written.items()).encode())
    for source in sources:
        write(copy.koans / source.path.name, source.encoded())


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def describe(filled: list[Filled], to: Path) -> str:
    """What was made, in a sentence."""
    restored = [name for one in filled for name in one.restored]
    also = f"; taken whole from the answers: {', '.join(restored)}" if restored else ""
    return f"{len(filled)} koan files filled in {shown(to)}{also}"
