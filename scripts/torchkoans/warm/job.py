"""What is said between the watching process and those that run koans: JSON, a line each.

A job goes in. Out come, with the job's number: `begin` (a node id; `importing` while its file is
imported), `koan` (a test with its results; twice for a red one, first without explanation), and
`over`. A koan shares a process with what speaks of it and may write into anything that is open
there: each message from there begins with a key that came with the job and that the koan never saw.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from torchkoans.standing import Standing
from torchkoans.verdicts import Result, Verdict

Message = dict[str, Any]
LONGEST = 2**25  # bytes of a line; a longer one is no message of ours


@dataclass(frozen=True)
class Picture:
    """What is to be drawn of a koan's variables when it has ended."""

    kind: str
    names: tuple[str, ...]


@dataclass(frozen=True)
class Task:
    """One test: how its text stands, which nobody need find out again, and its picture."""

    standing: Standing
    picture: Picture | None = None

    @property
    def test(self) -> str:
        return self.standing.test


@dataclass(frozen=True)
class Job:
    """Tests of one koan file, whose text comes along: what is judged is what was read.

    `explain` asks for the second message on a red koan, and for pictures. `whole` asks whether
    all of the text compiles, which some errors need and which takes milliseconds.
    """

    number: int
    file: str  # relative to the course, with slashes
    text: str
    tasks: tuple[Task, ...]
    explain: bool = True
    whole: bool = True

    def encoded(self, key: bytes = b"") -> bytes:
        """As it goes over the wire; what is said of it is to begin with `key`."""
        return line({"job": asdict(self), "key": key.decode()})

    @staticmethod
    def of(values: Message) -> Job:
        return Job(**{**values, "tasks": tuple(map(_task, values["tasks"]))})


def _task(values: Message) -> Task:
    stands, picture = values["standing"], values["picture"]
    lines, verdict = stands["lines"], stands["verdict"]
    standing = Standing(
        **{
            **stands,
            "lines": lines and tuple(lines),
            "verdict": verdict and Verdict(verdict),
        }
    )
    return Task(standing, picture and Picture(picture["kind"], tuple(picture["names"])))


@dataclass(frozen=True)
class Heard:
    """What a job has said of one koan. `picture` holds what was captured when it ended."""

    number: int
    file: str
    test: str
    results: tuple[Result, ...]
    explained: bool
    picture: Message | None = None

    @staticmethod
    def of(message: Message) -> Heard:
        return Heard(
            message["number"],
            message["file"],
            message["koan"],
            tuple(result(values) for values in message["results"]),
            message["explained"],
            message.get("picture"),
        )


def result(values: Message) -> Result:
    """A Result that came over the wire."""
    return Result(**{**values, "verdict": Verdict(values["verdict"])})


def plain(results: Sequence[Result]) -> list[Message]:
    """Results as they go over the wire."""
    return [{**vars(one), "verdict": one.verdict.value} for one in results]


def new_key() -> bytes:
    """What nobody can guess."""
    return os.urandom(12).hex().encode()


def line(message: Message, key: bytes = b"") -> bytes:
    """A message as it goes over the wire. With a key, it first ends what was left unfinished."""
    start = b"\n" + key if key else b""
    return start + json.dumps(message).encode() + b"\n"


class Lines:
    """Bytes come in as they please, messages go out whole.

    What does not begin with `key` or is no message is passed over, however much of it there is.
    """

    def __init__(self, key: bytes = b"") -> None:
        self.key = key
        self._rest = bytearray()

    def fed(self, data: bytes) -> Iterator[Message]:
        *ends, start = data.split(b"\n")
        for end in ends:
            text, self._rest = self._rest + end, bytearray()
            message = self._message(text)
            if message is not None:
                yield message
        self._rest += start
        if len(self._rest) > LONGEST:
            self._rest.clear()

    def _message(self, text: bytes | bytearray) -> Message | None:
        if not text.startswith(self.key):
            return None
        try:
            message = json.loads(text[len(self.key) :])
        except ValueError:
            return None
        return message if isinstance(message, dict) else None
