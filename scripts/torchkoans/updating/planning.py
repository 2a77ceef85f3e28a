"""A newer course brought into a folder in which somebody has learned.

Every file that the course ships becomes the new one; only the koans are made from the new pristine
ones with the learner's work in them. Nothing is written here: `installing` does that.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from torchkoans import cut, cutting, lesson
from torchkoans.course import Course
from torchkoans.lesson import FILE_NAME
from torchkoans.source import CourseError, Source, read
from torchkoans.updating import announcing, upstream
from torchkoans.updating.announcing import Section
from torchkoans.updating.carrying import Fate, Note, carry
from torchkoans.updating.installing import Change, File, Installed, UpdateError, finish, stage
from torchkoans.updating.pieces import Files, Pristine
from torchkoans.updating.upstream import Clone, Newer

_OWN_FOLDERS = ("answers", "scripts", "tests", "docs")  # where all files are the course's


@dataclass(frozen=True)
class Plan:
    """What an update will do, and what there is to say about it."""

    root: Path
    newer: Newer
    change: Change
    sections: tuple[Section, ...]

    @property
    def is_nothing(self) -> bool:
        return self.change.is_nothing and not self.newer.commit


def plan(course: Course, newer: Newer) -> Plan:
    """How the newer course comes into this one.

    Raises CourseError or UpdateError where a file of either cannot be read.
    """
    new = _koan_files(newer, course)
    olds = [_cut(course), _koan_files_before(newer, course)]
    learners, unread = _learners(course)
    carried = carry(olds, new, learners)
    carried = replace(carried, notes=(*carried.notes, *unread))
    wanted = {path: file for path, file in newer.files.items() if not _is_koan_file(path)}
    wanted |= {f"koans/{name}": File(one.encoded()) for name, one in carried.files.items()}
    write = {path: file for path, file in wanted.items() if _differs(course.root / path, file)}
    gone = _shipped_before(course, newer) - wanted.keys()
    remove = tuple(sorted(path for path in gone if (course.root / path).is_file()))
    before = {path: _data(course.root / path) for path in (*write, *remove)}
    change = Change(write, remove, before)
    old = olds[0] or olds[1]
    sections = announcing.lessons(old, new) + announcing.koans(old, new, carried)
    sections += announcing.work(carried) + _about_files(newer, change)
    return Plan(course.root, newer, change, tuple(sections))


def carry_out(plan: Plan) -> Installed:
    """Put the newer course into its place.

    Raises UpdateError where it cannot be: nothing was changed then, or the next start goes on.
    """
    change, newer, root = plan.change, plan.newer, plan.root
    if newer.clone:
        staged = upstream.staged_alone(newer.clone)
        change = replace(change, beside={f"staged/{p}": file.data for p, file in staged.items()})
    if newer.clone and newer.clone.git("rev-parse", "HEAD") != newer.clone.head:
        raise UpdateError("Something was committed in the meantime: start again.")
    if newer.clone and newer.commit:
        head = newer.clone.head, upstream.successor(newer.clone, newer)
        change = replace(change, head=head)
    told = "\n\n".join("\n".join([one.title, *one.lines]) for one in plan.sections)
    change = replace(change, beside={**change.beside, "changes.txt": f"{told}\n".encode()})
    stage(root, change, f"update-{datetime.now():%Y%m%d-%H%M%S}")
    installed = finish(root)
    assert installed  # it was staged a moment ago
    return installed


# -- files ---------------------------------------------------------------------------------------


def _koan_files(newer: Newer, course: Course) -> Files:
    """The new koan files as they are shipped."""
    answers = [path for path in newer.files if _is_in(path, "answers")]
    if not answers:
        raise UpdateError(f"There is no course at {newer.words}: no answers/.")
    found = {}
    for path in sorted(answers):
        name = path.split("/")[1]
        data = _from_answers(newer.folder, name) if newer.folder else None
        file = newer.files.get(f"koans/{name}")
        if data is None and file is None:
            raise UpdateError(f"The course at {newer.words} is not whole: koans/{name} is missing.")
        found[name] = _pristine(course, name, data or (file.data if file else b""))
    return found


def _from_answers(folder: Path, name: str) -> bytes | None:
    """The koans of a folder, cut anew where somebody has worked in them; None where nobody has."""
    theirs = Course(folder)
    try:
        compared = cutting.compare(theirs, lesson.load(theirs.answers / name))
    except CourseError:
        return None  # it is newer than what is known here; its koans are what is shipped
    is_worked_in = compared.work or compared.standing is cutting.Standing.MISSING
    return compared.text if is_worked_in else None


def _pristine(course: Course, name: str, data: bytes) -> Pristine:
    path = course.koans / name
    try:
        return Pristine(Source(path, data.decode()))
    except UnicodeDecodeError:
        raise CourseError(path, None, "the new file is not UTF-8") from None


def _cut(course: Course) -> Files:
    """What the learner's answers/ are cut into, where they can be read."""
    found = {}
    for file in _numbered(course.answers):
        try:
            koans = cut.pristine(lesson.load(file))
        except CourseError:
            continue  # changed here, or half merged: the base is left to compare with
        found[file.name] = Pristine(replace(koans, path=course.koans / file.name))
    return found


