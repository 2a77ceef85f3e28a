"""One run at a kata: from a fresh stub until it is green, or until it is given up."""

from __future__ import annotations

from dataclasses import dataclass, field

from torchkoans.dojo.clock import Stopwatch
from torchkoans.dojo.log import now
from torchkoans.practice import green, katas, log, variations
from torchkoans.practice.green import Green
from torchkoans.practice.katas import Exercise
from torchkoans.practice.log import Run
from torchkoans.practice.variations import Breach
from torchkoans.source import CourseError, Source


@dataclass
class Attempt:
    """`goal` is the name of a variation, or of something that nobody can check."""

    exercise: Exercise
    goal: str | None = None
    clock: Stopwatch = field(default_factory=Stopwatch)
    is_over: bool = False  # the time is taken; whatever is saved now counts no more
    was_green: bool = False
    distrusted: str = ""  # why a time would say nothing
    trouble: str = ""  # why the time is not noted

    def pause(self) -> None:
        """Let the clock stand still, or go on."""
        self.clock.stop() if self.clock.runs else self.clock.go()

    def distrust(self, why: str) -> None:
        """A time that is still to come would say nothing."""
        if not self.is_over:
            self.distrusted = why

    def came_out(self, source: Source, devices: str) -> Green | None:
        """The kata is green with this text: take the time, if its goal is met; None: it is gone."""
        written = green.function(source, self.exercise.name)
        if not written:
            return None
        breach = variations.breach(self.goal, written) if self.goal in variations.KNOWN else None
        if not self.is_over:
            self._take_the_time(breach)
        sheet, kata = self.exercise.course.lessons[0], self.exercise.kata
        runs = log.runs(self.exercise.root)
        return Green(
            seconds=self.clock.tick(),
            devices=devices,
            goal=self.goal,
            breach=breach,
            own=green.body(source, written),
            reference=green.reference(sheet, kata, self.goal),
            offer=variations.offered(kata, written, len(runs)),
            why=kata.why,
            runs=tuple(katas.of_one(runs, kata.name, self.goal)),
            is_noted=self.is_over and not self.trouble,
        )

    def _take_the_time(self, breach: Breach | None) -> None:
        """Green without its goal is noted once, and the clock goes on."""
        again, self.was_green = self.was_green, True
        self.is_over = breach is None
        if self.is_over:
            self.clock.stop()
        if self.distrusted:
            self.trouble = self.distrusted
        elif self.is_over or not again:
            self._note(breach)

    def _note(self, breach: Breach | None) -> None:
        met = breach is None if self.goal in variations.KNOWN else None
        number, seconds = self.exercise.lesson.path.name[:2], round(self.clock.tick(), 1)
        run = Run(now(), self.exercise.name, number, seconds, self.goal, met)
        try:
            log.add(self.exercise.root, run)
            self.trouble = ""
        except CourseError as error:
            self.trouble = str(error)
