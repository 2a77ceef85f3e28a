"""Give a hint for a koan, one more each time.

    python3 scripts/hint.py               for the next koan that is not green
    python3 scripts/hint.py KOAN          a lesson's number, file, file:line, test name or node id
    python3 scripts/hint.py KOAN --all    all of its hints at once

No hint gives the answer away; reveal does.
"""

import sys

from torchkoans import bootstrap

if __name__ == "__main__":
    bootstrap.enter()

import argparse
from collections.abc import Sequence
from pathlib import Path

from torchkoans import naming, progress
from torchkoans.course import ROOT, Course
from torchkoans.progress import Step
from torchkoans.screen import Screen
from torchkoans.source import CourseError, command


def main(argv: "Sequence[str] | None" = None) -> int:
    """Run the verb; returns 0, or 2 where there is no such koan."""
    parser = argparse.ArgumentParser(
        prog="hint", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("koan", nargs="?", help="which koan; default: the next one")
    parser.add_argument("--all", action="store_true", help="all hints of this koan")
    parser.add_argument("--course", type=Path, default=ROOT, help=argparse.SUPPRESS)
    options = parser.parse_args(argv)
    screen, course = Screen(), Course(options.course)
    try:
        step = naming.chosen(course, progress.now(course), options.koan)
        if step is None:
            screen.say("Every koan is green.", "bold green")
        else:
            hint(course, step, options.all, screen)
        course.remembered.save()
    except CourseError as error:
        screen.trouble(str(error))
        return 2
    except KeyboardInterrupt:
        return 130
    return 0


def hint(course: Course, step: Step, everything: bool, screen: Screen) -> None:
    """Say the next hint, and how to go on."""
    hints = step.lesson.hints(step.koan)
    had = min(course.remembered.hints_given(step.id), len(hints))
    everything = everything or had == len(hints)
    first, last = (0, len(hints)) if everything else (had, had + 1)
    course.remembered.give_hints(step.id, last)
    screen.koan(step)
    if not hints:
        screen.say("There is no hint for this one; the docstring says it all.", "yellow")
    for number, text in enumerate(hints[first:last], first + 1):
        screen.say(f"Hint {number} of {len(hints)}: {text}", "yellow")
    if last < len(hints):
        screen.say(f"One more: {command('hint', step.id)}", "dim")
    else:
        screen.say(f"That is all. The answer: {command('reveal', step.id)}", "dim")


if __name__ == "__main__":
    bootstrap.imported()
    sys.exit(main())
