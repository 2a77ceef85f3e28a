"""Between the walk and the person: what was typed or saved goes in, what is to be seen comes out.

One loop answers all events; threads only put them into its queue.
"""

from __future__ import annotations

import queue
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from torchkoans import chapters, views, walking
from torchkoans.screen import Screen
from torchkoans.source import CourseError, command, shown
from torchkoans.terminal import Terminal
from torchkoans.verdicts import Verdict
from torchkoans.views import Progress, Row, View
from torchkoans.walking import Walk
from torchkoans.warm.job import Message

SAVED, KEY, HEARD, BLIND = "saved", "key", "heard", "blind"
SETTLE = 0.15  # seconds for an editor to finish a file that is empty, gone or cut short
CALM = 0.06  # seconds for which what is seen may stay while a koan runs; most are done by then
REMEMBER = 2.0  # seconds without a verdict after which those that came are written down
SWEEP = 1.0  # seconds between two looks at all files, for saves that the system did not tell
LONG = {"quit": "q", "next": "n", "hint": "h", "run": "r", "list": "l", "lessons": "l"}
LONG |= {"open": "o", "reveal": "s", "reset": "x"}
Ask = tuple[str, Callable[[], None]]


class RunnerError(Exception):
    """pytest could not work at all; the text is its last words."""


