"""A learner's koan file held against the pristine one.

What stands in each blank, and what else was changed.

Tests are found by name. Within a test the two syntax trees are unified, each blank matching
whatever stands in its place, so formatting, comments and added prints change nothing. Where more
than the blanks was changed, the statements are lined up one by one: a blank is found as long as
something of its statement is left. No file is run.
"""

import ast
import copy
import difflib
import io
import re
import tokenize
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from torchkoans import cut, marks
from torchkoans.lesson import Lesson
from torchkoans.source import CourseError, Source, parse

NOISE = {"print", "breakpoint", "help"}  # calls that a learner adds to look around


class State(Enum):
    """What stands where a blank was."""

    EMPTY = "empty"  # still `__`, or nothing at all
    FILLED = "filled"
    GONE = "gone"  # its statement is no longer there to be found


@dataclass(frozen=True)
class BlankAt:
    """A blank in the learner's file: `span` (bytes) and `line` say where.

    Both are None where it is gone.
    """

    state: State
    text: str = ""
    line: int | None = None
    span: tuple[int, int] | None = None


@dataclass(frozen=True)
class TestAt:
    """A test in the learner's file.

    `line` is its `def`, None where it is missing or does not parse.
    """

    __test__ = False  # pytest: not a test class

    name: str
    line: int | None
    blanks: tuple[BlankAt, ...] = ()
    altered: bool = False
    new: bool = False
    broken: CourseError | None = None
    span: tuple[int, int] | None = None  # bytes of the whole function, decorators included

    @property
    def missing(self) -> bool:
        return self.line is None and self.broken is None

    @property
    def empty(self) -> tuple[BlankAt, ...]:
        """The blanks that keep the koan from being filled."""
        return tuple(blank for blank in self.blanks if blank.state is not State.FILLED)


@dataclass(frozen=True)
class KataAt:
    """A kata in the learner's file.

    Whether its body was written, whether its signature was changed.
    """

    name: str
    line: int | None
    written: bool = False
    altered: bool = False
    body: tuple[int, int] | None = None


@dataclass(frozen=True)
class Lineup:
    """All of a learner's file. `broken` says why it does not parse.

    What still can be read is read.
    """

    source: Source
    tests: tuple[TestAt, ...]
    katas: tuple[KataAt, ...]
    broken: CourseError | None = None
    altered_helpers: tuple[str, ...] = ()

    def test(self, name: str) -> TestAt | None:
        return next((test for test in self.tests if test.name == name), None)

    def kata(self, name: str) -> KataAt | None:
        return next((kata for kata in self.katas if kata.name == name), None)

    @property
    def touched(self) -> bool:
        """Whether a learner has filled or written anything that would be lost with the file."""
        written = any(kata.written for kata in self.katas)
        return written or any(
            test.new or test.broken or any(b.state is not State.EMPTY for b in test.blanks)
            for test in self.tests
        )


def line_up(lesson: Lesson, learner: Source) -> Lineup:
    """Line a learner's file up with the lesson that it was cut from."""
    pristine = cut.pristine(lesson)
    functions, broken, spoiled = _functions(learner)
    originals = {node.name: node for node in _top_level(pristine.tree)}
    tests = []
    for koan in lesson.koans:
        theirs = functions.get(koan.name, [])
        if theirs:
            tests.append(_line_up_test(originals[koan.name], pristine, theirs, learner))
        else:
            gone = tuple(BlankAt(State.GONE) for _ in koan.blanks)
            tests.append(TestAt(koan.name, None, gone, broken=spoiled.get(koan.name)))
    tests += _new_tests(lesson, functions, learner)
    katas = [_line_up_kata(originals[kata.name], functions, learner) for kata in lesson.katas]
    return Lineup(learner, tuple(tests), tuple(katas), broken, _helpers(originals, functions))


# -- reading the learner's functions -------------------------------------------------------------


def _top_level(tree: ast.Module) -> list[ast.FunctionDef]:
    return [node for node in tree.body if isinstance(node, ast.FunctionDef)]


Functions = dict[str, list[ast.FunctionDef]]


