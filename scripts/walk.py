"""Walk the path: show the first koan that is not green, and look again at each save.

    python3 scripts/walk.py            walk
    python3 scripts/walk.py --once     say once how the next koan stands

With --once, and where there is nobody to type, the exit code says what was found:
0 all koans are green, 1 a koan is red, 2 something is broken.
"""

import sys

from torchkoans import bootstrap

if __name__ == "__main__":
    bootstrap.enter()

import argparse
import os
import queue
import threading
from collections.abc import Sequence
from pathlib import Path

import watchfiles

from torchkoans import walking
from torchkoans.course import ROOT, Course
from torchkoans.progress import Step, first_red
from torchkoans.screen import Screen
from torchkoans.source import CourseError
from torchkoans.verdicts import Verdict
from torchkoans.walking import RunnerError, Walk

SAVED, KEY, END, BLIND = "saved", "key", "end", "blind"


def main(argv: "Sequence[str] | None" = None) -> int:
    """Run the verb; returns its exit code."""
    parser = argparse.ArgumentParser(
        prog="walk", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--once", action="store_true", help="print one verdict and stop")
    parser.add_argument("--course", type=Path, default=ROOT, help=argparse.SUPPRESS)
    options = parser.parse_args(argv)
    door = Door(Walk(Course(options.course)), Screen())
    try:
        return door.once() if options.once else door.walk()
    except KeyboardInterrupt:
        door.screen.say()
        return 130
    except RunnerError as error:
        door.screen.trouble(f"pytest could not run the koans:\n{error}")
        return 2
    except CourseError as error:
        door.screen.trouble(str(error))
        return 2


def _is_first(step: Step) -> bool:
    return step.koan is step.lesson.koans[0]


class Door:
    """Between the walk and the person.

    What was typed or saved goes in, what is to be seen comes out.
    """

    def __init__(self, walk: Walk, screen: Screen) -> None:
        self.walk_, self.screen = walk, screen
        self.events: queue.Queue[tuple[str, str]] = queue.Queue()
        self.step: Step | None = None
        self.hints = 0
        self.interactive = True
        self.lesson: Path | None = None

    def once(self) -> int:
        """Show the first koan that is not green; the exit code says how it stands."""
        self.interactive = False
        self.arrive()
        return walking.exit_code(self.step)

    def walk(self) -> int:
        """Go on until the path is walked or somebody says quit."""
        stop = threading.Event()
        for work in (self._watch, self._listen):
            threading.Thread(target=work, args=(stop,), daemon=True).start()
        try:
            self.arrive()
            while self.step:
                if not self._answer(*self.events.get()):
                    break
        finally:
            stop.set()
        return walking.exit_code(self.step)

    # -- what comes in --

    def _watch(self, stop: threading.Event) -> None:
        """Say when a file in koans/ was saved.

        Where the system cannot tell, look again and again.
        """
        folder = self.walk_.course.koans
        for polling in (None, True):
            try:
                changes = watchfiles.watch(
                    folder, debounce=50, step=25, stop_event=stop, force_polling=polling
                )
                for _ in changes:
                    self.events.put((SAVED, ""))
                return
            except (OSError, RuntimeError) as error:
                self.events.put((BLIND, str(error)))

    def _listen(self, stop: threading.Event) -> None:
        for line in sys.stdin or ():
            if stop.is_set():
                return
            self.events.put((KEY, line.strip().lower()))
        self.events.put((END, ""))

    # -- what is made of it --

    def _answer(self, event: str, text: str) -> bool:
        """Whether to go on after this event."""
        if event == SAVED:
            self._forget_more_saves()
            self.look_again()
        elif event == BLIND:
            self.screen.say(f"Saves are not noticed here ({text}): save, then type r.", "dim")
        elif event == END or text in ("q", "quit"):  # Ctrl-D, or a pipe that has no more to say
            return False
        elif text in ("", "n", "next"):
            self.go_on()
        elif text in ("h", "hint"):
            self.hint()
        elif text in ("r", "run"):
            self.run_again()
        else:
            self.screen.say(f"{text}: no such key.", "yellow")
            self.screen.keys()
        return True

    def _forget_more_saves(self) -> None:
        """One look answers all saves that have come by now; what was typed meanwhile stays."""
        kept = []
        while not self.events.empty():
            event = self.events.get()
            if event[0] != SAVED:
                kept.append(event)
        for event in kept:
            self.events.put(event)

    def arrive(self) -> None:
        """Find the first koan that is not green and show it."""
        self.looking()
        path = self.walk_.path()
        self.show(first_red(path), path)

    def looking(self) -> None:
        """Say at once that something is going on; a run takes seconds."""
        if sys.stdout.isatty():
            self.screen.say("Looking ...", "dim")

    def go_on(self) -> None:
        """The next koan that is not green, from here; a red one may be left for later."""
        path = self.walk_.path()
        self.show(walking.following(path, self.step.id if self.step else None), path)

    def look_again(self) -> None:
        """After a save: the koan that was changed, if another one was, becomes the current one."""
        assert self.step is not None
        changed = self.walk_.changed()
        here = self.step.id
        if not changed:
            return
        if here not in changed:
            here = changed[0]
        self.looking()
        path = self.walk_.at(here)
        self.show(next(step for step in path if step.id == here), path)

    def run_again(self) -> None:
        """Run the current koan again, whatever is known of it."""
        assert self.step is not None
        path = self.walk_.again(self.step)
        self.show(next(step for step in path if step.id == self.step.id), path)

    def hint(self) -> None:
        """One hint more each time."""
        assert self.step is not None
        koan = self.step.koan
        hints = [hint for blank in koan.blanks for hint in blank.hints]
        hints += [
            h for kata in self.step.lesson.katas if kata.name in koan.katas for h in kata.hints
        ]
        self.screen.hint(hints, self.hints)
        self.hints += 1

    # -- what goes out --

    def show(self, step: "Step | None", path: "list[Step]") -> None:
        """The koan, its verdict, and what can be done."""
        if step is None or self.step is None or step.id != self.step.id:
            self.hints = 0
        self.step = step
        if step is None:
            self.screen.waiting_for(path)
            return
        if step.lesson.path != self.lesson and (self.interactive or _is_first(step)):
            self.screen.lesson(step.lesson)
        self.lesson = step.lesson.path
        self.screen.place(step, path)
        self.screen.koan(step, walking.source_of(self.walk_.course, step))
        self.screen.verdict(step)
        if step.verdict is Verdict.PASSED:
            self.screen.why(step.koan)
        if self.interactive:
            self.screen.keys()
        else:
            self.screen.what_next(step)


if __name__ == "__main__":
    bootstrap.imported()
    code = main()
    sys.stdout.flush()
    os._exit(code)  # a thread may still be waiting for a line of stdin
