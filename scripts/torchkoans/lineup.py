"""A learner's koan file held against the pristine one.

What stands in each blank, and what else was changed.

Tests are found by name; prints, comments and formatting change nothing (see matching). A blank is
found as long as something of its statement is left. No file is run.
"""

import ast
from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum

from torchkoans import cut, marks, spelling
from torchkoans.definitions import Definition, definitions, top_level
from torchkoans.lesson import Lesson
from torchkoans.matching import (
    Captures,
    Function,
    Spilled,
    line_by_line,
    place,
    quiet,
    tokens,
    unify,
)
from torchkoans.source import CourseError, Source

Functions = dict[str, list[ast.FunctionDef]]


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


def line_up(lesson: Lesson, learner: Source, only: Collection[str] | None = None) -> Lineup:
    """Line a learner's file up with the lesson that it was cut from.

    With `only`, these tests alone and all katas: new tests and helpers are not looked at.
    """
    pristine = cut.pristine(lesson)
    originals = {node.name: node for node in top_level(pristine.tree)}
    if learner.text == pristine.text:  # then it need not be parsed a second time
        learner = pristine.at(learner.path, learner.encoding)
    theirs, broken, spoiled = definitions(learner)
    functions = {
        name: [node for node in nodes if isinstance(node, ast.FunctionDef)]
        for name, nodes in theirs.items()
    }
    tests = []
    for koan in lesson.koans:
        if only is not None and koan.name not in only:
            continue
        ours = originals[koan.name]
        assert isinstance(ours, ast.FunctionDef)  # a koan is one
        if functions.get(koan.name):
            tests.append(_line_up_test(Function(ours, pristine), functions[koan.name], learner))
        else:
            gone = tuple(BlankAt(State.GONE) for _ in koan.blanks)
            error, span = spoiled.get(koan.name, (None, None))
            tests.append(TestAt(koan.name, None, gone, broken=error, span=span))
    katas = [_line_up_kata(originals[kata.name], functions, learner) for kata in lesson.katas]
    if only is not None:
        return Lineup(learner, tuple(tests), tuple(katas), broken)
    tests += _new_tests(lesson, functions, learner)
    return Lineup(learner, tuple(tests), tuple(katas), broken, _helpers(originals, theirs))


def _line_up_test(ours: Function, candidates: list[ast.FunctionDef], learner: Source) -> TestAt:
    theirs = Function(candidates[-1], learner)
    span = cut.whole_span(learner, theirs.node)
    holes, altered = _holes(ours), len(candidates) > 1
    if ours.source.cut(cut.whole_span(ours.source, ours.node)) == learner.cut(span):
        blanks = tuple(_untouched(hole, ours, theirs) for hole in holes)
        return TestAt(ours.node.name, theirs.node.lineno, blanks, altered, span=span)
    caught: Captures = {}
    same = unify(quiet(ours.node), quiet(theirs.node), caught)
    if not same:
        caught = line_by_line(ours, theirs)
    blanks = tuple(_blank_at(hole, ours, caught, theirs) for hole in holes)
    return TestAt(
        ours.node.name, theirs.node.lineno, blanks, altered=altered or not same, span=span
    )


def _holes(ours: Function) -> list[ast.expr]:
    """The blanks of a pristine test; statements without `__` in their text are not looked into."""
    return [
        hole
        for statement in ours.node.body
        if marks.BLANK in ours.source.cut(ours.source.span(statement))
        for hole in marks.bare(statement)
    ]


def _untouched(hole: ast.expr, ours: Function, theirs: Function) -> BlankAt:
    """A blank of a test that is as it was handed out, but perhaps elsewhere in its file."""
    by = theirs.source.span(theirs.node)[0] - ours.source.span(ours.node)[0]
    start, end = ours.source.span(hole)
    return _at(State.EMPTY, theirs.source, (start + by, end + by))


def _blank_at(hole: ast.expr, ours: Function, caught: "Captures", theirs: Function) -> BlankAt:
    nodes, source = caught.get(place(hole)), theirs.source
    if nodes is None:
        return BlankAt(State.GONE)
    if isinstance(nodes, Spilled):
        bare = any(token.text == marks.BLANK for token in tokens(source.cut(nodes.span)))
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
    nodes: list[ast.AST], theirs: Function, hole: ast.expr, ours: Function
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
        TestAt(name, nodes[-1].lineno, new=True, span=cut.whole_span(learner, nodes[-1]))
        for name, nodes in functions.items()
        if name.startswith("test") and name not in known
    ]


def _line_up_kata(pristine: Definition, functions: Functions, learner: Source) -> KataAt:
    found = functions.get(pristine.name)
    if not found or not isinstance(pristine, ast.FunctionDef):
        return KataAt(pristine.name, None)
    theirs = found[-1]
    same = unify(pristine.args, theirs.args, {}) and marks.is_kata(theirs)
    written = not marks.is_unwritten(theirs)
    body = cut.body_span(learner, theirs) if cut.has_own_lines(learner, theirs) else None
    return KataAt(
        pristine.name, theirs.lineno, written, not same, body, cut.whole_span(learner, theirs)
    )


def _helpers(
    originals: dict[str, Definition], theirs: dict[str, list[Definition]]
) -> tuple[str, ...]:
    """Names of the lesson's own helper functions and classes that were changed or are missing."""
    return tuple(
        name
        for name, node in originals.items()
        if not marks.is_test(node) and not marks.is_kata(node)
        if name not in theirs or not unify(quiet(node), quiet(theirs[name][-1]), {})
    )
