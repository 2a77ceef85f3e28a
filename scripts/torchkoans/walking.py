"""The walk itself: which koan the learner is at, and what a save or a key makes of it.

It prints nothing.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from pathlib import Path

from torchkoans import progress, running
from torchkoans.course import Course
from torchkoans.lesson import Koan
from torchkoans.lineup import Lineup
from torchkoans.progress import Step
from torchkoans.running import Run
from torchkoans.source import CourseError, Source, read
from torchkoans.verdicts import Result, Verdict


class RunnerError(Exception):
    """pytest could not work at all; the text is its last words."""


@dataclass(frozen=True)
class _Text:
    """A koan's text as a run saw it.

    A hash of all that its verdict depends on, and its first line.
    """

    hash: str
    line: int = 0


@dataclass
class Walk:
    """Remembers what was run and on which text, so that nothing is run twice for nothing."""

    course: Course
    limit: float | None = None
    _known: dict[str, tuple[_Text, list[Result]]] = field(default_factory=dict)
    _texts: dict[str, _Text] = field(default_factory=dict)

    def path(self) -> list[Step]:
        """Every koan with what is known of it, after running those that are filled and new.

        Raises CourseError for a broken answer file, RunnerError where pytest could not work.
        """
        self._texts = dict(self._read())
        steps = self._steps()
        pending = [step for step in steps if step.verdict is None]
        while pending:
            self._run(pending)
            steps = self._steps()
            left = [step for step in steps if step.verdict is None]
            if len(left) == len(pending):  # none of them said a word: asking again will not help
                break
            pending = left  # a koan took the process with it; those behind it still have to run
        return steps

    def again(self, step: Step) -> list[Step]:
        """Run this koan once more, whatever is known of it."""
        self._known.pop(step.id, None)
        return self.at(step.id)

    def at(self, koan: str) -> list[Step]:
        """The path with this koan run if it is filled, wherever on the path it lies."""
        self._texts = dict(self._read())
        steps = self._steps()
        pending = [step for step in steps if step.id == koan and step.verdict is None]
        if pending:
            self._run(pending)
            steps = self._steps()
        return steps

    def changed(self) -> list[str]:
        """Ids of the koans whose text is not what it was at the last look, in walking order."""
        before, now = self._texts, dict(self._read())
        return [id_ for id_ in now if id_ not in before or now[id_].hash != before[id_].hash]

    def _steps(self) -> list[Step]:
        fresh = []
        for id_, (seen, results) in self._known.items():
            now = self._texts.get(id_)
            if now and now.hash == seen.hash:  # lines above it may have come or gone since
                fresh += [_moved(result, now.line - seen.line) for result in results]
        return progress.steps(self.course, fresh)

    def _run(self, pending: list[Step]) -> None:
        run: Run = running.run(
            self.course.root,
            [step.id for step in pending],
            ["-p", "no:cacheprovider", "-p", "no:xdist"],
            self.limit,
        )
        if run.trouble:
            raise RunnerError(run.trouble)
        after = dict(self._read())
        for step in pending:
            if after.get(step.id) != self._texts[step.id]:
                continue  # saved while it ran: nobody knows which text the verdict is on
            mine = [result for result in run.results if result.koan in (step.id, step.file)]
            if mine:
                results = [replace(result, test=step.koan.name) for result in mine]
                self._known[step.id] = (self._texts[step.id], results)

    def _read(self) -> list[tuple[str, _Text]]:
        """(koan id, its text as it is now) of every koan of the course."""
        found: list[tuple[str, _Text]] = []
        for lesson in self.course.lessons:
            file = self.course.koan_file(lesson)
            name = file.relative_to(self.course.root).as_posix()
            try:
                lined = self.course.line_up(lesson)
            except CourseError as error:
                found += [(f"{name}::{k.name}", _Text(str(error))) for k in lesson.koans]
                continue
            spans = [test.span for test in lined.tests if test.span]
            spans += [kata.span for kata in lined.katas if kata.span]
            shared = _without(lined.source, spans)
            for koan in lesson.koans:
                own, line = _own(lined, koan)
                text = hashlib.sha256(f"{shared}\0{own}".encode()).hexdigest()
                found.append((f"{name}::{koan.name}", _Text(text, line)))
        return found


def _moved(result: Result, by: int) -> Result:
    return replace(result, line=result.line + by) if result.line else result


def _own(lined: Lineup, koan: Koan) -> tuple[str, int]:
    """The text of a test and of the katas that it tests, and the line of its `def`."""
    test = lined.test(koan.name)
    if test and test.span and test.line:
        katas = [kata for kata in map(lined.kata, koan.katas) if kata and kata.span]
        spans = [test.span, *(kata.span for kata in katas if kata.span)]
        return "\n".join(lined.source.cut(span) for span in spans), test.line
    return f"broken: {lined.broken}", 0


def _without(source: Source, spans: list[tuple[int, int]]) -> str:
    """The text around tests and katas: imports, helpers. How far apart they stand is no matter."""
    around = source.spliced([(span, "") for span in spans])
    return "\n".join(line for line in around.lines if line.strip())


def following(path: list[Step], koan: str | None) -> Step | None:
    """The next red koan after this one; from the end the way goes on at the beginning."""
    ids = [step.id for step in path]
    at = ids.index(koan) + 1 if koan in ids else 0
    return progress.first_red([*path[at:], *path[:at]])


def exit_code(step: Step | None) -> int:
    """0 where no koan is red, 1 where one is, 2 where one is broken rather than unsolved."""
    if step is None:
        return 0
    return 2 if step.verdict in (Verdict.BROKEN, Verdict.CRASHED) else 1


def source_of(course: Course, step: Step) -> Source | None:
    """The learner's text of a koan, where it can be read."""
    try:
        return read(Path(course.root, step.file))
    except CourseError:
        return None
