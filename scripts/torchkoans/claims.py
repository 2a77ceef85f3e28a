"""What is often said about tensors, what is true, and which koan shows it: docs/claims.md.

A person writes the rows. The last column is derived: `# claims:` in the answer files ties a row to
its koans (or, below a file's docstring, to its opening words), and `<!-- claims: A038 -->` in a
document makes that document the home of what no koan can ask.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from torchkoans.course import Course
from torchkoans.source import CourseError, Source, command, read

FILE = Path("docs", "claims.md")
_CELL = re.compile(r"(?<!\\)\|")
_ROW = re.compile(r"[A-Z]\d{3}")
_HOME = re.compile(r"<!-- claims: ([^>]*?) -->")
_VERDICT = re.compile(r"\*\*(.+?)\.\*\*")
_SECTION = re.compile(r"## (\d\d) ")


@dataclass(frozen=True)
class Claim:
    """One row of the table: what is said, what is true, where that is shown."""

    row: str
    said: str
    true: str
    shown: str
    line: int
    section: str  # the number of the lesson that the heading above names, or ""

    @property
    def verdict(self) -> str:
        """The word in bold that the truth begins with: True, False, Half true ..."""
        found = _VERDICT.match(self.true)
        return found.group(1) if found else ""

    def __str__(self) -> str:
        return f"| {self.row} | {self.said} | {self.true} | {self.shown} |"


@dataclass(frozen=True)
class Place:
    """Where a row is shown: a koan, the opening words of a lesson, or a document."""

    link: str
    where: str
    section: str  # the number of the lesson, or "" for a document


class Claims:
    """The table, and the places that the course names for its rows."""

    def __init__(self, course: Course) -> None:
        self.course = course
        self.source: Source = read(course.root / FILE)

    @cached_property
    def rows(self) -> tuple[Claim, ...]:
        """All rows in the order of the document.

        Raises CourseError for a row that is not one, and for one that stands there twice.
        """
        found: dict[str, Claim] = {}
        section = ""
        for number, line in enumerate(self.source.lines, 1):
            if line.startswith("## "):
                heading = _SECTION.match(line)
                section = heading.group(1) if heading else ""
            if not line.startswith("| ") or not _ROW.match(line[2:]):
                continue
            claim = self._row(line, number, section)
            if claim.row in found:
                where = found[claim.row].line
                what = f"{claim.row} stands on line {where} already"
                raise CourseError(self.source.path, number, what)
            found[claim.row] = claim
        return tuple(found.values())

    def _row(self, line: str, number: int, section: str) -> Claim:
        cells = [cell.strip() for cell in _CELL.split(line.strip())][1:-1]
        if len(cells) != 4 or not _ROW.fullmatch(cells[0]) or not (cells[1] and cells[2]):
            what = "a row is | A001 | what is said | **True.** what is true | where it is shown |"
            raise CourseError(self.source.path, number, what)
        row, said, true, shown = cells
        claim = Claim(row, said, true, shown, number, section)
        if not claim.verdict:
            raise CourseError(self.source.path, number, "the truth begins with a word in **bold.**")
        return claim

    @cached_property
    def places(self) -> dict[str, list[Place]]:
        """Row to the places that show it: koans as the course walks, then documents."""
        found: dict[str, list[Place]] = {}
        for row, place in (*self._in_lessons(), *self._in_documents()):
            found.setdefault(row, []).append(place)
        return found

    def _in_lessons(self) -> Iterator[tuple[str, Place]]:
        for one in self.course.lessons:
            number, file = one.path.name[:2], one.path.name
            said = [(koan.claims, koan.name.removeprefix("test_"), koan.line) for koan in one.koans]
            said += [(kata.claims, f"kata {kata.name}", kata.line) for kata in one.katas]
            for rows, name, line in [(one.claims, "the opening words", 1), *said]:
                link = f"[{number} {name.replace('_', ' ')}](../koans/{file})"
                for row in rows:
                    yield row, Place(link, f"answers/{file}:{line}", number)

    def _in_documents(self) -> Iterator[tuple[str, Place]]:
        root = self.course.root
        for path in [*sorted(root.glob("*.md")), *sorted((root / "docs").glob("*.md"))]:
            if path == root / FILE:
                continue
            link = f"[{path.stem}](../{path.relative_to(root).as_posix()})"
            for found in _HOME.finditer(read(path).text):
                for row in found.group(1).split():
                    yield row, Place(link, path.relative_to(root).as_posix(), "")

    @cached_property
    def refreshed(self) -> Source:
        """The document with its last column as the course has it."""
        edits = []
        for claim in self.rows:
            start = self.source.offset(claim.line, 0)
            end = start + len(self.source.lines[claim.line - 1].encode())
            edits.append(((start, end), str(replace(claim, shown=self._shown(claim.row)))))
        return self.source.spliced(edits)

    @property
    def is_stale(self) -> bool:
        """Whether the last column is not as the course has it."""
        return self.refreshed.text != self.source.text

    def _shown(self, row: str) -> str:
        return " · ".join(place.link for place in self.places.get(row, []))

    def problems(self) -> list[str]:
        """Rows that nothing shows, rows that do not exist, and rows in the wrong section."""
        known = {claim.row for claim in self.rows}
        said = []
        for claim in self.rows:
            where, places = f"{FILE.as_posix()}:{claim.line}", self.places.get(claim.row, [])
            if not places:
                said.append(f"{where}: no koan shows {claim.row}, and no document is its home")
            elif claim.section != places[0].section:
                heading = f"## {places[0].section}" if places[0].section else "the last section"
                said.append(f"{where}: {claim.row} is first shown in {places[0].where}: {heading}")
        for row, places in self.places.items():
            if row not in known:
                said.append(f"{places[0].where}: {row} is no row of {FILE.as_posix()}")
        if self.is_stale:
            said.append(f"{FILE.as_posix()}: its last column is out of date: {command('blank')}")
        return said

    def summary(self) -> str:
        """How many rows there are, how many of them koans show, how many have another home."""
        first = [self.places[claim.row][0] for claim in self.rows if claim.row in self.places]
        koans = sum(bool(place.section) for place in first)  # lessons come before documents
        verdicts = Counter(claim.verdict.lower() for claim in self.rows)
        wrong = f"{verdicts['false']} false, {verdicts['half true']} half true"
        shown = f"{koans} in lessons, {len(first) - koans} in documents"
        return f"{len(self.rows)} claims ({wrong}): {shown}"
