"""Cut answers/ into koans/: blanks emptied, katas' bodies and all directives left out.

    python3 scripts/blank.py                    all lessons
    python3 scripts/blank.py koans/03_x.py      this one; also brings back a koan file that is gone
    python3 scripts/blank.py --check            only say whether koans/ is what would be cut

All lessons: docs/claims.md is told, too, which koan now shows what.
A koan file that somebody has worked in is never replaced without asking.
"""

import sys

from torchkoans import bootstrap

if __name__ == "__main__":
    bootstrap.enter()

import argparse
from collections.abc import Sequence
from pathlib import Path

from torchkoans import claims, cutting
from torchkoans.claims import Claims
from torchkoans.course import ROOT, Course
from torchkoans.cutting import Compared, Standing
from torchkoans.screen import Screen
from torchkoans.source import CourseError, Source, command, shown, write


def main(argv: "Sequence[str] | None" = None) -> int:
    """Run the verb; 0: koans/ is the cut, 1: it is not, 2.

    An answer file or a folder is no good.
    """
    parser = argparse.ArgumentParser(
        prog="blank", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("file", nargs="*", help="a lesson's file or number; default: all")
    parser.add_argument("--check", action="store_true", help="write nothing")
    parser.add_argument("--yes", action="store_true", help="replace without asking")
    parser.add_argument("--course", type=Path, default=ROOT, help=argparse.SUPPRESS)
    options = parser.parse_args(argv)
    screen, course = Screen(), Course(options.course, checked=True)
    try:
        compared = [cutting.compare(course, lesson) for lesson in course.named(options.file)]
        stale = [] if options.file else stale_claims(course)
        if options.check:
            strays = [] if options.file else list(course.strays())
            return check(compared, strays, stale, screen)
        for source in stale:
            write(source.path, source.encoded())
            screen.say(f"wrote {shown(source.path)}: which koan shows what")
        return cut(compared, options.yes, screen)
    except CourseError as error:
        screen.trouble(str(error))
        return 2
    except KeyboardInterrupt:
        screen.say("Stopped; each file is either as it was or as it should be.")
        return 130


def stale_claims(course: Course) -> "list[Source]":
    """docs/claims.md as it should be, where the course has one and its last column is old."""
    if not (course.root / claims.FILE).exists():
        return []
    table = Claims(course)
    return [table.refreshed] if table.is_stale else []


def check(
    compared: "list[Compared]", strays: "list[Path]", stale: "list[Source]", screen: Screen
) -> int:
    """Name what is not the cut. In CI every byte counts.

    Elsewhere a learner may have filled blanks.
    """
    strict = cutting.every_byte_counts()
    wrong = len(strays) + len(stale)
    for source in stale:
        what = f"which koan shows what has changed: {command('blank')}"
        screen.trouble(f"{shown(source.path)}: {what}")
    for stray in strays:
        screen.trouble(f"{shown(stray)}: it belongs to no lesson: rename it back, or move it away")
    for one in compared:
        if one.standing is Standing.LEARNED and not strict:
            screen.say(f"{shown(one.path)}: {len(one.work)} filled, otherwise as it was cut", "dim")
        elif what := cutting.complaint(one, strict):
            wrong += 1
            screen.trouble(f"{shown(one.path)}: {what}")
    if not wrong:
        screen.say(f"koans/ is what answers/ is cut into: {len(compared)} lessons")
    return 1 if wrong else 0


def cut(compared: "list[Compared]", yes: bool, screen: Screen) -> int:
    """Write what differs; ask first where something could be lost."""
    kept = 0
    for one in compared:
        if one.standing is Standing.SAME:
            continue
        if cutting.needs_asking(one) and not yes and not _may_replace(one, screen):
            kept += 1
            continue
        write(one.path, one.text)
        screen.say(f"wrote {shown(one.path)}")
    same = sum(one.standing is Standing.SAME for one in compared)
    screen.say(
        f"{len(compared) - same - kept} written, {same} as they should be, {kept} left alone"
    )
    return 1 if kept else 0


def _may_replace(one: Compared, screen: Screen) -> bool:
    screen.say(f"{shown(one.path)} would be replaced, and this would be lost:", "bold")
    for line in one.work or ("changes that are in no commit",):
        screen.say(f"    {line}")
    screen.say("    and whatever else is not in the lesson, comments too")
    if not sys.stdin.isatty():
        screen.trouble("Nobody is here to be asked; left alone. With --yes it is replaced.")
        return False
    try:
        return input("Replace it? [y/N] ").strip().lower() in ("y", "yes")
    except EOFError:
        return False


if __name__ == "__main__":
    bootstrap.imported()
    sys.exit(main())
