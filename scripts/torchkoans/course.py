"""The course in a folder.

Which lessons there are, where their koans are, and whether the two agree.
"""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from torchkoans import lineup
from torchkoans.lesson import FILE_NAME, Lesson, Reader
from torchkoans.lineup import Lineup
from torchkoans.remembered import Remembered
from torchkoans.source import CourseError, Source, all_stays, command, read, shown

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Course:
    """A folder that holds answers/ and koans/.

    `checked` is for authors: whatever a lesson may not be is refused when it is read.
    """

    root: Path = ROOT
    checked: bool = False

    @property
    def answers(self) -> Path:
        return self.root / "answers"

    @property
    def koans(self) -> Path:
        return self.root / "koans"

    @cached_property
    def lessons(self) -> tuple[Lesson, ...]:
        """All lessons in walking order.

        Raises CourseError for a broken answer file, and for two lessons with one number.
        """
        with all_stays():
            return tuple(self._load(path) for path in self.answer_files)

    def _load(self, path: Path) -> Lesson:
        """One lesson, read once: whoever asks for one does not wait for all."""
        if path not in self._loaded:
            self._loaded[path] = self._read_answer(path)
        return self._loaded[path]

    def _read_answer(self, path: Path) -> Lesson:
        if self.checked:
            from torchkoans import checking  # learners need not wait for the import either

            return checking.load(path)
        source = read(path)
        found = self.remembered.lesson(source)
        if not found:
            found = Reader(source).lesson()
            self.remembered.store_lesson(found)
        return found

    @cached_property
    def remembered(self) -> Remembered:
        """What need not be found out again; whoever has found out much may `save` it."""
        return Remembered(self.root)

    @cached_property
    def _loaded(self) -> dict[Path, Lesson]:
        return {}

    @cached_property
    def answer_files(self) -> tuple[Path, ...]:
        """The answer files in walking order, unread."""
        files = tuple(_numbered(self.answers))
        if not files:
            raise CourseError(self.answers, None, "there are no lessons here")
        for one, other in itertools.pairwise(files):
            if one.name[:2] == other.name[:2]:
                raise CourseError(other, None, f"{one.name} has the number {one.name[:2]} already")
        return files

    def lesson_of(self, file: Path) -> Lesson | None:
        """The lesson whose koans this file is meant to hold, by its name."""
        answer = next((path for path in self.answer_files if path.name == file.name), None)
        return self._load(answer) if answer else None

    def named(self, names: Sequence[str]) -> tuple[Lesson, ...]:
        """The lessons that a person names by file or number; all of them where nothing is named.

        Raises CourseError with the known numbers for a name that fits no lesson.
        """
        if not names:
            return self.lessons
        return tuple(self._named(name) for name in names)

    def _named(self, name: str) -> Lesson:
        wanted = Path(name).name.removesuffix(".py")
        for file in self.answer_files:
            if wanted in (file.stem, file.name[:2]) or wanted.zfill(2) == file.name[:2]:
                return self._load(file)
        known = ", ".join(file.name[:2] for file in self.answer_files)
        raise CourseError(name, None, f"there is no such lesson; the numbers are {known}")

    def koan_file(self, of: Lesson) -> Path:
        return self.koans / of.path.name

    def line_up(self, of: Lesson) -> Lineup:
        """The learner's file of a lesson against the lesson; a text is lined up only once.

        Raises CourseError where the file is missing or cannot be read.
        """
        source = self.read(of)
        lesson_then, lined = self._lined.get(of.path, (None, None))
        if lined is None or lesson_then is not of or lined.source != source:
            lined = lineup.line_up(of, source)
            self._lined[of.path] = of, lined
        return lined

    @cached_property
    def looks(self) -> dict[Path, tuple[Lesson, Source, Any]]:
        """What `looking` has seen in each learner's file when it was last read."""
        return {}

    @cached_property
    def _lined(self) -> dict[Path, tuple[Lesson, Lineup]]:
        """What each learner's file was lined up to when it was last read."""
        return {}

    def read(self, of: Lesson) -> Source:
        """The learner's file of a lesson; one that is missing is named with what brings it back."""
        path, package = self.koan_file(of), self.koans / "__init__.py"
        if path.exists():
            if not package.exists():
                what = f"this file is gone, and every koan needs it: git checkout {shown(package)}"
                raise CourseError(package, None, what)
            return read(path)
        renamed = self.renamed(of)
        back = command("blank", shown(path))
        if renamed:
            what = f"this koan file is gone; was it renamed to {renamed.name}? Rename it back"
            raise CourseError(path, None, f"{what}, or take a fresh one: {back}")
        raise CourseError(path, None, f"this koan file is gone; a fresh one: {back}")

    def renamed(self, of: Lesson) -> Path | None:
        """A file in koans/ that belongs to no lesson and holds most of this lesson's tests."""
        for stray in self.strays():
            try:
                text = read(stray).text
            except CourseError:
                continue
            here = sum(f"def {koan.name}(" in text for koan in of.koans)
            if here * 2 > len(of.koans):
                return stray
        return None

    def strays(self) -> Iterator[Path]:
        """Python files in koans/ that belong to no lesson."""
        known = {path.name for path in self.answer_files} | {"__init__.py"}
        for path in sorted(self.koans.glob("*.py")):
            if path.name not in known:
                yield path


def _numbered(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.glob("*.py")):
        if FILE_NAME.fullmatch(path.name):
            yield path