def _functions(
    source: Source,
) -> tuple[Functions, CourseError | None, dict[str, CourseError]]:
    """Functions by name; where the file does not parse, those whose own block still does."""
    found: Functions = {}
    try:
        for node in _top_level(source.tree):
            found.setdefault(node.name, []).append(node)
        return found, None, {}
    except CourseError as error:
        broken = error
    spoiled = {}
    for line, block in _blocks(source):
        try:
            nodes = _top_level(parse("\n" * (line - 1) + block, source.path))
        except CourseError as error:
            named = re.search(r"^def\s+(\w+)", block, re.MULTILINE)
            if named:
                spoiled[named.group(1)] = error
            continue
        for node in nodes:
            found.setdefault(node.name, []).append(node)
    return found, broken, spoiled


def _blocks(source: Source) -> Iterator[tuple[int, str]]:
    """(first line, text) of each top-level function as the eye finds it: it begins in column 0."""
    starts = []
    for number, line in enumerate(source.lines, 1):
        above = source.lines[number - 2] if number > 1 else ""
        if re.match(r"@|def |async def |class ", line) and not above.startswith("@"):
            starts.append(number)
    for start, end in zip(starts, [*starts[1:], len(source.lines) + 1], strict=True):
        yield start, "\n".join(source.lines[start - 1 : end - 1])


# -- one test ------------------------------------------------------------------------------------


def _line_up_test(
    pristine: ast.FunctionDef,
    source: Source,
    candidates: list[ast.FunctionDef],
    learner: Source,
) -> TestAt:
    """Python keeps the last of several functions of one name, so that is the one that counts."""
    theirs = candidates[-1]
    caught: Captures = {}
    same = _unify(_quiet(pristine), _quiet(theirs), caught)
    if not same:
        caught = _line_by_line(pristine, source, theirs, learner)
    holes = marks.bare(pristine)
    return TestAt(
        pristine.name,
        theirs.lineno,
        tuple(_blank_at(caught.get(_place(hole)), learner) for hole in holes),
        altered=not same or len(candidates) > 1,
        span=_whole(theirs, learner),
    )


def _whole(function: ast.FunctionDef, source: Source) -> tuple[int, int]:
    last = function.end_lineno or function.lineno
    return source.line_span(marks.first_line(function), last)


def _blank_at(nodes: "list[ast.AST] | Spilled | None", learner: Source) -> BlankAt:
    if nodes is None:
        return BlankAt(State.GONE)
    if isinstance(nodes, Spilled):
        text = learner.cut(nodes.span)
        bare = any(token == marks.BLANK for token, *_ in _tokens(text))
        state = State.EMPTY if bare else State.FILLED
        return BlankAt(state, text, learner.line_at(nodes.span[0]), nodes.span)
    if not nodes:
        return BlankAt(State.EMPTY)
    first, last = nodes[0], nodes[-1]
    span = learner.span(first, last)
    text = learner.cut(span)
    found = [mark for node in nodes for mark in marks.marks(node)]
    if any(mark.is_bare for mark in found):
        return BlankAt(State.EMPTY, text, first.lineno, span)  # type: ignore[attr-defined]
    if len(found) == 1 and found[0].node is first and found[0].answer is not None:
        text = learner.cut(learner.span(found[0].answer))  # __(answer): the answer counts
    return BlankAt(State.FILLED, text, first.lineno, span)  # type: ignore[attr-defined]


def _new_tests(lesson: Lesson, functions: Functions, learner: Source) -> list[TestAt]:
    known = {koan.name for koan in lesson.koans}
    return [
        TestAt(name, nodes[-1].lineno, new=True, span=_whole(nodes[-1], learner))
        for name, nodes in functions.items()
        if name.startswith("test") and name not in known
    ]


def _line_up_kata(pristine: ast.FunctionDef, functions: Functions, learner: Source) -> KataAt:
    found = functions.get(pristine.name)
    if not found:
        return KataAt(pristine.name, None)
    theirs = found[-1]
    same = _unify(pristine.args, theirs.args, {}) and marks.is_kata(theirs)
    written = not marks.is_unwritten(theirs)
    body = cut.body_span(learner, theirs)
    return KataAt(pristine.name, theirs.lineno, written, not same, body)


