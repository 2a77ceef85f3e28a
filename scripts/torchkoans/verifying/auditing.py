"""A sample is asked of plain pytest, in a fresh process: what was found by hand has to agree.

A copy of the course is made in which some koans are filled, rightly or wrongly, and all others
stand as they are cut. Pytest runs all of it, so that each koan on each device is seen there once.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import random
import shutil
import signal
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from torchkoans import cut, filling, lineup, running, standing
from torchkoans.course import Course
from torchkoans.lesson import Koan, Lesson
from torchkoans.source import Source
from torchkoans.verdicts import Result, Verdict
from torchkoans.verifying import stopping
from torchkoans.verifying.planning import (
    ALSO,
    ANSWER,
    JUNK,
    STUB,
    TRAP,
    WRONG,
    Plan,
    Unit,
    Variant,
)
from torchkoans.verifying.report import Audit, Problem
from torchkoans.warm import limits

Key = tuple[str, str, str]  # file of the lesson, test, device
UNFILLED = (Verdict.BLANK, Verdict.UNWRITTEN)
TURNS = (TRAP, ANSWER, JUNK, TRAP, WRONG, ALSO)  # which kind is drawn next, over and over


@dataclass(frozen=True)
class Sample:
    """What was drawn: at most one variant a koan or kata, by file and name."""

    drawn: dict[tuple[str, str], Variant]

    @classmethod
    def draw(
        cls,
        plans: Sequence[Plan],
        wanted: int,
        seed: int,
        passed_over: frozenset[tuple[str, Variant]] = frozenset(),
    ) -> Sample:
        """As many as are wanted, or as there are; always the same for the same seed."""
        chance = random.Random(seed)  # noqa: S311  a sample is no secret
        units = [unit for plan in plans for unit in plan.units if _has_a_hole(unit)]
        chance.shuffle(units)
        drawn: dict[tuple[str, str], Variant] = {}
        for turn, unit in enumerate(units[:wanted]):
            kinds = TURNS[turn % len(TURNS) :] + TURNS
            variants = [v for v in _variants(unit) if (unit.file, v) not in passed_over]
            by_kind = next(filter(None, (_of(kind, variants) for kind in kinds)), None)
            if by_kind:
                drawn[unit.file, unit.name] = chance.choice(by_kind)
        return cls(drawn)

    def of_test(self, file: str, koan: Koan) -> Variant | None:
        """What stands where a test looks."""
        names = (koan.name, *koan.katas)
        return next((self.drawn[file, name] for name in names if (file, name) in self.drawn), None)

    def text(self, lesson: Lesson) -> Source:
        """The koan file of a lesson with what was drawn for it."""
        codes: dict[tuple[int, int], str] = {}
        bodies: dict[str, str] = {}
        for koan in lesson.koans:
            variant = self.drawn.get((lesson.path.name, koan.name))
            if variant:
                codes |= {blank.span: blank.answer for blank in koan.blanks}
                codes |= {variant.span: variant.code} if variant.span else {}
        for kata in lesson.katas:
            variant = self.drawn.get((lesson.path.name, kata.name))
            if variant:
                bodies[kata.name] = variant.code
        return cut.typed(lesson, codes, bodies)


def _has_a_hole(unit: Unit) -> bool:
    """Whether it is a blank or a kata; a test of a kata has nothing to be filled."""
    return any(check.variant.span for check in unit.checks)


def _variants(unit: Unit) -> list[Variant]:
    return list(dict.fromkeys(check.variant for check in unit.checks if check.variant.kind != STUB))


def _of(kind: str, variants: Iterable[Variant]) -> list[Variant]:
    return [variant for variant in variants if variant.kind == kind]


# -- in a process of its own ---------------------------------------------------------------------


class Asking:
    """Pytest at work on a sample, beside whatever else is going on."""

    def __init__(
        self,
        course: Course,
        plans: Sequence[Plan],
        sample: Sample,
        options: Sequence[str],
        modest: bool,
    ) -> None:
        """`modest` says whether its memory may be limited: CUDA wants to map more than there is."""
        self.plans, self.sample = plans, sample
        self._folder = tempfile.TemporaryDirectory(prefix="torch-koans-")
        lessons = [plan.lesson for plan in plans]
        copy = filling.copy_course(course, lessons, Path(self._folder.name, "course"))
        filling.write_koans(copy, [sample.text(lesson) for lesson in lessons])
        context: Any = multiprocessing.get_context("spawn")
        self._pipe, there = context.Pipe()
        arguments = (there, self._folder.name, list(options), os.getpid(), modest)
        self._process = context.Process(target=_ask, args=arguments, daemon=True)
        self._process.start()
        there.close()

    def answer(self) -> running.Run:
        """What pytest says, once it has come to its end."""
        try:
            while not self._pipe.poll(0.2):
                stopping.stop_if_asked()
            found: running.Run = self._pipe.recv()
        except EOFError:
            found = running.Run((), -1, "", "the process that asks pytest has died")
        return found

    def close(self) -> None:
        """End what is still going on, and leave nothing behind."""
        self._process.terminate()  # running.run ends its own process at that
        self._process.join(10)
        if self._process.exitcode is None:
            self._process.kill()
        with contextlib.suppress(OSError):
            self._pipe.close()
        self._folder.cleanup()


def _ask(pipe: Connection, folder: str, options: Sequence[str], parent: int, modest: bool) -> None:
    """Run pytest in the copy; where the one who asks is killed, end it and clear the copy away."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if modest:
        limits.be_modest()
    try:
        limits.die_with_parent(parent, signal.SIGTERM)
        told = ["-p", "no:cacheprovider", "-p", "torchkoans.verifying.witness"]
        run = running.run(Path(folder, "course"), ["koans"], [*told, *options])
    except OSError as error:
        run = running.Run((), -1, "", error.strerror or str(error))
    except KeyboardInterrupt:
        shutil.rmtree(folder, ignore_errors=True)
        return
    with contextlib.suppress(OSError):
        pipe.send(run)


