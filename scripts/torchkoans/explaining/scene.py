"""Where a koan stopped: the statement, what its names stand for, and which part of it was a blank.

Nothing is run again to find out: only names, attributes and indexes are looked up.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import FrameType
from typing import Any

from torchkoans.definitions import innermost
from torchkoans.source import Source

Span = tuple[int, int]
UNKNOWN: Any = object()  # the value of what would have to be run to know it


@dataclass(frozen=True)
class Scene:
    """`names` are the values of the function that stopped, as they were when it did."""

    source: Source
    statement: ast.stmt | None
    names: Mapping[str, Any] = field(default_factory=dict)
    blanks: Sequence[Span] = ()
    stopped_here: bool = False  # and not in a function of another file that was called here

    def text(self, node: ast.AST) -> str:
        """The source of a node on one line."""
        return " ".join(self.source.cut(self.source.span(node)).split())

    def is_blank(self, node: ast.AST) -> bool:
        """Whether a node is what stands in a blank, or a part of it."""
        first, last = self.source.span(node)
        return any(start <= first and last <= end for start, end in self.blanks)

    def _holds_blank(self, node: ast.AST) -> bool:
        """Whether a blank is somewhere in a node."""
        first, last = self.source.span(node)
        return any(first <= start and end <= last for start, end in self.blanks)

    def is_learners(self, node: ast.AST) -> bool:
        """Whether the value of a node came of what stands in a blank."""
        used = {below.id for below in ast.walk(node) if isinstance(below, ast.Name)}
        return self._holds_blank(node) or bool(used & self._learners)

    @cached_property
    def _learners(self) -> set[str]:
        """The names that got their value from a blank, or from a name that did."""
        found: set[str] = set()
        for statement in _in_order(self.source, self.statement):
            names = [node for node in ast.walk(statement) if isinstance(node, ast.Name)]
            stored = {node.id for node in names if isinstance(node.ctx, ast.Store)}
            loaded = {node.id for node in names if isinstance(node.ctx, ast.Load)}
            if self._holds_blank(statement) or loaded & found:
                found |= stored or {_owner(statement)}
        return found - {""}

    def value(self, node: ast.AST) -> Any:
        """What a node stands for, or UNKNOWN."""
        look = _LOOKS.get(type(node))
        try:
            return look(self, node) if look else UNKNOWN
        except Exception:  # an attribute or an index that is not there
            return UNKNOWN


def of(error: BaseException, source: Source, blanks: Sequence[Span]) -> Scene:
    """The innermost place in a file that an error came through."""
    through = list(frames(error))
    here = [each for each in through if Path(each[0].f_code.co_filename) == source.path]
    if not here:
        return Scene(source, None, {}, blanks)
    frame, line = here[-1]
    names = {**vars(builtins), **frame.f_globals, **frame.f_locals}
    last = frame is through[-1][0]
    return Scene(source, innermost(source, lambda node: _is_on(node, line)), names, blanks, last)


def frames(error: BaseException) -> Iterator[tuple[FrameType, int]]:
    """The frames that an error came through, and their lines; the outermost comes first."""
    trace = error.__traceback__
    while trace:
        yield trace.tb_frame, trace.tb_lineno
        trace = trace.tb_next


def _is_on(node: ast.AST, line: int) -> bool:
    """Whether a node stands on a line; one that has no place of its own may hold one that does."""
    first, last = getattr(node, "lineno", None), getattr(node, "end_lineno", None)
    return first is None or first <= line <= (last or first)


def _in_order(source: Source, last: ast.stmt | None) -> list[ast.stmt]:
    """The simple statements of the function around a statement, up to this one."""
    functions = [node for node in source.tree.body if isinstance(node, ast.FunctionDef)]
    if last is None:
        return []
    around = [f for f in functions if f.lineno <= last.lineno <= (f.end_lineno or f.lineno)]
    nodes = [node for function in around for node in ast.walk(function)]
    simple = [n for n in nodes if isinstance(n, ast.stmt) and not hasattr(n, "body")]
    return sorted((n for n in simple if n.lineno < last.lineno), key=lambda n: n.lineno)


def _owner(statement: ast.stmt) -> str:
    """The name that a call is made on, for its effect: `log` in `log.append(t)`."""
    node: ast.AST | None = statement.value if isinstance(statement, ast.Expr) else None
    while isinstance(node, (ast.Call, ast.Attribute)):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""


# -- values that nothing has to be run for -------------------------------------------------------


def _name(scene: Scene, node: ast.Name) -> Any:
    return scene.names.get(node.id, UNKNOWN)


def _attribute(scene: Scene, node: ast.Attribute) -> Any:
    owner = scene.value(node.value)
    return UNKNOWN if owner is UNKNOWN else getattr(owner, node.attr)


def _item(scene: Scene, node: ast.Subscript) -> Any:
    owner, index = scene.value(node.value), scene.value(node.slice)
    known = owner is not UNKNOWN and index is not UNKNOWN
    return owner[index] if known and isinstance(owner, (list, tuple, dict)) else UNKNOWN


def _several(scene: Scene, node: ast.Tuple | ast.List) -> Any:
    values = [scene.value(entry) for entry in node.elts]
    if any(value is UNKNOWN for value in values):
        return UNKNOWN
    return tuple(values) if isinstance(node, ast.Tuple) else values


def literal(node: ast.AST) -> Any:
    """The value of a number, a string or brackets full of these, or UNKNOWN."""
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return UNKNOWN


_LOOKS: dict[type[ast.AST], Callable[[Scene, Any], Any]] = {
    ast.Name: _name,
    ast.Attribute: _attribute,
    ast.Subscript: _item,
    ast.Tuple: _several,
    ast.List: _several,
    ast.Constant: lambda _, node: node.value,
    ast.UnaryOp: lambda _, node: literal(node),
}
