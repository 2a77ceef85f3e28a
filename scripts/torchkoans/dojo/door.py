"""The walk with a pair at it: who drives stands above, and each verdict goes into the log."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from torchkoans import views
from torchkoans.dojo import status
from torchkoans.dojo.events import BLANK, GREEN, MOST_PEOPLE, OF_VERDICT, digest, nickname
from torchkoans.dojo.seat import Seat
from torchkoans.door import Door

TICK = "tick"  # an event that changes nothing but the time that is shown


class PairDoor(Door):
    """A door with a seat in front of it. `committed` makes a commit of what a driver has done.

    It is told who was there, the driver first, and which koans turned green, and says what came of
    it. `meet` is told of somebody new; `aside` has what is to be read beside the keys.
    """

    def __init__(
        self,
        *where: Any,
        seat: Seat,
        committed: Callable[[list[str], set[str]], str] | None = None,
        meet: Callable[[str], None] | None = None,
        aside: Callable[[], str] = lambda: "",
    ) -> None:
        super().__init__(*where)
        self.seat, self._committed, self._meet, self._aside = seat, committed, meet, aside
        self._opening = {id_: self.walk.text(id_) for id_ in self.walk.ids}  # as it was then
        self._seen: dict[str, tuple[str, str]] = {}  # text and light of each koan, as logged
        self._picking: list[str] | None = None
        self._drove = ""

    # -- what the log is told --

    def turn(self, patience: float | None) -> None:
        super().turn(patience)
        self.notice()
        if self._is_won():
            self.hand_over("green")
        self._say_who_drives()
        if self.seat.session.is_over:
            self.over = True

    def _is_won(self) -> bool:
        """Whether greens hand the keyboard over; of several koans that were changed, once."""
        session = self.seat.session
        is_ready = session.is_won and not session.is_paused and not self.walk.left
        return is_ready and len(session.people) > 1

    def notice(self) -> None:
        """Write down what has come to light since the last look."""
        for id_ in self.walk.ids:
            self._notice(id_)
        if self.here and not self.arriving and self.here != self.seat.session.here:
            self.seat.add("here", koan=self.here)

    def _notice(self, id_: str) -> None:
        verdict = self.walk.verdict(id_)
        light = OF_VERDICT.get(verdict) if verdict else None
        if light is None:  # it runs, or waits for its device
            return
        text, is_first = self.walk.text(id_), id_ not in self._seen
        known = self._seen.get(id_) or ("", self.seat.session.light(id_))
        is_new = light != known[1]
        if not is_first and id_ == self.here and light != BLANK:
            is_new |= text != known[0]  # another wrong answer is another red light
        if is_new and light not in (BLANK, GREEN) and not self._is_told(id_):
            return
        self._seen[id_] = text, light
        if is_new:
            self._light(id_, light, found=is_first and text == self._opening.get(id_))

    def _is_told(self, id_: str) -> bool:
        """Whether it is known which mistake a red koan makes, as far as anybody looks at it."""
        return id_ != self.here or self.walk.is_explained(id_)

    def _light(self, id_: str, light: str, found: bool) -> None:
        values: dict[str, Any] = {"found": True} if found else {}
        trap = self.walk.step(id_).trap
        if trap:
            values["trap"] = digest(trap)
        self.seat.add("light", koan=id_, light=light, **values)

    # -- what is seen --

    def above(self) -> views.Lines:
        if not self.draws:
            return []
        columns, _ = self.terminal.size()
        return status.lines(self.seat.session, self.seat.now, columns, self._told())

    def _told(self) -> str:
        """What is to be said aside: of a log that cannot be written, else of the room."""
        log = self.seat.log
        if log.unsaved:
            return f"{log.unsaved} lines of the log wait: {log.trouble}"
        return self._aside()

    def print_koan(self) -> None:
        if self.interactive and self.here:
            self.screen.show(status.lines(self.seat.session, self.seat.now, self.screen.width)[:1])
        super().print_koan()

    def _say_who_drives(self) -> None:
        """Where nothing is redrawn, a change of hands is said once, whoever has made it."""
        driver = self.seat.session.driver
        if driver != self._drove:
            if self._drove and driver:
                self.note(f"{driver} drives now.", "bold")
                self.draw()
            self._drove = driver

    # -- what people decide --

    def actions(self) -> dict[str, Callable[[str], None]]:
        return {
            **super().actions(),
            "d": lambda _: self.hand_over("time" if self._is_up() else "asked"),
            "+": lambda _: self.seat.more(),
            "p": lambda _: self.seat.pause(),
            "-": self.away,
            "a": self.add,
        }

    def _is_up(self) -> bool:
        return self.seat.session.is_up(self.seat.now)

    def press(self, key: str) -> None:
        if self._picking is not None and key != "eof" and key != "resize":
            self._pick(key)
        else:
            super().press(key)

    def saved(self, changed: list[str]) -> None:
        self._picking = None  # the question is gone with the notes
        super().saved(changed)

    def hand_over(self, why: str) -> None:
        """The next one drives; what the last one did is committed, if that was asked for."""
        session = self.seat.session
        if len(session.people) < 2:
            self.note("There is nobody to hand over to; a adds somebody.", "yellow")
            return
        people, greens = list(session.people), set(session.greens)
        if session.is_paused:
            self.seat.pause()
        self.seat.hand_over(why)
        self.notes.clear()
        if self._committed:
            self.note(self._committed(people, greens), "dim")

    def away(self, who: str = "") -> None:
        """Ask who has left, by number."""
        people = self.seat.session.people
        if len(people) < 2:
            self.note("Somebody has to stay.", "yellow")
        elif who:
            self._leave(who)
        else:
            self._picking = list(people)
            numbered = " · ".join(f"{n} {name}" for n, name in enumerate(people, 1))
            self.note(f"Who is away? Press the number: {numbered} · Esc nobody", "bold")

    def _pick(self, key: str) -> None:
        """A number says who; Esc nobody; at any other key the question stays."""
        people = self._picking or []
        is_number = key.isdecimal() and 0 < int(key) <= len(people)
        if is_number or key in ("esc", "enter", "n", "q"):
            self._picking = None
            self.notes.clear()
        if is_number:
            self._leave(people[int(key) - 1])

    def _leave(self, typed: str) -> None:
        who = _named(typed, self.seat.session.people)
        if not who:
            self.note(f"{typed} is not here.", "yellow")
            return
        self.seat.away(who)
        self.note(f"{who} is away, until added again.", "dim")

    def add(self, who: str = "") -> None:
        """Somebody who came late, or is back: their name is typed, with letters of any kind."""
        if not who and self.draws:
            with self.terminal.lent():
                self._sit_down(self.screen.asked("Who came? A nickname: "))
            self.shown = ()
        elif who:
            self._sit_down(who)
        else:
            self.note("Who came? Type: a NICKNAME", "yellow")

    def _sit_down(self, typed: str) -> None:
        session = self.seat.session
        if not typed.strip():
            return
        try:
            who = nickname(typed)
        except ValueError as error:
            self.note(f"{error}.", "yellow")
            return
        back = _named(who, session.away) or who
        if _named(who, session.people):
            self.note(f"{who} is here already.", "yellow")
        elif len(session.people) >= MOST_PEOPLE:
            self.note(f"{MOST_PEOPLE} are enough for one keyboard.", "yellow")
        else:
            if self._meet:
                self._meet(back)
            self.seat.came(back)
            self.note(f"{back} is here, and drives after {session.people[-2]}.", "dim")


def _named(typed: str, people: Sequence[str]) -> str | None:
    """The one of them who is meant; in a pipe, capital letters are not told apart."""
    return next((one for one in people if one.casefold() == typed.casefold()), None)
