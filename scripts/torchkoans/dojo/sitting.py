"""Sitting down: a session is begun, or picked up where it was left, and its door is opened."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torchkoans import entering
from torchkoans.dojo import handover, log, people
from torchkoans.dojo.courier import Courier
from torchkoans.dojo.door import TICK, PairDoor
from torchkoans.dojo.log import Log
from torchkoans.dojo.people import Person
from torchkoans.dojo.repository import HandoverError
from torchkoans.dojo.seat import Seat, SeatError, alone
from torchkoans.dojo.session import Session, Switch
from torchkoans.screen import Screen
from torchkoans.source import command, shown
from torchkoans.terminal import Terminal


@dataclass(frozen=True)
class Wanted:
    """What a session is to be like; times are in seconds, None where there is none."""

    people: Sequence[str]
    switch: Switch
    every: float | None
    break_after: float | None
    commits: bool = False


def begin(root: Path, wanted: Wanted) -> Log:
    """Begin a session in this clone.

    Raises SeatError where one is going on already, or where it cannot be written down.
    """
    path = log.unfinished(root)
    if path:
        there = Session().take_all(log.read(path))
        who, begun = " and ".join(there.people), f"begun {there.begun}"
        raise SeatError(
            f"{who} have a session in this clone already ({begun}): {command('dojo')} picks it up, "
            f"{command('dojo', 'done')} ends it. A second pair takes a clone of its own."
        )
    values = {"switch": str(wanted.switch), "every": wanted.every, "break": wanted.break_after}
    try:
        return log.begin(
            root, secrets.token_hex(16), list(wanted.people), commit=wanted.commits, **values
        )
    except OSError as error:
        raise SeatError(f"{root / log.LOGS} cannot be written: {error.strerror}.") from None


def going_on(root: Path) -> Log:
    """The session that is going on in this clone; raises SeatError where none is."""
    path = log.unfinished(root)
    if path is None:
        start = command("dojo", "start", "NICK", "NICK")
        raise SeatError(f"No session is going on in this clone: {start} begins one.")
    return Log(path)


def stay(root: Path, one: Log, terminal: Terminal, quiet: bool = False) -> int:
    """Walk with the pair until somebody quits; the exit code is that of a walk.

    Raises SeatError where the session is open elsewhere.
    """
    with alone(root):
        code = entering.stay(root, terminal, lambda *where: _door(root, one, quiet, *where))
    for sentence in _parting(one):
        Screen().trouble(sentence)
    return code


def _parting(one: Log) -> Iterator[str]:
    """What those who leave have to know."""
    if one.unsaved:
        why = f"{shown(one.path)} cannot be written: {one.trouble}."
        yield f"{why} {one.unsaved} lines of the log are lost; what stands in koans/ is not."
    if any(event.what == "end" for event in log.read(one.path)):
        yield "The session was ended in another terminal."


def _door(root: Path, one: Log, quiet: bool, engine: Any, screen: Screen, *where: Any) -> Opened:
    from torchkoans.course import Course
    from torchkoans.walking import Walk

    terminal, events = where
    seat = Seat(
        one,
        ring=(lambda: None) if quiet else terminal.ring,
        tell=lambda: events.put((TICK, None)),
    )
    commits, courier = Commits(root, seat, screen), Courier(root, one.path)
    return Opened(
        Walk(Course(root), engine),
        screen,
        *where,
        courier=courier,
        seat=seat,
        committed=commits.made if seat.session.commits else None,
        meet=commits.meet if seat.session.commits else None,
        aside=lambda: courier.state,
    )


class Opened(PairDoor):
    """A pair's door whose time goes on, and whose room is told, while somebody stays at it."""

    def __init__(self, *where: Any, courier: Courier, **more: Any) -> None:
        super().__init__(*where, **more)
        self.courier = courier

    def _light(self, id_: str, light: str, found: bool) -> None:
        super()._light(id_, light, found)
        self.courier.wake()  # the wall need not wait for the next look at the log

    def stay(self) -> int:
        with closing(self.courier), closing(self.seat):
            self.seat.open()
            self.courier.open()
            return super().stay()


class Commits:
    """Makes a commit of what a driver has done, and says what came of it."""

    def __init__(self, root: Path, seat: Seat, screen: Screen) -> None:
        self.root, self.seat, self.screen = root, seat, screen

    def made(self, nicknames: list[str], greens: set[str]) -> str:
        """The sentence for those who hand over, the driver first."""
        try:
            return committed(self.root, self.seat.session, nicknames, greens)
        except (HandoverError, ValueError) as error:
            return f"Not committed: {error}"

    def meet(self, who: str) -> None:
        """Ask somebody new how a commit is to name them."""
        try:
            introduce(self.root, [who], self.screen)
        except HandoverError:
            return  # it will be said when there is something to commit


def committed(root: Path, session: Session, nicknames: list[str], greens: set[str]) -> str:
    """Commit koans/ to the session's work branch; what came of it, in a sentence.

    Raises HandoverError where it cannot be.
    """
    known = people.known(root, nicknames)
    who = [known.get(nick) or Person.of(nick, nick, "") for nick in nicknames]
    made = handover.commit(root, session.id, who, [sentence(id_) for id_ in sorted(greens)])
    if made is None:
        return "Nothing new to commit."
    return f"Committed to {made.branch} ({made.commit[:7]})."


def sentence(id_: str) -> str:
    """What a koan says, by its id."""
    name = id_.partition("::")[2].removeprefix("test_").replace("_", " ")
    return name[:1].upper() + name[1:]


def introduce(root: Path, nicknames: Sequence[str], screen: Screen) -> None:
    """Ask for the names and addresses of those of whom git knows none; once for each clone.

    Where nobody is there to be asked, a commit has the nicknames. Raises HandoverError where there
    is no clone to remember them in.
    """
    for nick in people.unknown(root, nicknames) if screen.is_answered else ():
        owner = people.owner(root)
        if owner in [one.identity for one in people.known(root, nicknames).values()]:
            owner = None  # it is one of the others
        people.remember(root, nick, *_asked(nick, owner, screen))


def _asked(nick: str, owner: tuple[str, str] | None, screen: Screen) -> tuple[str, str]:
    """The name and the address that somebody gives; an answer that is none is asked for again."""
    default = f"{owner[0]} <{owner[1]}>" if owner else nick
    said = f"The name of {nick}, for commits (Enter: {default}): "
    name = _until(people.name_of, said, screen, nick if not owner else "")
    if not name:
        assert owner is not None  # or the nickname would stand there
        return owner
    address = f"The mail address of {nick} (Enter: none): "
    return name, _until(people.address_of, address, screen)


def _until(checked: Callable[[str], str], question: str, screen: Screen, default: str = "") -> str:
    """Ask until the answer is one; Enter is the default."""
    while True:
        said = screen.asked(question)
        try:
            return checked(said) if said else default
        except ValueError as error:
            screen.trouble(f"{error}.")
