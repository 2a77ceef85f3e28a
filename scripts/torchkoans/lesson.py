"""A lesson as its author wrote it.

An answer file, read into koans, blanks, katas and their directives.

The answer file is the one source of a lesson. It is read here for learners, who wait for it: only
what cannot be cut is refused. What else a lesson may not be, authors are told by `checking`.
"""

import ast
import bisect
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from torchkoans import directives, marks
from torchkoans.directives import Directive
from torchkoans.marks import Mark
from torchkoans.source import CourseError, Source, read

FILE_NAME = re.compile(r"(\d\d)_(\w+)\.py")


@dataclass(frozen=True)
class Trap:
    """A wrong answer that real learners give, and the sentence that answers it."""

    code: str
    sentence: str
    line: int


@dataclass(frozen=True)
class Blank:
    """One blank.

    The span of its mark in the answer file (bytes), its answer, what is said about it.
    """

    line: int
    span: tuple[int, int]
    answer: str
    hints: tuple[str, ...] = ()
    traps: tuple[Trap, ...] = ()


@dataclass(frozen=True)
class Koan:
    """One test: its name is the sentence, its docstring the koan.

    It has blanks, or it tests a kata.
    """

    name: str
    line: int
    docstring: str
    blanks: tuple[Blank, ...]
    katas: tuple[str, ...]
    claims: tuple[str, ...]
    why: str
    picture: tuple[str, ...]
    needs_cuda: bool
    blank_lines: tuple[str, ...] = ()  # the line of each blank as the koan has it
    picture_kind: str = "grid"


@dataclass(frozen=True)
class Other:
    """Another right body of a kata, and the name of the variation that it is one of."""

    code: str
    variation: str
    line: int


@dataclass(frozen=True)
class Kata:
    """A function whose body the learner writes; tempting bodies that are wrong, and right ones."""

    name: str
    line: int
    docstring: str
    hints: tuple[str, ...]
    claims: tuple[str, ...]
    wrongs: tuple[Trap, ...]
    why: str
    others: tuple[Other, ...] = ()


@dataclass(frozen=True, eq=False)
class Lesson:
    """An answer file."""

    source: Source
    koans: tuple[Koan, ...]
    katas: tuple[Kata, ...]
    docstring: str
    comments: tuple[tuple[int, int], ...]  # first and last line of each directive
    claims: tuple[str, ...] = ()  # what the opening words say and no koan can ask

    @property
    def path(self) -> Path:
        return self.source.path

    @property
    def number(self) -> int:
        return int(self.path.name[:2])

    @property
    def title(self) -> str:
        """The first sentence of the file."""
        return (self.docstring or self.path.stem).splitlines()[0].rstrip(".")

    @cached_property
    def directives(self) -> tuple[Directive, ...]:
        return tuple(directives.find(self.source))

    def koan(self, name: str) -> Koan | None:
        return next((koan for koan in self.koans if koan.name == name), None)

    def katas_of(self, koan: Koan) -> tuple[Kata, ...]:
        """The katas that a koan tests."""
        return tuple(kata for kata in self.katas if kata.name in koan.katas)

    def hints(self, koan: Koan) -> tuple[str, ...]:
        """Every hint for a koan, in the order in which they are given."""
        said: list[Blank | Kata] = [*koan.blanks, *self.katas_of(koan)]
        return tuple(hint for each in said for hint in each.hints)

    def why(self, koan: Koan) -> str:
        """The rule behind a koan, or behind the katas that it tests."""
        return koan.why or " ".join(kata.why for kata in self.katas_of(koan) if kata.why)


def load(path: Path) -> Lesson:
    """Read an answer file.

    Raises CourseError, naming file and line, for what cannot be cut.
    """
    return Reader(read(path)).lesson()


