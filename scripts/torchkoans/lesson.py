"""A lesson as its author wrote it.

An answer file, read into koans, blanks, katas and their directives.

The answer file is the one source of a lesson; what is wrong in it is refused with file and line.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torchkoans import directives, marks, spelling
from torchkoans.directives import Directive
from torchkoans.source import CourseError, Source, parse, read

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


@dataclass(frozen=True)
class Kata:
    """A function whose body the learner writes, and the tempting bodies that are wrong."""

    name: str
    line: int
    docstring: str
    hints: tuple[str, ...]
    claims: tuple[str, ...]
    wrongs: tuple[Trap, ...]
    why: str


@dataclass(frozen=True)
class Lesson:
    """An answer file."""

    source: Source
    koans: tuple[Koan, ...]
    katas: tuple[Kata, ...]
    directives: tuple[Directive, ...]
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
        return (ast.get_docstring(self.source.tree) or self.path.stem).splitlines()[0].rstrip(".")

    def koan(self, name: str) -> Koan | None:
        return next((koan for koan in self.koans if koan.name == name), None)


def load(path: Path) -> Lesson:
    """Read an answer file.

    Raises CourseError, naming file and line, for whatever a lesson may not be.
    """
    source = read(path)
    return _Reader(source).lesson()


class _Reader:
    """Reads one answer file; each method refuses what it alone can see."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.tree = source.tree
        self.directives = directives.find(source)
        self.taken: set[int] = set()

    def lesson(self) -> Lesson:
        if not ast.get_docstring(self.tree):
            self.refuse(1, "a lesson begins with a docstring; its first sentence is the title")
        tests = [node for node in self.tree.body if isinstance(node, ast.FunctionDef)]
        self.refuse_twins(tests)
        self.refuse_stray_marks()
        katas = tuple(self.kata(node) for node in tests if marks.is_kata(node))
        names = {kata.name for kata in katas}
        koans = tuple(self.koan(node, names) for node in tests if marks.is_test(node))
        if not koans:
            self.refuse(1, "there is no test in this lesson")
        claims = self.opening_claims()
        for directive in self.directives:
            if directive.line not in self.taken:
                self.refuse(directive.line, f"`# {directive.word}:` {self.misplaced(directive)}")
        self.refuse_marks_that_lean_on_brackets()
        return Lesson(self.source, koans, katas, tuple(self.directives), claims)

    def refuse(self, line: int, what: str) -> None:
        raise CourseError(self.source.path, line, what)

    @staticmethod
    def misplaced(directive: Directive) -> str:
        if directive.word in directives.ABOVE_THE_BLANK:
            below = " or below the file's docstring" if directive.word == "claims" else ""
            return f"stands directly above the statement that holds the blank{below}"
        if directive.word in directives.AFTER_THE_KOAN:
            return "stands after the last line of its test"
        return "stands under a kata"

    def refuse_twins(self, functions: list[ast.FunctionDef]) -> None:
        seen: dict[str, int] = {}
        for function in functions:
            if function.name in seen:
                first = seen[function.name]
                self.refuse(function.lineno, f"{function.name} stands on line {first} already")
            seen[function.name] = function.lineno

    def refuse_stray_marks(self) -> None:
        """A blank belongs into the body of a test, and nowhere else."""
        for node in self.tree.body:
            inside = node.body if isinstance(node, ast.FunctionDef) and marks.is_test(node) else []
            allowed = {id(m.node) for statement in inside for m in marks.marks(statement)}
            for mark in marks.marks(node):
                if id(mark.node) not in allowed:
                    kata = isinstance(node, ast.FunctionDef) and marks.is_kata(node)
                    where = "in a kata, whose whole body is the blank" if kata else "outside a test"
                    self.refuse(mark.node.lineno, f"a blank {where}")
                if mark.answer is None:
                    self.refuse(mark.node.lineno, "an answer file wraps each answer: __(answer)")
                if mark.answer is not None and marks.marks(mark.answer):
                    self.refuse(mark.node.lineno, "a blank inside a blank")

    def refuse_marks_that_lean_on_brackets(self) -> None:
        """The answer typed over `__` must give the very program that the author tried.

        A call or an index right after the mark would make the cut look like a filled blank.
        """
        found = marks.marks(self.tree)
        for outer in ast.walk(self.tree):
            inner: Any = getattr(outer, "func", None) or getattr(outer, "value", None)
            bracketed = isinstance(outer, (ast.Call, ast.Subscript))
            if bracketed and any(mark.node is inner for mark in found):
                self.refuse(inner.lineno, "a blank may not be called or indexed itself")
        if not self.reads_the_same(found):
            alone = next((mark for mark in found if not self.reads_the_same([mark])), found[0])
            what = "the answer typed over __ means something else: put brackets around the blank"
            self.refuse(alone.node.lineno, what)

    def reads_the_same(self, found: list[marks.Mark]) -> bool:
        """Whether the program stays the same when these marks make way for their answers."""
        edits = [(self.source.span(mark.node), self.answer_text(mark)) for mark in found]
        unmarked = _Without(found).visit(parse(self.source.text, self.source.path))
        try:
            return ast.dump(self.source.spliced(edits).tree) == ast.dump(unmarked)
        except CourseError:
            return False

    def answer_text(self, mark: marks.Mark) -> str:
        """The source of an answer: what stands between the brackets of its mark."""
        start, end = self.source.span(mark.node)
        inside = self.source.data[start:end]
        inside = inside[inside.index(b"[" if mark.is_index else b"(") + 1 : -1]
        return inside.decode().strip().rstrip(",").strip()

    def opening_claims(self) -> tuple[str, ...]:
        """The rows that stand below the docstring of the file, above its first statement."""
        first, then = self.tree.body[:2]  # a docstring and at least one test
        start, end = first.end_lineno or 1, marks.first_line(then)
        mine = [d for d in self.directives if d.word == "claims" and start < d.line < end]
        self.taken.update(d.line for d in mine)
        return tuple(row for d in mine for row in d.sentence.split())

    def region(self, function: ast.FunctionDef) -> tuple[int, int]:
        """First and last line that belong to a function, the comments below it included."""
        following = [marks.first_line(node) for node in self.tree.body]
        start = marks.first_line(function)
        after = min((line for line in following if line > start), default=10**9)
        return start, after - 1

    def within(self, function: ast.FunctionDef) -> list[Directive]:
        first, last = self.region(function)
        return [d for d in self.directives if first <= d.line <= last]

    def koan(self, test: ast.FunctionDef, katas: set[str]) -> Koan:
        docstring = self.docstring(test, "the koan")
        tested = tuple(sorted(marks.names(test) & katas))
        found = marks.marks(test)
        if not found and not tested:
            self.refuse(test.lineno, f"{test.name} has no blank and tests no kata")
        if len(found) > 2:
            self.refuse(found[2].node.lineno, "a koan has one blank, two at the most")
        blanks = tuple(self.blank(test, mark) for mark in found)
        holders = [self.holder(test, mark).lineno for mark in found]
        if len(set(holders)) < len(holders):
            self.refuse(holders[0], "two blanks in one statement: give each its own")
        mine = self.within(test)
        claims = [d for d in mine if d.word == "claims"]
        return Koan(
            test.name,
            test.lineno,
            docstring,
            blanks,
            tested,
            tuple(row for d in claims for row in d.sentence.split()),
            self.after(test, "why"),
            tuple(re.split(r"[,\s]+", picture)) if (picture := self.after(test, "picture")) else (),
            any("needs_cuda" in ast.unparse(decorator) for decorator in test.decorator_list),
            tuple(self.line_of(mark) for mark in found),
        )

    def line_of(self, mark: marks.Mark) -> str:
        """The first line of the blank's statement, cut."""
        start, end = self.source.span(mark.node)
        before = self.source.line_span(mark.node.lineno, mark.node.lineno)[0]
        last = mark.node.end_lineno or mark.node.lineno
        after = self.source.line_span(last, last)[1]
        cut = self.source.cut((before, start)) + marks.BLANK + self.source.cut((end, after))
        return cut.strip()

    def docstring(self, function: ast.FunctionDef, what: str) -> str:
        text = ast.get_docstring(function)
        if not text:
            self.refuse(function.lineno, f"{function.name} has no docstring: it is {what}")
        return text or ""

    def holder(self, test: ast.FunctionDef, mark: marks.Mark) -> ast.stmt:
        """The innermost statement that holds a mark."""
        here = self.source.span(mark.node)
        statements = [node for node in ast.walk(test) if isinstance(node, ast.stmt)]
        spans = [(self.source.span(node), node) for node in statements]
        # ast.walk goes breadth first: the last is the innermost
        return [node for (start, end), node in spans if start <= here[0] and here[1] <= end][-1]

    def blank(self, test: ast.FunctionDef, mark: marks.Mark) -> Blank:
        holder = self.holder(test, mark)
        above: list[Directive] = []
        line = holder.lineno - 1
        for directive in reversed(self.within(test)):
            if directive.end_line == line and directive.word in directives.ABOVE_THE_BLANK:
                above.insert(0, directive)
                line = directive.line - 1
        self.taken.update(directive.line for directive in above)
        self.refuse_blank_that_is_not_seen(test, mark)
        answer = self.answer_text(mark)
        traps = tuple(self.trap(d) for d in above if d.word == "trap")
        for trap in traps:
            if spelling.same(trap.code, answer):
                self.refuse(trap.line, f"the trap {trap.code} is the answer")
        hints = tuple(d.sentence for d in above if d.word == "hint")
        return Blank(mark.node.lineno, self.source.span(mark.node), answer, hints, traps)

    def refuse_blank_that_is_not_seen(self, test: ast.FunctionDef, mark: marks.Mark) -> None:
        """A learner's prints are passed over, and Python 3.11 can't say where in an f-string."""
        for node in ast.walk(test):
            string = isinstance(node, ast.JoinedStr)
            hides = string or marks.is_noise(node)
            if hides and any(below is mark.node for below in ast.walk(node)):
                where = "in an f-string" if string else "in a print"
                self.refuse(mark.node.lineno, f"a blank {where}: give it a line of its own")

    def trap(self, directive: Directive) -> Trap:
        code, sentence = directive.code_and_sentence(self.source.path)
        if directive.word == "trap" and spelling.normal(code) is None:
            self.refuse(directive.line, f"the trap {code} cannot stand where the blank stands")
        return Trap(code, sentence, directive.line)

    def after(self, test: ast.FunctionDef, word: str) -> str:
        last = test.end_lineno or test.lineno
        found = [d for d in self.within(test) if d.word == word and d.line > last]
        for twin in found[1:]:
            self.refuse(twin.line, f"`# {word}:` stands here a second time")
        self.taken.update(d.line for d in found)
        return found[0].sentence if found else ""

    def kata(self, function: ast.FunctionDef) -> Kata:
        docstring = self.docstring(function, "the statement of the kata")
        if len(function.body) < 2:
            self.refuse(function.lineno, f"{function.name} has no body to leave out")
        if function.body[1].lineno == function.body[0].end_lineno:
            self.refuse(function.body[1].lineno, "a kata's body begins on a line of its own")
        last = function.end_lineno or function.lineno
        mine = [
            d for d in self.within(function) if d.line > last and d.word in directives.UNDER_A_KATA
        ]
        self.taken.update(d.line for d in mine)
        said = {word: [d for d in mine if d.word == word] for word in directives.UNDER_A_KATA}
        return Kata(
            function.name,
            function.lineno,
            docstring,
            tuple(d.sentence for d in said["hint"]),
            tuple(row for d in said["claims"] for row in d.sentence.split()),
            tuple(self.trap(d) for d in said["wrong"]),
            " ".join(d.sentence for d in said["why"]),
        )


class _Without(ast.NodeTransformer):
    """Takes marks off their answers."""

    def __init__(self, found: list[marks.Mark]) -> None:
        self.places = {_place(mark.node) for mark in found}

    def visit(self, node: ast.AST) -> Any:
        if isinstance(node, ast.Call) and _place(node) in self.places:
            return node.args[0]
        if isinstance(node, ast.Subscript) and _place(node) in self.places:
            return node.slice
        return super().visit(node)


def _place(node: ast.expr) -> tuple[int | None, ...]:
    return node.lineno, node.col_offset, node.end_lineno, node.end_col_offset


def blanks(lesson: Lesson) -> Iterator[tuple[Koan, Blank]]:
    """Every blank of a lesson with its koan."""
    for koan in lesson.koans:
        for blank in koan.blanks:
            yield koan, blank
