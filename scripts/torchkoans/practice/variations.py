"""Ways to write a kata once more: each with a check that names the line that breaks it.

A kata's author names those that it has, each with a body that is one (`# also: BODY -> NAME`).
The checks read the text and run nothing.
"""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from torchkoans import marks
from torchkoans.lesson import Kata

Found = Iterator[tuple[ast.AST, str]]

# What nobody can check; offered where the learner has done all that can be.
UNCHECKED = (
    "from memory, with the tests out of sight",
    "explaining each line to somebody before you write it",
    "with the shape of each value in a comment, written first",
)


@dataclass(frozen=True)
class Breach:
    """What keeps a body from being a variation; `line` is that of its file."""

    line: int
    what: str


def breach(variation: str, function: ast.FunctionDef) -> Breach | None:
    """The first line that breaks a known variation, None where it is one."""
    found = [
        Breach(getattr(node, "lineno", function.lineno), what)
        for node, what in KNOWN[variation](function)
    ]
    return min(found, key=lambda one: one.line, default=None)


def written(kata: str, body: str) -> ast.FunctionDef:
    """A body without indentation as a function; its lines count from 1.

    Raises SyntaxError where it is none.
    """
    tree = ast.parse(f"def {kata}():\n{textwrap.indent(body, '    ')}")
    (function,) = tree.body
    assert isinstance(function, ast.FunctionDef)
    ast.increment_lineno(function, -1)
    return function


def offered(kata: Kata, function: ast.FunctionDef, runs: int) -> str:
    """What to try next: the kata's first variation that this is not yet.

    Where it is all of them, one that cannot be checked, in turns.
    """
    for other in kata.others:
        if breach(other.variation, function):
            return other.variation
    return UNCHECKED[runs % len(UNCHECKED)]


def body_of(kata: Kata, variation: str | None) -> str | None:
    """The author's own body for a variation."""
    return next((one.code for one in kata.others if one.variation == variation), None)


# -- the checks ----------------------------------------------------------------------------------


def _body(function: ast.FunctionDef) -> list[ast.stmt]:
    return [node for node in function.body if node is not marks.docstring_node(function)]


def _below(function: ast.FunctionDef) -> Iterator[ast.AST]:
    return (node for statement in _body(function) for node in marks.below(statement))


_LOOPS: dict[type[ast.AST], str] = {
    ast.For: "`for` is a loop",
    ast.AsyncFor: "`for` is a loop",
    ast.While: "`while` is a loop",
    ast.ListComp: "a comprehension is a loop",
    ast.SetComp: "a comprehension is a loop",
    ast.DictComp: "a comprehension is a loop",
    ast.GeneratorExp: "a generator is a loop",
}


def _without_a_loop(function: ast.FunctionDef) -> Found:
    own = {node.name for node in _below(function) if isinstance(node, ast.FunctionDef)}
    own.add(function.name)
    for node in _below(function):
        if type(node) in _LOOPS:
            yield node, _LOOPS[type(node)]
        name = _called(node)
        if name in ("map", "filter", "reduce", "functools.reduce"):
            yield node, f"`{name}` is a loop"
        elif name in own:
            yield node, "a function that calls itself is a loop"


def _with_a_loop(function: ast.FunctionDef) -> Found:
    if not any(isinstance(node, (ast.For, ast.While)) for node in _below(function)):
        yield function, "there is no `for` and no `while` in it"


def _without_a_temporary(function: ast.FunctionDef) -> Found:
    for node in _below(function):
        for name in _bound(node):
            yield node, f"`{name}` is a temporary"


def _bound(node: ast.AST) -> list[str]:
    """The names that a node gives to something."""
    if isinstance(node, ast.Name):
        return [node.id] if isinstance(node.ctx, ast.Store) else []
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return [alias.asname or alias.name for alias in node.names]
    named = (ast.FunctionDef, ast.ClassDef, ast.ExceptHandler, ast.MatchAs, ast.MatchStar)
    return [node.name] if isinstance(node, named) and node.name else []


def _in_one_expression(function: ast.FunctionDef) -> Found:
    for statement in _body(function):
        if not isinstance(statement, ast.Return):
            yield statement, "this is a statement of its own; one `return` is to do all"
    for more in _body(function)[1:]:
        yield more, "one `return` is to do all"


_BRANCHES: dict[str, str] = {
    "If": "`if` is a branch",
    "IfExp": "`if` is a branch",
    "Match": "`match` is a branch",
    "Try": "`try` is a branch",
    "TryStar": "`try` is a branch",
    "BoolOp": "`and` and `or` choose, as a branch does",
}


def _without_a_branch(function: ast.FunctionDef) -> Found:
    for node in _below(function):
        if type(node).__name__ in _BRANCHES:
            yield node, _BRANCHES[type(node).__name__]
        for condition in getattr(node, "ifs", []):  # of a comprehension
            yield condition, _BRANCHES["If"]


def _without_reading_numbers_back(function: ast.FunctionDef) -> Found:
    for node in _below(function):
        if not isinstance(node, ast.Call):
            continue
        method = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        home = any(isinstance(one, ast.Constant) and one.value == "cpu" for one in node.args)
        if method in ("item", "tolist", "numpy", "cpu") or (method == "to" and home):
            yield node, f"`.{method}()` reads numbers back"
        elif _called(node) in ("float", "int", "bool"):
            yield node, f"`{_called(node)}()` reads a number back"


def _without_indexing(function: ast.FunctionDef) -> Found:
    for node in _below(function):
        if isinstance(node, ast.Subscript):
            yield node, f"`{ast.unparse(node)}` is an index{_instead(node)}"


def _instead(node: ast.Subscript) -> str:
    """The length of an axis can be had without one, which is easily forgotten."""
    shape, axis = node.value, node.slice
    if not isinstance(shape, ast.Attribute) or shape.attr != "shape" or isinstance(axis, ast.Slice):
        return ""
    return f"; `{ast.unparse(shape.value)}.size({ast.unparse(axis)})` is none"


def _without_backward(function: ast.FunctionDef) -> Found:
    for node in _below(function):
        if isinstance(node, ast.Attribute) and node.attr == "backward":
            yield node, "there is the `backward`"


def _called(node: ast.AST) -> str:
    """The name that a call calls, dots included."""
    return ast.unparse(node.func) if isinstance(node, ast.Call) else ""


KNOWN: dict[str, Callable[[ast.FunctionDef], Found]] = {
    "without a loop": _without_a_loop,
    "with a loop": _with_a_loop,
    "without a temporary": _without_a_temporary,
    "in one expression": _in_one_expression,
    "without a branch": _without_a_branch,
    "without reading numbers back": _without_reading_numbers_back,
    "without indexing": _without_indexing,
    "without backward()": _without_backward,
}
