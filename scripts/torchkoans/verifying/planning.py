"""What has to be tried: each answer, each trap, junk in each blank, other bodies of katas.

Each on each device. Nothing here imports torch: a plan is made of texts and names.
"""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from torchkoans import cut, lesson, spelling
from torchkoans.devices import CUDA, FIXTURES, Devices
from torchkoans.lesson import Blank, Kata, Koan, Lesson
from torchkoans.source import CourseError

ANSWER, TRAP, JUNK, WRONG, STUB = ("answer", "trap", "junk", "wrong kata", "stub")
ALSO = "also right"  # another body of a kata, which has to be green everywhere, as its own is
PLAIN_GUESSES = (
    "None",
    "True",
    "False",
    "0",
    "1",
    "-1",
    "2",
    '""',
    '"cpu"',
    "[]",
    "()",
    "torch.Size([])",
    "float",
    "int",
    "...",
)


@dataclass(frozen=True)
class Variant:
    """What stands in one blank of a lesson, or as the body of one kata; everything else is right.

    `name` is that of the koan or kata, `span` (bytes of the answer file) what the code replaces,
    None where the answer file stays as it is; `tests` are those that could notice.
    """

    kind: str
    name: str
    code: str
    line: int
    span: tuple[int, int] | None
    tests: tuple[str, ...]

    def __str__(self) -> str:
        return self.kind if self.kind in (ANSWER, STUB) else f"{self.kind} {self.code}"


@dataclass(frozen=True)
class Check:
    """One test to be run once: what is typed, and which devices its fixtures hand over."""

    variant: Variant
    test: str
    given: tuple[tuple[str, str], ...]  # fixture to device
    device: str  # what the run is for; empty for none in particular

    def __str__(self) -> str:
        on = f" on {self.device}" if self.device else ""
        return f"{self.test}: {self.variant}{on}"


@dataclass(frozen=True)
class Unit:
    """A koan with its blanks, or a kata: what is tried in one go."""

    file: str  # the name of the lesson's file
    name: str
    line: int
    checks: tuple[Check, ...]


class Plan:
    """All that can be tried of one lesson on the devices that were found.

    Raises CourseError for a test that asks for a fixture that no koan is given.
    """

    def __init__(self, of: Lesson, found: Devices) -> None:
        self.lesson, self.found = of, found

    @cached_property
    def units(self) -> tuple[Unit, ...]:
        """Koans, then katas, in the order of the file."""
        koans = [
            self._unit(koan.name, koan.line, self._of_koan(koan)) for koan in self.lesson.koans
        ]
        katas = [
            self._unit(kata.name, kata.line, self._of_kata(kata)) for kata in self.lesson.katas
        ]
        return (*koans, *katas)

    @cached_property
    def lacks(self) -> tuple[tuple[Kata, str], ...]:
        """Katas of which nothing can be proven, and why."""
        tested = {name for koan in self.lesson.koans for name in koan.katas}
        no_test = [
            (kata, "it has no test") for kata in self.lesson.katas if kata.name not in tested
        ]
        unwronged = [kata for kata in self.lesson.katas if not kata.wrongs]
        return (*no_test, *((kata, "it has no wrong solution") for kata in unwronged))

    def devices(self, koan: Koan) -> list[tuple[str, str | None]]:
        """(device, reason to wait or None) for each run of a koan, as pytest has them."""
        if koan.needs_cuda:
            return [(CUDA, self.found.why_not_cuda())]
        return [
            (_of_run(given), next(filter(None, reasons), None))
            for given, reasons in self._combined(koan.name)
        ]

    def _unit(self, name: str, line: int, variants: Iterator[Variant]) -> Unit:
        checks = [check for variant in variants for check in self._checks(variant)]
        return Unit(self.lesson.path.name, name, line, tuple(checks))

    def _checks(self, variant: Variant) -> Iterator[Check]:
        for test in variant.tests:
            koan = self.lesson.koan(test)
            assert koan is not None  # variants are made from koans
            if koan.needs_cuda and self.found.why_not_cuda():
                continue
            for given, reasons in self._combined(test):
                if not any(reasons):
                    device = CUDA if koan.needs_cuda else _of_run(given)
                    yield Check(variant, test, given, device)

    def _combined(
        self, test: str
    ) -> Iterator[tuple[tuple[tuple[str, str], ...], tuple[str | None, ...]]]:
        """Each combination of devices that the fixtures of a test come to, with reasons to wait."""
        names = [argument.arg for argument in self._functions[test].args.args]
        for name in names:
            if name not in FIXTURES:
                what = (
                    f"{test} asks for the fixture {name}: a koan is given {' and '.join(FIXTURES)}"
                )
                raise CourseError(self.lesson.path, self._functions[test].lineno, what)
        for combined in itertools.product(*map(self.found.for_fixture, names)):
            given = tuple((name, device) for name, (device, _) in zip(names, combined, strict=True))
            yield given, tuple(reason for _, reason in combined)

    @cached_property
    def _functions(self) -> dict[str, ast.FunctionDef]:
        body = self.lesson.source.tree.body
        return {node.name: node for node in body if isinstance(node, ast.FunctionDef)}

    def _of_koan(self, koan: Koan) -> Iterator[Variant]:
        yield Variant(ANSWER, koan.name, _answer(koan), koan.line, None, (koan.name,))
        for blank in koan.blanks:
            yield from _in_blank(koan, blank)

    def _of_kata(self, kata: Kata) -> Iterator[Variant]:
        tests = tuple(koan.name for koan in self.lesson.koans if kata.name in koan.katas)
        span = cut.body_span(self.lesson.source, self._functions[kata.name])
        for wrong in kata.wrongs:
            yield Variant(WRONG, kata.name, wrong.code, wrong.line, span, tests)
        for other in kata.others:
            yield Variant(ALSO, kata.name, other.code, other.line, span, tests)
        yield Variant(STUB, kata.name, cut.STUB, kata.line, span, tests)


def _answer(koan: Koan) -> str:
    return ", ".join(blank.answer for blank in koan.blanks)


def _in_blank(koan: Koan, blank: Blank) -> Iterator[Variant]:
    wrong = [(TRAP, trap.code, trap.line) for trap in blank.traps]
    wrong += [(JUNK, guess, blank.line) for guess in PLAIN_GUESSES]
    for kind, code, line in wrong:
        if kind == JUNK and spelling.same(code, blank.answer):
            continue  # it is the answer, or a spelling of it that a strict koan may refuse
        yield Variant(kind, koan.name, code, line, blank.span, (koan.name,))


def _of_run(given: tuple[tuple[str, str], ...]) -> str:
    """The device that pytest names a run by: that of the fixture which comes first in FIXTURES."""
    by_fixture = dict(given)
    return next((by_fixture[name] for name in FIXTURES if name in by_fixture), "")


def counts(lessons: Sequence[Lesson]) -> dict[str, int]:
    """How many lessons, koans, blanks, traps and katas the course has."""
    koans = [koan for one in lessons for koan in one.koans]
    blanks = [blank for koan in koans for blank in koan.blanks]
    return {
        "lessons": len(lessons),
        "koans": len(koans),
        "blanks": len(blanks),
        "traps": sum(len(blank.traps) for blank in blanks),
        "katas": sum(len(one.katas) for one in lessons),
    }


def bare_yes_or_no(lessons: Sequence[Lesson]) -> Iterator[tuple[Lesson, Koan]]:
    """The koans that half of all guesses hit."""
    for one in lessons:
        for koan, blank in lesson.blanks(one):
            if blank.answer in ("True", "False"):
                yield one, koan
