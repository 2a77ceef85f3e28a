"""Two sides of a comparison that failed: in the text, as they turned out, and how that is said."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from torchkoans import spelling
from torchkoans.explaining import differing, values
from torchkoans.explaining.scene import UNKNOWN, Scene, literal
from torchkoans.explaining.values import facts, is_callable, kind, shortened, shown

WIDTH = 76  # of a line: a screen of 80, less what stands before it
_LEAST = 30  # characters of a value, however much stands beside it
_SOURCE = 28  # characters of source in front of a value
_LONG = 12  # characters that are hard to compare by looking at them
_TORCH, _YOU = "torch says   ", "you wrote    "
_ROOM = WIDTH - len(_YOU)
_ALIKE = ("==", "is")
_APART = ("!=", "is not")
_RELATIONS = {
    "!=": "something else than",
    "<": "less than",
    "<=": "at most",
    ">": "more than",
    ">=": "at least",
    "is not": "another object than",
    "in": "in",
    "not in": "not in",
}


@dataclass(frozen=True)
class Side:
    """An expression and its value."""

    node: ast.expr
    value: Any


@dataclass(frozen=True)
class Comparison:
    """`left op right`, which does not hold; `op` as Python writes it."""

    left: Side
    op: str
    right: Side

    def lines(self, here: Scene, briefly: bool = False) -> Iterator[str]:
        """What to say of it; briefly, the values alone."""
        narrow = self._narrowed(here)
        blank = narrow._blank(here)
        if blank:
            other = narrow.left if blank is narrow.right else narrow.right
            yield from narrow._beside(other, blank, here)
            yield "" if briefly else narrow._parted(other, blank, here)
        else:
            got, wanted = narrow._in_order(here)
            yield from narrow._between(got, wanted, here)
            yield "" if briefly else narrow._difference(wanted.value, got.value)
            yield from _arguments(got.node, here)

    def _blank(self, here: Scene) -> Side | None:
        """The side that is what stands in a blank."""
        return next((side for side in (self.right, self.left) if here.is_blank(side.node)), None)

    def _narrowed(self, here: Scene) -> Comparison:
        """Of (a, b) == (c, d) the first two that differ: the others are as they should be."""
        pairs = [] if self._blank(here) or self.op not in _ALIKE else self._entries()
        for left, right in pairs:
            if not values.equal(left.value, right.value):
                return Comparison(left, self.op, right)._narrowed(here)
        return self

    def _entries(self) -> list[tuple[Side, Side]]:
        """The entries of two sides that are written out, in pairs."""
        sides = [_written_out(side) for side in (self.left, self.right)]
        same = len(sides[0]) == len(sides[1]) and type(self.left.node) is type(self.right.node)
        return list(zip(*sides, strict=True)) if same else []

    # -- a side is the blank --

    def _beside(self, other: Side, blank: Side, here: Scene) -> Iterator[str]:
        said, wrote = _facts(other.value, blank.value)
        yield _line(_TORCH, shown(other.value, WIDTH), said)
        yield _line(_YOU, _written(blank, here), wrote)
        if self.op in _RELATIONS:
            first, second = ("yours", "torch's") if blank is self.left else ("torch's", "yours")
            yield f"{first} should be {_RELATIONS[self.op]} {second}"

    def _parted(self, other: Side, blank: Side, here: Scene) -> str:
        """The first difference, with the name of the entry where torch's side is written out."""
        said = self._difference(other.value, blank.value) or _caret(other.value, blank.value)
        entries = _written_out(other)
        at, wanted, got = differing.parting(other.value, blank.value)
        if not said or not entries or not at or isinstance(literal(entries[at[0]].node), str):
            return said
        name = shortened(here.text(entries[at[0]].node), _SOURCE)
        if len(at) == 1 and not differing.first(wanted, got):
            return f"{name} is {shown(wanted, _LEAST)}, not {shown(got, _LEAST)}"
        return said

    # -- the blank is elsewhere --

    def _in_order(self, here: Scene) -> tuple[Side, Side]:
        """What turned out, and what it should be."""
        written = literal(self.left.node) is not UNKNOWN and literal(self.right.node) is UNKNOWN
        theirs = here.is_learners(self.right.node) and not here.is_learners(self.left.node)
        return (self.right, self.left) if written or theirs else (self.left, self.right)

    def _between(self, got: Side, wanted: Side, here: Scene) -> Iterator[str]:
        name, relation = here.text(got.node), _relation(self.op, got is self.right)
        if self.op in _APART:
            yield f"{shortened(name, _SOURCE)} should be {relation}{shown(wanted.value, _LEAST)}"
            return
        is_, should_be = _facts(got.value, wanted.value)
        first, second = f"{name} is ", f"and should be {relation}"
        if len(name) > _SOURCE:
            first, second = "the assert gets ", f"and should get {relation}"
        line = f"{first}{shown(got.value, WIDTH)}, {second}{shown(wanted.value, WIDTH)}"
        if len(line) <= WIDTH and not is_:
            yield line
            return
        width = max(len(first), len(second)) + 2
        yield _line(first.ljust(width), shown(got.value, WIDTH), is_)
        yield _line(second.ljust(width), shown(wanted.value, WIDTH), should_be)

    def _difference(self, wanted: Any, got: Any) -> str:
        if self.op not in _ALIKE:
            return ""
        said = differing.first(wanted, got)
        twins = self.op == "is" and values.equal(wanted, got)
        return said or ("they are equal, and still two objects" if twins else "")


