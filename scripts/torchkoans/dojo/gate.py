"""Who may come in: the room's code, how often anything may be asked, by which name.

A code has some fifty bits, so that whoever guesses has guessed for longer than any session lasts,
even at the rate at which a laptop can say no.
"""

from __future__ import annotations

import hmac
import ipaddress
import secrets
import socket
import time
from collections.abc import Callable

ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"  # without what looks alike: 0 and o, 1 and l and i
LENGTH, _HALF = 10, 5
POSTS, POSTS_AT_ONCE = 10.0, 30  # of a session, a second
NEW, NEW_AT_ONCE = 20.0, 100  # likewise, of all sessions that the room does not know yet
WRONG, WRONG_AT_ONCE = 1.0, 20  # wrong codes, of all who try; of more the board tells
GUESSING = 60.0  # seconds for which the board says that somebody guesses


def code() -> str:
    """A new one, such as k7m4q-2xw9p."""
    letters = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    return f"{letters[:_HALF]}-{letters[_HALF:]}"


def plain(typed: str) -> str:
    """A code as it is compared: hyphens, spaces and capitals are as a person likes them."""
    return "".join(letter for letter in typed[:100].lower() if letter in ALPHABET)


class Bucket:
    """Lets through so many a second, and so many at once after a while of silence."""

    def __init__(
        self, rate: float, most: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._rate, self._most, self._clock = rate, most, clock
        self._left, self._before = float(most), clock()

    def take(self) -> float:
        """0 where it is let through, else the seconds until it would be."""
        now = self._clock()
        self._left = min(self._most, self._left + max(0.0, now - self._before) * self._rate)
        self._before = now
        if self._left < 1:
            return (1 - self._left) / self._rate
        self._left -= 1
        return 0.0


class Gate:
    """Holds the code of a room, and counts who comes by."""

    def __init__(self, code: str, clock: Callable[[], float] = time.monotonic) -> None:
        self.code, self._clock = code, clock
        self.names = {"localhost", *own_names()}
        self._wrong = Bucket(WRONG, WRONG_AT_ONCE, clock)
        self._new = Bucket(NEW, NEW_AT_ONCE, clock)
        self._posts: dict[str, Bucket] = {}
        self._guessed: float | None = None

    def opens_to(self, typed: str) -> bool:
        """Whether this is the code; compared in a time that says nothing of it."""
        return hmac.compare_digest(plain(typed), plain(self.code))

    def refuse(self) -> float:
        """Count a wrong code: 0, or for how many seconds whoever tries is asked to wait."""
        wait = self._wrong.take()
        if wait:
            self._guessed = self._clock()
        return wait

    @property
    def trouble(self) -> str:
        """What the facilitator should know."""
        if self._guessed is None or self._clock() - self._guessed > GUESSING:
            return ""
        return (
            "Wrong codes come in, one after the other, from a page of an earlier room or from "
            "somebody who guesses: none of them opens this one."
        )

    def wait(self, session: str, is_known: bool) -> float:
        """Seconds that a session has to wait before it may post; 0: it may."""
        if not is_known:
            return self._new.take()
        if session not in self._posts:
            self._posts[session] = Bucket(POSTS, POSTS_AT_ONCE, self._clock)
        return self._posts[session].take()

    def is_own(self, host: str) -> bool:
        """Whether this Host names this machine: an address, or a name that is really its own.

        A strange name that leads here is how a page elsewhere would reach into this network.
        """
        name = _without_port(host).lower().rstrip(".")
        return name in self.names or _is_address(name)


def own_names() -> list[str]:
    """As others in the network may write this machine."""
    name = socket.gethostname().lower()
    return [name, f"{name}.local"] if name else []


def _without_port(host: str) -> str:
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0]


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def is_loopback(address: str) -> bool:
    """Whether whoever asks from there sits at this machine."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(found, "ipv4_mapped", None)
    return found.is_loopback or bool(mapped and mapped.is_loopback)
