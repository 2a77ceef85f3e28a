"""Show the answer of a koan, and why it is the answer. Your file stays as it is.

    python3 scripts/reveal.py          of the next koan that is not green
    python3 scripts/reveal.py KOAN     a lesson's number, file, file:line, test name or node id

You are asked once; with --yes you are not.
"""

import sys

from torchkoans import bootstrap

if __name__ == "__main__":
    bootstrap.enter()

import argparse
from collections.abc import Sequence
from pathlib import Path

from torchkoans import naming, progress, revealing
from torchkoans.course import ROOT, Course
from torchkoans.progress import Step
from torchkoans.screen import Screen
from torchkoans.source import CourseError


def main(argv: "Sequence[str] | None" = None) -> int:
    """Run the verb; 0: shown, 1: nobody has said yes, 2: there is no such koan."""
    parser = argparse.ArgumentParser(
        prog="reveal", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("koan", nargs="?", help="which koan; default: the next one")
    parser.add_argument("--yes", action="store_true", help="show it without asking")
    parser.add_argument("--course", type=Path, default=ROOT, help=argparse.SUPPRESS)
    options = parser.parse_args(argv)
    screen, course = Screen(), Course(options.course)
    try:
        step = naming.chosen(course, progress.now(course), options.koan)
        if step is None:
            screen.say("Every koan is green.", "bold green")
            return 0
        code = reveal(course, step, options.yes, screen)
        course.remembered.save()
        return code
    except CourseError as error:
        screen.trouble(str(error))
        return 2
    except KeyboardInterrupt:
        screen.say()
        return 130


def reveal(course: Course, step: Step, yes: bool, screen: Screen) -> int:
    """Show the answer to whoever still wants it."""
    screen.koan(step)
    if not yes and not screen.asks("Show the answer?"):
        return 1
    for line in revealing.revealed(course, step.lesson, step.koan):
        screen.say(f"    {line}", "cyan")
    why = step.lesson.why(step.koan)
    if why:
        screen.say()
        screen.say(why, "green")
    return 0


if __name__ == "__main__":
    bootstrap.imported()
    sys.exit(main())