def _helpers(originals: dict[str, ast.FunctionDef], functions: Functions) -> tuple[str, ...]:
    """Names of the lesson's own helper functions that were changed or are missing."""
    return tuple(
        name
        for name, node in originals.items()
        if not marks.is_test(node) and not marks.is_kata(node)
        if name not in functions or not _unify(_quiet(node), _quiet(functions[name][-1]), {})
    )


# -- unifying trees ------------------------------------------------------------------------------

Captures = dict[
    tuple[int, int], "list[ast.AST] | Spilled"
]  # where a hole stands -> what stands there now

_PLACES = {"lineno", "col_offset", "end_lineno", "end_col_offset", "ctx", "kind", "type_comment"}


def _place(node: ast.AST) -> tuple[int, int]:
    return node.lineno, node.col_offset  # type: ignore[attr-defined]


def _is_hole(node: object) -> bool:
    return isinstance(node, ast.Name) and node.id == marks.BLANK


def _unify(pattern: object, node: object, caught: Captures) -> bool:
    """Whether the node is the pattern with something in its holes; what, goes into `caught`."""
    if _is_hole(pattern):
        if isinstance(node, ast.expr):
            caught[_place(pattern)] = [node]  # type: ignore[arg-type]
            return True
        return False
    if isinstance(pattern, list):
        return isinstance(node, list) and _unify_lists(pattern, node, caught)
    if not isinstance(pattern, ast.AST):
        return type(pattern) is type(node) and pattern == node
    if type(pattern) is not type(node):
        return False
    if isinstance(pattern, ast.Call) and isinstance(node, ast.Call):
        return _unify(pattern.func, node.func, caught) and _unify_lists(
            _arguments(pattern), _arguments(node), caught
        )
    fields = [name for name in pattern._fields if name not in _PLACES]
    return all(
        _unify(getattr(pattern, name, None), getattr(node, name, None), caught) for name in fields
    )


def _arguments(call: ast.Call) -> list[ast.AST]:
    """Arguments in the order of the text: a blank may be filled with several, or with a keyword."""
    return sorted([*call.args, *call.keywords], key=_place)


def _unify_lists(pattern: Sequence[object], nodes: Sequence[object], caught: Captures) -> bool:
    """Element by element; a hole among them may hold one element, several, or none."""
    holes = [at for at, element in enumerate(pattern) if _is_hole(element)]
    if len(holes) == 1 and len(nodes) >= len(pattern) - 1:
        (at,) = holes
        after = len(pattern) - at - 1
        middle = list(nodes[at : len(nodes) - after])
        if not all(isinstance(node, (ast.expr, ast.keyword)) for node in middle):
            return False
        caught[_place(pattern[at])] = middle  # type: ignore[arg-type,assignment]
        rest = [*nodes[:at], *nodes[len(nodes) - after :]]
        pattern = [*pattern[:at], *pattern[at + 1 :]]
        return all(_unify(p, n, caught) for p, n in zip(pattern, rest, strict=True))
    return len(pattern) == len(nodes) and all(
        _unify(p, n, caught) for p, n in zip(pattern, nodes, strict=True)
    )


_BODIES = ("body", "orelse", "finalbody", "handlers", "cases")


def _quiet(node: ast.AST) -> ast.AST:
    """A copy without what adds nothing: prints, strings that stand alone, `pass`."""
    changed = copy.copy(node)
    for name in _BODIES:
        body = getattr(node, name, None)
        if isinstance(body, list):
            setattr(changed, name, [_quiet(below) for below in body if not _is_noise(below)])
    return changed


def _is_noise(node: ast.AST) -> bool:
    if isinstance(node, ast.Pass):
        return True
    if not isinstance(node, ast.Expr):
        return False
    value = node.value
    called = value.func if isinstance(value, ast.Call) else None
    return isinstance(value, ast.Constant) or (isinstance(called, ast.Name) and called.id in NOISE)


# -- statement by statement, where more than the blanks was changed ------------------------------


@dataclass(frozen=True)
class Spilled:
    """What stands in a blank where it no longer is one expression: `x == () or True`."""

    span: tuple[int, int]


