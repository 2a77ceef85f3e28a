"""What a learner has added to a koan file beside the koans: tests, helpers, imports."""

from __future__ import annotations

import ast
from collections.abc import Collection
from dataclasses import dataclass, replace

from torchkoans import marks
from torchkoans.definitions import Definition, definitions
from torchkoans.matching import quiet, unify
from torchkoans.source import Source
from torchkoans.updating.pieces import Pristine, plain


@dataclass(frozen=True)
class Additions:
    """The text of each addition by name; imports and assignments have none but their text.

    `altered` are helpers of the lesson that say something else here, `clashing` have the name of
    something that the new lesson brings along, `broken` do not parse.
    """

    imports: tuple[str, ...] = ()
    functions: tuple[tuple[str, str], ...] = ()
    altered: tuple[str, ...] = ()
    clashing: tuple[str, ...] = ()
    broken: tuple[str, ...] = ()


def additions(
    learner: Source, old: Pristine, new: Pristine | None, koans: Collection[str]
) -> Additions:
    """What is in a learner's file and in neither of the shipped ones; `koans` are the course's."""
    theirs, broken, spoiled = definitions(learner)
    read = [node for nodes in theirs.values() for node in nodes]
    nodes = sorted(read, key=lambda node: node.lineno) if broken else learner.tree.body
    shipped = [*old.source.tree.body, *(new.source.tree.body if new else [])]
    known = {ast.dump(node) for node in shipped}
    named = {node.name: node for node in reversed(shipped) if isinstance(node, Definition)}
    imports: list[str] = []
    functions: list[tuple[str, str]] = []
    altered: list[str] = []
    clashing: list[str] = []
    for node in nodes:
        if isinstance(node, Definition) and node.name not in koans:
            if node.name not in named:
                functions.append((node.name, _text(learner, node)))
            elif node.name not in old.defined:
                clashing.append(node.name)
            elif not unify(quiet(named[node.name]), quiet(node), {}):
                altered.append(node.name)
        elif isinstance(node, (ast.Import, ast.ImportFrom)) and ast.dump(node) not in known:
            imports.append(_text(learner, node))
        elif not (isinstance(node, Definition) or marks.is_noise(node) or ast.dump(node) in known):
            functions.append(("", _text(learner, node)))
    unread = sorted(name for name in spoiled if name not in koans and name not in theirs)
    return Additions(
        tuple(imports), tuple(functions), tuple(altered), tuple(clashing), tuple(unread)
    )


def _text(source: Source, node: ast.stmt) -> str:
    last = node.end_lineno or node.lineno
    return plain(source.cut(source.line_span(marks.first_line(node), last)))


def added(to: Source, own: Additions) -> Source:
    """The file with the additions: imports below the last one, all else at its end."""
    text = "".join(f"\n\n{text}\n" for _, text in own.functions)
    longer = replace(to, text=f"{to.text.rstrip()}\n{like(to, text)}") if text else to
    imports = [n for n in longer.tree.body if isinstance(n, (ast.Import, ast.ImportFrom))]
    line = max((node.end_lineno or 0 for node in imports), default=0)
    at = longer.line_span(line, line)[1] if line else len(longer.data)
    return longer.spliced([((at, at), like(to, "".join(f"{one}\n" for one in own.imports)))])


def like(source: Source, text: str) -> str:
    """The text with the line ends of the source."""
    return text.replace("\n", source.newline)
