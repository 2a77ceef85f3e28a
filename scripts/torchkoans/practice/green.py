"""What is known of a kata that came out green: its time, the reference, what to try next."""

from __future__ import annotations

import ast
import difflib
import textwrap
from dataclasses import dataclass

from torchkoans import cut
from torchkoans.lesson import Kata, Lesson
from torchkoans.practice import variations
from torchkoans.practice.log import Run
from torchkoans.practice.variations import Breach
from torchkoans.source import Source


@dataclass(frozen=True)
class Green:
    """A green kata."""

    seconds: float
    devices: str = ""
    goal: str | None = None
    breach: Breach | None = None  # what keeps it from its goal
    own: tuple[str, ...] = ()  # the learner's body
    reference: tuple[str, ...] = ()  # the author's, where there is a goal the one that has it
    offer: str = ""  # what to try next
    why: str = ""
    runs: tuple[Run, ...] = ()  # with the same goal; this one last, if it is noted
    is_noted: bool = True

    @property
    def difference(self) -> list[str]:
        """The two bodies as a diff, "-" before the learner's; empty where both say the same."""
        if self.own == self.reference or _program(self.own) == _program(self.reference):
            return []
        whole = len(self.own) + len(self.reference)
        lines = difflib.unified_diff(self.own, self.reference, n=whole, lineterm="")
        return [f"{line[:1]} {line[1:]}" for line in lines][3:]  # without its three headings


def function(source: Source, name: str) -> ast.FunctionDef | None:
    """The function of this name; of several the last, as Python has it."""
    found = [node for node in source.tree.body if getattr(node, "name", "") == name]
    return found[-1] if found and isinstance(found[-1], ast.FunctionDef) else None


def body(source: Source, written: ast.FunctionDef) -> tuple[str, ...]:
    """The lines below the docstring, without their margin; all of it where it is on one line."""
    own = cut.has_own_lines(source, written)
    span = cut.body_span(source, written) if own else cut.whole_span(source, written)
    return tuple(textwrap.dedent(source.cut(span)).strip("\r\n").splitlines())


def reference(lesson: Lesson, kata: Kata, goal: str | None) -> tuple[str, ...]:
    """The author's body; where there is a goal that the author has reached, that one."""
    other = variations.body_of(kata, goal)
    if other:
        return tuple(other.splitlines())
    solved = cut.filled(lesson)
    written = function(solved, kata.name)
    assert written is not None  # the lesson was read from this very text
    return body(solved, written)


def _program(lines: tuple[str, ...]) -> str:
    """What Python makes of a body: comments and layout are left out."""
    try:
        return ast.dump(variations.written("kata", "\n".join(lines)))
    except SyntaxError:
        return "\n".join(lines)
