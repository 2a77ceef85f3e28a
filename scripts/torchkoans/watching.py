"""Saves of koan files, told as they happen: which file, and whether its writer has let go of it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from watchdog.events import (
    FileClosedEvent,
    FileCreatedEvent,
    FileDeletedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers import Observer

TOLD = [FileClosedEvent, FileCreatedEvent, FileDeletedEvent, FileModifiedEvent, FileMovedEvent]

Save = Callable[[str, bool], None]


class Watch:
    """Calls `save(file name, whole)` in a thread for each change of a Python file in a folder.

    Raises OSError where the system cannot tell.
    """

    def __init__(self, folder: Path, save: Save) -> None:
        self._observer = Observer()
        self._observer.daemon = True
        self._observer.schedule(_Handler(save), str(folder), event_filter=TOLD)
        self._observer.start()

    def close(self) -> None:
        self._observer.stop()
        self._observer.join(1)


class _Handler(FileSystemEventHandler):
    def __init__(self, save: Save) -> None:
        self.save = save

    def dispatch(self, event: FileSystemEvent) -> None:
        self.tell(event.src_path, isinstance(event, FileClosedEvent))  # moved away, it is gone
        if isinstance(event, FileMovedEvent):
            self.tell(event.dest_path, whole=True)

    def tell(self, path: str | bytes, whole: bool) -> None:
        name = Path(os.fsdecode(path)).name
        if name.endswith(".py"):  # what editors leave beside it is no save
            self.save(name, whole)