class Reader:
    """Reads one answer file; `taken` has the lines of the directives that had a place in it."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.tree = source.tree
        self.directives = directives.find(source)
        self.taken: set[int] = set()
        self._starts = [marks.first_line(node) for node in self.tree.body]
        lines = enumerate(source.lines, 1)
        self._marked_lines = [number for number, line in lines if marks.BLANK in line]

    def lesson(self) -> Lesson:
        functions = [node for node in self.tree.body if isinstance(node, ast.FunctionDef)]
        katas = tuple(self._kata(node) for node in functions if marks.is_kata(node))
        names = {kata.name for kata in katas}
        koans = tuple(self._koan(node, names) for node in functions if marks.is_test(node))
        comments = tuple((directive.line, directive.end_line) for directive in self.directives)
        docstring = ast.get_docstring(self.tree) or ""
        return Lesson(self.source, koans, katas, docstring, comments, self._opening_claims())

    def refuse(self, line: int, what: str) -> None:
        raise CourseError(self.source.path, line, what)

    # -- what belongs where --

    def within(self, function: ast.FunctionDef) -> list[Directive]:
        """The directives of a function, those in the comments below it included."""
        return self._by_start.get(marks.first_line(function), [])

    @cached_property
    def _by_start(self) -> dict[int, list[Directive]]:
        """First line of a statement of the file to the directives from there to the next one."""
        found: dict[int, list[Directive]] = {}
        for directive in self.directives:
            at = bisect.bisect_right(self._starts, directive.line) - 1
            found.setdefault(self._starts[at] if at >= 0 else 0, []).append(directive)
        return found

    def _opening_claims(self) -> tuple[str, ...]:
        """The rows that stand below the docstring of the file, above its first statement."""
        if len(self.tree.body) < 2:
            return ()
        start, end = self.tree.body[0].end_lineno or 1, self._starts[1]
        mine = [d for d in self.directives if d.word == "claims" and start < d.line < end]
        return tuple(row for d in self._took(mine) for row in d.sentence.split())

    def _took(self, found: list[Directive]) -> list[Directive]:
        self.taken.update(directive.line for directive in found)
        return found

    # -- koans --

    def marked(self, test: ast.FunctionDef) -> list[tuple[Mark, ast.stmt]]:
        """The marks in the body of a test, each with the innermost statement that holds it."""
        return [
            (mark, _innermost(statement, mark))
            for statement in test.body
            if self._has_marks(statement)
            for mark in marks.marks(statement)
        ]

    def _has_marks(self, node: ast.stmt) -> bool:
        """Whether one could stand there: mostly none does, and that is quickly seen."""
        at = bisect.bisect_left(self._marked_lines, marks.first_line(node))
        return at < len(self._marked_lines) and self._marked_lines[at] <= (node.end_lineno or 0)

    def _koan(self, test: ast.FunctionDef, katas: set[str]) -> Koan:
        found = self.marked(test)
        self._refuse_what_cannot_be_cut([mark for mark, _ in found])
        claims = [d for d in self.within(test) if d.word == "claims"]
        kind, picture = _picture(self._after(test, "picture"))
        return Koan(
            test.name,
            test.lineno,
            ast.get_docstring(test) or "",
            tuple(self._blank(test, mark, holder) for mark, holder in found),
            self._tested(test, katas),
            tuple(row for d in claims for row in d.sentence.split()),
            self._after(test, "why"),
            picture,
            any("needs_cuda" in ast.unparse(decorator) for decorator in test.decorator_list),
            tuple(self._line_of(mark) for mark, _ in found),
            kind,
        )

    def _refuse_what_cannot_be_cut(self, found: list[Mark]) -> None:
        end = 0
        for mark in found:
            if mark.answer is None:
                self.refuse(mark.node.lineno, "an answer file wraps each answer: __(answer)")
            if self.source.span(mark.node)[0] < end:
                self.refuse(mark.node.lineno, "a blank inside a blank")
            end = self.source.span(mark.node)[1]

    def _tested(self, test: ast.FunctionDef, katas: set[str]) -> tuple[str, ...]:
        text = self.source.cut(self.source.span(test))
        named = {kata for kata in katas if kata in text}
        return tuple(sorted(named & marks.names(test))) if named else ()

    def _line_of(self, mark: Mark) -> str:
        """The first line of the blank's statement, cut."""
        start, end = self.source.span(mark.node)
        before = self.source.line_span(mark.node.lineno, mark.node.lineno)[0]
        last = mark.node.end_lineno or mark.node.lineno
        after = self.source.line_span(last, last)[1]
        cut = self.source.cut((before, start)) + marks.BLANK + self.source.cut((end, after))
        return cut.strip()

    def _blank(self, test: ast.FunctionDef, mark: Mark, holder: ast.stmt) -> Blank:
        above: list[Directive] = []
        line = holder.lineno - 1
        for directive in reversed(self.within(test)):
            if directive.end_line == line and directive.word in directives.ABOVE_THE_BLANK:
                above.insert(0, directive)
                line = directive.line - 1
        return Blank(
            mark.node.lineno,
            self.source.span(mark.node),
            self.answer_text(mark),
            tuple(d.sentence for d in self._took(above) if d.word == "hint"),
            tuple(self._trap(d) for d in above if d.word == "trap"),
        )

    def answer_text(self, mark: Mark) -> str:
        """The source of an answer: what stands between the brackets of its mark."""
        start, end = self.source.span(mark.node)
        inside = self.source.data[start:end]
        inside = inside[inside.index(b"[" if mark.is_index else b"(") + 1 : -1]
        return inside.decode().strip().rstrip(",").strip()

    def _trap(self, directive: Directive) -> Trap:
        return Trap(*directive.halves(self.source.path), directive.line)

    def after(self, test: ast.FunctionDef, word: str) -> list[Directive]:
        """The directives of this kind below a test."""
        last = test.end_lineno or test.lineno
        return [d for d in self.within(test) if d.word == word and d.line > last]

    def _after(self, test: ast.FunctionDef, word: str) -> str:
        found = self._took(self.after(test, word))
        return found[0].sentence if found else ""

    # -- katas --

    def _kata(self, function: ast.FunctionDef) -> Kata:
        mine = [d for word in directives.UNDER_A_KATA for d in self.after(function, word)]
        said = {word: [d for d in mine if d.word == word] for word in directives.UNDER_A_KATA}
        self._took(mine)
        return Kata(
            function.name,
            function.lineno,
            ast.get_docstring(function) or "",
            tuple(d.sentence for d in said["hint"]),
            tuple(row for d in said["claims"] for row in d.sentence.split()),
            tuple(self._trap(d) for d in said["wrong"]),
            " ".join(d.sentence for d in said["why"]),
            tuple(Other(*d.halves(self.source.path), d.line) for d in said["also"]),
        )


def _picture(said: str) -> tuple[str, tuple[str, ...]]:
    """The kind and the names of `storage of t, part`; without a kind it is a grid."""
    kind, _, names = f"{said} ".rpartition(" of ")
    return kind.strip() or "grid", tuple(name for name in re.split(r"[,\s]+", names) if name)


def _innermost(statement: ast.stmt, mark: Mark) -> ast.stmt:
    """The innermost statement that holds a mark, itself in this one."""
    place = mark.node.lineno, mark.node.col_offset
    waiting = [node for node in marks.children(statement) if not isinstance(node, ast.expr)]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.stmt):
            end = node.end_lineno or 0, node.end_col_offset or 0
            if (node.lineno, node.col_offset) <= place < end:
                return _innermost(node, mark)
        else:  # an `except` or a `case`, whose body is still to come
            waiting += [below for below in marks.children(node) if not isinstance(below, ast.expr)]
    return statement


def blanks(lesson: Lesson) -> Iterator[tuple[Koan, Blank]]:
    """Every blank of a lesson with its koan."""
    for koan in lesson.koans:
        for blank in koan.blanks:
            yield koan, blank
