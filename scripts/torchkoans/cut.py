"""From answer to koan: blanks are emptied, the bodies of katas and all directives go.

`pristine` is the koan file byte for byte; `filled` is the solved file without its marks.
"""

import ast
from collections.abc import Mapping
from functools import cache

from torchkoans import marks
from torchkoans.definitions import Definition
from torchkoans.lesson import Lesson
from torchkoans.source import Source

STUB = "raise NotImplementedError"

Edit = tuple[tuple[int, int], str]


@cache
def pristine(lesson: Lesson) -> Source:
    """The koan file as a learner first sees it."""
    return typed(lesson, {})


def typed(
    lesson: Lesson,
    codes: Mapping[tuple[int, int], str],
    bodies: Mapping[str, str] | None = None,
) -> Source:
    """The koan file with some code in the blanks that have these spans in the answer file.

    `bodies` has what stands in katas instead of the stub, by name, without indentation.
    """
    blanks = [
        (blank.span, codes.get(blank.span, marks.BLANK))
        for koan in lesson.koans
        for blank in koan.blanks
    ]
    return lesson.source.spliced([*blanks, *_stubs(lesson, bodies or {}), *_no_directives(lesson)])


@cache
def filled(lesson: Lesson) -> Source:
    """The koan file with every blank filled and every kata written."""
    blanks = [(blank.span, blank.answer) for koan in lesson.koans for blank in koan.blanks]
    return lesson.source.spliced([*blanks, *_no_directives(lesson)])


def whole_span(source: Source, function: Definition) -> tuple[int, int]:
    """Byte offsets of all lines of a function or a class, decorators included."""
    return source.line_span(marks.first_line(function), function.end_lineno or function.lineno)


def body_span(source: Source, kata: ast.FunctionDef) -> tuple[int, int]:
    """Byte offsets of a kata's body: all lines between its docstring and the end of the function.

    Comments in the body belong to it, those below it that are not indented do not.
    """
    docstring = marks.docstring_node(kata)
    above = docstring.end_lineno if docstring else _signature_end(kata)
    last = kata.end_lineno or kata.lineno
    for number, line in enumerate(source.lines[last:], last + 1):
        if line.strip() and not line.startswith((" ", "\t")):
            break
        last = number if line.strip() else last
    return source.line_span((above or kata.lineno) + 1, last)


def _signature_end(kata: ast.FunctionDef) -> int:
    """The last line of `def ...:`, which ends where the body begins."""
    return min(node.lineno for node in kata.body) - 1


def has_own_lines(source: Source, kata: ast.FunctionDef) -> bool:
    """Whether a kata's body is apart from its signature and docstring: `def f(x): return x` is not.

    Only then its lines can be replaced.
    """
    docstring = marks.docstring_node(kata)
    first = kata.body[1] if docstring and len(kata.body) > 1 else kata.body[0]
    start, _ = source.span(first)
    return not source.cut((source.line_span(first.lineno, first.lineno)[0], start)).strip()


def indentation(source: Source, kata: ast.FunctionDef) -> str:
    """The white space in front of a kata's statements."""
    line = source.lines[kata.body[0].lineno - 1]
    return line[: len(line) - len(line.lstrip())]


def _stubs(lesson: Lesson, bodies: Mapping[str, str]) -> list[Edit]:
    source = lesson.source
    katas = [node for node in source.tree.body if marks.is_kata(node)]
    return [
        (body_span(source, node), indented(source, node, bodies.get(node.name, STUB)))
        for node in katas
        if isinstance(node, ast.FunctionDef)
    ]


def indented(source: Source, kata: ast.FunctionDef, body: str) -> str:
    """The lines of a body as they stand in a kata: its indentation, the file's line ends."""
    before = indentation(source, kata)
    return "".join(f"{before}{line}{source.newline}" for line in body.splitlines())


def _no_directives(lesson: Lesson) -> list[Edit]:
    """Directive lines go, and with each run of them the blank lines that would pile up."""
    lines = lesson.source.lines
    gone = {n for first, last in lesson.comments for n in range(first, last + 1)}
    for first, last in _runs(lines, gone):
        before = _empty_lines(lines, range(first - 1, 0, -1))
        after = _empty_lines(lines, range(last + 1, len(lines)))
        ends_the_file = last + after >= len(lines) - 1
        surplus = before if ends_the_file else min(before, after)
        gone.update(range(first - surplus, last + 1))
    inside = {n for span in _kata_lines(lesson) for n in range(span[0], span[1] + 1)}
    return [(lesson.source.line_span(n, n), "") for n in sorted(gone - inside)]


def _runs(lines: list[str], numbers: set[int]) -> list[tuple[int, int]]:
    """First and last of these lines where nothing but empty lines stands between them."""
    runs: list[tuple[int, int]] = []
    for number in sorted(numbers):
        if runs and not any(line.strip() for line in lines[runs[-1][1] : number - 1]):
            runs[-1] = runs[-1][0], number
        else:
            runs.append((number, number))
    return runs


def _kata_lines(lesson: Lesson) -> list[tuple[int, int]]:
    """Line ranges that the stubs replace already."""
    source = lesson.source
    spans = [
        body_span(source, node)
        for node in source.tree.body
        if isinstance(node, ast.FunctionDef) and marks.is_kata(node)
    ]
    return [(source.line_at(start), source.line_at(end - 1)) for start, end in spans]


def _empty_lines(lines: list[str], numbers: range) -> int:
    """How many lines in a row, from the first of these numbers on, are empty."""
    count = 0
    for number in numbers:
        if lines[number - 1].strip():
            break
        count += 1
    return count
