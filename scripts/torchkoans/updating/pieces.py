"""Koan files as they are shipped, and as a learner has them: which work belongs to which koan.

A koan is found by its name, wherever it stands: lessons get other numbers, koans move.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from torchkoans import cut, marks, spelling
from torchkoans.definitions import definitions, top_level
from torchkoans.lesson import Lesson, Reader
from torchkoans.lineup import BlankAt, KataAt, Lineup, TestAt, line_up
from torchkoans.source import CourseError, Source


class Pristine:
    """A koan file as it is shipped."""

    def __init__(self, source: Source) -> None:
        self.source, self.file = source, source.path.name

    @cached_property
    def nodes(self) -> dict[str, ast.FunctionDef]:
        """Its koans and katas by name, in their order."""
        nodes = [node for node in self.source.tree.body if isinstance(node, ast.FunctionDef)]
        return {node.name: node for node in nodes if marks.is_test(node) or marks.is_kata(node)}

    @cached_property
    def defined(self) -> set[str]:
        """The names of all functions and classes in it."""
        return {node.name for node in top_level(self.source.tree)}

    @cached_property
    def lesson(self) -> Lesson:
        """The file read as if it were an answer file: each blank has an answer, `...`."""
        holes = [self.source.span(hole) for hole in marks.bare(self.source.tree)]
        return Reader(self.source.spliced((span, f"{marks.BLANK}(...)") for span in holes)).lesson()

    @cached_property
    def plain(self) -> str:
        """Its text, whatever its line ends are."""
        return "\n".join(self.source.lines)

    def text(self, name: str) -> str:
        return plain(self.source.cut(cut.whole_span(self.source, self.nodes[name])))

    def holes(self, name: str) -> list[tuple[int, int]]:
        """Byte offsets of a koan's blanks."""
        return [self.source.span(hole) for hole in marks.bare(self.nodes[name])]

    def lines(self, name: str) -> list[str]:
        """The line of each of a koan's blanks."""
        holes = marks.bare(self.nodes[name])
        return [self.source.lines[hole.lineno - 1].strip() for hole in holes]


Files = Mapping[str, Pristine]  # by name of the file


def plain(text: str) -> str:
    """The text with plain line ends, and none at its end."""
    return text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n")


def said(node: ast.FunctionDef, with_docstring: bool = True) -> str:
    """What a function says, whatever its name and its layout are."""
    body = node.body if with_docstring or not marks.docstring_node(node) else node.body[1:]
    parts: list[ast.AST] = [node.args, *node.decorator_list, *body]
    return "\n".join(map(ast.dump, parts))


# -- where an old koan is now --------------------------------------------------------------------


def homes(old: Files, new: Files) -> dict[str, str]:
    """For each old file the new one that goes on with it: it has most of its koans, or its name."""
    found = {}
    for file, pristine in old.items():
        shared = {
            name: len(pristine.nodes.keys() & other.nodes.keys()) for name, other in new.items()
        }
        best = max(shared, key=lambda name: (shared[name], name == file), default="")
        if best and (shared[best] or best == file):
            found[file] = best
    return found


def renamed(old: Files, new: Files) -> dict[str, str]:
    """New names of koans to their old ones, where nothing but the name has changed."""
    gone, come = _only_in(old, new), _only_in(new, old)
    return {
        new_names[0]: gone[said][0]
        for said, new_names in come.items()
        if len(new_names) == len(gone.get(said, ())) == 1
    }


def _only_in(files: Files, others: Files) -> dict[str, list[str]]:
    """Names of koans that the others lack, by what the koan says."""
    known = {name for other in others.values() for name in other.nodes}
    found: dict[str, list[str]] = {}
    for pristine in files.values():
        for name, node in pristine.nodes.items():
            if name not in known and marks.bare(node):
                found.setdefault(said(node, with_docstring=False), []).append(name)
    return found


# -- what a learner wrote ------------------------------------------------------------------------


@dataclass(frozen=True)
class Piece:
    """A koan or kata as it stands in a learner's file, beside the pristine one it was cut from."""

    at: TestAt | KataAt
    source: Source
    origin: Pristine

    @property
    def file(self) -> str:
        return self.source.path.name

    @property
    def is_there(self) -> bool:
        return self.at.line is not None

    @cached_property
    def answers(self) -> tuple[str, ...]:
        """What stands in each blank; nothing where it is still empty."""
        blanks = self.at.blanks if isinstance(self.at, TestAt) else ()
        return tuple("" if _is_blank(blank) else blank.text for blank in blanks)

    @cached_property
    def wrote(self) -> tuple[str, ...]:
        """The answers, or the body of a kata."""
        if isinstance(self.at, TestAt):
            return tuple(answer for answer in self.answers if answer)
        return (self.body,) if self.at.written and self.is_there else ()

    @cached_property
    def node(self) -> ast.FunctionDef:
        node = definitions(self.source)[0][self.at.name][-1]
        assert isinstance(node, ast.FunctionDef)  # line_up has found it as one
        return node

    @cached_property
    def text(self) -> str:
        return plain(self.source.cut(cut.whole_span(self.source, self.node)))

    @cached_property
    def body(self) -> str:
        """The lines of a kata's body; of `def f(x): return x` what stands behind the colon."""
        if isinstance(self.at, KataAt) and self.at.body:
            return plain(self.source.cut(self.at.body))
        behind = self.node.body[1:] if marks.docstring_node(self.node) else self.node.body
        return "    " + self.source.cut(self.source.span(behind[0], behind[-1]))

    @cached_property
    def has_more(self) -> bool:
        """Whether more than the blanks and the body differs from the pristine text."""
        source, name = self.origin.source, self.at.name
        if isinstance(self.at, KataAt):
            edits = [(cut.body_span(source, self.origin.nodes[name]), self.body + "\n")]
        else:
            texts = [blank.text or marks.BLANK for blank in self.at.blanks]
            edits = list(zip(self.origin.holes(name), texts, strict=True))
        try:
            return Pristine(source.spliced(edits)).text(name) != self.text
        except CourseError:
            return True


def _is_blank(blank: BlankAt) -> bool:
    return not blank.text or spelling.same(blank.text, marks.BLANK)


def sides(source: Source) -> list[Source]:
    """The text, or the two texts that a merge could not decide between."""
    if not _CONFLICT.search(source.text):
        return [source]
    return [replace(source, text=_CONFLICT.sub(side, source.text)) for side in (r"\1", r"\2")]


_CONFLICT = re.compile(
    r"^<{7}[^\n]*\n(.*?)(?:^\|{7}[^\n]*\n.*?)?^={7}\r?\n(.*?)^>{7}[^\n]*(?:\n|\Z)",
    re.MULTILINE | re.DOTALL,
)


def pieces(source: Source, origins: Iterable[Pristine]) -> Iterator[Piece]:
    """The koans and katas in a learner's file, each beside the pristine one that it is nearest to.

    Of several that it could have been cut from, the first that it differs from in its blanks alone.
    """
    theirs, _, spoiled = definitions(source)
    names = theirs.keys() | spoiled.keys()
    lined = [(one, line_up(one.lesson, source)) for one in origins if names & one.nodes.keys()]
    for name in sorted(names):
        found = [(one, _at(lineup, name)) for one, lineup in lined if name in one.nodes]
        there = [(one, at) for one, at in found if at and (at.line or name in spoiled)]
        for one, at in sorted(there, key=lambda pair: pair[1].altered)[:1]:
            yield Piece(at, source, one)


def _at(lined: Lineup, name: str) -> TestAt | KataAt | None:
    return lined.test(name) or lined.kata(name)
