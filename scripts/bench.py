"""Measure how long a learner waits for the verdict on a save, and what other ways would take.

    python3 scripts/bench.py                 2,000 saves and all the rest: about ten minutes
    python3 scripts/bench.py --saves 100     a quick look
    python3 scripts/bench.py --json FILE     write the figures to FILE, too

All of it is done in copies of the course. Leave the machine alone meanwhile.
"""

import sys

from torchkoans import bootstrap

if __name__ == "__main__":
    bootstrap.enter()

import argparse
import json
import tempfile
from collections.abc import Sequence
from pathlib import Path

from torchkoans.benching import BenchError, measuring, tables
from torchkoans.benching.figures import Figures
from torchkoans.course import ROOT, Course
from torchkoans.screen import Screen
from torchkoans.source import CourseError, shown, write


def main(argv: "Sequence[str] | None" = None) -> int:
    """Run the verb; 0 where all was measured, whatever came of it, 2 where something would not."""
    parser = argparse.ArgumentParser(
        prog="bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="where to write the figures")
    parser.add_argument("--saves", type=_count, default=2000, metavar="N", help="default: 2000")
    parser.add_argument("--course", type=Path, default=ROOT, help=argparse.SUPPRESS)
    options = parser.parse_args(argv)
    screen = Screen()
    try:
        figures = measured(Course(options.course), options.saves, screen)
        show(figures, screen)
        if options.json:
            write(options.json, (json.dumps(figures.as_json(), indent=1) + "\n").encode())
            screen.say(f"wrote {shown(options.json)}")
    except (BenchError, CourseError) as error:
        screen.passing()
        screen.trouble(str(error))
        return 2
    except KeyboardInterrupt:
        screen.passing()
        screen.say("Stopped; nothing was written.")
        return 130
    return 0


def _count(said: str) -> int:
    count = int(said)
    if count < 2:
        raise argparse.ArgumentTypeError("a green and a red one are two saves at the least")
    return count


def measured(course: Course, count: int, screen: Screen) -> Figures:
    """All figures; what is being done passes over the screen."""
    with tempfile.TemporaryDirectory(prefix="torch-koans-") as folder:
        figures = measuring.measure(
            course, Path(folder), count, lambda word: screen.passing(f"{word} ...")
        )
    screen.passing()
    return figures


def show(figures: Figures, screen: Screen) -> None:
    """Machine, tables and notes."""
    for line in figures.machine.lines():
        screen.say(line, "dim")
    for head, rows in (
        (tables.TIMES, tables.times(figures)),
        (tables.TARGETS, tables.targets(figures)),
        (tables.COURSE, tables.course(figures)),
        (tables.SLOWEST, tables.slowest(figures)),
    ):
        screen.say()
        screen.table(head, list(rows))
    for note in tables.notes(figures):
        screen.say()
        screen.say(note)


if __name__ == "__main__":
    bootstrap.imported()
    sys.exit(main())
