"""How far along the learner is.

Every koan of the course in walking order, with the best that is known of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from torchkoans import looking
from torchkoans.course import Course
from torchkoans.devices import CUDA
from torchkoans.lesson import Koan, Lesson
from torchkoans.looking import Look
from torchkoans.source import all_stays
from torchkoans.standing import Standing
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

    @property
    def same(self) -> list[Result]:
        """The results that its verdict comes from; none where its text alone has told."""
        return [result for result in self.results if result.verdict is self.verdict]

    @property
    def trap(self) -> str:
        """The sentence that answers a known mistake; empty where it is none."""
        if not self.same and self.verdict is Verdict.WRONG:  # seen by the text alone
            return self.what
        return next((result.trap for result in self.same if result.trap), "")


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
    for lesson, koan, look in looks(course):
        file = file_of(course, lesson)
        ran = (*by_koan.get(f"{file}::{koan.name}", []), *by_koan.get(file, []))
        path.append(step(lesson, koan, file, look.standing, ran, not no_cuda))
    return path


def remembered(course: Course) -> list[Result]:
    """What earlier runs have said of the koans as they are now."""
    found = []
    for lesson, koan, look in looks(course):
        if look.standing.verdict is None:
            id_ = f"{file_of(course, lesson)}::{koan.name}"
            found += course.remembered.verdict(id_, look.text, look.line) or []
    return found


def looks(course: Course) -> list[tuple[Lesson, Koan, Look]]:
    """Every koan of the course with what its text tells."""
    with all_stays():
        return [
            (lesson, koan, look)
            for lesson in course.lessons
            for koan, look in zip(lesson.koans, looking.of_lesson(course, lesson), strict=True)
        ]


def file_of(course: Course, lesson: Lesson) -> str:
    """The learner's file of a lesson, relative to the course."""
    return f"{course.koans.name}/{lesson.path.name}"


def step(
    lesson: Lesson,
    koan: Koan,
    file: str,
    stands: Standing,
    ran: tuple[Result, ...],
    has_cuda: bool = True,
) -> Step:
    """One koan: what a run has said of it counts more than its text."""
    if koan.needs_cuda and not has_cuda and stands.verdict is not Verdict.BROKEN:
        stands = replace(stands, verdict=Verdict.WAITING, what="it needs CUDA")
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


def next_step(path: Sequence[Step]) -> Step | None:
    """The koan to go on with: the first that is known not to be green.

    Only where there is none, the first that is filled and that nobody has run.
    """
    return first_red(path) or next((step for step in path if step.verdict is None), None)


def now(course: Course) -> list[Step]:
    """The path as far as it is known without running anything."""
    return steps(course, remembered(course))
