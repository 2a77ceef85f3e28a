"""Walk the path: show the first koan that is not green, and answer each save.

    python3 scripts/walk.py            walk
    python3 scripts/walk.py --once     say once how the next koan stands

With --once, and where there is nobody to type, the exit code says what was found:
0 all koans are green, 1 a koan is red, 2 something is broken.
"""

import sys

from torchkoans import bootstrap

if __name__ == "__main__":
    bootstrap.enter()

import argparse
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from torchkoans import entering
from torchkoans.terminal import Terminal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from torchkoans.door import Door
    from torchkoans.warm.engine import Engine

ROOT = Path(__file__).resolve().parents[1]


def main(argv: "Sequence[str] | None" = None) -> int:
    """Run the verb; returns its exit code."""
    parser = argparse.ArgumentParser(
        prog="walk", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--once", action="store_true", help="print one verdict and stop")
    parser.add_argument("--course", type=Path, default=ROOT, help=argparse.SUPPRESS)
    options = parser.parse_args(argv)
    terminal = Terminal()
    try:
        if terminal.is_capable and not options.once:
            terminal.frame("Torch Koans")  # what follows takes some tenths of a second
        return walk(options.course, terminal, options.once)
    except KeyboardInterrupt:
        sys.stdout.write("\n")
        return 130


def walk(root: Path, terminal: Terminal, once: bool) -> int:
    """Let a person in; returns the exit code."""

    def door(engine: "Engine", *where: Any) -> "Door":
        from torchkoans.course import Course
        from torchkoans.door import Door
        from torchkoans.walking import Walk

        return Door(Walk(Course(root), engine), *where)

    return entering.stay(root, terminal, door, once)


if __name__ == "__main__":
    bootstrap.imported()
    code = main()
    sys.stdout.flush()
    os._exit(code)  # a thread may still be waiting for a line of stdin
