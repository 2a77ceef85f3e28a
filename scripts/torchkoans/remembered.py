"""What was found out about the course and need not be found out again, in one file.

Lessons as they were read, how koans stand, verdicts of runs, and how many hints were given. Each is
held under a hash of all that it depends on, so a change makes it unknown, never wrong. The file may
be deleted at any time; one that is foreign, damaged or cannot be written is as good as none.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sys
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from typing import Any

from torchkoans import installed
from torchkoans.lesson import Blank, Kata, Koan, Lesson, Other, Trap
from torchkoans.packing import Kinds, kinds, packed, unpacked
from torchkoans.source import Source
from torchkoans.verdicts import Result, Verdict, moved

FOLDER = ".torch-koans"
FILE = "remembered.json"
_FORMAT = "torch-koans 1"
_TEXTS = 4  # of one koan whose verdicts are kept: what is typed and taken back is known again
_LESSON = kinds(Blank, Kata, Koan, Other, Trap)
_RESULT = kinds(Result, Verdict)
_RUNS_WITH = ("conftest.py", "pytest.ini", "koans/__init__.py")  # what a verdict depends on, too
_DEPENDS_ON = ("torch", "numpy", "pytest", "pytest-timeout")
_DRIVERS = ("/dev/nvidiactl", "/dev/dxg", r"C:\Windows\System32\nvcuda.dll")

_Data = dict[str, dict[str, Any]]  # section -> name -> value


class Remembered:
    """What is remembered of the course in a folder; `save` writes down what is new."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.file = root / FOLDER / FILE
        self._new: _Data = {}
        self._unpacked: dict[tuple[str, str], tuple[str, Any]] = {}

    # -- lessons --

    def lesson(self, source: Source) -> Lesson | None:
        """The lesson that this answer file was read as."""
        found = self.found("lessons", source.path.name, self.key(source.text), _LESSON)
        with contextlib.suppress(TypeError):
            return Lesson(source, *found) if found else None
        return None

    def store_lesson(self, lesson: Lesson) -> None:
        """Remember a lesson, all but its text."""
        what = lesson.koans, lesson.katas, lesson.docstring, lesson.comments, lesson.claims
        self.put("lessons", lesson.path.name, self.key(lesson.source.text), what)

    # -- verdicts --

    def verdict(self, koan_id: str, text: str, line: int = 0) -> list[Result] | None:
        """What a run has said of a koan with this text (see `texts`), whose `def` is on `line`.

        Lines in it move with the `def`, unless one of the two is not known: 0. None where nobody
        has run it so, with this version of torch and of the course.
        """
        for key, stored_line, results in self._verdicts(koan_id):
            if key == self._run_key(text):
                with contextlib.suppress(TypeError, ValueError, KeyError):
                    found: list[Result] = list(unpacked(results, _RESULT))
                    by = line - stored_line if line and stored_line else 0
                    return [moved(result, by) for result in found]
        return None

    def store(self, koan_id: str, text: str, results: Iterable[Result], line: int = 0) -> None:
        """Remember the results of a complete run of a koan, on all of its devices.

        What has crashed or never ended is forgotten: another time it may well end.
        """
        results, key = list(results), self._run_key(text)
        kept = [entry for entry in self._verdicts(koan_id) if entry[0] != key]
        if results and not any(result.verdict in _LOST for result in results):
            kept.insert(0, [key, line, packed(results)])
        self._set("verdicts", koan_id, kept[:_TEXTS])

    def _verdicts(self, koan_id: str) -> list[Any]:
        entries = self._get("verdicts", koan_id)
        if not isinstance(entries, list):
            return []
        return [entry for entry in entries if isinstance(entry, list) and len(entry) == 3]

    def _run_key(self, text: str) -> str:
        return _hash(self._runs_on, text)

    # -- hints --

    def hints_given(self, koan_id: str) -> int:
        """How many hints for this koan the learner has had."""
        given = self._get("hints", koan_id)
        return given if isinstance(given, int) else 0

    def give_hints(self, koan_id: str, given: int) -> None:
        """From now on, so many of them were given."""
        self._set("hints", koan_id, given)

    # -- anything under a key --

    def key(self, *texts: str) -> str:
        """A hash of these texts, of the course's own code and of this Python."""
        return _hash(self._code, *texts)

    def found(self, section: str, name: str, key: str, known: Kinds) -> Any:
        """What was put there under this very key, or None."""
        put, value = self._unpacked.get((section, name), ("", None))
        if put == key:
            return value
        entry = self._get(section, name)
        if isinstance(entry, list) and len(entry) == 2 and entry[0] == key:
            with contextlib.suppress(TypeError, ValueError, KeyError):
                return unpacked(entry[1], known)
        return None

    def put(self, section: str, name: str, key: str, value: Any) -> None:
        """Remember a value; what was there under another key is forgotten."""
        self._unpacked[section, name] = key, value  # `save` packs it, when nobody waits any more

    def _get(self, section: str, name: str) -> Any:
        for data in (self._new, self._old):
            if name in data.get(section, {}):
                return data[section][name]
        return None

    def _set(self, section: str, name: str, value: Any) -> None:
        self._new.setdefault(section, {})[name] = value

    # -- the file --

    @cached_property
    def _old(self) -> _Data:
        return _read(self.file)

    def save(self) -> None:
        """Write down what is new, beside what others have written down meanwhile."""
        for (section, name), (key, value) in self._unpacked.items():
            self._set(section, name, [key, packed(value)])
        self._unpacked = {}
        if not self._new:
            return
        data = _read(self.file)
        for section, values in self._new.items():
            data.setdefault(section, {}).update(values)
        _write(self.file, data)
        self._old, self._new = data, {}

    # -- what everything depends on --

    @cached_property
    def _code(self) -> str:
        """A hash of the course's own code, and of the Python that reads the lessons."""
        files = sorted(Path(__file__).parent.rglob("*.py"))
        return _hash(sys.version, *map(_bytes_of, files))

    @cached_property
    def _runs_on(self) -> str:
        """A hash of what runs the koans, short of the koans themselves."""
        versions = installed.versions()
        gpu = [os.environ.get("CUDA_VISIBLE_DEVICES", ""), *map(os.path.exists, _DRIVERS)]
        return _hash(
            self._code,
            sys.platform,
            *(_bytes_of(self.root / name) for name in _RUNS_WITH),
            *(versions.get(name, "") for name in _DEPENDS_ON),
            *map(str, gpu),
        )


_LOST = (Verdict.CRASHED, Verdict.TIMEOUT)


def _bytes_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _hash(*parts: str | bytes) -> str:
    """A hash in which no two parts can run into each other."""
    whole = hashlib.sha256()
    for part in parts:
        data = part if isinstance(part, bytes) else part.encode("utf-8", "surrogatepass")
        whole.update(b"%d:" % len(data) + data)
    return whole.hexdigest()[:32]


def _read(file: Path) -> _Data:
    """What the file holds; nothing where there is none, or not all of it is as it was written."""
    head, _, body = _bytes_of(file).partition(b"\n")
    if head.decode("utf-8", "replace") != f"{_FORMAT} {_hash(body)}":
        return {}
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(data, dict):
        return {}
    return {name: values for name, values in data.items() if isinstance(values, dict)}


def _write(file: Path, data: _Data) -> None:
    """Write beside, then rename; where that is refused, nothing is remembered and nothing lost."""
    body = json.dumps(data, separators=(",", ":")).encode()
    beside = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        file.parent.mkdir(exist_ok=True)
        beside.write_bytes(f"{_FORMAT} {_hash(body)}\n".encode() + body)
        beside.replace(file)
    except OSError:
        with contextlib.suppress(OSError):
            beside.unlink()
