"""Put a koan back as it was handed out.

    python3 scripts/reset.py                the next koan that is not green
    python3 scripts/reset.py KOAN           a lesson's number, file, file:line, test name or node id
    python3 scripts/reset.py --lesson NN    all of a lesson's file

You are asked first, and told which of your lines go; with --yes you are not asked. The file as it
was is kept in .torch-koans/kept/. Everything in it but the koan stays as it is.
"""

import sys

from torchkoans import bootstrap

if __name__ == "__main__":
    bootstrap.enter()

import argparse
from collections.abc import Sequence
from pathlib import Path

from torchkoans import naming, progress, resetting
from torchkoans.course import ROOT, Course
from torchkoans.progress import Step
from torchkoans.screen import Screen
from torchkoans.source import CourseError, shown

MOST_LINES = 40  # of those that go; the file is kept, so the rest can be looked up


def main(argv: "Sequence[str] | None" = None) -> int:
    """Run the verb; 0: it is as it was handed out, 1: nobody has said yes, 2: it cannot be."""
    parser = argparse.ArgumentParser(
        prog="reset", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    which = parser.add_mutually_exclusive_group()
    which.add_argument("koan", nargs="?", help="which koan; default: the next one")
    which.add_argument("--lesson", metavar="NN", help="a lesson's number or file: all of its koans")
    parser.add_argument("--yes", action="store_true", help="reset without asking")
    parser.add_argument("--course", type=Path, default=ROOT, help=argparse.SUPPRESS)
    options = parser.parse_args(argv)
    screen, course = Screen(), Course(options.course)
    try:
        if options.lesson:
            return reset_lesson(course, options.lesson, options.yes, screen)
        step = naming.chosen(course, progress.now(course), options.koan)
        if step is None:
            screen.say("Every koan is green; name the one to reset.", "bold green")
            return 0
        code = reset(course, step, options.yes, screen)
        course.remembered.save()
        return code
    except CourseError as error:
        screen.trouble(str(error))
        return 2
    except KeyboardInterrupt:
        screen.say("Stopped; the file is either as it was or as it should be.")
        return 130


def reset(course: Course, step: Step, yes: bool, screen: Screen) -> int:
    """Put one koan back."""
    screen.koan(step)
    if resetting.is_pristine(course, step.lesson, step.koan):
        screen.say("It is as it was handed out.")
        return 0
    if not may_go(resetting.lost(course, step.lesson, step.koan), yes, screen):
        return 1
    kept = resetting.reset(course, step.lesson, step.koan)
    screen.say(f"Put back. The file as it was: {shown(kept)}")
    return 0


def reset_lesson(course: Course, name: str, yes: bool, screen: Screen) -> int:
    """Put a whole file back."""
    (lesson,) = course.named([name])
    screen.say(shown(course.koan_file(lesson)), "cyan")
    if not may_go(resetting.lost_with_lesson(course, lesson), yes, screen):
        return 1
    kept = resetting.reset_lesson(course, lesson)
    screen.say(f"Put back. The file as it was: {shown(kept)}" if kept else "Put back.")
    return 0


def may_go(lines: "Sequence[str]", yes: bool, screen: Screen) -> bool:
    """Name what would be lost, and ask whether it may."""
    if lines:
        screen.say("These lines of yours go:", "bold")
    for line in lines[:MOST_LINES]:
        screen.say(f"    {line.strip()}")
    if len(lines) > MOST_LINES:
        screen.say(f"    and {len(lines) - MOST_LINES} more")
    return yes or screen.asks("Put it back as it was handed out?")


if __name__ == "__main__":
    bootstrap.imported()
    sys.exit(main())
