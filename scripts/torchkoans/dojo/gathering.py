"""All that a room knows now: each pair's session, as far as its events have come.

Whatever comes in, from however many sources and however often, it counts once, and takes a bounded
amount of memory.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from torchkoans.dojo.events import Event, goes_on, party
from torchkoans.dojo.session import Session

MOST_PAIRS = 200
MOST_KOANS = 1000  # of a pair; more than a course has
MOST_NAMES = 100  # of those who come and go


@dataclass
class Pair:
    """One pair; `heard` is when something last came of it, by the monotonic clock."""

    number: int  # in the order in which they came
    session: Session = field(default_factory=Session)
    heard: float | None = None  # None: not since this start
    next: int = 0  # the number of the event that is to come
    nicknames: frozenset[str] = frozenset()  # of those who began it, as they are compared


class Gathering:
    """The pairs of a room. `number` says which one a new session is.

    Several threads may feed it; whoever reads more than one thing holds `lock`.
    """

    def __init__(self, number: Callable[[str], int] | None = None) -> None:
        self.lock = threading.RLock()
        self._pairs: dict[str, Pair] = {}
        self._number = number or (lambda _: len(self._pairs) + 1)

    @property
    def pairs(self) -> list[Pair]:
        """In the order in which they came."""
        with self.lock:
            return sorted(self._pairs.values(), key=lambda pair: pair.number)

    @property
    def is_full(self) -> bool:
        return len(self._pairs) >= MOST_PAIRS

    def knows(self, session: str) -> bool:
        return session in self._pairs

    def feed(
        self, session: str, events: Iterable[Event], heard: float | None, *, anew: bool = False
    ) -> None:
        """Take in what is new among these events of a session; `anew`: they are all there is of it.

        Without events it is heard of, if it is known. A new one needs its start, and room.
        """
        with self.lock:
            if anew and session in self._pairs:
                self._pairs[session].session, self._pairs[session].next = Session(), 0
            for event in events:
                self._take(session, event)
            self._hear(session, heard)

    def _take(self, session: str, event: Event) -> None:
        pair = self._pairs.get(session)
        if pair is None:
            if self.is_full or event.what != "start" or event.values["session"] != session:
                return
            pair = self._pairs[session] = Pair(self._number(session))
            pair.nicknames = party(event.values["people"])
        if goes_on(event.n, pair.next):
            pair.next = event.n + 1
            if not _is_too_much(pair.session, event):
                pair.session.take(event)

    def _hear(self, session: str, heard: float | None) -> None:
        pair = self._pairs.get(session)
        if pair and heard is not None:
            pair.heard = heard


def _is_too_much(session: Session, event: Event) -> bool:
    """Whether no session would come to this; it would only grow."""
    values = event.values
    if event.what == "start":
        return bool(session.id)
    if "koan" in values and len(session.lights) + len(session.spent) >= 2 * MOST_KOANS:
        return values["koan"] not in session.lights
    if "who" in values or "people" in values:
        return len(session.everybody) >= MOST_NAMES
    return False
