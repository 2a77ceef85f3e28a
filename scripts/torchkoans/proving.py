"""What the course promises of its lessons.

Every answer is green, every koan is red, and red as a blank.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from torchkoans import cut, devices, filling, running, variants
from torchkoans.claims import Claims
from torchkoans.course import Course
from torchkoans.running import Run
from torchkoans.verdicts import Result, Verdict

UNSOLVED = (Verdict.BLANK, Verdict.UNWRITTEN)


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


def koans_are_red_as_blanks(course: Course) -> Proof:
    """A fresh cut is red everywhere, and nowhere by accident.

    The learner's own files are not looked at.
    """
    with tempfile.TemporaryDirectory(prefix="torch-koans-") as folder:
        copy = filling.copy_course(course, course.lessons, Path(folder, "course"))
        filling.write_koans(copy, [cut.pristine(lesson) for lesson in course.lessons])
        run = running.run(copy.root, ["koans"], ["-p", "no:cacheprovider"])
    return _proof(course, run, "koans", *UNSOLVED)


def wrong_answers_are_red(course: Course) -> Proof:
    """Each trap, each plain guess and each tempting wrong kata is red on every device here."""
    tally = variants.try_all(course.answer_files, devices.find())
    tried = tally.tried
    where = ", ".join(f"{count} on {device}" for device, count in sorted(tally.runs.items()))
    said = (
        f"{tried[variants.TRAP]} traps, {tried[variants.JUNK]} plain guesses, "
        f"{tried[variants.WRONG]} wrong katas; {where}"
    )
    return Proof(not tally.problems, said, tuple(tally.problems))


def answers_are_not_guessed(course: Course) -> Proof:
    """Few answers are a bare True or False, which half of all guesses hit; and what there is."""
    there = variants.counts(course.lessons)
    tossed = list(variants.bare_yes_or_no(course.lessons))
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
