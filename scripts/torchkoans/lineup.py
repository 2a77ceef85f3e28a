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
import keyword
import re
import tokenize
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from pathlib import Path

from torchkoans import cut, marks, spelling
from torchkoans.lesson import Lesson
from torchkoans.source import CourseError, Source, parse


class State(Enum):
    """What stands where a blank was."""

    EMPTY = "empty"  # still `__`, or nothing at all
    FILLED = "filled"
    GONE = "gone"  # its statement is no longer there to be found


@dataclass(frozen=True)
class BlankAt:
    """A blank in the learner's file: `span` (bytes) and `line` say where.

    Both are None where it is gone or erased. Typed over `__` in the pristine koan, `text` says what
    it says here, so it brings along the brackets that it was given.
    """

    state: State
    text: str = ""
    line: int | None = None
    span: tuple[int, int] | None = None


@dataclass(frozen=True)
class TestAt:
    """A test in the learner's file.

    `line` is its `def`, None where it is missing or does not parse. Of two with one name Python
    keeps the last, so that one counts.
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
    body: tuple[int, int] | None = None  # bytes; None where it has no lines of its own
    span: tuple[int, int] | None = None  # bytes of the whole function, decorators included


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
        written = any(kata.written or kata.altered for kata in self.katas)
        return (
            written or bool(self.broken or self.altered_helpers) or any(map(_touched, self.tests))
        )


def _touched(test: TestAt) -> bool:
    """A blank that is half filled, as `(__, 3)` is, holds work too."""
    worked = any(b.text and not spelling.same(b.text, marks.BLANK) for b in test.blanks)
    return worked or test.altered or test.new or test.missing


def line_up(lesson: Lesson, learner: Source) -> Lineup:
    """Line a learner's file up with the lesson that it was cut from."""
    pristine = cut.pristine(lesson)
    theirs, broken, spoiled = _definitions(learner)
    functions = {
        name: [node for node in nodes if isinstance(node, ast.FunctionDef)]
        for name, nodes in theirs.items()
    }
    originals = {node.name: node for node in _top_level(pristine.tree)}
    tests = []
    for koan in lesson.koans:
        ours = originals[koan.name]
        assert isinstance(ours, ast.FunctionDef)  # a koan is one
        if functions.get(koan.name):
            tests.append(_line_up_test(_Function(ours, pristine), functions[koan.name], learner))
        else:
            gone = tuple(BlankAt(State.GONE) for _ in koan.blanks)
            error, span = spoiled.get(koan.name, (None, None))
            tests.append(TestAt(koan.name, None, gone, broken=error, span=span))
    tests += _new_tests(lesson, functions, learner)
    katas = [_line_up_kata(originals[kata.name], functions, learner) for kata in lesson.katas]
    return Lineup(learner, tuple(tests), tuple(katas), broken, _helpers(originals, theirs))


# -- reading the learner's functions -------------------------------------------------------------

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
Functions = dict[str, list[ast.FunctionDef]]


def _top_level(tree: ast.Module) -> list[Definition]:
    return [node for node in tree.body if isinstance(node, Definition)]


