"""One test, run by hand in this process: no pytest, half a millisecond.

What the fixtures hand over and what is restored around a koan are conftest.py's own nouns;
`auditing` holds a sample of what is found here against pytest itself.
"""

from __future__ import annotations

import ast
import time
import unittest
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from types import CodeType
from typing import Any

import pytest
from _pytest.assertion.rewrite import rewrite_asserts

from torchkoans import collecting, cuda, cut, marks, restoring, verdicts
from torchkoans.devices import CUDA
from torchkoans.explaining import slips
from torchkoans.lesson import Lesson
from torchkoans.verdicts import Verdict
from torchkoans.verifying import poison
from torchkoans.verifying.planning import ANSWER, JUNK, TRAP, Check, Variant

CLUMSY = (NameError, SyntaxError, ImportError)  # what a trap that was mistyped would raise
SKIPS = (pytest.skip.Exception, pytest.xfail.Exception, unittest.SkipTest)
LONGEST = 300  # characters of what an error says


@dataclass(frozen=True)
class Outcome:
    """What came of a check: the verdict that pytest would give, and what was raised.

    `line` is that of the answer file. `warned` is what an answer was warned of. `kept_off` names
    the operator for whose sake a check was not run on the GPU. `trouble` says what failed that
    was not the check: the GPU, say; where that `is_lost`, this process can run nothing more on it.
    """

    verdict: Verdict
    line: int | None = None
    what: str = ""
    seconds: float = 0.0
    is_typo: bool = False
    warned: str = ""
    kept_off: str = ""
    trouble: str = ""
    is_lost: bool = False


class Trial:
    """A lesson whose checks are run."""

    def __init__(self, lesson: Lesson) -> None:
        self.lesson, self.source = lesson, lesson.source
        self._codes: dict[str, CodeType] = {}

    def outcome(self, check: Check, explained: bool = False) -> Outcome:
        """Run a check; one that would stop the GPU for good is stopped before.

        Where it is to be `explained`, a failed assertion says what was compared, as in pytest.
        """
        if check.device != CUDA:
            return self._run(check, explained)
        with poison.watch() as seen:
            outcome = self._run(check, explained)
        if seen.op:
            what = f"{seen.op} would stop the GPU"
            return Outcome(Verdict.WAITING, what=what, kept_off=seen.op)
        return outcome

    def _run(self, check: Check, explained: bool) -> Outcome:
        arguments = {name: collecting.as_device(device) for name, device in check.given}
        codes = [self._setting(check.variant), self._test(check, explained)]
        begun = time.perf_counter()
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            error = _error(codes, check.test, arguments)
        seconds = time.perf_counter() - begun
        if error is None:
            said = _told(warned[0].message) or "a warning without words" if warned else ""
            return Outcome(Verdict.PASSED, seconds=seconds, warned=said.partition("\n")[0])
        return self._of_error(error, check.variant.kind, seconds)

    def _of_error(self, error: BaseException, kind: str, seconds: float) -> Outcome:
        if trouble := slips.of_the_gpu(error):
            lost = cuda.is_fatal(error)
            return Outcome(Verdict.BROKEN, None, trouble, seconds, trouble=trouble, is_lost=lost)
        if isinstance(error, SKIPS):
            said = f"it skips, and is neither green nor red: {_told(error)}"
            return Outcome(Verdict.BROKEN, None, said, seconds, trouble=said)
        verdict = verdicts.classify(error)
        if kind in (ANSWER, TRAP, JUNK):
            verdict = verdicts.of_filled(error, is_known=kind == TRAP)
        said = _told(error)
        if isinstance(error, AssertionError):
            said = said.partition("\n")[0]  # what pytest adds below tells where values come from
        what = " ".join(f"{type(error).__name__}: {said}".split())[:LONGEST]
        line = verdicts.line_in(error, self.lesson.path)
        return Outcome(verdict, line, what, seconds, isinstance(error, CLUMSY))

    def _test(self, check: Check, explained: bool) -> CodeType:
        """The test, compiled alone, with something else in its blank."""
        variant = check.variant
        edit = (variant.span, variant.code) if variant.span and variant.name == check.test else None
        if edit or explained:
            return self._alone(check.test, edit, explained)
        return self._kept(check.test, lambda: self._alone(check.test))

    def _setting(self, variant: Variant) -> CodeType:
        """The lesson without its tests: imports, helpers, katas, one of them perhaps wrong."""
        if not variant.span or variant.name in variant.tests:
            return self._kept("", lambda: self._without_tests())
        code = cut.indented(self.source, self._functions[variant.name], variant.code)
        key = f"{variant.name} {variant.code}"
        return self._kept(key, lambda: self._without_tests([(variant.span, code)]))

    def _kept(self, key: str, make: Any) -> CodeType:
        if key not in self._codes:
            self._codes[key] = make()
        return self._codes[key]

    def _alone(self, test: str, edit: cut.Edit | None = None, explained: bool = False) -> CodeType:
        start, end = cut.whole_span(self.source, self._functions[test])
        data = self.source.data[start:end]
        if edit:
            (first, last), code = edit
            data = data[: first - start] + code.encode() + data[last - start :]
        above = "\n" * (self.source.line_at(start) - 1)  # so that lines are those of the file
        return self._compiled(above + data.decode(), explained)

    def _without_tests(self, edits: Iterable[cut.Edit] = ()) -> CodeType:
        tests = [node for node in self._functions.values() if marks.is_test(node)]
        spans = [cut.whole_span(self.source, test) for test in tests]
        emptied = [(span, "\n" * self.source.cut(span).count("\n")) for span in spans]
        return self._compiled(self.source.spliced([*emptied, *edits]).text)

    def _compiled(self, text: str, explained: bool = False) -> CodeType:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # `x is 2`: junk, as it is meant to be
            try:
                read: Any = text
                if explained:
                    read = ast.parse(text)
                    rewrite_asserts(read, text.encode())
                return compile(read, str(self.lesson.path), "exec", dont_inherit=True)
            except SyntaxError as error:  # red, and a typo: raised where the code would run
                raising = f"raise SyntaxError({str(error)!r})"
                return compile(raising, str(self.lesson.path), "exec", dont_inherit=True)

    @cached_property
    def _functions(self) -> dict[str, ast.FunctionDef]:
        body = self.source.tree.body
        return {node.name: node for node in body if isinstance(node, ast.FunctionDef)}


def _told(error: object) -> str:
    try:
        return str(error)
    except Exception:  # it is the koan's own class
        return "it cannot say what it is"


def _error(codes: list[CodeType], test: str, arguments: dict[str, Any]) -> BaseException | None:
    """What a test raises, or None where it is green; its module is made anew each time."""
    space: dict[str, Any] = {"__name__": "koan"}
    try:
        with restoring.everything():
            for code in codes:
                exec(code, space)  # noqa: S102  it is the course's own text
            if space[test](**arguments) is not None:  # `yield` in a blank: nothing has run
                return TypeError("the test returned something instead of running")
    except BaseException as error:  # pytest's own failures are no Exceptions; nor is Ctrl-C
        return error
    return None
