"""The door to a kata: the walk at its practice file, with a clock above it and a goal perhaps."""

from __future__ import annotations

import contextlib
import queue
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from rich.text import Text

from torchkoans.dojo.clock import Ticking
from torchkoans.door import Door
from torchkoans.practice import katas, laying, log, page, variations
from torchkoans.practice.attempt import Attempt
from torchkoans.practice.green import Green, reference
from torchkoans.practice.katas import Exercise
from torchkoans.screen import Screen
from torchkoans.source import CourseError, command, shown
from torchkoans.terminal import Terminal
from torchkoans.verdicts import Verdict
from torchkoans.views import Lines, Progress, View, koan, wrapped
from torchkoans.walking import Runs, Walk
from torchkoans.warm.job import Message

_GOOD = (Verdict.PASSED, Verdict.WAITING)
_MOVES = {"up": -1, "k": -1, "down": 1, "j": 1, "pageup": -10, "pagedown": 10}


class KataDoor(Door):
    """Practises one kata after the other. A run begins with a fresh stub and ends at green."""

    def __init__(
        self,
        all_of_them: Sequence[Exercise],
        exercise: Exercise,
        engine: Runs,
        screen: Screen,
        terminal: Terminal,
        events: queue.Queue[tuple[str, Any]] | None = None,
    ) -> None:
        super().__init__(Walk(exercise.course, engine), screen, terminal, events)
        self.all_of_them = all_of_them
        self.attempt = Attempt(exercise)
        self.green: Green | None = None  # what came of it, while that is so
        self.top = 0  # the first line that is shown of a page that is too long
        self.been: list[str] = []  # katas that were laid since it began

    @property
    def exercise(self) -> Exercise:
        return self.attempt.exercise

    # -- a run begins --

    def begin(self, exercise: Exercise, goal: str | None = None) -> None:
        """Lay a fresh stub and start the clock.

        Raises CourseError where the stub cannot be laid; then all is as it was.
        """
        kept = laying.lay(exercise.course)
        self.walk = self.walk.at(exercise.course)  # of what still runs nobody is to hear
        self.attempt = Attempt(exercise, goal)
        self.green, self.top, self.here, self.hints = None, 0, None, 0
        self.been.append(exercise.name)
        self.notes.clear()
        self.arrive()
        if kept:
            self.note(f"What stood in the practice file is kept in {shown(kept)}.", "dim")

    def try_to_begin(self, exercise: Exercise, goal: str | None = None) -> None:
        try:
            self.begin(exercise, goal)
        except CourseError as error:
            self.note(str(error), "bold red")

    # -- what comes in --

    def stay(self) -> int:
        code = super().stay()
        return 0 if self.green else code

    def turn(self, patience: float | None) -> None:
        self.tick()
        super().turn(patience)

    def tick(self) -> None:
        """Somebody has to, or the clock would stand still."""
        self.attempt.clock.tick()

    def patience(self) -> float:
        """Until the clock shows another second, at the most."""
        return min(super().patience(), 1.0 - self.attempt.clock.tick() % 1.0)

    def hear(self, message: Message) -> None:
        super().hear(message)
        self.look_around()

    def saved(self, changed: list[str]) -> None:
        self.green = None
        super().saved(changed)
        self.look_around()

    def look_around(self) -> None:
        """Of several tests the first red one is to be seen; where there is none, it is green."""
        verdicts = {id_: self.walk.verdict(id_) for id_ in self.walk.ids}
        if all(verdict in _GOOD for verdict in verdicts.values()):
            if Verdict.PASSED in verdicts.values():
                self.take_the_time()
        elif self.here and verdicts[self.here] in _GOOD:
            red = (id_ for id_, verdict in verdicts.items() if verdict and verdict.is_red)
            self.go(next(red, self.here))

    def take_the_time(self) -> None:
        source = self.walk.source(self.here) if self.here else None
        if source and self.interactive and not self.green:
            if any(step.altered for step in self.walk.path()):
                self.attempt.distrust("A test was changed, so the time is not noted.")
            self.green = self.attempt.came_out(source, ", ".join(self.devices()))
            self.top, self.hints = 0, 0
            self.notes.clear()
            if self.attempt.trouble:
                self.note(self.attempt.trouble, "yellow")

    def devices(self) -> list[str]:
        """Where its tests were green."""
        ran = [result for step in self.walk.path() for result in step.results]
        good = [one.device for one in ran if one.verdict is Verdict.PASSED and one.device]
        return list(dict.fromkeys(good))

    # -- keys --

    def actions(self) -> dict[str, Callable[[str], None]]:
        known = super().actions()
        return {key: known[key] for key in "qhrosx"} | {
            "n": lambda _: self.next(),
            "p": lambda _: self.pause(),
            "v": lambda _: self.vary(),
            **{key: partial(self.scroll, by) for key, by in _MOVES.items()},
        }

    def next(self) -> None:
        """The kata that is due, without those that were practised since this began."""
        runs = log.runs(self.exercise.root)
        exercise = katas.due(self.all_of_them, runs, self.been)
        self.try_to_begin(exercise)
        if self.exercise is exercise:
            self.note(katas.why_due(exercise, runs), "dim")

    def pause(self) -> None:
        if self.attempt.is_over:
            self.note("The time is taken already.", "dim")
            return
        self.attempt.pause()
        if not self.draws:
            self.screen.show(self.above())

    def vary(self) -> None:
        """Write the kata once more, as it was offered."""
        if self.green:
            self.try_to_begin(self.exercise, self.green.offer)
        else:
            self.note("A variation is offered when the kata is green.", "dim")

    def scroll(self, by: int, _: str) -> None:
        self.top = max(0, self.top + by)

    def reset(self) -> None:
        """Lay a fresh stub for the same goal, after asking."""
        try:
            nothing_to_lose = laying.is_stub(self.exercise.course)
        except CourseError as error:
            self.note(str(error), "yellow")
            return
        if nothing_to_lose:
            self._reset()
        else:
            self.ask("Lay a fresh stub? What you wrote is kept. y or n", self._reset)

    def _reset(self) -> None:
        self.try_to_begin(self.exercise, self.attempt.goal)

    def reveal(self) -> None:
        self.ask("Show the answer? Then the time is not noted. y or n", self._reveal)

    def _reveal(self) -> None:
        """Where there is a goal, show an answer that reaches it."""
        self.attempt.distrust("The answer was shown, so the time is not noted.")
        kata, goal = self.exercise.kata, self.attempt.goal
        has_it = variations.body_of(kata, goal) is not None
        self.note("", "")
        self.note(f"An answer {goal}:" if has_it else "The answer:", "bold")
        for line in reference(self.exercise.course.lessons[0], kata, goal):
            self.note(f"    {line}", "cyan")

    def open(self) -> None:
        """The clock goes on while an editor has the terminal."""
        with contextlib.closing(Ticking(self.tick)):
            super().open()

    # -- what goes out --

    def above(self) -> Lines:
        clock, number = self.attempt.clock, self.exercise.lesson.number
        paused = not clock.runs and not self.attempt.is_over
        return [page.head(self.exercise.kata, number, clock.tick(), paused, self.attempt.goal)]

    def state(self) -> tuple[object, ...]:
        return (*super().state(), self.top)

    def said(self) -> tuple[object, ...]:
        return (*super().said(), self.green)

    def is_said(self) -> bool:
        """Where nothing can be redrawn, one verdict is told of all tests together."""
        return super().is_said() and not (self.interactive and self.walk.left)

    def is_calm(self) -> bool:
        return super().is_calm() or bool(self.walk.left and self.calm > time.monotonic())

    def lines(self, width: int, height: int | None = None) -> Lines:
        """All that is to be seen below the clock, as much of it as fits."""
        view = self.view(about=False, live=self.draws)
        if self.green:
            middle, foot = page.result(self.green, view, width, self.screen.drawn)
        elif view.step.verdict is Verdict.UNWRITTEN:
            middle, foot = page.statement(view, width)
        else:
            return koan(view, width, height)
        self.top = min(self.top, page.last(middle, foot, height))
        return page.fitted(middle, foot, height, self.top)

    def draw_frame(self) -> None:
        if self.here is None:
            super().draw_frame()
            return
        columns, lines = self.terminal.size()
        self.frame(self.lines(columns, lines - 1 - len(self.above())))

    def print_koan(self) -> None:
        if self.here is None:
            super().print_koan()
            return
        self.screen.show([*self.above(), *self.lines(self.screen.width)])
        if not self.interactive:
            again = command("kata", self.exercise.name, "--once")
            self.screen.say(f"Edit {self.walk.step(self.here).where}, then: {again}", "dim")

    def view(self, about: bool, live: bool = True) -> View:
        view = super().view(about, live)
        step = view.step
        if step.verdict is Verdict.BROKEN and step.line is None and view.source:
            what = f"the test {step.koan.name} is gone: take that back, or lay a fresh stub"
            step = replace(step, what=what)
        return replace(view, step=step, offered=page.KEYS)

    def progress(self, here: str) -> Progress:
        lesson = self.walk.step(here).lesson
        return Progress(
            self.walk.verdicts_in(lesson), "", (0, 0), (self.walk.green, len(self.walk.ids))
        )

    def farewell(self, width: int) -> Lines:
        """Where no test is left that is not green."""
        if self.walk.green:
            return [Text(f"{self.exercise.name} is green.", style="bold green")]
        said = f"The tests of {self.exercise.name} wait for a device that is not here."
        return wrapped(said, width, "dim")
