"""Where the marks `__` and `@kata` stand in a syntax tree. Nothing is run to find them."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

BLANK = "__"
KATA = "kata"
LOOKING = {"print", "breakpoint", "help"}  # calls that a learner adds to look around


@dataclass(frozen=True)
class Mark:
    """One `__`, together with the answer that it wraps.

    `node` is what a cut replaces: the name itself where it is bare, else the whole `__(...)` or
    `__[...]`.
    """

    node: ast.expr
    answer: ast.expr | None
    is_index: bool = False

    @property
    def is_bare(self) -> bool:
        return self.answer is None


def marks(tree: ast.AST) -> list[Mark]:
    """Every mark below a node, in the order of the text."""
    found = _walk(tree)
    return sorted(found, key=lambda mark: (mark.node.lineno, mark.node.col_offset))


def bare(tree: ast.AST) -> list[ast.expr]:
    """The blanks that nobody has filled."""
    return [mark.node for mark in marks(tree) if mark.is_bare]


def _walk(tree: ast.AST) -> Iterator[Mark]:
    """Not by recursion: a learner's sum may have a thousand terms, each a level deep."""
    waiting: list[tuple[ast.AST, ast.AST | None, ast.AST | None]] = [(tree, None, None)]
    while waiting:
        node, parent, above = waiting.pop()
        if isinstance(node, ast.Name) and node.id == BLANK:
            yield _mark(node, parent, above)
        waiting += [(child, node, parent) for child in children(node)]


def children(node: ast.AST) -> list[ast.AST]:
    """The nodes right below a node, but for those that say nothing: Load(), Add().

    As `ast.iter_child_nodes`, in half its time: every look at a koan goes through here.
    """
    found: list[ast.AST] = []
    for name in node._fields:
        value = getattr(node, name, None)
        if isinstance(value, list):
            found += [each for each in value if isinstance(each, ast.AST)]
        elif isinstance(value, ast.AST) and value._fields:
            found.append(value)
    return found


def below(tree: ast.AST) -> Iterator[ast.AST]:
    """A node and all that is below it, in no order that matters."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        waiting += children(node)


def _mark(name: ast.Name, parent: ast.AST | None, above: ast.AST | None) -> Mark:
    """The mark around a name: it wraps an answer only in the two forms that `blank` cuts."""
    if isinstance(parent, ast.Call) and parent.func is name:
        plain = len(parent.args) == 1 and not parent.keywords
        if plain and not isinstance(parent.args[0], ast.Starred):
            return Mark(parent, parent.args[0])
    indexes = isinstance(above, ast.Subscript) and above.slice is parent
    if indexes and isinstance(parent, ast.Subscript) and parent.value is name:
        return Mark(parent, parent.slice, is_index=True)
    return Mark(name, None)


def is_kata(node: ast.AST) -> bool:
    """Whether a node is a function marked with `@kata`."""
    return isinstance(node, ast.FunctionDef) and any(
        isinstance(decorator, ast.Name) and decorator.id == KATA
        for decorator in node.decorator_list
    )


def is_test(node: ast.AST) -> bool:
    """Whether a node is a function that pytest collects as a koan."""
    return isinstance(node, ast.FunctionDef) and node.name.startswith("test")


def docstring_node(function: ast.FunctionDef) -> ast.Expr | None:
    """The statement that is the docstring."""
    first = function.body[0]
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
        return first if isinstance(first.value.value, str) else None
    return None


def first_line(node: ast.stmt) -> int:
    """The line where a statement begins, its decorators included."""
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(decorator.lineno for decorator in decorators)])


def is_unwritten(kata: ast.FunctionDef) -> bool:
    """Whether a kata's body is still the stub.

    It raises NotImplementedError and returns nothing, or nothing is left in it at all.
    """
    returns = any(isinstance(node, ast.Return) for node in below(kata))
    stub = any(map(_raises_not_implemented, kata.body)) or all(map(is_noise, kata.body))
    return stub and not returns


def _raises_not_implemented(statement: ast.stmt) -> bool:
    if not isinstance(statement, ast.Raise) or statement.exc is None:
        return False
    raised = statement.exc.func if isinstance(statement.exc, ast.Call) else statement.exc
    return isinstance(raised, ast.Name) and raised.id == "NotImplementedError"


def is_noise(node: ast.AST) -> bool:
    """Whether a statement adds nothing: `pass`, a string that stands alone, a look at something."""
    if isinstance(node, (ast.For, ast.If)):
        return all(map(is_noise, [*node.body, *node.orelse]))
    if not isinstance(node, ast.Expr):
        return isinstance(node, ast.Pass)
    value = node.value
    called = value.func if isinstance(value, ast.Call) else None
    return isinstance(value, ast.Constant) or (
        isinstance(called, ast.Name) and called.id in LOOKING
    )


def names(tree: ast.AST) -> set[str]:
    """Every name that is used below a node."""
    return {node.id for node in below(tree) if isinstance(node, ast.Name)}
