"""The text that a verdict depends on: only a koan of which it has changed must be run again.

That is the test, the katas and whatever test it names, and all code that stands around the tests.
Where in the file they stand, and what comments lie between them, is no matter.
"""

from __future__ import annotations

import ast
import hashlib
from dataclasses import dataclass

from torchkoans import marks
from torchkoans.lesson import Koan, Lesson
from torchkoans.source import CourseError, Source


@dataclass(frozen=True)
class Text:
    """A hash of what a koan's verdict depends on; its `def`, from which the lines of it count."""

    hash: str
    line: int = 0  # 0 where it has none


def of_file(lesson: Lesson, source: Source) -> dict[str, Text]:
    """The text of each koan of a lesson, by its name, in a learner's file."""
    try:
        parts = _parts(source, {kata.name for kata in lesson.katas})
    except CourseError:  # nothing of it can run, and it has changed with every change
        return {koan.name: Text(_hash("broken", source.text)) for koan in lesson.koans}
    return {koan.name: parts.text(koan) for koan in lesson.koans}


def _hash(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True)
class _Parts:
    """A file taken apart: its tests and katas by name, and the code around them."""

    functions: dict[str, str]
    lines: dict[str, int]
    around: str

    def text(self, koan: Koan) -> Text:
        own = [self.functions.get(name, "") for name in sorted(self._named_by(koan.name))]
        traps = [(trap.code, trap.sentence) for blank in koan.blanks for trap in blank.traps]
        return Text(_hash(self.around, *own, repr(traps)), self.lines.get(koan.name, 0))

    def _named_by(self, name: str) -> set[str]:
        """The function itself, what it or the code around names, what these name, and so on."""
        found: set[str] = set()
        waiting = [name, *self._named_in(self.around)]
        while waiting:
            one = waiting.pop()
            if one not in found:
                found.add(one)
                waiting += self._named_in(self.functions.get(one, ""))
        return found

    def _named_in(self, text: str) -> list[str]:
        return [name for name in self.functions if name in text]


def _parts(source: Source, katas: set[str]) -> _Parts:
    """Raises CourseError where the file does not parse."""
    functions: dict[str, str] = {}
    lines, around = {}, []
    for node in source.tree.body:
        text = source.cut(source.line_span(marks.first_line(node), node.end_lineno or node.lineno))
        if isinstance(node, ast.FunctionDef) and (marks.is_test(node) or node.name in katas):
            functions[node.name] = functions.get(node.name, "") + text
            lines[node.name] = node.lineno
        else:
            around.append(text)
    return _Parts(functions, lines, "\n".join(around))
