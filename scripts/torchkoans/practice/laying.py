"""A fresh stub in the practice file; what stood there is kept, whatever happens."""

from __future__ import annotations

from pathlib import Path

from torchkoans import cut, resetting
from torchkoans.practice.course import PracticeCourse
from torchkoans.source import CourseError, write


def stub(course: PracticeCourse) -> bytes:
    """The practice file as it is laid."""
    return cut.pristine(course.lessons[0]).encoded()


def is_stub(course: PracticeCourse) -> bool:
    """Whether there is nothing to lose: no file, or nobody has written in it.

    Raises CourseError where it cannot be read.
    """
    try:
        return course.file.read_bytes() == stub(course)
    except FileNotFoundError:
        return True
    except OSError as error:
        raise CourseError(course.file, None, f"it cannot be read: {error.strerror}") from None


def lay(course: PracticeCourse) -> Path | None:
    """Lay a fresh stub; returns where the attempt before is kept, None where there was none.

    It is kept first, then written over: a death in between leaves it in both places. Raises
    CourseError where the disk refuses.
    """
    kept = None if is_stub(course) else resetting.keep(course, course.file)
    write(course.file, stub(course))
    return kept
