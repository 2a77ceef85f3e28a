"""What a learner might type: each answer, each trap, junk in each blank, wrong bodies of katas.

All of them are tried in this process, without pytest: thousands in seconds. A lesson is good where
its answers are green and everything else is red, and red for a reason that teaches.
"""

from __future__ import annotations

import ast
import faulthandler
import itertools
import os
import sys
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from functools import cached_property
from multiprocessing import get_context
from pathlib import Path
from types import CodeType
from typing import Any

from torchkoans import cut, lesson, marks, restoring, spelling
from torchkoans.devices import FIXTURES, SIMGPU, Devices
from torchkoans.lesson import Blank, Kata, Koan, Lesson

ANSWER, TRAP, JUNK, WRONG, STUB = ("answer", "trap", "junk", "wrong kata", "stub")
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
CLUMSY = (NameError, SyntaxError, ImportError)  # what a trap that was mistyped would raise
# Longer than this no koan runs; one that does ends its process, and the traceback names it.
SECONDS = float(os.environ.get("TORCH_KOANS_SECONDS", "60"))


@dataclass
class Tally:
    """What was tried: how many of each kind, on which devices, and what was not as it should be."""

    tried: Counter[str] = field(default_factory=Counter)
    runs: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)

    def add(self, other: Tally) -> None:
        self.tried += other.tried
        self.runs += other.runs
        self.problems += other.problems


@dataclass(frozen=True)
class Trial:
    """One lesson whose variants are run on the devices that were found."""

    lesson: Lesson
    found: Devices

    def tally(self) -> Tally:
        """Run every variant of the lesson that can run here."""
        tally = Tally()
        for koan in self.lesson.koans:
            if not (koan.needs_cuda and self.found.why_not_cuda()):
                for blank in koan.blanks:
                    self._blank(koan, blank, tally)
        for kata in self.lesson.katas:
            self._kata(kata, tally)
        return tally

    def _blank(self, koan: Koan, blank: Blank, tally: Tally) -> None:
        codes = [(ANSWER, blank.answer)]
        codes += [(TRAP, trap.code) for trap in blank.traps]
        codes += [(JUNK, guess) for guess in PLAIN_GUESSES]
        here = self.arguments(koan.name)
        for kind, code in codes:
            if kind == JUNK and spelling.same(code, blank.answer):
                continue  # it is the answer, or a spelling of it that a strict koan may refuse
            tally.tried[kind] += 1
            test = self._test(koan.name, (blank.span, code))
            for arguments in here:
                error = self._outcome(self._plain_setting, test, koan.name, arguments)
                tally.runs[_device(arguments)] += 1
                if what := _what_is_wrong(kind, error):
                    where = f"answers/{self.lesson.path.name}:{blank.line}: {koan.name}"
                    tally.problems.append(f"{where}: the {kind} {code} {what}{_on(arguments)}")

    def _kata(self, kata: Kata, tally: Tally) -> None:
        """Each wrong body makes one test red at least; the stub makes all of them red."""
        where = f"answers/{self.lesson.path.name}:{kata.line}: {kata.name}"
        tests = [koan.name for koan in self.lesson.koans if kata.name in koan.katas]
        if not tests or not kata.wrongs:
            tally.problems.append(f"{where}: it has no {'wrong solution' if tests else 'test'}")
        runs = [(name, self._test(name), here) for name in tests for here in self.arguments(name)]
        span = cut.body_span(self.lesson.source, self._functions[kata.name])
        for kind, body in [*((WRONG, wrong.code) for wrong in kata.wrongs), (STUB, cut.STUB)]:
            tally.tried[kind] += 1
            code = "".join(f"    {line}\n" for line in body.splitlines())
            setting = self._compiled(self._setting([(span, code)]))
            errors = [self._outcome(setting, test, name, here) for name, test, here in runs]
            tally.runs.update(_device(here) for _, _, here in runs)
            red = [error for error in errors if error is not None]
            good = len(red) == len(errors) if kind == STUB else bool(red)
            if tests and not good:
                tally.problems.append(f"{where}: green with the body {body!r}")
            if clumsy := next((error for error in red if isinstance(error, CLUMSY)), None):
                tally.problems.append(f"{where}: {body!r} is red by a typo: {clumsy!r}")

    def arguments(self, test: str) -> list[dict[str, Any]]:
        """What the fixtures would hand to a test, one for each device that it runs on here."""
        import torch

        names = [argument.arg for argument in self._functions[test].args.args]
        for name in names:
            if name not in FIXTURES:
                raise LookupError(f"{self.lesson.path.name}: {test} asks for the fixture {name}")
        here = [
            [torch.device(device) for device, waits in self.found.for_fixture(name) if not waits]
            for name in names
        ]
        return [dict(zip(names, devices, strict=True)) for devices in itertools.product(*here)]

    @staticmethod
    def _outcome(
        setting: CodeType, test: CodeType, name: str, arguments: dict[str, Any]
    ) -> BaseException | None:
        """What a test raises, or None where it is green; the setting is made anew each time."""
        space: dict[str, Any] = {"__name__": "koan"}
        faulthandler.dump_traceback_later(SECONDS, exit=True)
        try:
            with restoring.everything(), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                for code in (setting, test):
                    exec(code, space)  # noqa: S102  it is the course's own text
                if space[name](**arguments) is not None:  # `yield` in a blank: nothing has run
                    return TypeError("the test returned something instead of running")
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # pytest's own failures are no Exceptions
            return error
        finally:
            faulthandler.cancel_dump_traceback_later()
        return None

    def _test(self, test: str, edit: cut.Edit | None = None) -> CodeType:
        """One test, compiled alone, with something else in its blank."""
        source = self.lesson.source
        start, end = cut.whole_span(source, self._functions[test])
        text = source.data[start:end]
        if edit:
            (first, last), code = edit
            text = text[: first - start] + code.encode() + text[last - start :]
        return self._compiled(text.decode())

    def _compiled(self, text: str) -> CodeType:
        name = str(self.lesson.path)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # `x is 2`: junk, as it is meant to be
            try:
                return compile(text, name, "exec")
            except SyntaxError as error:  # red, and a typo: it is raised where the code would run
                return compile(f"raise SyntaxError({str(error)!r})", name, "exec")

    @cached_property
    def _plain_setting(self) -> CodeType:
        return self._compiled(self._setting())

    def _setting(self, edits: Sequence[cut.Edit] = ()) -> str:
        """The lesson without its tests: imports, helpers, katas."""
        tests = [node for node in self._functions.values() if marks.is_test(node)]
        source = self.lesson.source
        without = [(cut.whole_span(source, test), "") for test in tests]
        return source.spliced([*without, *edits]).text

    @cached_property
    def _functions(self) -> dict[str, ast.FunctionDef]:
        body = self.lesson.source.tree.body
        return {node.name: node for node in body if isinstance(node, ast.FunctionDef)}


