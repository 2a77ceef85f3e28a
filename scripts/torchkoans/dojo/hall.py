"""A room as its facilitator's computer has it: what comes in is checked and kept, and then shown.

It knows nothing of HTTP but the numbers by which that says why something is refused.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from torchkoans.course import Course
from torchkoans.dojo import board, gate
from torchkoans.dojo.clock import Ticking
from torchkoans.dojo.events import Event, EventError
from torchkoans.dojo.gate import Gate
from torchkoans.dojo.gathering import Gathering
from torchkoans.dojo.rounds import MORE, Round, Rounds
from torchkoans.dojo.session import MINUTE
from torchkoans.dojo.shelf import Shelf
from torchkoans.dojo.store import MOST_EVENTS, Store, StoreError

MOST_POSTED = 500  # events
LONGEST_MORE = 60 * MINUTE
FRESH = 0.5  # seconds for which all who look get the same
SAVE = 5.0  # seconds between two times that the round is written down
REFUSED = 60.0  # seconds for which the board says that somebody found no room
FULL = "The room is full, and somebody finds no place in it: --new opens an empty one."
DAMAGED = (
    "The room's database was damaged, and is kept aside: what pairs have told comes again from "
    "those that are still joined."
)
_LOG = logging.getLogger(__name__)


class RefusedError(Exception):
    """Why something is not taken; `wait` says for how many seconds, where that helps."""

    def __init__(self, status: int, why: str, wait: float = 0.0) -> None:
        self.status, self.why, self.wait = status, why, wait
        super().__init__(why)


class Hall:
    """A store, the gathering that is made of it and of a folder, the round, and the gate.

    `posts` says whether pairs may post to it; `join` makes of its code the command with which they
    come in. Raises StoreError where the store cannot be read.
    """

    def __init__(
        self,
        course: Course,
        store: Store,
        *,
        posts: bool = True,
        folder: Path | None = None,
        fallback: Round | None = None,
        join: Callable[[str], str] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.course, self.store, self.posts, self._clock = course, store, posts, clock
        self.gate = Gate(_code(store), clock)
        self.join = join(self.gate.code) if join else None
        self.gathering = Gathering(store.number)
        for session in store.sessions if posts else ():
            self.gathering.feed(session, store.events(session), None)
        self._rounds = Rounds(store, None if posts else folder)
        self.round = _round(self._rounds, fallback or Round(clock=clock), clock)
        self._shelf = Shelf(folder, self.gathering, clock) if folder else None
        self._lock = threading.RLock()
        self._full = ""
        self._refused_at = float("-inf")
        self._faults: dict[Callable[[], None], str] = {}  # by what does not work
        self._made: dict[bool, tuple[float, bytes, str]] = {}
        self._saved_at = self._looked_at = float("-inf")
        self._threads: list[Ticking] = []

    def open(self) -> None:
        """Time goes on from here, and the folder is looked at."""
        self._threads = [Ticking(self._guarded(self.beat))]
        if self._shelf:  # in a thread of its own: a network share may keep who asks waiting
            self._threads.append(Ticking(self._guarded(self.look)))

    def close(self) -> None:
        for thread in self._threads:
            thread.close()
        with contextlib.suppress(StoreError):
            self._save()
        self.store.close()

    # -- what pairs post --

    def post(self, given: Any) -> tuple[int, bool]:
        """Take in what a pair has posted; (how many of its events are here, was there a gap).

        Raises RefusedError.
        """
        session, first, plain = _posted(given)
        self._let_in(session)
        events = _events(session, first, plain)
        if first + len(events) > MOST_EVENTS:
            raise RefusedError(413, f"a session has at most {MOST_EVENTS:,} events")
        with self._lock:
            have = self._keep(session, first, events)
            with self.gathering.lock:
                self.gathering.feed(session, events if have >= first else (), self._clock())
        return have, bool(events) and have < first

    def _let_in(self, session: str) -> None:
        is_known = self.gathering.knows(session)
        wait = self.gate.wait(session, is_known)
        if wait:
            raise RefusedError(429, "too many posts", wait)
        if not is_known and self.gathering.is_full:
            self._refused_at = self._clock()
            raise RefusedError(403, "the room is full")

    def _keep(self, session: str, first: int, events: list[Event]) -> int:
        if not events:
            return self.store.have(session)
        try:
            have = self.store.add(session, first, events)
        except StoreError as error:
            self._full = error.why
            raise RefusedError(507, "the room's disk takes nothing") from None
        self._full = ""
        return have

    # -- what is shown --

    def data(self, may_lead: bool) -> tuple[bytes, str]:
        """What the page asks for, as JSON, and a name for just that."""
        with self.gathering.lock:
            now = self._clock()
            at, body, name = self._made.get(may_lead, (float("-inf"), b"", ""))
            if now - at >= FRESH:
                body = self._data(may_lead, now)
                name = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
                self._made[may_lead] = now, body, name
            return body, name

    def _data(self, may_lead: bool, now: float) -> bytes:
        values = board.data(
            self.gathering,
            self.round,
            self.course,
            join=self.join,
            trouble=self.trouble or None,
            now=now,
            may_lead=may_lead,
        )
        text = json.dumps(values, ensure_ascii=False, separators=(",", ":"))
        return text.encode(errors="replace")  # whatever a name is made of, the page is answered

    @property
    def trouble(self) -> str:
        """What the facilitator should know, in sentences for a wall: no path, no session's id."""
        crowd = FULL if self._clock() - self._refused_at < REFUSED else ""
        shelf = self._shelf.trouble if self._shelf else ""
        note = DAMAGED if self.store.note else ""
        told = (self._full, crowd, shelf, self.gate.trouble, note, *self._faults.values())
        return " ".join(filter(None, told))

    # -- the round --

    def lead(self, given: Any) -> None:
        """Do what a facilitator's button says. Raises RefusedError."""
        if not isinstance(given, dict):
            raise RefusedError(400, "an object says what to do")
        what, seconds, number = (given.get(name) for name in ("do", "seconds", "number"))
        if not isinstance(what, str) or not (number is None or _is_count(number)):
            raise RefusedError(400, "do is a word, and number a number")
        if seconds is not None and not (_is_count(seconds) and 0 < seconds <= LONGEST_MORE):
            raise RefusedError(400, "seconds are a number, from 1 to an hour")
        try:
            if what == MORE and seconds and number in (None, self.round.number):
                self.round.more(float(seconds))
            elif what != MORE or not seconds:
                self.round.do(what, number)
        except ValueError as error:
            raise RefusedError(400, str(error)) from None
        self._made.clear()
        with contextlib.suppress(StoreError):  # a full disk is told of by who posts
            self._save()

    def _save(self) -> None:
        self._rounds.keep(self.round)

    # -- as time goes by --

    def beat(self) -> None:
        """Let the round's clock go on, and write it down now and then."""
        self.round.tick()
        if self.round.runs and self._clock() - self._saved_at >= SAVE:
            self._saved_at = self._clock()
            with contextlib.suppress(StoreError):
                self._save()

    def look(self) -> None:
        """Take in what has come into the folder, once a second."""
        if self._shelf and self._clock() - self._looked_at >= 1:
            self._looked_at = self._clock()
            self._shelf.look()

    def _guarded(self, do: Callable[[], None]) -> Callable[[], None]:
        """A thread that goes on, and a board that says what is wrong until it works again."""

        def guarded() -> None:
            try:
                do()
            except Exception as error:
                said = f"A fault of this program: {type(error).__name__}; its terminal says more."
                if self._faults.get(do) != said:
                    _LOG.exception("A fault of this program")
                self._faults = {**self._faults, do: said}
            else:
                if do in self._faults:
                    self._faults = {one: on for one, on in self._faults.items() if one != do}

        return guarded


