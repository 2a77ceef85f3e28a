"""How a session's log gets to where its clone is joined to, a step at a time.

The log itself stays as it is. Wherever the way is cut, the next step asks how much is there.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

from torchkoans.dojo.address import Address
from torchkoans.dojo.events import Event, goes_on, parsed
from torchkoans.dojo.log import ENDING, Tail
from torchkoans.source import CourseError, write

TIMEOUT = 3.0  # seconds
BATCH, BATCH_BYTES = 200, 48 * 1024  # of events in a post
MOST_ANSWER = 64 * 1024  # bytes
OFFLINE, WRONG_CODE, BUSY = "no answer", "wrong code", ""
SLOWLY = 15.0  # seconds before something is tried again that a person has to mend
LOST = "lost"  # an event whose line in the log cannot be read any more
_SAFELY = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)  # no links, no pipes


class DeliveryError(Exception):
    """Why a step came to nothing, in a few words; `wait` says when to try again, if it is known."""

    def __init__(self, why: str, wait: float | None = None) -> None:
        self.why, self.wait = why, wait
        super().__init__(why)


class Delivery(Protocol):
    """The way of one log; `left` is how much is still to be told, as far as is known."""

    @property
    def left(self) -> int: ...

    def look(self) -> None:
        """See what the log has by now."""

    def is_known(self) -> bool:
        """Whether a part of it is there. Raises DeliveryError."""

    def step(self, timeout: float) -> None:
        """Tell more of it, or that it is still here. Raises DeliveryError."""


def of(path: Path, address: Address) -> Delivery:
    """The way of this log to there."""
    return ToServer(path, address) if address.is_server else ToFolder(path, Path(address.where))


def session_of(path: Path) -> str:
    """The session that a log says it is of; empty where it says nothing."""
    with contextlib.suppress(OSError):
        return begun_by(path)
    return ""


def begun_by(path: Path) -> str:
    """As `session_of`, but raises OSError where it cannot be read."""
    with path.open("rb") as file:
        for line in file:
            event = parsed(line)
            if event:
                return str(event.values["session"]) if event.what == "start" else ""
    return ""


# -- a server --------------------------------------------------------------------------------------


class ToServer:
    """Posts events, and keeps in memory only those that the server has not confirmed."""

    def __init__(self, path: Path, address: Address) -> None:
        self.path, self.address = path, address
        self._session = ""
        self._safe = -1  # the last event that a power cut cannot take from the log any more
        self._begin(0)

    def _begin(self, have: int) -> None:
        """Read the log from its beginning; the first so many events are known there."""
        self._tail, self._next, self._have = Tail(self.path), 0, have
        self._waiting: list[Event] = []

    @property
    def left(self) -> int:
        return len(self._waiting)

    def look(self) -> None:
        with contextlib.suppress(OSError):
            for event in self._tail.new():
                self._waiting += self._numbered(event)
        self._forget()

    def _numbered(self, event: Event) -> Iterator[Event]:
        """The event, and before it one for each line that was damaged: numbers have no gap."""
        if not self._session:
            if event.n or event.what != "start":
                return
            self._session = event.values["session"]
        if not goes_on(event.n, self._next):
            return
        for n in range(self._next, event.n):
            yield Event(n, event.t, event.at, LOST)
        self._next = event.n + 1
        yield event

    def _forget(self) -> None:
        self._waiting = [event for event in self._waiting if event.n >= self._have]

    def is_known(self) -> bool:
        self.look()
        self._tell([], TIMEOUT)
        return self._have > 0

    def step(self, timeout: float = TIMEOUT) -> None:
        if self._session:
            self._tell(self._batch(), timeout)

    def _batch(self) -> list[Event]:
        """As many of those that wait as go into one post."""
        size, batch = 0, []
        for event in self._waiting[:BATCH]:
            size += len(event.line())
            if size > BATCH_BYTES:
                break
            batch.append(event)
        return batch

    def _tell(self, batch: list[Event], timeout: float) -> None:
        if batch and batch[-1].n > self._safe:
            self._settle(batch[-1].n)
        have = post(self.address, self._session, batch, timeout)
        if have < self._have or (batch and have < batch[0].n):  # it has lost some, or is another
            self._begin(have)
            self.look()
        self._have = have
        self._forget()

    def _settle(self, n: int) -> None:
        """Have the log on the disk up to this event.

        What a room was told must not be lost here: another event would get the same number.
        """
        with contextlib.suppress(OSError), self.path.open("r+b") as file:
            os.fsync(file.fileno())
        self._safe = n


def post(address: Address, session: str, events: list[Event], timeout: float = TIMEOUT) -> int:
    """Tell a server events of a session, and be told how many of it are there.

    No proxy is asked and no redirection followed. Raises DeliveryError.
    """
    first = events[0].n if events else 0
    plain = b",".join(event.line().rstrip() for event in events)
    body = b'{"session":"%s","from":%d,"events":[%s]}' % (session.encode(), first, plain)
    status, wait, answer = _asked(address, body, timeout)
    have = answer.get("have")
    if status in (200, 409) and type(have) is int and have >= 0:
        return have
    raise _refusal(status, wait, answer)


def _asked(address: Address, body: bytes, timeout: float) -> tuple[int, str, dict[str, Any]]:
    """(status, Retry-After, what is said). Raises DeliveryError where it is nothing of HTTP."""
    import http.client  # dear to import, and who walks without a room needs none

    kinds = {"http": http.client.HTTPConnection, "https": http.client.HTTPSConnection}
    connection = kinds[address.scheme](address.host, address.port, timeout=timeout)
    headers = {"Authorization": f"Bearer {address.code}", "Content-Type": "application/json"}
    try:
        with contextlib.closing(connection):
            connection.request("POST", "/events", body, {**headers, "Connection": "close"})
            response = connection.getresponse()
            said = response.read(MOST_ANSWER)
    except (OSError, ValueError, http.client.HTTPException):
        raise DeliveryError(OFFLINE) from None
    wait = response.headers.get("Retry-After") or ""
    try:
        answer = json.loads(said)
    except (ValueError, RecursionError):
        answer = {}
    return response.status, wait, answer if isinstance(answer, dict) else {}


def _refusal(status: int, wait: str, answer: dict[str, Any]) -> DeliveryError:
    if status == 401:
        return DeliveryError(WRONG_CODE, SLOWLY)
    if status == 429:
        return DeliveryError(BUSY, min(SLOWLY, float(wait)) if wait.isdecimal() else None)
    if status == 507:
        return DeliveryError("its disk is full")
    said = answer.get("error")
    if isinstance(said, str) and said.isprintable():
        return DeliveryError(f"refused: {said[:100]}", SLOWLY)
    return DeliveryError("what answers there is no room", SLOWLY)


# -- a folder --------------------------------------------------------------------------------------


class ToFolder:
    """Keeps a copy of the log, byte for byte, in a folder; its name is the session's."""

    def __init__(self, path: Path, folder: Path) -> None:
        self.path, self.folder = path, folder
        self.left = 0
        self._session = ""
        self._size = -1  # of the copy, as it was left; -1: it has to be compared
        self._seen: tuple[int, ...] = ()  # the log, when its lines were counted

    @property
    def copy(self) -> Path:
        return self.folder / f"{self._session}{ENDING}"

    def look(self) -> None:
        self._session = self._session or session_of(self.path)
        with contextlib.suppress(OSError):
            facts = self.path.stat()
            seen = (facts.st_size, facts.st_mtime_ns)
            if self._session and seen != self._seen:
                self._seen = seen
                self.left = self._whole().count(b"\n", max(0, self._size))

    def is_known(self) -> bool:
        self.look()
        return bool(self._session) and (facts := self._facts()) is not None and _is_file(facts)

    def step(self, timeout: float = TIMEOUT) -> None:  # noqa: ARG002 (a disk takes its time)
        self.look()
        if not self._session:
            return
        if not self.folder.is_dir():
            self._size = -1
            raise DeliveryError("the folder is not there")
        try:
            self._bring(self._whole())
        except OSError as error:
            self._size = -1
            raise DeliveryError(error.strerror or "the folder cannot be written") from None
        except CourseError as error:
            raise DeliveryError(error.what) from None
        self.left = 0

    def _whole(self) -> bytes:
        """The log, without a last line that is not yet whole."""
        data = self.path.read_bytes()
        return data[: data.rfind(b"\n") + 1]

    def _bring(self, data: bytes) -> None:
        """Add to the copy what it lacks; where it is no beginning of the log, write it anew."""
        facts = self._facts()
        if facts and not _is_file(facts):  # who may write there may lay a link, or a pipe
            write(self.copy, data, mode=0o644)
            facts = self.copy.lstat()
        size = facts.st_size if facts else 0
        if size != self._size and not data.startswith(self._there() if size else b""):
            write(self.copy, data)
            size = len(data)
        if size < len(data):
            with self._opened("ab") as file:
                written = file.write(data[size:])
                os.fsync(file.fileno())  # a stick may be pulled
                if written != len(data) - size:
                    raise OSError(None, "the disk is full")
        self._size = len(data)

    def _facts(self) -> os.stat_result | None:
        """Of the copy itself, not of what it leads to; None where there is none."""
        try:
            return self.copy.lstat()
        except FileNotFoundError:
            return None

    def _there(self) -> bytes:
        with self._opened("rb") as file:
            return file.readall()

    def _opened(self, mode: str) -> io.FileIO:
        """The copy; raises OSError where a link or a pipe has come to its place meanwhile."""
        return io.FileIO(self.copy, mode, opener=lambda path, flags: os.open(path, flags | _SAFELY))


def _is_file(facts: os.stat_result) -> bool:
    return stat.S_ISREG(facts.st_mode)
