"""What happened in a room: its logs, folded into what people can talk about.

Pure: the same logs always come to the same. All times are seconds of a session, counted from where
it began; of the clocks on walls only the day is taken, since nothing hangs on it.
"""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from torchkoans.course import Course
from torchkoans.dojo.events import Event, party
from torchkoans.dojo.places import Place, Places
from torchkoans.dojo.session import Session

# -- one pair --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Light:
    """A verdict that came while the session went on."""

    t: float
    koan: str
    light: str
    trap: str = ""


@dataclass
class Turn:
    """Somebody drove, from when to when, and what came to light meanwhile."""

    who: str  # empty where nobody was there
    start: float
    end: float
    lights: list[Light] = field(default_factory=list)

    @property
    def seconds(self) -> float:
        return self.end - self.start


@dataclass
class Spent:
    """Seconds that went into a koan, before its first green and after it."""

    before: float = 0.0
    after: float = 0.0
    is_green: bool = False  # at some time or other

    @property
    def seconds(self) -> float:
        return self.before + self.after

    def add(self, other: Spent) -> None:
        """What the same people spent on it in another session."""
        self.before += other.before
        self.after += other.after
        self.is_green |= other.is_green


@dataclass
class Pair:
    """A session of those who shared a keyboard.

    `number` counts the pairs in the order in which they came; the same people have the same one.
    """

    number: int = 0
    is_again: bool = False  # whether they had a session before this one
    began: list[str] = field(default_factory=list)  # who was there when it began
    session: Session = field(default_factory=Session)
    turns: list[Turn] = field(default_factory=list)
    spent: dict[str, Spent] = field(default_factory=dict)
    hands: Counter[str] = field(default_factory=Counter)  # why the keyboard changed hands
    longer: int = 0  # how often a turn was made longer

    @property
    def people(self) -> list[str]:
        return self.session.everybody

    @property
    def name(self) -> str:
        again = ", again" if self.is_again else ""
        return f"{self.number} · {', '.join(self.people)}{again}"

    @property
    def seconds(self) -> float:
        return self.session.t

    @property
    def lights(self) -> list[Light]:
        return [light for turn in self.turns for light in turn.lights]

    def drove(self, who: str) -> tuple[int, float]:
        """How many turns somebody had, and how many seconds in all."""
        mine = [turn.seconds for turn in self.turns if turn.who == who]
        return len(mine), sum(mine)

    def take(self, event: Event) -> None:
        """Let an event have its effect; before the start and after the end it has none."""
        session = self.session
        if session.is_over or not (session.id or event.what == "start"):
            return
        t, here, driver = session.t, session.here, session.driver
        was_green = here in session.once_green
        session.take(event)
        if here:
            self._spend(here, session.t - t, was_green)
        self._turn(event, driver)
        self._note(event)

    def _spend(self, koan: str, seconds: float, was_green: bool) -> None:
        spent = self.spent.setdefault(koan, Spent())
        if was_green:
            spent.after += seconds
        else:
            spent.before += seconds

    def _turn(self, event: Event, driver: str) -> None:
        now, session = self.session.t, self.session
        if self.turns:
            self.turns[-1].end = now
        if not self.turns or session.driver != driver:
            self.turns.append(Turn(session.driver, now, now))
        if driver and session.driver and session.driver != driver:
            self.hands[event.values.get("why", event.what)] += 1

    def _note(self, event: Event) -> None:
        values = event.values
        self.longer += event.what == "more"
        if event.what == "start":
            self.began = list(values["people"])
        if event.what == "light" and not values.get("found"):
            trap = values.get("trap", "")
            light = Light(self.session.t, values["koan"], values["light"], trap)
            self.turns[-1].lights.append(light)

    def finish(self) -> Pair:
        """Pass over turns that took no time, and see which koans are green."""
        turns = [turn for turn in self.turns if turn.seconds or turn.lights]
        self.turns = turns or self.turns[:1]
        for koan, spent in self.spent.items():
            spent.is_green = koan in self.session.once_green
        return self


# -- the room --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Took:
    """What a koan took of everybody's time."""

    place: Place
    spent: tuple[Spent, ...]  # by each pair that was there

    @property
    def seconds(self) -> float:
        return sum(spent.seconds for spent in self.spent)

    @property
    def before(self) -> float:
        return sum(spent.before for spent in self.spent)

    @property
    def median(self) -> float:
        return statistics.median(spent.seconds for spent in self.spent)

    @property
    def greens(self) -> int:
        """How many of the pairs that were there have it green."""
        return sum(spent.is_green for spent in self.spent)


