"""Draw the walk as it looks: docs/walk.svg, from a scene that is really played.

python3 scripts/picture.py            draw it
python3 scripts/picture.py --check    only say whether docs/walk.svg is what would be drawn
"""

import sys

from torchkoans import bootstrap

if __name__ == "__main__":
    bootstrap.enter()

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path

from torchkoans import portrait
from torchkoans.course import ROOT, Course
from torchkoans.door import RunnerError
from torchkoans.screen import Screen
from torchkoans.source import CourseError, command, shown, write


def main(argv: "Sequence[str] | None" = None) -> int:
    """Run the verb; 0: the picture is as it should be, 1: it is not, 2: it can't be drawn."""
    parser = argparse.ArgumentParser(
        prog="picture", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true", help="write nothing")
    parser.add_argument("--course", type=Path, default=ROOT, help=argparse.SUPPRESS)
    options = parser.parse_args(argv)
    screen, course = Screen(), Course(options.course)
    try:
        with tempfile.TemporaryDirectory(prefix="torch-koans-") as folder:
            drawn = portrait.picture(course, Path(folder))
        return settle(course.root / "docs" / "walk.svg", drawn, options.check, screen)
    except CourseError as error:
        screen.trouble(str(error))
        return 2
    except RunnerError as error:
        screen.trouble(f"pytest could not run the koans:\n{error}")
        return 2
    except KeyboardInterrupt:
        screen.say("Stopped; the picture is as it was.")
        return 130


def settle(file: Path, drawn: str, check: bool, screen: Screen) -> int:
    """Compare what there is with what was drawn, and write it unless this is only a check."""
    if file.exists() and file.read_text(encoding="utf-8") == drawn:
        screen.say(f"{shown(file)} is as the walk looks")
        return 0
    if check:
        screen.trouble(f"{shown(file)}: the walk looks different now: {command('picture')}")
        return 1
    write(file, drawn.encode())
    screen.say(f"wrote {shown(file)}")
    return 0


if __name__ == "__main__":
    bootstrap.imported()
    sys.exit(main())