def _what_is_wrong(kind: str, error: BaseException | None) -> str | None:
    if kind == ANSWER:
        return f"is red: {error!r}" if error is not None else None
    if error is None:
        return "is green"
    if kind == TRAP and isinstance(error, CLUMSY):
        return f"is red by a typo: {error!r}"
    return None


def _device(arguments: dict[str, Any]) -> str:
    return next((str(device.type) for device in arguments.values()), "no device")


def _on(arguments: dict[str, Any]) -> str:
    return f" on {_device(arguments)}" if arguments else ""


def try_all(paths: Sequence[Path], found: Devices) -> Tally:
    """Try every variant of these answer files, a lesson at a time in a few processes.

    Where a process dies, all the lessons that it takes along are tried again, each by itself.
    """
    whole = Tally()
    workers = min(os.cpu_count() or 1, 4, len(paths))
    for path in _try_together(paths, found, workers, whole):
        if _try_together([path], found, 1, whole):
            what = "its process died, or ran into the time limit; the lines above say where"
            whole.problems.append(f"answers/{path.name}: {what}")
    return whole


def _try_together(paths: Sequence[Path], found: Devices, workers: int, whole: Tally) -> list[Path]:
    """Add what was tried to the tally; give back the lessons of which nothing was heard."""
    unheard = []
    root = paths[0].parents[1]
    with ProcessPoolExecutor(workers, get_context("spawn"), _begin, (found, root)) as pool:
        tasks = {path: pool.submit(_try, path, found) for path in paths}
        for path, task in tasks.items():
            try:
                whole.add(task.result())
            except BrokenProcessPool:
                unheard.append(path)
            except Exception as error:
                whole.problems.append(f"answers/{path.name}: it could not be tried: {error!r}")
    return unheard


def _begin(found: Devices, root: Path) -> None:
    """Make a worker ready: `import koans`, one thread, and simgpu before any backward()."""
    import torch

    sys.path.insert(0, str(root))
    faulthandler.enable()
    torch.set_num_threads(1)
    if found.uses(SIMGPU):
        from torchkoans import simgpu

        simgpu.enable()


def _try(path: Path, found: Devices) -> Tally:
    return Trial(lesson.load(path), found).tally()


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