@dataclass(frozen=True)
class Hit:
    """A mistake that was made: its sentence, how often, by how many pairs, at which koans."""

    sentence: str
    times: int
    pairs: int
    at: tuple[tuple[Place, tuple[str, ...]], ...] = ()  # with what is typed there


@dataclass(frozen=True)
class Room:
    """All sessions of an evening, and what they have in common."""

    pairs: tuple[Pair, ...]  # a pair stands here as often as it had a session
    koans: tuple[Took, ...]  # the one that took longest first
    traps: tuple[Hit, ...]  # the one that most pairs fell into first
    strange: Hit | None  # mistakes that only another version of the course knows
    left_out: int  # logs that do not say how they began

    @property
    def count(self) -> int:
        """How many pairs there were, each counted once."""
        return max((pair.number for pair in self.pairs), default=0)

    @property
    def people(self) -> int:
        return len({(pair.number, who.casefold()) for pair in self.pairs for who in pair.people})

    @property
    def seconds(self) -> float:
        """How long the longest session took."""
        return max((pair.seconds for pair in self.pairs), default=0.0)

    @property
    def hands(self) -> Counter[str]:
        """How often the keyboard changed hands, by why."""
        return sum((pair.hands for pair in self.pairs), Counter())

    @property
    def day(self) -> date | None:
        """The day on which most of them began, by their own clocks; None where none tells one."""
        days = self._days
        return max(days, key=lambda day: (days[day], day), default=None)

    @property
    def other_days(self) -> int:
        """How many sessions began on another day."""
        days = self._days
        return days.total() - max(days.values(), default=0)

    @property
    def _days(self) -> Counter[date]:
        return Counter(day for pair in self.pairs if (day := _day(pair.session.begun)))


def room(course: Course, logs: Mapping[str, Iterable[Event]]) -> Room:
    """What the logs of a room come to, by session, in the order in which they began.

    Raises CourseError where the course cannot be read.
    """
    places = Places(course)
    pairs = [pair for events in logs.values() if (pair := _pair(events)).session.id]
    numbers: dict[frozenset[str], int] = {}
    for pair in pairs:
        who = party(pair.began)
        pair.is_again = who in numbers
        pair.number = numbers.setdefault(who, len(numbers) + 1)
    traps, strange = _traps(pairs, places)
    return Room(tuple(pairs), _koans(pairs, places), traps, strange, len(logs) - len(pairs))


def _pair(events: Iterable[Event]) -> Pair:
    pair = Pair()
    for event in events:
        pair.take(event)
    return pair.finish()


def _koans(pairs: Iterable[Pair], places: Places) -> tuple[Took, ...]:
    found: dict[str, dict[int, Spent]] = {}
    for pair in pairs:
        for koan, spent in pair.spent.items():
            if spent.seconds:
                found.setdefault(koan, {}).setdefault(pair.number, Spent()).add(spent)
    took = (Took(places[koan], tuple(spent.values())) for koan, spent in found.items())
    return tuple(sorted(took, key=lambda one: (-one.seconds, one.place.order, one.place.id)))


def _traps(pairs: Iterable[Pair], places: Places) -> tuple[tuple[Hit, ...], Hit | None]:
    fallen: dict[str, list[tuple[int, str]]] = {}  # by digest: pair and koan, each time
    strange: list[int] = []
    for pair in pairs:
        for light in pair.lights:
            if light.trap in places.sentences:
                fallen.setdefault(light.trap, []).append((pair.number, light.koan))
            elif light.trap:
                strange.append(pair.number)
    hits = [_hit(trap, times, places) for trap, times in fallen.items()]
    hits.sort(key=lambda hit: (-hit.pairs, -hit.times, hit.sentence))
    return tuple(hits), Hit("", len(strange), len(set(strange))) if strange else None


def _hit(trap: str, times: list[tuple[int, str]], places: Places) -> Hit:
    koans = [places[koan] for koan, _ in Counter(koan for _, koan in times).most_common()]
    at = tuple((place, tuple(place.typed(trap))) for place in koans)
    return Hit(places.sentences[trap], len(times), len({pair for pair, _ in times}), at)


def _day(begun: str) -> date | None:
    """The day of an event where the person who reads it is."""
    try:
        return datetime.fromisoformat(begun.replace("Z", "+00:00")).astimezone().date()
    except (ValueError, OverflowError, OSError):
        return None
