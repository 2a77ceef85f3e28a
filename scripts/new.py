"""Make a lesson or a koan to begin with, and say what it still lacks.

    python3 scripts/new.py 45 strides_in_anger         lesson 45, as a pair: answers/ and koans/
    python3 scripts/new.py "Strides in anger"          the same, with the number after the last
    python3 scripts/new.py --koan 17 a_view_is_no_copy one more koan at the end of lesson 17
    python3 scripts/new.py --missing 45                what this lesson lacks; default: all

What is made runs as it stands; each word that is to be yours says REPLACE. No file is ever
replaced, but for the koan file of the lesson that gets one more koan.
"""

import sys

from torchkoans import bootstrap

if __name__ == "__main__":
    bootstrap.enter()

import argparse
from collections.abc import Sequence
from pathlib import Path

from torchkoans import cut, cutting, demands, templates
from torchkoans.course import ROOT, Course
from torchkoans.screen import Screen
from torchkoans.source import CourseError, command, shown, write


def main(argv: "Sequence[str] | None" = None) -> int:
    """Run the verb; 0: made, or nothing is missing, 1: something is missing, 2: it could not."""
    parser = argparse.ArgumentParser(
        prog="new", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("words", nargs="*", help="a number and a name, or a title")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--koan", metavar="NN", help="add a koan to this lesson")
    what.add_argument("--missing", action="store_true", help="write nothing")
    parser.add_argument("--course", type=Path, default=ROOT, help=argparse.SUPPRESS)
    options = parser.parse_args(argv)
    screen, course = Screen(), Course(options.course)
    try:
        if options.missing:
            return missing(course, options.words, screen)
        if options.koan:
            made = koan(course, options.koan, options.words, screen)
        else:
            made = lesson(course, options.words, screen)
        missing(Course(options.course), [made.name], screen)
        next_steps(made, screen)
        return 0
    except CourseError as error:
        screen.trouble(str(error))
        return 2
    except KeyboardInterrupt:
        screen.say(f"Stopped; a koan file that was not cut any more: {command('blank')}")
        return 130


def lesson(course: Course, words: "list[str]", screen: Screen) -> Path:
    """Write an answer file, then its koan file; without the second one, `blank` makes it."""
    source = templates.lesson(course, words)
    koans = course.koans / source.path.name
    for path, text in ((source.path, source), (koans, cut.pristine(templates.read(source)))):
        write(path, text.encoded())
        screen.say(f"wrote {shown(path)}")
    return source.path


def koan(course: Course, number: str, words: "list[str]", screen: Screen) -> Path:
    """Write an answer file with one more koan, then cut it unless work would be lost by that."""
    (to,) = course.named([number])
    source, before = templates.koan(course, to, words), cutting.compare(course, to)
    write(source.path, source.encoded())
    screen.say(f"wrote {shown(source.path)}: the koan is its last")
    if cutting.needs_asking(before):
        again = command("blank", shown(before.path))
        screen.trouble(f"{shown(before.path)}: somebody has worked in it; left alone: {again}")
    else:
        write(before.path, cut.pristine(templates.read(source)).encoded())
        screen.say(f"wrote {shown(before.path)}")
    return source.path


def missing(course: Course, names: "list[str]", screen: Screen) -> int:
    """Say what these lessons lack; 0 where that is nothing."""
    lessons = course.named(names)
    found = [each for one in lessons for each in demands.unmet(course, one)]
    where = "1 lesson" if len(lessons) == 1 else f"{len(lessons)} lessons"
    if not found:
        screen.say(f"Nothing is missing in {where}. Whether all of it is true: {command('check')}")
        return 0
    screen.say(f"\nMissing in {where} ({len(found)}); the form is in CONTRIBUTING.md:", "bold")
    for each in found:
        screen.say(str(each))
    return 1


def next_steps(made: Path, screen: Screen) -> None:
    """What its author does now."""
    number = made.name[:2]
    steps = {
        command("new", "--missing", number): "what is still missing",
        command("blank"): "cut it into koans/, and fill in docs/claims.md",
        command("verify", "--lesson", number): "try every answer and every trap of it",
        command("check"): "all that CI does",
        command("picture"): "the picture in README; how many lessons there are is written there",
    }
    screen.say(f"\nNext: edit {shown(made)}, then", "bold")
    width = max(map(len, steps))
    for step, why in steps.items():
        screen.say(f"    {step:{width}}  {why}")


if __name__ == "__main__":
    bootstrap.imported()
    sys.exit(main())
