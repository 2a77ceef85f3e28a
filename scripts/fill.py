"""Fill the blanks from answers/ in a copy of the course, and run pytest on it.

    python3 scripts/fill.py                    all koans, in a temporary folder
    python3 scripts/fill.py koans/03*.py       these alone
    python3 scripts/fill.py --rest             keep your own answers, fill what is left
    python3 scripts/fill.py --to DIR           keep the copy in DIR

Your koans are never written to. The exit code is pytest's.
"""

import sys

from torchkoans import bootstrap

if __name__ == "__main__":
    bootstrap.enter()

import argparse
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from torchkoans import filling, running
from torchkoans.course import ROOT, Course
from torchkoans.screen import Screen
from torchkoans.source import CourseError


def main(argv: "Sequence[str] | None" = None) -> int:
    """Run the verb; returns pytest's exit code, or 2 where there was nothing to run."""
    parser = argparse.ArgumentParser(
        prog="fill", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "koan", nargs="*", help="a koan file, or the number of a lesson; default: all"
    )
    parser.add_argument("--to", type=Path, metavar="DIR", help="where to write the copy")
    parser.add_argument("--rest", action="store_true", help="fill only what you have left blank")
    parser.add_argument("--course", type=Path, default=ROOT, help=argparse.SUPPRESS)
    options = parser.parse_args(argv)
    screen = Screen()
    try:
        return fill(Course(options.course), options, screen)
    except CourseError as error:
        screen.trouble(str(error))
        return 2
    except KeyboardInterrupt:
        screen.say("Stopped; your koans are as they were.")
        return 130


def fill(course: Course, options: argparse.Namespace, screen: Screen) -> int:
    """Write the copy and run pytest on it."""
    lessons = course.named(options.koan)
    if options.rest:
        filled = [filling.rest(lesson, course.read(lesson)) for lesson in lessons]
    else:
        filled = [filling.whole(lesson) for lesson in lessons]
    with ExitStack() as stack:
        to = options.to
        if to is None:
            to = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="torch-koans-")))
        copy = filling.copy_course(course, lessons, to)
        sources = [one.source for one in filled]
        filling.write_koans(copy, sources)
        screen.say(filling.describe(filled, to))
        targets = [f"koans/{source.path.name}" for source in sources]
        run = running.run(copy.root, targets, show=True)
    for result in run.results:
        if result.verdict.value in ("crashed", "timeout"):
            screen.trouble(f"{result.koan} {result.verdict.value}: {result.what}")
    return run.exit_code


if __name__ == "__main__":
    bootstrap.imported()
    sys.exit(main())
