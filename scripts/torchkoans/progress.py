"""How far along the learner is.

Every koan of the course in walking order, with the best that is known of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from torchkoans import standing
from torchkoans.course import Course
from torchkoans.devices import CUDA
from torchkoans.lesson import Koan, Lesson
from torchkoans.verdicts import Result, Verdict

_URGENCY = list(Verdict)


@dataclass(frozen=True)
class Step:
    """One koan on the path. `verdict` is None where it is filled and nobody has run it."""

    lesson: Lesson
    koan: Koan
    file: str  # relative to the course
    line: int | None
    verdict: Verdict | None
    what: str = ""
    results: tuple[Result, ...] = ()
    altered: bool = False
    lines: tuple[int, int] | None = None  # first and last of the function to look at
    failed: int | None = None  # where the run stopped; `line` is where the learner writes

    @property
    def where(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file

    @property
    def id(self) -> str:
        return f"{self.file}::{self.koan.name}"

    @property
    def sentence(self) -> str:
        return self.koan.name.removeprefix("test_").replace("_", " ")

    @property
    def is_red(self) -> bool:
        return self.verdict is not None and self.verdict.is_red


def steps(course: Course, results: Iterable[Result] = ()) -> list[Step]:
    """The path. What a run has said of a koan counts more than its text.

    Of several devices the worst.
    """
    by_koan: dict[str, list[Result]] = {}
    no_cuda = False
    for result in results:
        by_koan.setdefault(result.koan, []).append(result)
        no_cuda |= result.device == CUDA and result.verdict is Verdict.WAITING
    path = []
    for lesson in course.lessons:
        file = course.koan_file(lesson).relative_to(course.root).as_posix()
        whole = by_koan.get(file, [])
        for stands in standing.of_lesson(course, lesson):
            koan = lesson.koan(stands.test)
            assert koan is not None  # of_lesson walks the lesson's own koans
            ran = (*by_koan.get(f"{file}::{koan.name}", []), *whole)
            if koan.needs_cuda and no_cuda and stands.verdict:  # nobody can be asked for it here
                stands = replace(stands, verdict=Verdict.WAITING, what="it needs CUDA")
            path.append(_step(lesson, koan, file, stands, ran))
    return path


def _step(
    lesson: Lesson,
    koan: Koan,
    file: str,
    stands: standing.Standing,
    ran: tuple[Result, ...],
) -> Step:
    verdict, what, line, failed = stands.verdict, stands.what, stands.line, None
    if not stands.verdict:
        verdict = worst(ran)
        told = next((result for result in ran if result.verdict is verdict), None)
        what = told.what if told else ""
        failed = told.line if told else None
    lines = stands.lines
    if failed and not (lines and lines[0] <= failed <= lines[1]):
        line, lines = failed, None  # a kata, or a file that stops while it is imported
    elif failed and not koan.blanks:
        line = failed
    return Step(lesson, koan, file, line, verdict, what, ran, stands.altered, lines, failed)


def worst(results: Iterable[Result]) -> Verdict | None:
    """The verdict on a koan that ran on several devices.

    Red if any is, green if one is and none is red.

    Devices that are not here do not count unless there is no other.
    """
    verdicts = {result.verdict for result in results}
    return next((verdict for verdict in _order() if verdict in verdicts), None)


def _order() -> list[Verdict]:
    red = [verdict for verdict in _URGENCY if verdict.is_red]
    return [*red, Verdict.PASSED, Verdict.WAITING]


def first_red(path: Iterable[Step]) -> Step | None:
    """The koan to look at next."""
    return next((step for step in path if step.is_red), None)
