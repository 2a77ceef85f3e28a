"""What a lesson may not be, and its author is told with file and line.

A learner never waits for this: what is in the course has been checked when it was cut.
"""

from __future__ import annotations

import ast
import keyword
from pathlib import Path
from typing import Any

from torchkoans import directives, marks, pictures, spelling
from torchkoans.devices import FIXTURES
from torchkoans.directives import Directive
from torchkoans.lesson import Koan, Lesson, Reader
from torchkoans.marks import Mark
from torchkoans.practice import variations
from torchkoans.source import CourseError, parse, read

_GIVEN = " and ".join(FIXTURES)


def load(path: Path) -> Lesson:
    """Read an answer file as its author wants it to be read.

    Raises CourseError, naming file and line, for whatever a lesson may not be.
    """
    reader = Reader(read(path))
    lesson = reader.lesson()
    _Refusals(reader, lesson).all()
    return lesson


class _Refusals:
    """Each method refuses what it alone can see."""

    def __init__(self, reader: Reader, lesson: Lesson) -> None:
        self.reader, self.lesson = reader, lesson
        self.source, self.tree, self.refuse = reader.source, reader.tree, reader.refuse
        self.at_line = {directive.line: directive for directive in reader.directives}

    def all(self) -> None:
        if not self.lesson.docstring:
            self.refuse(1, "a lesson begins with a docstring; its first sentence is the title")
        functions = [node for node in self.tree.body if isinstance(node, ast.FunctionDef)]
        self.twins(functions)
        for node in self.tree.body:
            self.what_pytest_would_see(node)
        self.stray_marks()
        for kata in filter(marks.is_kata, functions):
            self.kata(kata)
        for test in filter(marks.is_test, functions):
            self.koan(test)
        if not self.lesson.koans:
            self.refuse(1, "there is no test in this lesson")
        for directive in self.reader.directives:
            if directive.line not in self.reader.taken:
                self.refuse(directive.line, f"`# {directive.word}:` {_misplaced(directive)}")
        self.marks_that_lean_on_brackets()

    def twins(self, functions: list[ast.FunctionDef]) -> None:
        seen: dict[str, int] = {}
        for function in functions:
            if function.name in seen:
                first = seen[function.name]
                self.refuse(function.lineno, f"{function.name} stands on line {first} already")
            seen[function.name] = function.lineno

    def what_pytest_would_see(self, node: ast.stmt) -> None:
        """Whatever else pytest would run, or would let change how koans are run."""
        name = getattr(node, "name", "")
        if isinstance(node, ast.AsyncFunctionDef) and name.startswith("test"):
            self.refuse(node.lineno, f"{name} is async, and nobody would wait for it")
        if isinstance(node, ast.ClassDef) and name.startswith("Test"):
            self.refuse(node.lineno, f"pytest takes {name} for a class of tests: rename it")
        if isinstance(node, ast.FunctionDef) and _is_pytests_own(node):
            what = f"{name} would change how koans are run; they are given {_GIVEN}, and no more"
            self.refuse(node.lineno, what)
        if isinstance(node, (ast.Assign, ast.AnnAssign)) and "pytestmark" in marks.names(node):
            self.refuse(node.lineno, "pytestmark would change how all koans of the lesson are run")

    def how_it_is_run(self, test: ast.FunctionDef, koan: Koan) -> None:
        """A koan runs once on each device: nothing skips it, nothing else is handed over."""
        for decorator in test.decorator_list:
            if ast.unparse(decorator) != "pytest.mark.needs_cuda":
                what = "the only decorator of a koan is @pytest.mark.needs_cuda"
                self.refuse(decorator.lineno, f"@{ast.unparse(decorator)}: {what}")
        a = test.args
        others = [*a.posonlyargs, *a.kwonlyargs, *filter(None, [a.vararg, a.kwarg])]
        for argument in [*a.args, *others]:
            if argument.arg not in FIXTURES or argument in others:
                what = f"{test.name} asks for the fixture {argument.arg}: a koan is given {_GIVEN}"
                self.refuse(argument.lineno, what)
        if a.defaults:
            what = (
                f"{test.name} has a default for {a.args[-1].arg}, and then pytest hands over none"
            )
            self.refuse(test.lineno, what)
        if koan.needs_cuda and a.args:
            what = f"{test.name} needs CUDA, and so takes no {a.args[0].arg}: it is run there once"
            self.refuse(test.lineno, what)

    def stray_marks(self) -> None:
        """A blank belongs into the body of a test, and nowhere else."""
        for node in self.tree.body:
            inside = node.body if isinstance(node, ast.FunctionDef) and marks.is_test(node) else []
            allowed = {id(m.node) for statement in inside for m in marks.marks(statement)}
            for mark in marks.marks(node):
                if id(mark.node) not in allowed:
                    where = "in a kata, whose whole body is the blank"
                    where = where if marks.is_kata(node) else "outside a test"
                    self.refuse(mark.node.lineno, f"a blank {where}")

    def koan(self, test: ast.FunctionDef) -> None:
        koan = self.lesson.koan(test.name)
        assert koan is not None  # the lesson was read from this very tree
        self.docstring(test, "the koan")
        self.how_it_is_run(test, koan)
        if not koan.blanks and not koan.katas:
            self.refuse(test.lineno, f"{test.name} has no blank and tests no kata")
        found = self.reader.marked(test)
        if len(found) > 2:
            self.refuse(found[2][0].node.lineno, "a koan has one blank, two at the most")
        for mark, _ in found:
            self.blank_that_is_not_seen(test, mark)
        self.traps(koan)
        holders = [holder.lineno for _, holder in found]
        if len(set(holders)) < len(holders):
            self.refuse(holders[0], "two blanks in one statement: give each its own")
        for word in directives.AFTER_THE_KOAN:
            for twin in self.reader.after(test, word)[1:]:
                self.refuse(twin.line, f"`# {word}:` stands here a second time")
        for directive in self.reader.after(test, "picture"):
            self.picture(koan, directive.line)

    def picture(self, koan: Koan, line: int) -> None:
        if koan.picture_kind not in pictures.DRAWERS:
            kinds = ", ".join(pictures.DRAWERS)
            self.refuse(line, f"no picture is called {koan.picture_kind}; the kinds are {kinds}")
        if not koan.picture:
            self.refuse(line, "`# picture:` names no variable")
        for name in koan.picture:
            if not name.isidentifier() or keyword.iskeyword(name):
                self.refuse(line, f"`# picture:` shows variables, and {name} can be none")

    def docstring(self, function: ast.FunctionDef, what: str) -> None:
        if not ast.get_docstring(function):
            self.refuse(function.lineno, f"{function.name} has no docstring: it is {what}")

    def blank_that_is_not_seen(self, test: ast.FunctionDef, mark: Mark) -> None:
        """A learner's prints are passed over, and Python 3.11 can't say where in an f-string."""
        for node in marks.below(test):
            string = isinstance(node, ast.JoinedStr)
            hides = string or marks.is_noise(node)
            if hides and any(below is mark.node for below in marks.below(node)):
                where = "in an f-string" if string else "in a print"
                self.refuse(mark.node.lineno, f"a blank {where}: give it a line of its own")

    def traps(self, koan: Koan) -> None:
        for blank in koan.blanks:
            for trap in blank.traps:
                self.at_line[trap.line].code_and_sentence(self.source.path)
                if spelling.normal(trap.code) is None:
                    what = f"the trap {trap.code} cannot stand where the blank stands"
                    self.refuse(trap.line, what)
                if spelling.same(trap.code, blank.answer):
                    self.refuse(trap.line, f"the trap {trap.code} is the answer")

    def kata(self, function: ast.FunctionDef) -> None:
        self.docstring(function, "the statement of the kata")
        if len(function.body) < 2:
            self.refuse(function.lineno, f"{function.name} has no body to leave out")
        if function.body[1].lineno == function.body[0].end_lineno:
            self.refuse(function.body[1].lineno, "a kata's body begins on a line of its own")
        for wrong in self.reader.after(function, "wrong"):
            wrong.code_and_sentence(self.source.path)
        for also in self.reader.after(function, "also"):
            self.variation(function, also)

    def variation(self, function: ast.FunctionDef, also: Directive) -> None:
        """Another right body is what it says it is; that it is right, `verify` finds out."""
        code, name = also.code_and_sentence(self.source.path)
        if name not in variations.KNOWN:
            known = ", ".join(variations.KNOWN)
            self.refuse(also.line, f"no variation is called {name}; the known ones are {known}")
        try:
            other = variations.written(function.name, code)
        except SyntaxError:
            self.refuse(also.line, f"{code} cannot stand as the body of a function")
        if found := variations.breach(name, other):
            self.refuse(also.line, f"this is not {name}: {found.what}")
        if [*map(ast.dump, other.body)] == [*map(ast.dump, function.body[1:])]:
            self.refuse(also.line, "this is the kata's own body; another one is asked for")

    def marks_that_lean_on_brackets(self) -> None:
        """The answer typed over `__` must give the very program that the author tried.

        A call or an index right after the mark would make the cut look like a filled blank.
        """
        found = marks.marks(self.tree)
        for outer in marks.below(self.tree):
            inner: Any = getattr(outer, "func", None) or getattr(outer, "value", None)
            bracketed = isinstance(outer, (ast.Call, ast.Subscript))
            if bracketed and any(mark.node is inner for mark in found):
                self.refuse(inner.lineno, "a blank may not be called or indexed itself")
        if not self.reads_the_same(found):
            alone = next((mark for mark in found if not self.reads_the_same([mark])), found[0])
            what = "the answer typed over __ means something else: put brackets around the blank"
            self.refuse(alone.node.lineno, what)

    def reads_the_same(self, found: list[Mark]) -> bool:
        """Whether the program stays the same when these marks make way for their answers."""
        edits = [(self.source.span(mark.node), self.reader.answer_text(mark)) for mark in found]
        unmarked = _Without(found).visit(parse(self.source.text, self.source.path))
        try:
            return ast.dump(self.source.spliced(edits).tree) == ast.dump(unmarked)
        except CourseError:
            return False


