"""The practice file of a kata: a lesson of its own, cut from the one that the kata is in.

It is the lesson's answer file with all left out that the kata does not need, so whatever can be
done with a lesson (cut, lined up, revealed) can be done with it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import replace

from torchkoans import marks
from torchkoans.definitions import Definition
from torchkoans.lesson import Kata, Lesson, Reader
from torchkoans.source import Source


def name(lesson: Lesson, kata: Kata) -> str:
    """The file name: `25_black_out.py`."""
    return f"{lesson.path.name[:2]}_{kata.name}.py"


def lesson_of(lesson: Lesson, kata: Kata) -> Lesson:
    """The lesson narrowed to a kata and its tests, whose path has the name of the practice file."""
    whole = _without_blanks(lesson)
    tests = {koan.name for koan in lesson.koans if kata.name in koan.katas}
    pieces = [_piece(whole, node, kata) for node in _needed(whole.tree, {kata.name, *tests})]
    head = f"{_title(lesson)}{whole.newline * 2}"
    text = f"{head}{''.join(pieces).rstrip()}{whole.newline}"
    path = lesson.path.with_name(name(lesson, kata))
    found = Reader(Source(path, text)).lesson()
    return replace(found, koans=tuple(koan for koan in found.koans if koan.name in tests))


def _without_blanks(lesson: Lesson) -> Source:
    """The answer file with each answer in the place of its mark: here the kata alone is asked."""
    blanks = [blank for koan in lesson.koans for blank in koan.blanks]
    return lesson.source.spliced((blank.span, blank.answer) for blank in blanks)


def _title(lesson: Lesson) -> str:
    """The lesson's title as a docstring."""
    title = f"{lesson.title}."
    plain = "\\" not in title and '"' not in title
    return f'"""{title}"""' if plain else repr(title)


def _needed(tree: ast.Module, wanted: Iterable[str]) -> list[ast.stmt]:
    """The statements that are neither tests nor definitions, and the definitions that are used."""
    defined = {node.name: node for node in tree.body if isinstance(node, Definition)}
    docstring = tree.body[0] if ast.get_docstring(tree) is not None else None
    around = [n for n in tree.body if not isinstance(n, Definition) and n is not docstring]
    used: set[str] = set()
    waiting = [*wanted, *(each for node in around for each in marks.names(node))]
    while waiting:
        one = waiting.pop()
        if one in defined and one not in used:
            used.add(one)
            waiting += marks.names(defined[one])
    return [n for n in tree.body if n in around or getattr(n, "name", "") in used]


def _piece(source: Source, node: ast.stmt, kata: Kata) -> str:
    """A statement with what stands below it: comments, directives, empty lines.

    Another kata, where a test needs two, is handed out written.
    """
    starts = [marks.first_line(each) for each in source.tree.body]
    first = marks.first_line(node)
    last = next((start for start in starts if start > first), len(source.lines) + 1) - 1
    if marks.is_kata(node) and getattr(node, "name", "") != kata.name:
        first = node.lineno
    return source.cut(source.line_span(first, last))
