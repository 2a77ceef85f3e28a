"""Carrying answers/ over to koans/.

Tells a koan file that has drifted from one that is being learned in.
"""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from torchkoans import cut
from torchkoans.course import Course
from torchkoans.lesson import Lesson
from torchkoans.lineup import Lineup, State, line_up
from torchkoans.source import CourseError, command, read, shown


class Standing(Enum):
    """How a koan file stands to its answer."""

    SAME = "same"  # byte for byte the cut
    MISSING = "missing"
    LEARNED = "learned in"  # blanks were filled, and nothing else of the lesson was changed
    DRIFTED = "drifted"  # not what the answer would be cut into


@dataclass(frozen=True)
class Compared:
    """One koan file beside the cut of its answer.

    `work` names what a learner would lose with it.
    """

    lesson: Lesson
    path: Path
    text: bytes  # what the cut would be
    standing: Standing
    work: tuple[str, ...] = ()
    recoverable: bool = False  # it stands in git just like this


def compare(course: Course, lesson: Lesson) -> Compared:
    """Hold a koan file beside the cut of its answer."""
    path, text = course.koan_file(lesson), cut.pristine(lesson).encoded()
    if not path.exists():
        return Compared(lesson, path, text, Standing.MISSING)
    try:
        there = path.read_bytes()
    except OSError as error:
        raise CourseError(path, None, f"it cannot be read: {error.strerror}") from None
    if there == text:
        return Compared(lesson, path, text, Standing.SAME)
    try:
        lined = line_up(lesson, read(path))
    except CourseError as error:
        return Compared(lesson, path, text, Standing.DRIFTED, (str(error),), _is_committed(path))
    work = tuple(_work(lined))
    whole = not lined.broken and not lined.altered_helpers
    whole = whole and not any(test.altered or test.missing for test in lined.tests)
    standing = Standing.LEARNED if work and whole else Standing.DRIFTED
    return Compared(lesson, path, text, standing, work, _is_committed(path))


def _work(lined: Lineup) -> list[str]:
    """What a learner has done in a file, a line each."""
    done = [
        f"{test.name}: {blank.text}"
        for test in lined.tests
        for blank in test.blanks
        if blank.state is State.FILLED
    ]
    done += [f"{kata.name}() is written" for kata in lined.katas if kata.written]
    done += [f"{test.name} is a test of your own" for test in lined.tests if test.new]
    done += [f"{test.name} does not parse" for test in lined.tests if test.broken]
    return done


def _is_committed(path: Path) -> bool:
    """Whether git holds the file just as it is, so that nothing can be lost."""
    git = ["git", "-C", str(path.parent)]
    try:
        known = subprocess.run(
            [*git, "ls-files", "--error-unmatch", path.name], capture_output=True
        )
        changed = subprocess.run(
            [*git, "diff", "--quiet", "HEAD", "--", path.name], capture_output=True
        )
    except OSError:
        return False
    return known.returncode == 0 and changed.returncode == 0


def every_byte_counts() -> bool:
    """Whether filled blanks are drift: in CI they are, elsewhere they are a learner's own."""
    return os.environ.get("CI", "") not in ("", "0", "false")


def complaint(compared: Compared, strict: bool) -> str:
    """What is wrong with a koan file, and what next; empty where nothing is.

    Filled blanks are wrong only where it is `strict`.
    """
    back = command("blank", shown(compared.path))
    if compared.standing is Standing.MISSING:
        return f"it is gone: {back}"
    if compared.standing is Standing.DRIFTED or (compared.standing is Standing.LEARNED and strict):
        answer = shown(compared.lesson.path)
        return f"it is not what its answer is cut into: edit {answer}, then {back}"
    return ""


def first_difference(compared: Compared) -> int | None:
    """The first line of a koan file that is not that of the cut; None where there is no file."""
    try:
        there = compared.path.read_bytes().splitlines(keepends=True)
    except OSError:
        return None
    cut_lines = compared.text.splitlines(keepends=True)
    pairs = zip(there, cut_lines, strict=False)
    same = next((n for n, (a, b) in enumerate(pairs) if a != b), min(len(there), len(cut_lines)))
    return same + 1


def needs_asking(compared: Compared) -> bool:
    """Whether replacing the file could lose something that somebody wrote."""
    if compared.standing in (Standing.SAME, Standing.MISSING):
        return False
    return bool(compared.work) or not compared.recoverable