def _is_pytests_own(function: ast.FunctionDef) -> bool:
    """Whether it is a fixture, a hook, or one of the functions that go around tests."""
    names = {name for decorator in function.decorator_list for name in marks.names(decorator)}
    said = " ".join(ast.unparse(decorator) for decorator in function.decorator_list)
    own = function.name.startswith(("pytest_", "setup_", "teardown_"))
    return own or "fixture" in names or ".fixture" in said


def _misplaced(directive: Directive) -> str:
    if directive.word in directives.ABOVE_THE_BLANK:
        below = " or below the file's docstring" if directive.word == "claims" else ""
        return f"stands directly above the statement that holds the blank{below}"
    if directive.word in directives.AFTER_THE_KOAN:
        return "stands after the last line of its test"
    return "stands under a kata"


class _Without(ast.NodeTransformer):
    """Takes marks off their answers."""

    def __init__(self, found: list[Mark]) -> None:
        self.places = {_place(mark.node) for mark in found}

    def visit(self, node: ast.AST) -> Any:
        if isinstance(node, ast.Call) and _place(node) in self.places:
            return node.args[0]
        if isinstance(node, ast.Subscript) and _place(node) in self.places:
            return node.slice
        return super().visit(node)


def _place(node: ast.expr) -> tuple[int | None, ...]:
    return node.lineno, node.col_offset, node.end_lineno, node.end_col_offset
