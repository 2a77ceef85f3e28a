"""Where the reports of a run go: asked before the work starts, written when it is done."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from torchkoans.source import CourseError, write
from torchkoans.verifying import as_json, junit, summary
from torchkoans.verifying.report import Report

OF_THE_COURSE = ("answers", "koans", "scripts", "tests", "docs")  # and folders that are hidden
FULL = "the step's summary has nearly the 1 MiB that GitHub allows: give verify a step of its own"
MARKS = {"--json": as_json.MARK, "--junit": junit.MARK, "--summary": summary.MARK}


@dataclass(frozen=True)
class Reports:
    """The files that were asked for."""

    json: Path | None = None
    junit: Path | None = None
    summary: Path | None = None

    def refuse(self, course: Path) -> None:
        """Try whether all of them can be written, and leave no trace of that.

        Raises CourseError where one cannot, or must not: verify writes over nothing but its own
        reports, and into no folder of the course.
        """
        seen: dict[str, str] = {}
        for option, path in self._wanted():
            try:
                _refuse(option, _resolved(path), _resolved(course))
            except OSError as error:
                what = f"it cannot be written: {error.strerror}; name another file"
                raise CourseError(path, None, what) from None
            other = seen.setdefault(os.path.normcase(_resolved(path)), option)
            if other != option:
                what = f"{other} and {option} both name it: give each a file of its own"
                raise CourseError(path, None, what)

    def write(self, report: Report, when: datetime) -> list[CourseError]:
        """Write each, one that failed or not, and return why those that failed did."""
        refused = []
        for option, path in self._wanted():
            try:
                _write(option, _resolved(path), report, when)
            except CourseError as error:
                refused.append(error)
        return refused

    def _wanted(self) -> Iterator[tuple[str, Path]]:
        for option, path in zip(MARKS, (self.json, self.junit, self.summary), strict=True):
            if path is not None:
                yield option, path


def _write(option: str, path: Path, report: Report, when: datetime) -> None:
    if option == "--json":
        write(path, as_json.encoded(report, when))
    elif option == "--junit":
        write(path, junit.encoded(report, when))
    else:
        before = _before(path)
        room = summary.LIMIT - len(before)
        if room < summary.LEAST:
            raise CourseError(path, None, FULL)
        write(path, before + summary.as_markdown(report, when, room).encode())


def _before(path: Path) -> bytes:
    """What a step has said in its summary already, up to an empty line; it is no file of ours."""
    if not _is_of_a_step(path):
        return b""
    try:
        said = path.read_bytes().rstrip(b"\n")
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise CourseError(path, None, f"it cannot be read: {error.strerror}") from None
    return said + b"\n\n" if said else b""


def _is_of_a_step(path: Path) -> bool:
    """Whether it is the file that GitHub gives a step for its summary: that is added to."""
    given = os.environ.get("GITHUB_STEP_SUMMARY")
    return bool(given) and path == _resolved(Path(given or ""))


def _resolved(path: Path) -> Path:
    """The file that is meant; what a link leads to is written, the link stays."""
    return Path(os.path.realpath(path))  # Path.resolve() raises where links go in a circle


def _refuse(option: str, path: Path, course: Path) -> None:
    """Raises CourseError for what must not be written to, OSError for what cannot."""
    _refuse_kind(path)
    _refuse_course(path, course)
    if path.exists():
        _refuse_existing(option, path)
    with tempfile.NamedTemporaryFile(prefix=f".{path.name}.", dir=path.parent) as file:
        file.write(b"\n")  # nothing but trying tells whether a folder and its disk take anything
        file.flush()


def _refuse_kind(path: Path) -> None:
    if path.is_dir():
        raise CourseError(path, None, "it is a folder: name a file")
    if path.exists() and not path.is_file():
        raise CourseError(path, None, "it is no regular file: name one, or a new one")
    if not path.parent.is_dir():
        there = "is a file" if path.parent.exists() else "is not there"
        what = f"the folder {path.parent.name} {there}: make it, or name a file in another one"
        raise CourseError(path, None, what)


def _refuse_course(path: Path, course: Path) -> None:
    if course not in path.parents:
        return
    folder, *below = path.relative_to(course).parts
    if below and (folder.lower() in OF_THE_COURSE or folder.startswith(".")):
        what = f"{folder}/ belongs to the course: name a file outside of it"
        raise CourseError(path, None, what)


def _refuse_existing(option: str, path: Path) -> None:
    """Refuse a file that holds something else than a report of this kind, or is read-only."""
    if not (os.access(path, os.W_OK) and path.stat().st_mode & 0o200):
        raise CourseError(path, None, "it is read-only: make it writable, or name another file")
    if option == "--summary" and _is_of_a_step(path):
        if path.stat().st_size + summary.LEAST > summary.LIMIT:
            raise CourseError(path, None, FULL)
        return
    with path.open("rb") as file:
        begin = file.read(200)
    if begin and MARKS[option] not in begin:
        what = "verify did not write this file, and writes over no other: name a new one"
        raise CourseError(path, None, what)
