"""The functions and classes of a file; where it does not parse, those that still can be read."""

import ast
import re
from collections.abc import Callable, Iterator

from torchkoans.source import CourseError, Source, parse

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def top_level(tree: ast.Module) -> list[Definition]:
    """Functions and classes at the margin, in the order of the text."""
    return [node for node in tree.body if isinstance(node, Definition)]


def innermost(source: Source, holds: Callable[[ast.AST], bool]) -> ast.stmt | None:
    """The innermost statement that `holds`; only what holds is looked into.

    None where there is none, or where the file does not parse.
    """
    found: ast.stmt | None = None
    try:
        inside: list[ast.AST] = list(source.tree.body)
    except CourseError:
        return None
    while inside:
        holding = [node for node in inside if holds(node)]
        found = next((node for node in reversed(holding) if isinstance(node, ast.stmt)), found)
        inside = [below for node in holding for below in ast.iter_child_nodes(node)]
    return found


def definitions(
    source: Source,
) -> tuple[
    dict[str, list[Definition]],
    CourseError | None,
    dict[str, tuple[CourseError, tuple[int, int]]],
]:
    """Definitions by name; where the file does not parse, those whose own block still does.

    Last the blocks that do not, each with what is wrong and where it stands.
    """
    found: dict[str, list[Definition]] = {}
    try:
        for node in top_level(source.tree):
            found.setdefault(node.name, []).append(node)
        return found, None, {}
    except CourseError as error:
        broken = error
    spoiled = {}
    for first, last in _blocks(source):
        try:
            nodes = _parsed_block(source, first, last)
        except CourseError as error:
            block = "\n".join(source.lines[first - 1 : last])
            named = re.search(r"^def\s+(\w+)", block, re.MULTILINE)
            if named:
                spoiled[named.group(1)] = error, source.line_span(first, last)
            continue
        for node in nodes:
            found.setdefault(node.name, []).append(node)
    return found, broken, spoiled


def _blocks(source: Source) -> Iterator[tuple[int, int]]:
    """First and last line of each definition as the eye finds it: it begins in column 0."""
    starts, decorated = [], False
    for number, line in enumerate(source.lines, 1):
        if re.match(r"@|(async\s+)?def\s|class\s", line):
            if not decorated:
                starts.append(number)
            decorated = line.startswith("@")
    for first, after in zip(starts, [*starts[1:], len(source.lines) + 1], strict=True):
        last = after - 1
        while not source.lines[last - 1].strip() or source.lines[last - 1].startswith("#"):
            last -= 1
        yield first, last


_RUBBISH = re.compile(r"(\n\n\n|\n(?=<{7}|={7}|>{7}|\|{7}))(\S.*(\n+|\Z))*\Z")


def _parsed_block(source: Source, first: int, last: int) -> list[Definition]:
    """The block's definition, if need be without what stands below it at the margin."""
    above, block = "\n" * (first - 1), "\n".join(source.lines[first - 1 : last])
    try:
        return top_level(parse(above + block, source.path))
    except CourseError:
        alone = _RUBBISH.sub("", block)
        if alone == block:
            raise
        return top_level(parse(above + alone, source.path))
