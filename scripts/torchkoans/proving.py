"""What the course promises of its lessons, as far as `check` asks for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from torchkoans import running
from torchkoans.claims import Claims
from torchkoans.course import Course
from torchkoans.running import Run
from torchkoans.verdicts import Result, Verdict
from torchkoans.verifying import planning, proof


@dataclass(frozen=True)
class Proof:
    """Whether a promise holds, what was seen, and each koan for which it does not hold."""

    holds: bool
    said: str
    problems: tuple[str, ...] = ()


def answers_are_green(course: Course) -> Proof:
    """Every answer passes on every device that is here.

    Only a device that is not may be waited for.
    """
    run = running.run(course.root, ["answers"], ["-p", "no:cacheprovider", "-W", "error"])
    return _proof(course, run, "answers", Verdict.PASSED)


def everything_else_is_red(course: Course) -> Proof:
    """All that `verify` proves: blanks, traps, plain guesses and wrong katas on every device."""
    report = proof.Proof(course, proof.Wanted()).run()
    if report.interrupted:
        raise KeyboardInterrupt
    runs = sum(count.run for count in report.checks.values())
    on = [f"{seen.checks} on {seen.name}" for seen in report.devices.values() if seen.checks]
    said = f"{runs} runs: {', '.join([*on, f'{report.no_device.checks} on no device'])}"
    problems = [report.partial] if report.partial else []
    problems += map(str, report.problems)
    return Proof(not problems, said, tuple(problems))


def answers_are_not_guessed(course: Course) -> Proof:
    """Few answers are a bare True or False, which half of all guesses hit; and what there is."""
    there = planning.counts(course.lessons)
    tossed = list(planning.bare_yes_or_no(course.lessons))
    said = ", ".join(f"{count} {what}" for what, count in there.items())
    said += f"; a bare True or False answers {len(tossed)}"
    if len(tossed) * 20 <= there["blanks"]:
        return Proof(True, said)
    names = tuple(f"answers/{one.path.name}:{koan.line}: {koan.name}" for one, koan in tossed)
    return Proof(False, f"{said}, more than one in twenty", names)


def claims_are_shown(course: Course) -> Proof:
    """Every row of docs/claims.md has a koan or another home, and no koan names an unknown row."""
    claims = Claims(course)
    problems = tuple(claims.problems())
    return Proof(not problems, claims.summary(), problems)


def _proof(course: Course, run: Run, folder: str, *wanted: Verdict) -> Proof:
    if run.trouble:
        return Proof(False, "pytest could not run them", (run.trouble,))
    problems = [
        f"{result.where}: {result.test}[{result.device}] is {result.verdict.value}: {result.what}"
        for result in run.results
        if result.verdict not in (*wanted, Verdict.WAITING)
    ]
    ran = {result.koan for result in run.results if result.verdict in wanted}
    waited = {result.koan for result in run.results if result.verdict is Verdict.WAITING}
    for lesson in course.lessons:
        for koan in lesson.koans:
            name = f"{folder}/{lesson.path.name}::{koan.name}"
            if name not in ran and not (koan.needs_cuda and name in waited):
                problems.append(f"{name} ran on no device")
    return Proof(not problems, _said(run.results, wanted), tuple(problems))


def _said(results: Iterable[Result], wanted: tuple[Verdict, ...]) -> str:
    """How many koans, and how many runs on each device."""
    good = [result for result in results if result.verdict in wanted]
    runs = Counter(result.device or "no device" for result in good)
    waits = Counter(result.device for result in results if result.verdict is Verdict.WAITING)
    koans = len({result.koan for result in good})
    said = ", ".join(f"{count} on {device}" for device, count in runs.items())
    never = "".join(f"; {count} wait for {device}" for device, count in waits.items())
    return f"{koans} koans: {said}{never}"