def _definitions(
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
        for node in _top_level(source.tree):
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
        return _top_level(parse(above + block, source.path))
    except CourseError:
        alone = _RUBBISH.sub("", block)
        if alone == block:
            raise
        return _top_level(parse(above + alone, source.path))


# -- one test ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Function:
    """A function and the text that it stands in."""

    node: ast.FunctionDef
    source: Source

    @cached_property
    def tokens(self) -> list["_Token"]:
        """Its tokens, with their places in the file."""
        span = self.source.span(self.node)
        start = span[0]
        return [
            _Token(token.text, start + token.start, start + token.end)
            for token in _tokens(self.source.cut(span))
        ]

    def spans(self, node: ast.AST) -> list[tuple[int, int]]:
        """Of an expression the span alone, then with each pair of brackets that is not needed."""
        alone = self.source.span(node)
        before = self.source.data[: alone[0]][-80:].rstrip(b" \t")
        if not before.endswith((b"(", b"\n", b"\r")) and not isinstance(node, ast.GeneratorExp):
            return [alone]  # mostly so, and far quicker seen than by tokens
        starts = [token.start for token in self.tokens]
        ends = [token.end for token in self.tokens]
        if alone[0] not in starts or alone[1] not in ends:
            return [alone]  # in an f-string, which is one token before Python 3.12
        first, last = starts.index(alone[0]), ends.index(alone[1])
        if isinstance(node, ast.GeneratorExp) and self._calls(first):
            return [(starts[first + 1], ends[last - 1])]  # f(x for x in t): the call's brackets
        found = [alone]
        while self._brackets(first - 1, last + 1) and not self._calls(first - 1):
            first, last = first - 1, last + 1
            found.append((starts[first], ends[last]))
        return found

    def _brackets(self, first: int, last: int) -> bool:
        if first < 1 or last >= len(self.tokens):
            return False
        return (self.tokens[first].text, self.tokens[last].text) == ("(", ")")

    def _calls(self, bracket: int) -> bool:
        """Whether this bracket opens the arguments of a call."""
        before = self.tokens[bracket - 1].text
        named = before.isidentifier() and not keyword.iskeyword(before)
        return named or before[-1] in ")]}\"'"


def _line_up_test(ours: _Function, candidates: list[ast.FunctionDef], learner: Source) -> TestAt:
    theirs = _Function(candidates[-1], learner)
    caught: Captures = {}
    same = _unify(_quiet(ours.node), _quiet(theirs.node), caught)
    if not same:
        caught = _line_by_line(ours, theirs)
    return TestAt(
        ours.node.name,
        theirs.node.lineno,
        tuple(_blank_at(hole, ours, caught, theirs) for hole in marks.bare(ours.node)),
        altered=not same or len(candidates) > 1,
        span=_whole(theirs.node, learner),
    )


def _whole(function: ast.FunctionDef, source: Source) -> tuple[int, int]:
    last = function.end_lineno or function.lineno
    return source.line_span(marks.first_line(function), last)


def _blank_at(hole: ast.expr, ours: _Function, caught: "Captures", theirs: _Function) -> BlankAt:
    nodes, source = caught.get(_place(hole)), theirs.source
    if nodes is None:
        return BlankAt(State.GONE)
    if isinstance(nodes, Spilled):
        bare = any(token.text == marks.BLANK for token in _tokens(source.cut(nodes.span)))
        return _at(State.EMPTY if bare else State.FILLED, source, nodes.span)
    if not nodes:
        return BlankAt(State.EMPTY)
    span = _span_with_brackets(nodes, theirs, hole, ours)
    if marks.BLANK not in source.cut(span):
        return _at(State.FILLED, source, span)
    within = {id(below) for node in nodes for below in ast.walk(node)}
    found = [mark for mark in marks.marks(theirs.node) if id(mark.node) in within]
    if any(mark.is_bare for mark in found):
        return _at(State.EMPTY, source, span)
    stands = _at(State.FILLED, source, span)
    if len(found) == 1 and found[0].node is nodes[0] and found[0].answer is not None:
        answer = source.cut(source.span(found[0].answer))  # __(answer): the answer counts
        return BlankAt(State.FILLED, answer, stands.line, span)
    return stands


def _at(state: State, source: Source, span: tuple[int, int]) -> BlankAt:
    return BlankAt(state, source.cut(span), source.line_at(span[0]), span)


def _span_with_brackets(
    nodes: list[ast.AST], theirs: _Function, hole: ast.expr, ours: _Function
) -> tuple[int, int]:
    """From the first node to the last, with the brackets that the learner has put around them.

    Those that the author has put around the hole stay outside.
    """
    first, last = theirs.spans(nodes[0]), theirs.spans(nodes[-1])
    if len(nodes) > 1:
        return first[-1][0], last[-1][1]
    authors = len(ours.spans(hole)) - 1 if len(first) > 1 else 0
    return first[max(0, len(first) - 1 - authors)]


def _new_tests(lesson: Lesson, functions: Functions, learner: Source) -> list[TestAt]:
    known = {koan.name for koan in lesson.koans}
    return [
        TestAt(name, nodes[-1].lineno, new=True, span=_whole(nodes[-1], learner))
        for name, nodes in functions.items()
        if name.startswith("test") and name not in known
    ]


def _line_up_kata(pristine: Definition, functions: Functions, learner: Source) -> KataAt:
    found = functions.get(pristine.name)
    if not found or not isinstance(pristine, ast.FunctionDef):
        return KataAt(pristine.name, None)
    theirs = found[-1]
    same = _unify(pristine.args, theirs.args, {}) and marks.is_kata(theirs)
    written = not marks.is_unwritten(theirs)
    body = cut.body_span(learner, theirs) if cut.has_own_lines(learner, theirs) else None
    return KataAt(pristine.name, theirs.lineno, written, not same, body, _whole(theirs, learner))


def _helpers(
    originals: dict[str, Definition], theirs: dict[str, list[Definition]]
) -> tuple[str, ...]:
    """Names of the lesson's own helper functions and classes that were changed or are missing."""
    return tuple(
        name
        for name, node in originals.items()
        if not marks.is_test(node) and not marks.is_kata(node)
        if name not in theirs or not _unify(_quiet(node), _quiet(theirs[name][-1]), {})
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
    """Whether the node is the pattern with something in its holes; what, goes into `caught`.

    Where it is not, `caught` has what stands in the holes that could be reached all the same.
    """
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
        same_function = _unify(pattern.func, node.func, caught)
        return _unify_lists(_arguments(pattern), _arguments(node), caught) and same_function
    fields = [name for name in pattern._fields if name not in _PLACES]
    return _each(
        [getattr(pattern, name, None) for name in fields],
        [getattr(node, name, None) for name in fields],
        caught,
    )


def _each(pattern: Sequence[object], nodes: Sequence[object], caught: Captures) -> bool:
    each = [_unify(p, n, caught) for p, n in zip(pattern, nodes, strict=True)]
    return all(each)


def _arguments(call: ast.Call) -> list[ast.AST]:
    """Arguments in the order of the text: a blank may be filled with several, or with a keyword."""
    return sorted([*call.args, *call.keywords], key=_place)


def _unify_lists(pattern: Sequence[object], nodes: Sequence[object], caught: Captures) -> bool:
    """Element by element; a hole among them may hold one element, several, or none."""
    holes = [at for at, element in enumerate(pattern) if _is_hole(element)]
    if len(holes) != 1:
        return len(pattern) == len(nodes) and _each(pattern, nodes, caught)
    (at,) = holes
    before, after = pattern[:at], pattern[at + 1 :]
    last = len(nodes) - len(after)
    same = last >= at and _each([*before, *after], [*nodes[:at], *nodes[last:]], caught)
    if not same:  # what is most likely: no keyword that is left out has anything in its place
        given = {node.arg for node in nodes if isinstance(node, ast.keyword)}
        after = [p for p in after if not isinstance(p, ast.keyword) or p.arg in given]
        last = max(at + 1, len(nodes) - len(after))
    middle = nodes[at:last]
    if not all(isinstance(node, (ast.expr, ast.keyword)) for node in middle):
        return False
    if same or middle:
        caught[_place(pattern[at])] = list(middle)  # type: ignore[arg-type]
    return same


_BODIES = ("body", "orelse", "finalbody", "handlers", "cases")


def _quiet(node: ast.AST) -> ast.AST:
    """A copy without what adds nothing: prints, strings that stand alone, `pass`."""
    changed = copy.copy(node)
    for name in _BODIES:
        body = getattr(node, name, None)
        if isinstance(body, list):
            setattr(changed, name, [_quiet(below) for below in body if not marks.is_noise(below)])
    return changed


# -- statement by statement, where more than the blanks was changed ------------------------------


@dataclass(frozen=True)
class Spilled:
    """What stands in a blank where it no longer is one expression: `x == () or True`."""

    span: tuple[int, int]


@dataclass(frozen=True)
class _Statement:
    """A statement with its tokens; of a compound one the header alone."""

    node: ast.AST
    tokens: tuple["_Token", ...]

    @cached_property
    def text(self) -> str:
        return " ".join(token.text for token in self.tokens)


def _line_by_line(ours: _Function, theirs: _Function) -> Captures:
    """Line up the statements of two functions, in order, so that as much as possible agrees.

    A statement with a blank that was moved elsewhere is found afterwards.
    """
    patterns, others = list(_statements(ours)), list(_statements(theirs))
    matches = [[_match(pattern, other) for other in others] for pattern in patterns]
    pairs = list(_in_order([[match.score for match in row] for row in matches]))
    caught: Captures = {}
    for i, j in pairs:
        caught.update(matches[i][j].caught)
    free = set(range(len(others))) - {j for _, j in pairs}
    for i in sorted(set(range(len(patterns))) - {i for i, _ in pairs}):
        scores = {j: matches[i][j].score for j in free if matches[i][j].caught}
        if scores:
            nearest = max(scores, key=scores.__getitem__)
            caught.update(matches[i][nearest].caught)
            free.remove(nearest)
    return caught


def _in_order(scores: list[list[float]]) -> Iterator[tuple[int, int]]:
    """The pairs, rising in both, whose scores add up to most."""
    rows, columns = len(scores), len(scores[0]) if scores else 0
    best = [[0.0] * (columns + 1) for _ in range(rows + 1)]
    for i in reversed(range(rows)):
        for j in reversed(range(columns)):
            paired = scores[i][j] + best[i + 1][j + 1] if scores[i][j] else 0.0
            best[i][j] = max(paired, best[i + 1][j], best[i][j + 1])
    i = j = 0
    while i < rows and j < columns:
        if scores[i][j] and best[i][j] == scores[i][j] + best[i + 1][j + 1]:
            yield i, j
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            i += 1
        else:
            j += 1


def _statements(function: _Function) -> Iterator[_Statement]:
    """Statements in the order of the text; of a compound one its header, then what is in it."""
    waiting: list[ast.AST] = list(reversed(function.node.body))
    while waiting:
        statement = waiting.pop()
        if marks.is_noise(statement):
            continue
        header = copy.copy(statement)
        inside: list[ast.AST] = []
        for name in _BODIES:
            below = getattr(statement, name, None)
            if isinstance(below, list):
                setattr(header, name, [])
                inside += below
        start, end = _places(statement, function.source)
        end = min([end, *(_places(node, function.source)[0] for node in inside)])
        tokens = tuple(token for token in function.tokens if start <= token.start < end)
        yield _Statement(header, tokens)
        waiting += reversed(inside)


def _places(node: ast.AST, source: Source) -> tuple[int, int]:
    """First and last byte of a statement, a handler or a case; decorators count."""
    if isinstance(node, ast.match_case):
        return source.span(node.pattern, node.body[-1])
    start, end = source.span(node)
    return min([start, *(source.span(d)[0] for d in getattr(node, "decorator_list", []))]), end


@dataclass(frozen=True)
class _Match:
    score: float = 0.0
    caught: Captures = field(default_factory=dict)


def _match(pattern: _Statement, other: _Statement) -> _Match:
    """How well a statement stands for a pristine one.

    Wholly, up to what spills over, or just alike.
    """
    holes = marks.bare(pattern.node)
    caught: Captures = {}
    if _unify(pattern.node, other.node, caught):
        return _Match(9.0 if holes else 10.0, caught)
    if type(pattern.node) is not type(other.node):
        return _Match()
    spilled = _spilled(pattern.tokens, other.tokens) if holes else None
    if spilled:
        return _Match(8.0, {_place(holes[0]): spilled})
    alike = difflib.SequenceMatcher(None, pattern.text, other.text)
    if alike.real_quick_ratio() < _ALIKE or alike.ratio() < _ALIKE:
        return _Match()
    left = next((token for token in other.tokens if token.text == marks.BLANK), None)
    if holes and left:
        caught = {_place(holes[0]): Spilled((left.start, left.end))}
    return _Match(3.0 * alike.ratio(), caught)


_ALIKE = 0.6


def _spilled(expected: Sequence["_Token"], found: Sequence["_Token"]) -> Spilled | None:
    """Match token by token: what stands between the tokens around the hole."""
    at = next(n for n, token in enumerate(expected) if token.text == marks.BLANK)
    if len(found) < len(expected):
        return None
    after = len(expected) - at - 1
    around = [*found[:at], *found[len(found) - after :]]
    if [t.text for t in around] != [t.text for n, t in enumerate(expected) if n != at]:
        return None
    return Spilled((found[at].start, found[len(found) - after - 1].end))


@dataclass(frozen=True)
class _Token:
    """A token that means something, and its bytes."""

    text: str
    start: int
    end: int


def _tokens(code: str) -> list[_Token]:
    """The tokens of some code; how a string is quoted does not matter."""
    quiet = (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT)
    source = Source(_NOWHERE, f"({code}\n)")  # in brackets, line breaks are no tokens
    found = []
    try:
        for token in tokenize.generate_tokens(io.StringIO(source.text).readline):
            if token.type in quiet or token.type == tokenize.ENDMARKER:
                continue
            start, end = (_byte(source, place) - 1 for place in (token.start, token.end))
            text = token.string
            if token.type == tokenize.STRING:
                text = repr(ast.literal_eval(text)) if text[0] in "'\"" else text
            found.append(_Token(text, start, end))
    except (tokenize.TokenError, SyntaxError, ValueError):
        return []
    return found[1:-1]


def _byte(source: Source, place: tuple[int, int]) -> int:
    line, column = place
    return source.offset(line, len(source.lines[line - 1][:column].encode()))


_NOWHERE = Path()