class Door:
    """Shows the current koan and answers saves, keys and verdicts until somebody says quit."""

    def __init__(
        self,
        walk: Walk,
        screen: Screen,
        terminal: Terminal,
        events: queue.Queue[tuple[str, Any]] | None = None,
    ) -> None:
        self.walk, self.screen, self.terminal = walk, screen, terminal
        self.events = events or queue.Queue()
        self.here: str | None = None
        self.interactive = True  # False: said once, with what to type next
        self.arriving = True
        self.over = False
        self.hints = 0
        self.notes: list[tuple[str, str]] = []
        self.asking: Ask | None = None
        self.listing: int | None = None  # the marked row, while the list of lessons is shown
        self.typed = ""  # digits of a lesson's number
        self.lesson: Path | None = None  # the one whose opening words were shown
        self.unsettled: dict[str, float] = {}  # file: when to take it as it is
        self.shown: tuple[object, ...] = ()
        self.sweep = time.monotonic() + SWEEP
        self.save_at = 0.0
        self.calm = 0.0  # until then nothing is shown of a koan that runs

    # -- the loop --

    def stay(self) -> int:
        """Answer events until it is over; the exit code says how the current koan stands."""
        try:
            self.arrive()
            while not self.over:
                self.turn(self.patience())
        finally:
            self.remember()
        return walking.exit_code(self.walk.verdict(self.here) if self.here else None)

    def once(self) -> int:
        """Show the first koan that is not green, and how it stands."""
        self.interactive = False
        self.arrive()
        while not self.over and (self.arriving or not self.is_said()):
            self.turn(None)
        self.draw()
        self.remember()
        return walking.exit_code(self.walk.verdict(self.here) if self.here else None)

    def turn(self, patience: float | None) -> None:
        """Answer what has come, waiting for it so many seconds; then see what time has brought."""
        try:
            event, what = self.events.get(timeout=patience)
            self.answer(event, what)
            while self.events.qsize():
                self.answer(*self.events.get_nowait())
        except queue.Empty:
            pass
        self.settle()
        self.draw()
        if self.save_at and time.monotonic() > self.save_at:
            self.remember()

    def remember(self) -> None:
        """Write down what was found out; the next walk begins with it."""
        self.save_at = 0.0
        self.walk.course.remembered.save()

    def patience(self) -> float:
        times = [self.sweep, *self.unsettled.values(), *([self.save_at] if self.save_at else [])]
        if self.is_calm():
            times.append(self.calm)
        return max(0.0, min(times) - time.monotonic())

    def answer(self, event: str, what: Any) -> None:
        if event == HEARD:
            self.hear(what)
        elif event == SAVED:
            self.take(*what)
        elif event == KEY:
            self.press(what)
        elif event == BLIND:
            self.note(f"Saves are noticed within a second here, not at once ({what}).", "dim")

    # -- what comes in: verdicts --

    def arrive(self) -> None:
        """Find the first koan that is not green. What is filled and not known is run for that."""
        self.arriving = True
        self.walk.ask(self.walk.unknown(), explain=False)
        self.advance()

    def advance(self) -> None:
        """On the way to the first koan that is not green."""
        first = self.walk.first()
        if first and self.walk.verdict(first) is None and self.walk.is_running(first):
            self.go(first, asked=True)
            return
        self.arriving = False
        self.go(first)

    def hear(self, message: Message) -> None:
        if "trouble" in message:
            raise RunnerError(message["trouble"])
        if "ready" in message:
            self.walk.has_cuda = bool(message.get("cuda"))
            return
        if self.walk.heard(message):
            self.save_at = time.monotonic() + REMEMBER
        if self.arriving:
            self.advance()

    # -- what comes in: saves --

    def take(self, file: str, settled: bool) -> None:
        """A file was saved, or is being saved: read it, and see what has changed."""
        changed = self.walk.saved(file, settled)
        if changed is None:  # empty, gone or cut short: perhaps the rest is coming
            self.unsettled[file] = time.monotonic() + SETTLE
            return
        self.unsettled.pop(file, None)
        if changed:
            self.saved(changed)
        elif self.here and not self.here.startswith(f"{file}::") and settled:
            self.visit(file)

    def settle(self) -> None:
        """What was unfinished for long enough is taken as it is; files nobody told of are found."""
        now = time.monotonic()
        for file, due in list(self.unsettled.items()):
            if now >= due:
                self.take(file, settled=True)
        if now >= self.sweep:
            self.sweep = now + SWEEP
            for file in self.walk.unread():
                self.take(file, settled=False)

    def saved(self, changed: list[str]) -> None:
        """The koan that was changed is the current one; of several the one where one is."""
        self.arriving = False
        here = self.here if self.here in changed else self.walk.open_among(changed)
        self.notes.clear()
        self.go(here)
        self.walk.ask([id_ for id_ in changed if id_ != here], explain=False)
        self.walk.check(here.partition("::")[0])
        _ = self.walk.green  # counted while the koan runs; its verdict need not wait for that

    def visit(self, file: str) -> None:
        """Saving any file leads there, changed or not."""
        mine = [id_ for id_ in self.walk.ids if id_.startswith(f"{file}::")]
        if mine:
            self.arriving = False
            self.go(self.walk.open_among(mine))

    # -- what comes in: keys --

    def press(self, key: str) -> None:
        if key == "eof":
            self.over = True
        elif key == "resize":
            self.shown = ()
        elif self.asking:
            self.reply(key)
        elif self.listing is not None:
            self.choose(key)
        else:
            self.command(key)

    def command(self, key: str) -> None:
        word, _, rest = key.partition(" ")
        action = self.actions().get(LONG.get(word, word))
        if action:
            action(rest)
        elif not self.terminal.is_capable:
            self.note(f"{key}: no such key.", "yellow")

    def actions(self) -> dict[str, Callable[[str], None]]:
        """What each key does; where whole lines are typed, it is told the rest of the line."""
        return {
            "q": lambda _: self.quit(),
            "n": lambda _: self.next(),
            "enter": lambda _: self.next(),
            "h": lambda _: self.hint(),
            "r": lambda _: self.again(),
            "l": self.list_lessons,
            "o": lambda _: self.open(),
            "s": lambda _: self.reveal(),
            "x": lambda _: self.reset(),
        }

    def quit(self) -> None:
        self.over = True

    def next(self) -> None:
        """The next koan that is not green, from here; a red one may be left for later."""
        self.arriving = False
        self.notes.clear()
        self.go(self.walk.following(self.here), fresh=True)

    def hint(self) -> None:
        """One hint more each time."""
        if not self.here:
            return
        there_are = views.hints(self.walk.step(self.here))
        if not there_are:
            self.note("There is no hint for this one; the docstring says it all.", "yellow")
        elif self.hints == len(there_are):
            self.note("That was the last hint.", "yellow")
        else:
            self.hints += 1
            if not self.draws:
                said = f"Hint {self.hints} of {len(there_are)}: {there_are[self.hints - 1]}"
                self.screen.say(said, "yellow")

    def again(self) -> None:
        """Run the current koan again, whatever is known of it."""
        if self.here:
            file = self.here.partition("::")[0]
            self.walk.saved(file, True)
            self.walk.ask([self.here], again=True)
            self.shown = ()

    def list_lessons(self, number: str = "") -> None:
        rows = [lesson.number for lesson in self.walk.course.lessons]
        if number.isdigit() and int(number) in rows:
            self.go(self.walk.in_lesson(int(number)), fresh=True)
            return
        here = self.walk.step(self.here).lesson.number if self.here else rows[0]
        self.listing, self.typed = rows.index(here), ""
        if not self.terminal.is_capable:
            self.draw_list()
            self.listing = None
            self.note("To go to a lesson: l and its number.", "dim")

    def choose(self, key: str) -> None:
        """A key in the list of lessons."""
        assert self.listing is not None
        numbers = [lesson.number for lesson in self.walk.course.lessons]
        moves = {"up": -1, "k": -1, "down": 1, "j": 1, "pageup": -10, "pagedown": 10}
        if key.isdigit():
            self.typed = (self.typed + key)[-2:]
            if int(self.typed) in numbers:
                self.listing = numbers.index(int(self.typed))
        elif key in moves:
            self.typed = ""
            self.listing = min(max(self.listing + moves[key], 0), len(numbers) - 1)
        elif key in ("enter", "n", "right"):
            chosen, self.listing = numbers[self.listing], None
            self.arriving = False
            self.notes.clear()
            self.go(self.walk.in_lesson(chosen), fresh=True)
        elif key in ("esc", "l", "q", "left", "backspace"):
            self.listing = None

    def open(self) -> None:
        """Open the learner's editor at the line where they write."""
        if not self.here:
            return
        from torchkoans import opening

        step = self.walk.step(self.here)
        opened = opening.opened(self.walk.course.root / step.file, step.line or 1)
        trouble = opened.trouble
        if opened.takes_terminal and not self.terminal.is_capable:
            trouble = f"{opened.editor} needs a terminal of its own: open {step.where} there."
        elif opened.takes_terminal:
            with self.terminal.lent():
                trouble = opened.run()
            self.shown = ()
        if trouble:
            self.note(trouble, "yellow")
        elif not opened.takes_terminal:
            self.note(f"Opened in {opened.editor}.", "dim")

    def reveal(self) -> None:
        self.ask("Show the answer of this koan? y or n", self._reveal)

    def _reveal(self) -> None:
        from torchkoans import revealing

        assert self.here is not None
        step = self.walk.step(self.here)
        for line in revealing.revealed(self.walk.course, step.lesson, step.koan):
            self.note(line, "cyan")

    def reset(self) -> None:
        """Put the koan back, after naming what is lost."""
        from torchkoans import resetting

        if not self.here:
            return
        step = self.walk.step(self.here)
        try:
            pristine = resetting.is_pristine(self.walk.course, step.lesson, step.koan)
            lost = resetting.lost(self.walk.course, step.lesson, step.koan)
        except CourseError as error:
            self.note(str(error), "yellow")
            return
        if pristine:
            self.note("This koan is as it was handed out.", "dim")
            return
        for line in lost:
            self.note(f"    {line}", "")
        asked = "Reset this koan, and lose these lines? y or n"
        self.ask(asked if lost else "Reset this koan? y or n", self._reset)

    def _reset(self) -> None:
        from torchkoans import resetting

        assert self.here is not None
        step = self.walk.step(self.here)
        try:
            kept = resetting.reset(self.walk.course, step.lesson, step.koan)
        except CourseError as error:
            self.note(str(error), "bold red")
            return
        self.take(step.file, settled=True)
        self.note(f"Reset. The file as it was is kept in {shown(kept)}.", "dim")

    def ask(self, question: str, then: Callable[[], None]) -> None:
        if self.here:
            self.asking = question, then
            if not self.draws:
                self.screen.say(question, "bold")

    def reply(self, key: str) -> None:
        assert self.asking is not None
        _, then = self.asking
        self.asking = None
        self.notes.clear()
        if key in ("y", "yes"):
            then()
        else:
            self.note("Left as it is.", "dim")

    def note(self, text: str, style: str) -> None:
        self.notes.append((text, style))
        if not self.draws:
            self.screen.say(text, style)

    @property
    def draws(self) -> bool:
        """Whether frames are drawn, one in place of the other."""
        return self.terminal.is_capable and self.interactive

    # -- what goes out --

    def go(self, id_: str | None, asked: bool = False, fresh: bool = False) -> None:
        """Make a koan the current one, and have it run if that is needed."""
        if id_ != self.here:
            self.hints, self.listing, self.asking = 0, None, None
        if fresh or id_ != self.here:
            self.shown = ()
        self.here = id_
        if id_ and not asked:
            self.walk.ask([id_])
            self.calm = time.monotonic() + CALM

    def is_calm(self) -> bool:
        """Whether to wait with the drawing for a verdict that is about to come."""
        runs = self.here and self.walk.verdict(self.here) is None
        return bool(runs and not self.arriving and time.monotonic() < self.calm)

    def is_said(self) -> bool:
        """Whether everything there is to say of the current koan is known."""
        here = self.here
        return not here or (self.walk.verdict(here) is not None and self.walk.is_explained(here))

    def draw(self) -> None:
        """Show what is to be seen, if it is not what is seen already."""
        if self.draws:
            state = self.state()
            if state != self.shown and not self.is_calm():
                self.shown = state
                self.draw_list() if self.listing is not None else self.draw_frame()
        elif self.is_said() and not self.arriving:
            self.print_what_is_new()

    def state(self) -> tuple[object, ...]:
        above = tuple(line.plain for line in self.above())
        return (
            *self.said(), self.walk.green, self.hints, tuple(self.notes),
            self.asking, self.listing, self.arriving and self.walk.left, above,
        )  # fmt: skip

    def said(self) -> tuple[object, ...]:
        """The current koan, its text, and what a run has said of it."""
        here = self.here
        return (here, self.walk.text(here), self.walk.known(here)) if here else (None,)

    def above(self) -> views.Lines:
        """What a door of another kind has to show above everything else."""
        return []

    def draw_frame(self) -> None:
        columns, lines = self.terminal.size()
        if self.here is None:
            self.frame(self.farewell(columns))
            return
        view = self.view(about=self.is_new_lesson())
        self.frame(views.koan(view, columns, lines - 1 - len(self.above())))

    def frame(self, lines: views.Lines) -> None:
        """These lines and nothing else, below what stands above all."""
        self.terminal.frame(self.screen.rendered([*self.above(), *lines]))

    def is_new_lesson(self) -> bool:
        """Whether the lesson's opening words are due: at its first koan, until that is green."""
        assert self.here is not None
        step = self.walk.step(self.here)
        return step.koan is step.lesson.koans[0] and step.verdict is not Verdict.PASSED

    def draw_list(self) -> None:
        columns, lines = self.terminal.size()
        height = lines - 1 - len(self.above()) if self.terminal.is_capable else None
        shown = views.lessons(self.rows(), self.listing or 0, columns, height)
        if self.terminal.is_capable:
            self.frame(shown)
        else:
            self.screen.show(shown[:-2])

    def print_what_is_new(self) -> None:
        """Where nothing can be redrawn, a koan is said once; notes are said as they come."""
        state = self.said()
        if state != self.shown:
            self.shown = state
            self.print_koan()

    def print_koan(self) -> None:
        width = self.screen.width
        if self.here is None:
            self.screen.show(self.farewell(width))
            self.over = not self.interactive
            return
        step = self.walk.step(self.here)
        new = step.lesson.path != self.lesson
        first = step.koan is step.lesson.koans[0]
        about = new and (self.interactive or first)
        self.lesson = step.lesson.path
        self.screen.show(views.koan(self.view(about, live=False), width))
        if not self.interactive:
            self.screen.say(f"Edit {step.where}, then: {command('walk')}", "dim")

    def view(self, about: bool, live: bool = True) -> View:
        assert self.here is not None
        walk, here = self.walk, self.here
        step = walk.step(here)
        hints = views.hints(step)[: self.hints] if live else []
        return View(
            step,
            walk.source(here),
            self.progress(here),
            about=about,
            running=walk.is_running(here),
            explained=walk.is_explained(here),
            looking=walk.left if self.arriving else 0,
            picture=walk.picture(here),
            hints=tuple(hints),
            notes=tuple(self.notes) if live else (),
            question=self.asking[0] if self.asking and live else "",
            keys=self.interactive,
        )

    def progress(self, here: str) -> Progress:
        walk = self.walk
        lesson = walk.step(here).lesson
        chapter = chapters.of(lesson.number)
        mine = [one for one in walk.course.lessons if chapters.of(one.number) == chapter]
        sums = [walk.green_in(one) for one in mine]
        in_chapter = sum(sums), sum(len(one.koans) for one in mine)
        return Progress(walk.verdicts_in(lesson), chapter, in_chapter, (walk.green, len(walk.ids)))

    def rows(self) -> list[Row]:
        rows: list[Row] = []
        before = ""
        for lesson in self.walk.course.lessons:
            chapter = chapters.of(lesson.number)
            new = chapter if chapter != before else ""
            rows.append(Row(lesson, self.walk.verdicts_in(lesson), new))
            before = chapter
        return rows

    def farewell(self, width: int) -> views.Lines:
        return views.farewell(self.walk.path(), width)
