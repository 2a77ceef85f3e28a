"""Practise a kata: a fresh stub, a clock, and at green your times, the reference, a variation.

    python3 scripts/kata.py            the kata that is due: never practised, or longest ago
    python3 scripts/kata.py NAME       this one
    python3 scripts/kata.py --list     all katas, how often you practised them, your times by goal
    python3 scripts/kata.py --once NAME    how the practice file stands; nothing is laid or noted

You write in katas/NN_name.py, never in koans/. What stood there before is kept in
.torch-koans/kept/, and your times stand in .torch-koans/katas.jsonl: delete either when you like.

The exit code says how the kata stands: 0 green, 1 red, 2 something is broken or not there.
"""

import sys

from torchkoans import bootstrap

if __name__ == "__main__":
    bootstrap.enter()

import argparse
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from torchkoans import entering
from torchkoans.terminal import Terminal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from torchkoans.door import Door
    from torchkoans.practice.katas import Exercise
    from torchkoans.practice.log import Run
    from torchkoans.warm.engine import Engine

ROOT = Path(__file__).resolve().parents[1]


def main(argv: "Sequence[str] | None" = None) -> int:
    """Run the verb; returns its exit code."""
    parser = argparse.ArgumentParser(
        prog="kata", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("name", nargs="?", help="which kata; default: the one that is due")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--list", action="store_true", help="list all katas and your times")
    which.add_argument("--once", action="store_true", help="judge the practice file and stop")
    parser.add_argument("--course", type=Path, default=ROOT, help=argparse.SUPPRESS)
    options = parser.parse_args(argv)
    terminal = Terminal()
    try:
        if options.list:
            return list_all(options.course)
        if terminal.is_capable and not options.once:
            terminal.frame("Torch Koans")  # what follows takes some tenths of a second
        return practise(options.course, options.name, terminal, options.once)
    except KeyboardInterrupt:
        sys.stdout.write("\n")
        return 130


def practise(root: Path, name: "str | None", terminal: Terminal, once: bool) -> int:
    """Let a person in; returns the exit code."""
    from torchkoans.course import Course
    from torchkoans.practice import katas, log
    from torchkoans.screen import Screen
    from torchkoans.source import CourseError

    course, runs = Course(root), log.runs(root)
    try:
        all_of_them = katas.of(course)
        chosen = katas.named(all_of_them, name) if name else katas.due(all_of_them, runs)
    except CourseError as error:
        Screen().trouble(str(error))
        return 2
    course.remembered.save()

    def door(engine: "Engine", *where: Any) -> "Door":
        from torchkoans.practice.door import KataDoor

        made = KataDoor(all_of_them, chosen, engine, *where)
        if not once:
            made.begin(chosen)
        if not name:
            made.note(katas.why_due(chosen, runs), "dim")
        return made

    return entering.stay(root, terminal, door, once)


def list_all(root: Path) -> int:
    """Show all katas and the learner's times."""
    from torchkoans.course import Course
    from torchkoans.practice import katas, log
    from torchkoans.screen import Screen
    from torchkoans.source import CourseError

    screen, course = Screen(), Course(root)
    try:
        all_of_them, runs = katas.of(course), log.runs(root)
    except CourseError as error:
        screen.trouble(str(error))
        return 2
    rows = [row for one in all_of_them for row in _rows(one, runs)]
    screen.table(["kata", "lesson", "runs", "last", "best"], rows)
    screen.say(f"Due: {katas.due(all_of_them, runs).name}")
    course.remembered.save()
    return 0


def _rows(one: "Exercise", runs: "Sequence[Run]") -> "Iterator[list[str]]":
    """A kata's times, then a row for each goal that was reached: they are not to be compared."""
    from torchkoans.practice import katas

    yield [one.name, one.lesson.path.name[:2], *_times(katas.of_one(runs, one.name, None))]
    for goal in katas.goals(runs, one.name):
        yield [f"  {goal}", "", *_times(katas.of_one(runs, one.name, goal))]


def _times(runs: "Sequence[Run]") -> list[str]:
    """How many there are, the last time and the best one."""
    from torchkoans.dojo.session import shown

    seconds = [run.seconds for run in runs]
    return [str(len(runs)), *([shown(seconds[-1]), shown(min(seconds))] if runs else ["", ""])]


if __name__ == "__main__":
    bootstrap.imported()
    code = main()
    sys.stdout.flush()
    os._exit(code)  # a thread may still be waiting for a line of stdin
