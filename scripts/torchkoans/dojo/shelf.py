"""A folder of logs as it grows: what pairs lay there, a room takes in.

It may lie on a network share or a USB stick, come and go, and hold whatever else people put there.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from torchkoans.dojo.gathering import Gathering
from torchkoans.dojo.log import ENDING, Tail
from torchkoans.source import shown

MOST_FILES = 1000
LARGEST = 64 * 2**20  # bytes of a log; no session has as many


@dataclass
class _File:
    """A log as it was seen last."""

    tail: Tail
    seen: tuple[int, ...] = ()
    session: str = ""  # as its start says; until then it is nobody's
    is_new: bool = False  # it was not there at the first look


class Shelf:
    """Feeds a gathering with the logs in a folder, a look at a time; `trouble` is a sentence."""

    def __init__(
        self, folder: Path, gathering: Gathering, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.folder, self.trouble = folder, ""
        self._gathering, self._clock = gathering, clock
        self._files: dict[str, _File] = {}
        self._has_looked = False

    def look(self) -> None:
        """Take in what has come since the last look."""
        troubles: list[str] = []
        try:
            paths = logs_in(self.folder)
        except OSError as error:
            why = error.strerror or "it cannot be read"
            self.trouble = f"{shown(self.folder)}: {why}. As soon as it is back, this goes on."
            return
        self._files = {path.name: self._file(path) for path in paths}
        for path in paths:
            try:
                self._read(path, self._files[path.name])
            except OSError as error:
                troubles.append(f"{shown(path)}: {error.strerror or error}")
        self.trouble = "; ".join(troubles[:3]) + ("." if troubles else "")
        self._has_looked = True

    def _file(self, path: Path) -> _File:
        return self._files.get(path.name) or _File(Tail(path), is_new=self._has_looked)

    def _read(self, path: Path, file: _File) -> None:
        self._take(path, file)
        if file.session and not self._gathering.knows(file.session):
            raise OSError(None, "the room is full, this pair is not shown")

    def _take(self, path: Path, file: _File) -> None:
        facts = path.stat()
        seen = (facts.st_ino, facts.st_size, facts.st_mtime_ns)
        if seen == file.seen:
            return
        if facts.st_size > LARGEST:
            raise OSError(None, "this is too large for a log")
        if file.seen and (seen[0] != file.seen[0] or seen[1] < file.seen[1]):
            file.tail, file.session = Tail(path), ""  # another file has its name by now
        is_news = file.is_new or bool(file.seen)
        self._feed(file, self._clock() if is_news else None)
        file.seen = seen

    def _feed(self, file: _File, heard: float | None) -> None:
        events = file.tail.new()
        for event in events:
            if event.what == "start" and not file.session:
                file.session = event.values["session"]
        if file.session:
            self._gathering.feed(file.session, events, heard)


def logs_in(folder: Path) -> list[Path]:
    """The logs in a folder, by name, whoever they are of.

    Raises OSError where it cannot be read.
    """
    return [folder / name for name in sorted(_names(folder))[:MOST_FILES]]


def _names(folder: Path) -> Iterator[str]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.endswith(ENDING) and not entry.name.startswith(".") and entry.is_file():
                yield entry.name
