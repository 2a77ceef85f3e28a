"""Whether two pieces of code are the same answer, however they are spelled.

Quotes, number spellings, tuple against torch.Size, brackets and spaces do not matter.
"""

import ast
from functools import cache


def same(left: str, right: str) -> bool:
    """Whether two expressions or indexes say the same; code that does not parse says nothing."""
    first, second = normal(left), normal(right)
    return first is not None and first == second


@cache  # one answer is held against many traps
def normal(code: str) -> str | None:
    """A form of the code that is equal for equal answers, or None where it does not parse."""
    tree = _expression(code) or _index(code)
    try:
        return ast.dump(_Normal().visit(tree)) if tree else None
    except RecursionError:
        return None


def _expression(code: str) -> ast.expr | None:
    """In a list it must be something, so that `1) + (2` and no code at all are nothing."""
    listed = _parsed(f"[{code}\n]")
    if isinstance(listed, ast.List) and len(listed.elts) == 1 and "," not in code:
        return None if isinstance(listed.elts[0], ast.Starred) else listed.elts[0]
    something = isinstance(listed, ast.ListComp) or (isinstance(listed, ast.List) and listed.elts)
    return _parsed(f"({code}\n)") if something else None


def _index(code: str) -> ast.expr | None:
    indexed = _parsed(f"_[{code}\n]")
    alone = isinstance(indexed, ast.Subscript) and isinstance(indexed.value, ast.Name)
    return indexed if alone else None


def _parsed(code: str) -> ast.expr | None:
    try:
        return ast.parse(code, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


class _Normal(ast.NodeTransformer):
    """Rewrites spellings that Python or torch takes for equal to one of them."""

    in_call = False  # 7 == 7.0, but torch.full((2,), 7) is not torch.full((2,), 7.0)

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        if isinstance(node.value, float) and node.value.is_integer() and not self.in_call:
            return ast.Constant(int(node.value))
        return ast.Constant(node.value)  # without `kind`, which tells u"" from ""

    def visit_Call(self, node: ast.Call) -> ast.AST:
        before, self.in_call = self.in_call, not _is_size(node.func)
        self.generic_visit(node)
        self.in_call = before
        if _is_size(node.func) and len(node.args) <= 1 and not node.keywords:
            if not node.args:
                return ast.Tuple([], ast.Load())
            if isinstance(node.args[0], (ast.List, ast.Tuple)):
                return ast.Tuple(node.args[0].elts, ast.Load())
        return node


def _is_size(function: ast.expr) -> bool:
    return isinstance(function, ast.Attribute) and function.attr == "Size"