def _code(store: Store) -> str:
    """The room's code, the same as long as its store lasts."""
    kept = store.kept("code")
    if isinstance(kept, str) and len(gate.plain(kept)) == gate.LENGTH:
        return kept
    code = gate.code()
    store.keep("code", code)
    return code


def _round(rounds: Rounds, fallback: Round, clock: Callable[[], float]) -> Round:
    """The round that was going on, with the times that are wished for now."""
    found = rounds.restored(clock)
    if found is None:
        return fallback
    found.every, found.break_after = fallback.every, fallback.break_after
    return found


# -- what a post has to be -------------------------------------------------------------------------


def _posted(given: Any) -> tuple[str, int, list[Any]]:
    """(session, number of its first event, what are to be events). Raises RefusedError."""
    if not isinstance(given, dict):
        raise RefusedError(400, "a post is an object")
    session, first, events = (given.get(name) for name in ("session", "from", "events"))
    if not (isinstance(session, str) and len(session) == 32 and set(session) <= _HEX):
        raise RefusedError(400, "a session is 32 hexadecimal digits")
    if not isinstance(first, int) or not _is_count(first):
        raise RefusedError(400, "from is the number of the first event")
    if not isinstance(events, list):
        raise RefusedError(400, "events are a list")
    if len(events) > MOST_POSTED:
        raise RefusedError(413, f"a post has at most {MOST_POSTED} events")
    return session, first, events


def _events(session: str, first: int, plain: list[Any]) -> list[Event]:
    """Events whose numbers run on, of which the first of all, and no other, is the start."""
    events = list(_each(plain))
    for n, event in enumerate(events, first):
        if event.n != n:
            raise RefusedError(400, "the numbers of the events run on from the first")
        if (event.what == "start") != (n == 0):
            raise RefusedError(400, "a session begins with its start, and has one")
        if n == 0 and event.values["session"] != session:
            raise RefusedError(400, "this start is of another session")
    return events


def _each(plain: list[Any]) -> Iterator[Event]:
    for one in plain:
        try:
            yield Event.of(one)
        except (EventError, RecursionError) as error:
            raise RefusedError(400, str(error)[:200]) from None


_HEX = set("0123456789abcdef")


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**6
