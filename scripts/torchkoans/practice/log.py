"""The times of practice: a JSON object a line, in a file that may be deleted at any time.

Each line is added in one write. One that was cut short, or that nobody can read, is passed over.
"""

from __future__ import annotations

import json
import math
import os
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from torchkoans.dojo.log import is_cut
from torchkoans.remembered import FOLDER
from torchkoans.source import CourseError

FILE = Path(FOLDER, "katas.jsonl")


@dataclass(frozen=True)
class Run:
    """A kata that was written and came out green. `met` is None where no goal can be checked."""

    at: str  # ISO, UTC
    kata: str
    lesson: str  # its number
    seconds: float
    variation: str | None = None
    met: bool | None = None

    @property
    def day(self) -> str:
        """The day as it was where the learner is; as it stands there if nobody can tell."""
        try:
            return datetime.fromisoformat(self.at).astimezone().strftime("%Y-%m-%d")
        except (ValueError, OverflowError, OSError):
            return self.at[:10]


def add(root: Path, run: Run) -> None:
    """Add a run, on a line of its own.

    Raises CourseError where it cannot be written.
    """
    path = root / FILE
    line = json.dumps({**asdict(run), "green": True}, ensure_ascii=False).encode() + b"\n"
    try:
        path.parent.mkdir(exist_ok=True)
        with path.open("ab+", buffering=0) as file:
            if is_cut(path, file.seek(0, os.SEEK_END)):
                line = b"\n" + line
            if file.write(line) != len(line):
                raise CourseError(path, None, "the time cannot be noted: the disk is full")
    except OSError as error:
        raise CourseError(path, None, f"the time cannot be noted: {error.strerror}") from None


def runs(root: Path) -> list[Run]:
    """All runs that can be read, in the order in which they were added."""
    try:
        lines = (root / FILE).read_bytes().split(b"\n")
    except OSError:
        return []
    return [run for line in lines if (run := _run(line))]


def _run(line: bytes) -> Run | None:
    try:
        values = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(values, dict) or values.get("green") is not True:
        return None
    found = Run(*(values.get(name) for name in Run.__dataclass_fields__))  # type: ignore[arg-type]
    return found if _is_sound(found) else None


def _is_sound(run: Any) -> bool:
    words = all(isinstance(word, str) for word in (run.at, run.kata, run.lesson))
    is_number = isinstance(run.seconds, (int, float)) and not isinstance(run.seconds, bool)
    goal = isinstance(run.variation, (str, type(None))) and run.met in (True, False, None)
    return words and goal and is_number and math.isfinite(run.seconds) and run.seconds >= 0
