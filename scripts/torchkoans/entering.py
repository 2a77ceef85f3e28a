"""Letting a person in: an engine that gets warm, a door to stand at, threads that tell of saves.

`walk` does so, and so does whoever puts another door in its place. Little is imported before it is
needed: a person waits for the first frame.
"""

from __future__ import annotations

import contextlib
import queue
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

TYPE_CHECKING = False
if TYPE_CHECKING:
    from torchkoans.door import Door
    from torchkoans.screen import Screen
    from torchkoans.terminal import Terminal
    from torchkoans.warm.engine import Engine

Events = queue.Queue[tuple[str, Any]]
Build = Callable[["Engine", "Screen", "Terminal", Events], "Door"]


def stay(root: Path, terminal: Terminal, build: Build, once: bool = False) -> int:
    """Open the door that `build` makes, and close it whatever happens; returns the exit code."""
    from torchkoans.running import seconds_for_a_koan
    from torchkoans.warm.engine import Engine

    sys.setswitchinterval(0.0005)  # seconds: a thread that hands over a job must not wait for 5 ms
    heard: Events = queue.Queue()
    engine = Engine(root, seconds_for_a_koan(root), lambda said: heard.put(("heard", said)))
    with contextlib.closing(engine):
        if not once:
            engine.start()  # torch takes seconds: meanwhile there is a koan to be read
        return _at_the_door(engine, terminal, build, heard, once)


def _at_the_door(
    engine: Engine, terminal: Terminal, build: Build, events: Events, once: bool
) -> int:
    from torchkoans.door import RunnerError
    from torchkoans.screen import Screen
    from torchkoans.source import CourseError

    screen = Screen()
    try:
        door = build(engine, screen, terminal, events)
        if once:
            return door.once()
        with terminal, _told(door):
            return door.stay()
    except RunnerError as error:
        screen.trouble(f"pytest could not run the koans:\n{error}")
    except CourseError as error:
        screen.trouble(str(error))
    return 2


@contextlib.contextmanager
def _told(door: Door) -> Iterator[None]:
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
            folder, lambda name, whole: door.events.put((SAVED, (f"{folder.name}/{name}", whole)))
        )
    except (OSError, RuntimeError) as error:
        door.events.put((BLIND, str(error)))
    try:
        yield
    finally:
        stop.set()
        if watch:
            watch.close()
