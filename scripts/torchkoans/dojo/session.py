"""What a log comes to: who drives, how long still, which lights are on, where the pair is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from torchkoans.dojo.events import BLANK, GREEN, Event

TIME, PINGPONG, KOANS = "time", "pingpong", "koans"
MINUTE = 60.0


@dataclass(frozen=True)
class Switch:
    """When the keyboard changes hands: after a time, at each green, or after so many."""

    kind: str = TIME
    greens: int = 0

    @staticmethod
    def of(text: str) -> Switch:
        """Raises ValueError, in one sentence, for what is no way to change hands."""
        kind, _, count = text.partition(":")
        if kind in (TIME, PINGPONG) and not count:
            return Switch(kind, 1 if kind == PINGPONG else 0)
        if kind == KOANS and count.isdecimal() and 0 < int(count) < 100:
            return Switch(kind, int(count))
        raise ValueError(f"{text!r}: it is time, pingpong, or koans:N, such as koans:3")

    def __str__(self) -> str:
        return f"{self.kind}:{self.greens}" if self.kind == KOANS else self.kind


@dataclass
class Session:
    """One pair, or a few people more, as its events have left it. All times are seconds of `t`."""

    id: str = ""
    begun: str = ""  # the day and time, for people
    people: list[str] = field(default_factory=list)  # in driving order, those who are here
    away: list[str] = field(default_factory=list)
    everybody: list[str] = field(default_factory=list)  # whoever was here at any time
    switch: Switch = field(default_factory=Switch)
    every: float | None = None
    break_after: float | None = None
    commits: bool = False  # each change of hands is a commit
    t: float = 0.0
    turn_from: float = 0.0
    extra: float = 0.0
    greens: set[str] = field(default_factory=set)  # turned green in this turn
    turns: int = 0
    is_paused: bool = False
    is_break: bool = False
    is_over: bool = False
    break_from: float = 0.0  # when the last break was over
    here: str | None = None
    lights: dict[str, str] = field(default_factory=dict)  # by koan; one that has none is blank
    last: tuple[str, str] | None = None  # the koan and the light that came last
    spent: dict[str, float] = field(default_factory=dict)  # seconds at each koan
    once_green: set[str] = field(default_factory=set)

    # -- who --

    @property
    def driver(self) -> str:
        return self.people[0] if self.people else ""

    @property
    def navigator(self) -> str:
        return self.people[1] if len(self.people) > 1 else ""

    def after_this(self) -> list[str]:
        """The driving order once the keyboard has changed hands."""
        return [*self.people[1:], *self.people[:1]]

    # -- when --

    def left(self, t: float) -> float | None:
        """Seconds of the turn that are left, below 0 where it is over; None: no time is set."""
        if self.every is None:
            return None
        return self.every + self.extra - (t - self.turn_from)

    def is_up(self, t: float) -> bool:
        """Whether the time of the turn is over."""
        left = self.left(t)
        return left is not None and left <= 0

    @property
    def is_won(self) -> bool:
        """Whether as many koans turned green as make a turn."""
        return bool(self.switch.greens) and len(self.greens) >= self.switch.greens

    def is_break_due(self, t: float) -> bool:
        return self.break_after is not None and t - self.break_from >= self.break_after

    # -- where --

    def light(self, koan: str) -> str:
        return self.lights.get(koan, BLANK)

    def stuck(self) -> float:
        """Seconds that went into the koan at hand, which is not green; 0 where it is."""
        if not self.here or self.light(self.here) == GREEN:
            return 0.0
        return self.spent.get(self.here, 0.0)

    # -- what happens --

    def take(self, event: Event) -> None:
        """Let an event have its effect. One that makes no sense here has none."""
        passed = max(0.0, event.t - self.t)
        if self.here and not self.is_over:
            self.spent[self.here] = self.spent.get(self.here, 0.0) + passed
        self.t = max(self.t, event.t)
        effect = _EFFECTS.get(event.what)
        if effect and (self.id or event.what == "start"):
            effect(self, event)

    def take_all(self, events: Iterable[Event]) -> Session:
        for event in events:
            self.take(event)
        return self

    def _start(self, event: Event) -> None:
        values = event.values
        self.id, self.begun = values["session"], event.at
        self.people, self.everybody = list(values["people"]), list(values["people"])
        self.switch = Switch.of(values["switch"])
        self.every, self.break_after = values.get("every"), values.get("break")
        self.commits = bool(values.get("commit"))

    def _here(self, event: Event) -> None:
        self.here = event.values["koan"]

    def _light(self, event: Event) -> None:
        koan, light = event.values["koan"], event.values["light"]
        is_found = bool(event.values.get("found"))
        if light == GREEN and not is_found and koan not in self.once_green:
            self.greens.add(koan)
        if light == GREEN:
            self.once_green.add(koan)
        self.lights[koan] = light
        if not is_found:
            self.last = koan, light

    def _drive(self, event: Event) -> None:
        self.people = list(event.values["people"])
        self._greet(self.people)
        self.turn_from, self.extra, self.greens = self.t, 0.0, set()
        self.turns += 1

    def _more(self, event: Event) -> None:
        over = max(0.0, -(self.left(self.t) or 0.0))  # what is over already is no part of it
        self.extra += over + event.values["seconds"]

    def _pause(self, _: Event) -> None:
        self.is_paused = True

    def _break(self, _: Event) -> None:
        self.is_paused = self.is_break = True

    def _resume(self, _: Event) -> None:
        if self.is_break:
            self.break_from = self.t
        self.is_paused = self.is_break = False

    def _came(self, event: Event) -> None:
        who = event.values["who"]
        self.away = [one for one in self.away if one != who]
        if who not in self.people:
            self.people.append(who)
        self._greet([who])

    def _away(self, event: Event) -> None:
        who = event.values["who"]
        if who in self.people:
            self.people.remove(who)
        if who not in self.away:
            self.away.append(who)

    def _end(self, _: Event) -> None:
        self.is_over = True

    def _greet(self, people: Iterable[str]) -> None:
        self.everybody += [one for one in people if one not in self.everybody]


_EFFECTS = {
    "start": Session._start,
    "here": Session._here,
    "light": Session._light,
    "drive": Session._drive,
    "more": Session._more,
    "pause": Session._pause,
    "break": Session._break,
    "resume": Session._resume,
    "came": Session._came,
    "away": Session._away,
    "end": Session._end,
}


def shown(seconds: float) -> str:
    """A span of time as a clock shows it: 4:05, or 1:04:05 from an hour on."""
    whole = max(0, int(seconds))
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