def _koan_files_before(newer: Newer, course: Course) -> Files:
    """The koan files of the last commit that both courses have."""
    if not (newer.clone and newer.base):
        return {}
    files = upstream.files_of(newer.clone, newer.base)
    return {
        path.split("/")[1]: _pristine(course, path.split("/")[1], file.data)
        for path, file in files.items()
        if _is_in(path, "koans")
    }


def _learners(course: Course) -> tuple[dict[str, Source], list[Note]]:
    """The texts in koans/, and a note for each that cannot be read."""
    found, unread = {}, []
    for path in sorted(course.koans.glob("*.py")):
        if path.name == "__init__.py" or not path.is_file():
            continue
        try:
            found[path.name] = read(path)
        except CourseError as error:
            unread.append(Note(Fate.LOST, "the whole file", path.name, what=error.what))
    return found, unread


def _numbered(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("*.py") if FILE_NAME.fullmatch(path.name))


def _is_in(path: str, folder: str) -> bool:
    where, _, name = path.partition("/")
    return where == folder and bool(FILE_NAME.fullmatch(name))


def _is_koan_file(path: str) -> bool:
    return _is_in(path, "koans")


def _data(path: Path) -> bytes | None:
    try:
        return path.read_bytes() if path.is_file() else None
    except OSError as error:
        raise CourseError(path, None, f"it cannot be read: {error.strerror}") from None


def _differs(path: Path, file: File) -> bool:
    if _data(path) != file.data:
        return True
    # The other way round it is mostly a file system on which everything can be started.
    return os.name == "posix" and file.executable and not path.stat().st_mode & 0o100


def _shipped_before(course: Course, newer: Newer) -> set[str]:
    """Paths of the files that this course has brought along, as far as can be told."""
    answers = {file.name for file in _numbered(course.answers)}
    lessons = {f"{folder}/{name}" for folder in ("answers", "koans") for name in answers}
    if newer.clone and newer.base:
        return lessons | upstream.paths_of(newer.clone, newer.base)
    own = (path for name in _OWN_FOLDERS for path in (course.root / name).rglob("*.*"))
    found = {path.relative_to(course.root) for path in own if path.is_file()}
    return lessons | {path.as_posix() for path in found if not _is_cache(path)}


def _is_cache(path: Path) -> bool:
    return any(part.startswith(".") or part == "__pycache__" for part in path.parts)


# -- what is said of the files -------------------------------------------------------------------


def _about_files(newer: Newer, change: Change) -> list[Section]:
    found = [_about_tools(newer, change)]
    if "constraints.txt" in change.write:
        what = "constraints.txt names other versions of the packages now: the next start installs"
        found.append(Section(f"{what} what .venv lacks; for exactly these versions delete .venv."))
    if newer.clone and newer.commit:
        found.append(_about_history(newer.clone, newer))
    elif newer.clone:
        what = "The two have no history in common in git, which will show the update as changes."
        found.append(Section(what))
    return [section for section in found if section.title]


def _about_tools(newer: Newer, change: Change) -> Section:
    """Files that are not only the course's."""
    there = [p for p, data in change.before.items() if data is not None and not _is_koan_file(p)]
    if newer.clone and newer.base:
        shipped = upstream.paths_of(newer.clone, newer.base)
        changed = upstream.changed_since(newer.clone, newer.base)
        own = [path for path in there if path in changed or path not in shipped]
        title = "You have changed these files of the course; they become the new ones:"
    else:
        own = [path for path in change.remove if path in there and not _is_in(path, "answers")]
        title = "These are not in the newer course; they go into the kept copy:"
    return Section(title if own else "", tuple(sorted(own)))


def _about_history(clone: Clone, newer: Newer) -> Section:
    if clone.head == newer.base:
        what = "Your git branch goes on to the new commit: `git status` then shows your work alone."
        return Section(what)
    what = (
        f"Your git branch gets a commit that joins yours (up to {clone.head[:7]}) and the new one:"
    )
    return Section(f"{what} all you committed stays in `git log`; commit your answers anew.")
