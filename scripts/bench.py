"""Measure how long a learner waits for the verdict on a save, and what other ways would take.

    python3 scripts/bench.py                 2,000 saves and all the rest: about ten minutes
    python3 scripts/bench.py --saves 100     a quick look
    python3 scripts/bench.py --room          only the dojo's server, with sixty pairs: a minute
    python3 scripts/bench.py --json FILE     write the figures to FILE, too

All of it is done in copies of the course. Leave the machine alone meanwhile.
"""

import sys

from torchkoans import bootstrap

if __name__ == "__main__":
    bootstrap.enter("dojo")

import argparse
import json
import tempfile
from collections.abc import Sequence
from pathlib import Path

from torchkoans.benching import BenchError, machine, measuring, room, saves, tables
from torchkoans.benching.figures import Figures
from torchkoans.benching.machine import Machine
from torchkoans.benching.room import Room
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
    parser.add_argument("--room", action="store_true", help="measure the dojo's server alone")
    parser.add_argument(
        "--seconds", type=_seconds, metavar="N", help="of sixty pairs; default: 30 with --room, 10"
    )
    parser.add_argument("--course", type=Path, default=ROOT, help=argparse.SUPPRESS)
    options = parser.parse_args(argv)
    screen = Screen()
    try:
        course = Course(options.course)
        if options.room:
            values = measured_room(course, options.seconds or 30, screen)
        else:
            values = measured_all(course, options.saves, options.seconds or 10, screen)
        if options.json:
            write(options.json, (json.dumps(values, indent=1) + "\n").encode())
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


def _seconds(said: str) -> int:
    seconds = int(said)
    if not 2 <= seconds <= 600:
        raise argparse.ArgumentTypeError("pairs post from 2 seconds to ten minutes")
    return seconds


def measured_all(course: Course, count: int, seconds: int, screen: Screen) -> "dict[str, object]":
    """Everything, shown as it comes; the room last."""
    figures = measured(course, count, screen)
    show(figures, screen)
    found = room_of(course, seconds, screen)
    screen.say()
    show_room(found, screen)
    return {**figures.as_json(), "room": found.as_json()}


def measured_room(course: Course, seconds: int, screen: Screen) -> "dict[str, object]":
    """The dojo's server alone, shown."""
    on = machine.here()
    found = room_of(course, seconds, screen)
    show_machine(on, screen)
    screen.say()
    show_room(found, screen)
    return {"machine": on.as_json(), "room": found.as_json()}


def room_of(course: Course, seconds: int, screen: Screen) -> Room:
    """The figures of a full room; what is being done passes over the screen."""
    with tempfile.TemporaryDirectory(prefix="torch-koans-") as folder:
        found = room.measure(
            saves.copy(course, Path(folder) / "room"),
            seconds,
            lambda word: screen.passing(f"{word} ..."),
        )
    screen.passing()
    return found


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
    show_machine(figures.machine, screen)
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


def show_machine(on: Machine, screen: Screen) -> None:
    """What was measured on."""
    for line in on.lines():
        screen.say(line, "dim")


def show_room(found: Room, screen: Screen) -> None:
    """The tables of the dojo's server."""
    screen.table(tables.ROOM, list(tables.room(found)))
    screen.say()
    screen.table(tables.TARGETS, list(tables.targets(found)))
    for note in tables.room_notes(found):
        screen.say()
        screen.say(note)


if __name__ == "__main__":
    bootstrap.imported()
    sys.exit(main())
