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
import contextlib
import os
import queue
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

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
    """Open the door, and close it whatever happens."""
    from torchkoans.running import seconds_for_a_koan
    from torchkoans.warm.engine import Engine

    sys.setswitchinterval(0.0005)  # seconds: a thread that hands over a job must not wait for 5 ms
    heard: queue.Queue[tuple[str, Any]] = queue.Queue()
    engine = Engine(root, seconds_for_a_koan(root), lambda said: heard.put(("heard", said)))
    with contextlib.closing(engine):
        if not once:
            engine.start()  # torch takes seconds: meanwhile there is a koan to be read
        return at_the_door(root, engine, terminal, heard, once)


def at_the_door(
    root: Path, engine: "Engine", terminal: Terminal, events: "queue.Queue[Any]", once: bool
) -> int:
    """Let a person in; returns the exit code."""
    from torchkoans.course import Course
    from torchkoans.door import Door, RunnerError
    from torchkoans.screen import Screen
    from torchkoans.source import CourseError
    from torchkoans.walking import Walk

    screen = Screen()
    door = Door(Walk(Course(root), engine), screen, terminal, events)
    try:
        if once:
            return door.once()
        with terminal, told(door):
            return door.stay()
    except RunnerError as error:
        screen.trouble(f"pytest could not run the koans:\n{error}")
    except CourseError as error:
        screen.trouble(str(error))
    return 2


@contextlib.contextmanager
def told(door: "Door") -> "Iterator[None]":
    """Tell the door what is typed and what is saved, in threads."""
    from torchkoans.door import BLIND, KEY, SAVED
    from torchkoans.watching import Watch

    stop = threading.Event()
    keys = (lambda key: door.events.put((KEY, key)), stop)
    threading.Thread(target=door.terminal.keys, args=keys, daemon=True).start()
    watch = None
    try:
        folder = door.walk.course.koans
        watch = Watch(
            folder, lambda name, whole: door.events.put((SAVED, (f"koans/{name}", whole)))
        )
    except (OSError, RuntimeError) as error:
        door.events.put((BLIND, str(error)))
    try:
        yield
    finally:
        stop.set()
        if watch:
            watch.close()


if __name__ == "__main__":
    bootstrap.imported()
    code = main()
    sys.stdout.flush()
    os._exit(code)  # a thread may still be waiting for a line of stdin
