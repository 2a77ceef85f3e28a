"""Bring a newer course into this folder, with all that you have filled in.

    python3 scripts/update.py               the newest of where this clone came from
    python3 scripts/update.py --from DIR    the course in DIR: another clone, or an unpacked archive
    python3 scripts/update.py --check       only say what would change

You are asked before anything changes, and what is replaced is kept in .torch-koans/kept/. The next
start finishes an update that was interrupted.
"""

import sys
from collections.abc import Callable
from pathlib import Path

from torchkoans import bootstrap
from torchkoans.updating import installing


def go_on(root: Path, arguments: "list[str]", say: "Callable[[str], None]") -> "int | None":
    """Finish an update that was interrupted; returns the exit code, None where there is none.

    Before anything else is imported, for it may be half new.
    """
    if not installing.is_pending(root) or {"-h", "--help"} & set(arguments):
        return None
    if {"--check", "--dry-run"} & set(arguments):
        say("An update was interrupted; the next start without --check finishes it.")
        return 1
    try:
        installed = installing.finish(root)
    except installing.UpdateError as error:
        say(str(error))
        return 2
    say("The update that was interrupted is finished.")
    for line in installing.told(installed) if installed else []:
        say(line)
    return 0


if __name__ == "__main__":
    code = go_on(Path(bootstrap.ROOT), sys.argv, bootstrap.say)
    if code is not None:
        sys.exit(code)
    bootstrap.enter()

import argparse
from collections.abc import Sequence

from torchkoans.course import ROOT, Course
from torchkoans.screen import Screen
from torchkoans.source import CourseError, command
from torchkoans.updating import planning, upstream
from torchkoans.updating.installing import KEPT, UpdateError
from torchkoans.updating.planning import Plan

MOST_LINES = 12  # of a list, where somebody is asked; --check shows all


def main(argv: "Sequence[str] | None" = None) -> int:
    """Run the verb; 0: the course is the newest, 1: it could be newer, 2: no update can be had."""
    parser = argparse.ArgumentParser(
        prog="update", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--from", dest="folder", type=Path, metavar="DIR", help="the newer course")
    parser.add_argument("--check", "--dry-run", action="store_true", help="change nothing")
    parser.add_argument("--yes", action="store_true", help="update without asking")
    parser.add_argument("--course", type=Path, default=ROOT, help=argparse.SUPPRESS)
    options = parser.parse_args(argv)
    screen, root = Screen(), options.course.resolve()
    try:
        code = go_on(root, ["--check"] if options.check else [], screen.say)
        return update(Course(root), options, screen) if code is None else code
    except (CourseError, UpdateError) as error:
        screen.trouble(str(error))
        return 2
    except KeyboardInterrupt:
        screen.say("Stopped. Nothing is lost.")
        if installing.is_pending(root):
            screen.say(f"The update is half in its place: {command('update')} finishes it.")
        return 130


def update(course: Course, options: argparse.Namespace, screen: Screen) -> int:
    """Say what a newer course brings, ask, and bring it in."""
    newer = upstream.newer(course.root, options.folder)
    if isinstance(newer, str):
        screen.say(newer)
        return 0
    plan = planning.plan(course, newer)
    if plan.is_nothing:
        screen.say(f"The course here is the same as {newer.words}; there is nothing to do.")
        return 0
    announce(plan, screen, None if options.check else MOST_LINES)
    if options.check:
        return 1
    if not options.yes and not _wanted(screen):
        return 1
    installed = planning.carry_out(plan)
    screen.say()
    screen.say(f"Updated to {newer.words}.", "bold green")
    for line in installing.told(installed):
        screen.say(line)
    return 0


def announce(plan: Plan, screen: Screen, most: "int | None") -> None:
    """What will change, at most so many lines of each list."""
    screen.say(f"A newer course: {plan.newer.words}", "bold")
    for section in plan.sections:
        screen.say()
        screen.say(section.title)
        for line in section.lines[:most]:
            screen.say(f"    {line}")
        left = len(section.lines[most:]) if most else 0
        if left:
            screen.say(f"    ... and {left} more: {command('update', '--check')} shows all", "dim")


def _wanted(screen: Screen) -> bool:
    screen.say()
    screen.say(f"koans/ as it is now, and all else that is replaced, will be kept in {KEPT}/.")
    if not sys.stdin.isatty():
        screen.trouble("Nobody is here to be asked; nothing was changed. With --yes it is updated.")
        return False
    try:
        return input("Update now? [y/N] ").strip().lower() in ("y", "yes")
    except EOFError:
        return False


if __name__ == "__main__":
    bootstrap.imported()
    sys.exit(main())
