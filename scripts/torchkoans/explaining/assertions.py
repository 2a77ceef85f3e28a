"""What a koan that said no tells its learner: what torch says, and beside it what was written.

pytest hands over the two sides of a comparison as it fails. Which of them filled the blank is read
from the text afterwards, when the error is looked at.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

from torchkoans.explaining import scene, values
from torchkoans.explaining.comparison import WIDTH, Comparison, Side
from torchkoans.explaining.scene import UNKNOWN, Scene, Span
from torchkoans.explaining.values import shortened, shown
from torchkoans.lesson import FILE_NAME
from torchkoans.source import Source

MOST_LINES = 8
_ASKED = WIDTH - 28  # characters of what is "False, and should be True"
_SIDE = 60  # characters of a side, while it is not yet known which one is whose
_OPERATORS = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Is: "is",
    ast.IsNot: "is not",
    ast.In: "in",
    ast.NotIn: "not in",
}
_OF_TWO = ("equal", "allclose", "array_equal", "isclose")  # functions that compare two tensors


# -- while a koan runs ---------------------------------------------------------------------------


@dataclass(frozen=True)
class _Heard:
    """A comparison that failed, and what pytest was given to say of it."""

    op: str
    left: Any
    right: Any
    said: str


_heard: _Heard | None = None  # the last one: its error is looked at before there is another


def compared(op: str, left: object, right: object) -> list[str] | None:
    """What pytest says of a failed comparison in a koan for now; None where it is in no koan.

    No single quotes: with one in it pytest would put the name of the error before the text.
    """
    global _heard
    if not _in_a_koan(sys._getframe()):
        return None
    said = f"{shown(left, _SIDE)} {op} {shown(right, _SIDE)}".replace("'", '"')
    _heard = _Heard(op, left, right, said)
    return [said]


def _in_a_koan(frame: FrameType | None) -> bool:
    """Whether the nearest code that is not pytest's own or ours belongs to a lesson."""
    while frame:
        file = Path(frame.f_code.co_filename)
        package = str(frame.f_globals.get("__name__", "")).partition(".")[0]
        if package not in ("_pytest", "pluggy", "torchkoans", "conftest"):
            return bool(FILE_NAME.fullmatch(file.name))
        frame = frame.f_back
    return False


# -- when it has stopped -------------------------------------------------------------------------


def words(
    error: BaseException, source: Source, blanks: Sequence[Span] = (), briefly: bool = False
) -> str:
    """What to say of an assertion that failed; empty where its own text is all there is.

    `blanks` are the bytes of what stands in the blanks. Briefly, the values alone are said: a
    mistake that is known has a sentence of its own.
    """
    global _heard
    heard, _heard = _heard, None
    if heard and heard.said not in str(error):
        heard = None
    here = scene.of(error, source, blanks)
    lines = [line.rstrip() for line in _lines(error, here, heard, briefly) if line.strip()]
    return "\n".join(lines[:MOST_LINES])


def _lines(error: BaseException, here: Scene, heard: _Heard | None, briefly: bool) -> Iterator[str]:
    statement = here.statement
    if isinstance(statement, ast.Assert) and here.stopped_here:
        comparison = _comparison(here, statement.test, heard) if heard else None
        if comparison:
            yield from comparison.lines(here, briefly)
        else:
            yield from _truth(here, statement.test)
    elif close := _closeness(error, here):
        said = list(close.lines(here, briefly))
        yield from said if any(said[2:]) or briefly else [*said[:2], str(error).splitlines()[0]]


def _comparison(here: Scene, test: ast.expr, heard: _Heard) -> Comparison | None:
    """The comparison in an assert that was heard of.

    Of several that could be it, as in `a == b == c`, the last: the ones before it held.
    """
    found = None
    for left, op, right in _comparisons(test):
        sides = Side(left, heard.left), Side(right, heard.right)
        if op == heard.op and all(_could_be(here, side) for side in sides):
            found = Comparison(sides[0], op, sides[1])
    return found


def _comparisons(test: ast.expr) -> Iterator[tuple[ast.expr, str, ast.expr]]:
    if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And):
        for part in test.values:
            yield from _comparisons(part)
    elif isinstance(test, ast.Compare):
        sides = [test.left, *test.comparators]
        for left, op, right in zip(sides, test.ops, sides[1:], strict=False):
            yield left, _OPERATORS[type(op)], right


def _could_be(here: Scene, side: Side) -> bool:
    known = here.value(side.node)
    return known is UNKNOWN or known is side.value or values.equal(known, side.value)


# -- asserts that compare nothing ----------------------------------------------------------------


def _truth(here: Scene, test: ast.expr, wanted: bool = True) -> Iterator[str]:
    """An assert of something that is not as true, or not as false, as it should be."""
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        yield from _truth(here, test.operand, not wanted)
        return
    if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And) and wanted:
        test = next((part for part in test.values if _is_false(here.value(part))), test)
    name, value = _name(here, test), here.value(test)
    if value is not UNKNOWN and not isinstance(value, bool):
        yield f"{name} is {shown(value, 36)}, and should be {'true' if wanted else 'false'}"
    else:
        yield f"{name} is {not wanted}, and should be {wanted}"
    if isinstance(test, ast.Call):
        yield from _inside(here, test)


def _name(here: Scene, test: ast.expr) -> str:
    """The text of what was asked, of a long call its function alone."""
    text = here.text(test)
    if isinstance(test, ast.Call) and len(text) > _ASKED:
        text = f"{here.text(test.func)}(...)"
    return shortened(text, _ASKED)


def _is_false(value: Any) -> bool:
    try:
        return value is not UNKNOWN and not value
    except Exception:  # a tensor of several numbers
        return False


def _inside(here: Scene, call: ast.Call) -> Iterator[str]:
    """What torch.equal(a, b) or isinstance(a, b) was asked of."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else here.text(call.func)
    sides = [Side(node, here.value(node)) for node in call.args[:2]]
    if len(sides) < 2 or any(side.value is UNKNOWN for side in sides):
        return
    if name in _OF_TWO:
        yield from Comparison(sides[0], "==", sides[1]).lines(here)
    elif name == "isinstance":
        yield f"{here.text(sides[0].node)} is {values.kind(sides[0].value)}"


def _closeness(error: BaseException, here: Scene) -> Comparison | None:
    """What torch.testing.assert_close was asked of: the values are those of its own frame."""
    for frame, _ in scene.frames(error):
        module = str(frame.f_globals.get("__name__", ""))
        if module.startswith("torch.testing") and {"actual", "expected"} <= set(frame.f_locals):
            call = here.statement.value if isinstance(here.statement, ast.Expr) else None
            if isinstance(call, ast.Call) and len(call.args) == 2:
                got, wanted = frame.f_locals["actual"], frame.f_locals["expected"]
                return Comparison(Side(call.args[0], got), "==", Side(call.args[1], wanted))
            return None
    return None
