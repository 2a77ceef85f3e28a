"""What happens in a session, an event at a time; in a log each is a JSON object on a line.

Every event has `n`, its number; `t`, seconds of the session, which stand still while it is paused,
while nobody has it open and while the computer sleeps; `at`, what the clock on the wall said, for
people alone; and `what`, its kind. The other fields are those of the kind:

    start    session, people, switch, every, break, commit, format
    here     koan                   it is looked at from now on
    light    koan, light, trap (where it is known), found (where it was so before the session)
    drive    people, why            people[0] drives from now on, people[1] navigates, and so on
    more     seconds                the turn is longer by so many
    pause, break, resume            nobody works; a break is a pause that was due
    came, away    who
    beat                            somebody has it open
    end
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from torchkoans.verdicts import Verdict

FORMAT = 1
LONGEST = 2000  # bytes of a line
BLANK, WRONG, BROKEN, GREEN = LIGHTS = ("blank", "wrong", "broken", "green")
LETTERS = {BLANK: "o", WRONG: "x", BROKEN: "!", GREEN: "g"}  # where one letter has to do
MOST_LOST = 1000  # events in a row that a log may lack
OF_VERDICT = {
    Verdict.BLANK: BLANK,
    Verdict.UNWRITTEN: BLANK,
    Verdict.WRONG: WRONG,
    Verdict.BROKEN: BROKEN,
    Verdict.TIMEOUT: BROKEN,
    Verdict.CRASHED: BROKEN,
    Verdict.PASSED: GREEN,
}  # a koan that waits for its device has no light
NICKNAME = 20  # characters
MOST_PEOPLE = 9  # a key each, where one of them is to be named
LONGEST_SESSION = 10**6  # seconds; more is no time of a session
_KOAN = re.compile(r"koans/\d\d_\w{1,80}\.py::test_\w{1,150}")
_AT = re.compile(r"[0-9T:.+Z -]{0,40}")
_WHAT = re.compile(r"[a-z]{1,20}")
_SESSION = re.compile(r"[0-9a-f]{32}")
_TRAP = re.compile(r"[0-9a-f]{8}")
_WHY = ("time", "green", "asked", "away", "came")
_SWITCH = re.compile(r"time|pingpong|koans:[1-9]\d?")


class EventError(ValueError):
    """Why something is no event, in a few words."""


@dataclass(frozen=True)
class Event:
    """One event; `values` has the fields of its kind."""

    n: int
    t: float
    at: str
    what: str
    values: dict[str, Any] = field(default_factory=dict)

    def line(self) -> bytes:
        """As it stands in a log, with its line end."""
        own = {"n": self.n, "t": round(self.t, 1), "at": self.at, "what": self.what}
        text = json.dumps({**own, **self.values}, ensure_ascii=False, separators=(",", ":"))
        return text.encode() + b"\n"

    @staticmethod
    def of(given: Any) -> Event:
        """The event that these plain values are.

        Raises EventError for what is none. A kind that is not known is let through, small as it is:
        a newer course may have written it.
        """
        if not isinstance(given, dict):
            raise EventError("an event is an object")
        values = dict(given)
        n, t, at, what = (values.pop(name, None) for name in ("n", "t", "at", "what"))
        if not _is_count(n):
            raise EventError("n is a number from 0 on")
        if not _is_time(t):
            raise EventError("t is a number of seconds")
        if not _matches(_AT, at):
            raise EventError("at is the time of day, as text")
        if not _matches(_WHAT, what):
            raise EventError("what is the kind of the event")
        _refuse_others(what, values)
        event = Event(n, float(t), at, what, values)
        try:
            size = len(event.line())
        except UnicodeEncodeError:  # half a letter
            raise EventError("an event is made of letters") from None
        if size > LONGEST:
            raise EventError(f"an event has at most {LONGEST} bytes")
        return event


def parsed(line: bytes) -> Event | None:
    """The event on a line of a log; None for a line that was cut short, or is none of ours."""
    if len(line) > LONGEST:
        return None
    try:
        return Event.of(json.loads(line))
    except (ValueError, RecursionError):  # EventError is a ValueError
        return None


def nickname(text: str) -> str:
    """A nickname as it is shown, for one person in a session.

    Raises ValueError, in one sentence, for what cannot be one.
    """
    is_long = len(text) > 4 * NICKNAME  # what is longer would take long to be normalised
    name = "" if is_long else unicodedata.normalize("NFC", text).strip()
    if not name or len(name) > NICKNAME:
        text = text[: 4 * NICKNAME]
        raise ValueError(f"{text!r}: a nickname has 1 to {NICKNAME} letters")
    if not name.isprintable() or set(name) & set("<>\"'`\\/"):
        raise ValueError(f"{text!r}: a nickname is made of letters that can be seen, no <, > or /")
    if name.startswith("-"):
        raise ValueError(f"{text!r}: a nickname does not begin with a hyphen")
    return name


def group(names: list[str]) -> list[str]:
    """The nicknames of those who begin a session.

    Raises ValueError, in one sentence, where they are no pair.
    """
    people = [nickname(name) for name in names]
    seen: set[str] = set()
    for name in people:
        if name.casefold() in seen:
            raise ValueError(f"{name} is there twice: each has a nickname of their own")
        seen.add(name.casefold())
    if len(people) < 2:
        raise ValueError("it takes two at the least: one drives, the other navigates")
    if len(people) > MOST_PEOPLE:
        raise ValueError(f"{MOST_PEOPLE} are enough for one keyboard")
    return people


def party(people: Iterable[str]) -> frozenset[str]:
    """Something that is equal for the same people, in whatever order they stand."""
    return frozenset(who.casefold() for who in people)


def goes_on(n: int, expected: int) -> bool:
    """Whether an event may come next; where lines were damaged, some numbers are missing."""
    return expected <= n <= expected + MOST_LOST


def digest(sentence: str) -> str:
    """What a log says of a trap: eight letters by which who has the course finds its sentence."""
    return hashlib.sha256(sentence.encode()).hexdigest()[:8]


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**6


def _is_time(value: object) -> bool:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return is_number and 0 <= value < LONGEST_SESSION  # type: ignore[operator]


def _refuse_others(what: str, values: dict[str, Any]) -> None:
    """What stands in a log is shown to a room: each field is of its form or the event is none."""
    for name, value in values.items():
        if not _FORMS.get(name, _is_small)(value):
            raise EventError(f"{name} is not of its form")
    for name in _NEEDS.get(what, ()):
        if name not in values:
            raise EventError(f"{what} needs {name}")


def _is_nickname(value: object) -> bool:
    try:
        return isinstance(value, str) and nickname(value) == value
    except ValueError:
        return False


def _are_people(value: object) -> bool:
    if not isinstance(value, list) or not 0 < len(value) <= MOST_PEOPLE:
        return False
    return all(map(_is_nickname, value)) and len(set(value)) == len(value)


def _is_small(value: object) -> bool:
    return value is None or isinstance(value, (bool, int, float)) or _is_word(value)


def _is_word(value: object) -> bool:
    return isinstance(value, str) and len(value) <= 200


def _is_span(value: object) -> bool:
    return value is None or _is_time(value)


def _matches(pattern: re.Pattern[str], value: object) -> bool:
    return isinstance(value, str) and bool(pattern.fullmatch(value))


_NEEDS = {
    "start": ("session", "people", "switch"),
    "here": ("koan",),
    "light": ("koan", "light"),
    "drive": ("people", "why"),
    "more": ("seconds",),
    "came": ("who",),
    "away": ("who",),
}
_FORMS: dict[str, Callable[[Any], bool]] = {
    "session": lambda value: _matches(_SESSION, value),
    "people": _are_people,
    "who": _is_nickname,
    "switch": lambda value: _matches(_SWITCH, value),
    "every": _is_span,
    "break": _is_span,
    "seconds": _is_time,
    "koan": lambda value: _matches(_KOAN, value),
    "light": lambda value: value in LIGHTS,
    "trap": lambda value: _matches(_TRAP, value),
    "found": lambda value: isinstance(value, bool),
    "why": lambda value: value in _WHY,
}
