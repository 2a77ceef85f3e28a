"""What can be said of a filled blank from the text alone, before or without running it."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from torchkoans import spelling
from torchkoans.definitions import innermost
from torchkoans.lesson import Blank, Koan
from torchkoans.lineup import BlankAt, TestAt
from torchkoans.source import Source

COMMA = (
    "to an assert, what follows a comma is only its message: put the whole tuple in round brackets"
)
ITSELF = "that is the question itself, and it is always equal to itself: write what comes of it"
EITHER = "with `or` Python is content with either side, and any answer would do: decide for one"
CHOICE = "Python compares before it chooses: put round brackets around the whole answer"
ANYTHING = "that is equal to anything, so it is no answer"
_EQUAL_TO_ANYTHING = {"ANY", "mock", "Mock", "MagicMock", "__eq__"}
_OF_TWO = {"equal", "allclose", "assert_close"}  # functions of torch that compare two tensors


def remark(koan: Koan, test: TestAt, source: Source) -> str:
    """The sentence that answers what stands in the blanks, or nothing.

    For a known mistake it is that mistake's own.
    """
    if test.altered and any(_is_bare_tuple(blank.text) for blank in test.blanks):
        return COMMA
    return _trap(koan, test) or _refusal(koan, test, source)


def is_the_question(koan: Koan, test: TestAt, source: Source) -> bool:
    """Whether a blank holds what cannot be wrong, and so is no answer.

    The other side of its comparison, or what equals anything. Such a koan is not green.
    """
    return bool(_refusal(koan, test, source))


def _trap(koan: Koan, test: TestAt) -> str:
    for blank, stands in zip(koan.blanks, test.blanks, strict=True):
        for trap in blank.traps:
            if spelling.same(trap.code, stands.text):
                return trap.sentence
    return ""


def _is_bare_tuple(code: str) -> bool:
    """Whether it is a tuple without its brackets, as in `assert t.shape == 2, 3`."""
    return isinstance(_parsed(code), ast.Tuple) and not code.lstrip().startswith("(")


def _refusal(koan: Koan, test: TestAt, source: Source) -> str:
    said = (
        _refused(blank, line, stands, source)
        for blank, line, stands in zip(koan.blanks, koan.blank_lines, test.blanks, strict=True)
        if stands.span and not spelling.same(stands.text, blank.answer)
    )
    return next((sentence for sentence in said if sentence), "")


def _refused(blank: Blank, line: str, stands: BlankAt, source: Source) -> str:
    if _words(stands.text) & _EQUAL_TO_ANYTHING - _words(blank.answer):
        return ANYTHING
    statement = _statement(source, stands)
    if not isinstance(statement, (ast.Assert, ast.Expr)):
        return ""
    if _compares(line):
        split = _parsed(stands.text)
        if isinstance(split, ast.BoolOp) and isinstance(split.op, ast.Or):
            return EITHER if not isinstance(_test(statement), ast.Compare) else ""
        if isinstance(split, ast.IfExp) and isinstance(_test(statement), ast.IfExp):
            return CHOICE
    others = (source.cut(source.span(other)) for other in _opposite(statement, stands, source))
    return ITSELF if any(spelling.same(stands.text, other) for other in others) else ""


def _parsed(code: str) -> ast.expr | None:
    try:
        return ast.parse(code.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _words(code: str) -> set[str]:
    """The names, attributes and strings in some code."""
    tree = _parsed(code)
    nodes = list(ast.walk(tree)) if tree else []
    found = {node.id for node in nodes if isinstance(node, ast.Name)}
    found |= {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    strings = [node.value for node in nodes if isinstance(node, ast.Constant)]
    return found | {word for text in strings if isinstance(text, str) for word in text.split(".")}


def _compares(line: str) -> bool:
    """Whether the koan's own line is an assert of one comparison."""
    try:
        statement = ast.parse(line).body[0]
    except (SyntaxError, IndexError):
        return False
    return isinstance(_test(statement), ast.Compare)


def _test(statement: ast.stmt) -> ast.expr | None:
    return statement.test if isinstance(statement, ast.Assert) else None


def _statement(source: Source, stands: BlankAt) -> ast.stmt | None:
    """The innermost statement that holds what stands in a blank."""
    assert stands.span
    start, end = stands.span
    return innermost(source, lambda node: _holds(source, node, start, end))


def _holds(source: Source, node: ast.AST, start: int, end: int) -> bool:
    if not hasattr(node, "lineno"):
        return not isinstance(node, (ast.expr_context, ast.operator, ast.cmpop))
    first, last = source.span(node)
    return first <= start and end <= last


def _opposite(statement: ast.stmt, stands: BlankAt, source: Source) -> Iterator[ast.expr]:
    """What the blank is compared with, an entry with the entry at its place."""
    for node in ast.walk(statement):
        sides: list[ast.expr] = []
        if isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub):
            sides = [node.left, node.right]  # abs(share - share) < 0.02
        elif isinstance(node, ast.Call) and _name(node.func) in _OF_TWO:
            sides = node.args[:2]
        for side in sides:
            yield from _across(side, [each for each in sides if each is not side], stands, source)


def _across(
    side: ast.expr, others: list[ast.expr], stands: BlankAt, source: Source
) -> Iterator[ast.expr]:
    assert stands.span
    start, end = stands.span
    first, last = source.span(side)
    if start <= first and last <= end:
        yield from others
    elif first <= start and end <= last and isinstance(side, (ast.Tuple, ast.List)):
        for place, entry in enumerate(side.elts):
            facing = [
                other.elts[place]
                for other in others
                if isinstance(other, type(side)) and len(other.elts) == len(side.elts)
            ]
            yield from _across(entry, facing, stands, source)


def _name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else ""