def _line_by_line(
    pristine: ast.FunctionDef, source: Source, theirs: ast.FunctionDef, learner: Source
) -> Captures:
    """Line up the statements of two functions, in order, so that as much as possible agrees."""
    ours, yours = list(_statements(pristine.body)), list(_statements(theirs.body))
    matches = [[_match(p, source, n, learner) for n in yours] for p in ours]
    best = [[0.0] * (len(yours) + 1) for _ in range(len(ours) + 1)]
    for i in reversed(range(len(ours))):
        for j in reversed(range(len(yours))):
            paired = matches[i][j].score + best[i + 1][j + 1] if matches[i][j].score else 0.0
            best[i][j] = max(paired, best[i + 1][j], best[i][j + 1])
    caught: Captures = {}
    i = j = 0
    while i < len(ours) and j < len(yours):
        score = matches[i][j].score
        if score and best[i][j] == score + best[i + 1][j + 1]:
            caught.update(matches[i][j].caught)
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            i += 1
        else:
            j += 1
    return caught


def _statements(body: Sequence[ast.AST]) -> Iterator[ast.AST]:
    """Statements in the order of the text; of a compound one its header, then what is in it."""
    for statement in body:
        if _is_noise(statement):
            continue
        header = copy.copy(statement)
        inside = [(name, getattr(statement, name, None)) for name in _BODIES]
        for name, below in inside:
            if isinstance(below, list):
                setattr(header, name, [])
        yield header
        for _, below in inside:
            yield from _statements(below if isinstance(below, list) else [])


@dataclass(frozen=True)
class _Match:
    score: float = 0.0
    caught: Captures = field(default_factory=dict)


def _match(pattern: ast.AST, source: Source, node: ast.AST, learner: Source) -> _Match:
    """How well a statement stands for a pristine one.

    Wholly, up to what spills over, or just alike.
    """
    holes = marks.bare(pattern)
    caught: Captures = {}
    if _unify(pattern, node, caught):
        return _Match(10.0 + 5.0 * len(holes), caught)
    if type(pattern) is not type(node):
        return _Match()
    if len(holes) == 1 and not any(getattr(pattern, name, None) is not None for name in _BODIES):
        spilled = _spilled(source.cut(source.span(pattern)), learner, learner.span(node))
        if spilled:
            return _Match(8.0, {_place(holes[0]): spilled})
    alike = difflib.SequenceMatcher(None, ast.unparse(pattern), ast.unparse(node)).ratio()
    return _Match(3.0 * alike if alike >= 0.6 else 0.0)


def _spilled(pattern: str, learner: Source, span: tuple[int, int]) -> Spilled | None:
    """Match token by token: what stands between the tokens around the hole."""
    expected, found = _tokens(pattern), _tokens(learner.cut(span))
    at = next((n for n, token in enumerate(expected) if token[0] == marks.BLANK), None)
    if at is None or len(found) < len(expected):
        return None
    after = len(expected) - at - 1
    middle = found[at : len(found) - after]
    around = [*found[:at], *found[len(found) - after :]]
    if [text for text, *_ in around] != [t for n, (t, *_) in enumerate(expected) if n != at]:
        return None
    return Spilled((span[0] + middle[0][1], span[0] + middle[-1][2]))


def _tokens(statement: str) -> list[tuple[str, int, int]]:
    """(text, first byte, last byte) of the tokens that mean something; quotes do not matter."""
    quiet = (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT)
    source = Source(_NOWHERE, f"({statement}\n)")  # in brackets, line breaks are no tokens
    found = []
    try:
        for token in tokenize.generate_tokens(io.StringIO(source.text).readline):
            if token.type in quiet or token.type == tokenize.ENDMARKER:
                continue
            start, end = (_byte(source, place) - 1 for place in (token.start, token.end))
            text = token.string
            if token.type == tokenize.STRING:
                text = repr(ast.literal_eval(text)) if text[0] in "'\"" else text
            found.append((text, start, end))
    except (tokenize.TokenError, SyntaxError, ValueError):
        return []
    return found[1:-1]


def _byte(source: Source, place: tuple[int, int]) -> int:
    line, column = place
    return source.offset(line, len(source.lines[line - 1][:column].encode()))


_NOWHERE = Path()
