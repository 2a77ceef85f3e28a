"""What is asked once of the whole course: koans are the cut, claims are shown, nothing strays."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from torchkoans import claims, cutting
from torchkoans.claims import Claims
from torchkoans.course import Course
from torchkoans.cutting import Standing
from torchkoans.lesson import FILE_NAME, Lesson
from torchkoans.source import CourseError
from torchkoans.verifying.report import Problem, Promise
from torchkoans.verifying.wording import counted

KOANS_ARE_THE_CUT = "koans are the cut of answers"
NOTHING_STRAYS = "no stray file"
CLAIMS_ARE_SHOWN = "claims are all taught"


def of_course(course: Course, lessons: Sequence[Lesson]) -> Iterator[Promise]:
    """What can be said of these lessons; of the course as a whole only where they are all of it."""
    yield koans_are_the_cut(course, lessons)
    if {lesson.path for lesson in lessons} == set(course.answer_files):
        yield nothing_strays(course)
        if (course.root / claims.FILE).exists():
            yield claims_are_shown(course)


def koans_are_the_cut(course: Course, lessons: Sequence[Lesson]) -> Promise:
    """Byte for byte in CI; elsewhere a learner may have filled blanks."""
    compared = [cutting.compare(course, lesson) for lesson in lessons]
    strict = cutting.every_byte_counts()
    problems = []
    for one in compared:
        if what := cutting.complaint(one, strict):
            file = one.path.relative_to(course.root).as_posix()
            problems.append(Problem(file, cutting.first_difference(one), "", "", "", what))
    learned = sum(one.standing is Standing.LEARNED for one in compared)
    said = counted(len(compared), "lesson")
    said += f", of which {learned} were only filled in" if learned and not strict else ""
    return Promise(KOANS_ARE_THE_CUT, said, tuple(problems))


def nothing_strays(course: Course) -> Promise:
    """Whatever lies in answers/ and koans/ is a lesson; what a program keeps there is not ours."""
    problems = []
    for folder in (course.answers, course.koans):
        for path in sorted(folder.iterdir()):
            if what := _stray(course, path):
                file = path.relative_to(course.root).as_posix()
                problems.append(Problem(file, None, "", "", "", what))
    return Promise(NOTHING_STRAYS, "answers/ and koans/ hold lessons only", tuple(problems))


def _stray(course: Course, path: Path) -> str:
    if path.name.startswith((".", "__pycache__")) or path == course.koans / "__init__.py":
        return ""
    if path.is_dir() or not FILE_NAME.fullmatch(path.name):
        return "it is no lesson (those are called NN_topic.py): rename it, or move it away"
    if path.parent == course.koans and not (course.answers / path.name).exists():
        return "no lesson in answers/ has this name: rename it back, or move it away"
    return ""


def files(course: Course) -> set[Path]:
    """What lies in the course, as far as a koan is likely to write: its root and the lessons."""
    folders = (course.root, course.answers, course.koans)
    found = (path for folder in folders for path in folder.iterdir())
    return {path for path in found if not path.name.startswith((".", "__pycache__"))}


def written(course: Course, before: set[Path]) -> list[Problem]:
    """What has appeared since: a koan that writes files where it stands, if it was one."""
    what = "it has appeared while koans were run: if one of them has written it, let it not"
    new = sorted(files(course) - before)
    return [
        Problem(path.relative_to(course.root).as_posix(), None, "", "", "", what) for path in new
    ]


def claims_are_shown(course: Course) -> Promise:
    """Every row of docs/claims.md has a koan or another home, and no koan names an unknown row."""
    try:
        table = Claims(course)
        problems = [_placed(said) for said in table.problems()]
        return Promise(CLAIMS_ARE_SHOWN, table.summary(), tuple(problems))
    except CourseError as error:
        file = claims.FILE.as_posix()
        return Promise(CLAIMS_ARE_SHOWN, "", (Problem(file, error.line, "", "", "", error.what),))


def _placed(said: str) -> Problem:
    """The sentence of a problem, with its place apart."""
    where, _, what = said.partition(": ")
    file, _, line = where.partition(":")
    return Problem(file, int(line) if line.isdigit() else None, "", "", "", what)