def _facts(wanted: Any, got: Any) -> tuple[str, str]:
    """What is said behind two values of which one at least is a tensor."""
    both = differing.has_shape(wanted), differing.has_shape(got)
    if not any(both) or (not all(both) and differing.comparable(wanted, got)):
        return "", ""
    said = facts(wanted), facts(got)
    return said if said[0] != said[1] else ("", "")


def _caret(wanted: object, got: object) -> str:
    """A mark below the first letter in which two long strings part."""
    if not (isinstance(wanted, str) and isinstance(got, str)):
        return ""
    texts = repr(wanted), repr(got)
    lengths = sorted(map(len, texts))
    if lengths[0] < _LONG or lengths[1] > _ROOM:
        return ""
    alike = itertools.takewhile(lambda pair: pair[0] == pair[1], zip(*texts, strict=False))
    return " " * (len(_YOU) + len(list(alike))) + "^"


def _relation(op: str, turned: bool) -> str:
    """How `got` should stand to `wanted`; `turned` where it is the right side of the operator."""
    mirrored = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
    found = _RELATIONS.get(mirrored.get(op, op) if turned else op, "")
    return f"{found} " if found else ""


def _written_out(side: Side) -> list[Side]:
    """The entries of a tuple or list that stands in the text with each of its entries."""
    node, value = side.node, side.value
    if not isinstance(node, (ast.Tuple, ast.List)) or not isinstance(value, (tuple, list)):
        return []
    if len(node.elts) != len(value):  # a star
        return []
    return [Side(entry, of) for entry, of in zip(node.elts, value, strict=True)]


def _written(blank: Side, here: Scene) -> str:
    """What was typed, with its value where that is something else."""
    typed, value = here.text(blank.node), shown(blank.value, WIDTH)
    same = any(
        spelling.same(typed.removeprefix(home), value.removeprefix("numpy."))
        for home in ("", "torch.", "np.")
    )
    if literal(blank.node) is not UNKNOWN or same or len(typed) > _SOURCE:
        return value
    if not is_callable(blank.value):
        return f"{typed}, that is {value}"
    return f"{typed}, {kind(blank.value)}"


def _line(label: str, text: str, said: str) -> str:
    room = WIDTH - len(label) - (len(said) + 3 if said else 0)
    return f"{label}{shortened(text, max(room, _LEAST))}{'   ' + said if said else ''}"


def _arguments(node: ast.AST, here: Scene) -> Iterator[str]:
    """What went into the call that was looked at: `standardize(x, dim)` is one case of many."""
    calls = [call for call in ast.walk(node) if isinstance(call, ast.Call)]
    given = [arg for call in calls for arg in call.args if isinstance(arg, ast.Name)]
    for name in dict.fromkeys(arg.id for arg in given):
        value = here.names.get(name, UNKNOWN)
        if value is not UNKNOWN and differing.is_data(value):
            text = shown(value, WIDTH)
            big = differing.has_shape(value) and len(text) > WIDTH - len(name) - 8
            yield _line(f"with {name} = ", f"{kind(value)}, {facts(value)}" if big else text, "")