# -- comparing -----------------------------------------------------------------------------------


class Comparison:
    """What pytest said beside what was found by hand.

    `found` has a verdict by file, variant, test and device.
    """

    def __init__(
        self,
        plans: Sequence[Plan],
        sample: Sample,
        results: Iterable[Result],
        found: Mapping[tuple[str, Variant, str, str], Verdict],
    ) -> None:
        self.plans, self.sample, self.found = plans, sample, found
        self.said: dict[Key, Result] = {}
        self.broken: dict[str, Result] = {}  # files that could not be imported
        for result in results:
            file = result.file.removeprefix("koans/")
            if result.test:
                self.said[file, result.test, result.device] = result
            else:
                self.broken[file] = result

    def into(self, audit: Audit) -> list[Problem]:
        """Count what was asked, and name each koan of which the two do not say the same."""
        problems = []
        for plan in self.plans:
            broken = self.broken.get(plan.lesson.path.name)
            if broken:
                what = f"pytest says {broken.verdict.value} of the whole file: {broken.what}"
                file = f"answers/{plan.lesson.path.name}"
                problems.append(Problem(file, None, "", "", "", what))
                continue
            for koan in plan.lesson.koans:
                for device, reason in plan.devices(koan):
                    problem = self._compared(plan.lesson, koan, device, bool(reason), audit)
                    problems += [problem] if problem else []
            problems += self._unplanned(plan)
        audit.disagreed = len(problems)
        return problems

    def _compared(
        self, lesson: Lesson, koan: Koan, device: str, waits: bool, audit: Audit
    ) -> Problem | None:
        variant = self.sample.of_test(lesson.path.name, koan)
        if waits:
            wanted: tuple[Verdict, ...] = (Verdict.WAITING,)
        elif variant:
            audit.variants += 1
            wanted = self._by_hand(lesson, koan, variant, device)
        else:
            audit.blanks += 1
            wanted = UNFILLED
        result = self.said.get((lesson.path.name, koan.name, device))
        if result and result.verdict in wanted:
            return None
        said = f"pytest says {result.verdict.value}" if result else "pytest did not run it"
        said += f" ({' '.join(result.what.split())})" if result and result.what else ""
        what = f"{said}, and it should be {' or '.join(one.value for one in wanted)}"
        if variant and not waits:
            what = f"{said}, and by hand it is {wanted[0].value}"
        about = str(variant) if variant else "blank"
        file, line = f"answers/{lesson.path.name}", variant.line if variant else koan.line
        return Problem(file, line, koan.name, device, about, what)

    def _by_hand(
        self, lesson: Lesson, koan: Koan, variant: Variant, device: str
    ) -> tuple[Verdict, ...]:
        """What pytest should say: some answers are refused by their text alone."""
        lined = lineup.line_up(lesson, self.sample.text(lesson), only=[koan.name])
        refused = standing.of_koan(koan, lined).verdict
        found = self.found.get((lesson.path.name, variant, koan.name, device))
        return (refused or found or Verdict.CRASHED,)

    def _unplanned(self, plan: Plan) -> Iterator[Problem]:
        """Runs of pytest that nobody has planned: a device that came along unasked, say."""
        file = plan.lesson.path.name
        planned = {
            (file, koan.name, device)
            for koan in plan.lesson.koans
            for device, _ in plan.devices(koan)
        }
        for key, result in self.said.items():
            if key[0] == file and key not in planned:
                what = f"pytest ran it as well ({result.verdict.value}), and nobody has planned it"
                yield Problem(f"answers/{file}", None, key[1], key[2], "", what)


def rerun_without(sample: Sample, dead: Result) -> Sample | None:
    """The sample without the variant that has ended pytest's process; None where it is none."""
    file = dead.file.removeprefix("koans/")
    left = {
        key: variant
        for key, variant in sample.drawn.items()
        if not (key[0] == file and dead.test in variant.tests)
    }
    return Sample(left) if len(left) < len(sample.drawn) else None
