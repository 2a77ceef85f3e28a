"""What a pair sees above the koan: who drives, who navigates, who is next, the time, the light."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from torchkoans.dojo.events import BLANK, BROKEN, GREEN, WRONG
from torchkoans.dojo.session import Session, shown

STYLE = {BLANK: "red", WRONG: "bold red", BROKEN: "bold yellow", GREEN: "bold green"}
MARKS = {BLANK: "○", WRONG: "x", BROKEN: "▲", GREEN: "●"}
KEYS = (
    "d hand over · + a minute · p pause · - away · a add",
    "d hand over · + · p pause · - away · a add",
    "d + p - a",
)
WON = {1: "at the next green", 2: "after 2 greens"}


def lines(session: Session, t: float, width: int, aside: str = "") -> list[Text]:
    """Two lines: the pair with its time and light, and the keys with what else is to be told."""
    if session.is_paused:
        said = "Break." if session.is_break else "Paused."
        first = Text(f" {said} p goes on, and {session.driver} drives.", style="bold")
    elif session.is_up(t):
        first = _up(session, t)
    else:
        first = _turn(session, t, width)
    return [_filled(first, width), _beside(KEYS, aside, width)]


def _turn(session: Session, t: float, width: int) -> Text:
    """The roles to the left, time and light to the right; what has no room is left out."""
    right = Text()
    when = time_left(session, t)
    if session.is_break_due(t):
        when = f"{when} · a break is due: p"
    right.append(f"{when} ")
    light = session.last[1] if session.last else BLANK if session.here else ""
    if light:
        right.append("· ").append(f"{MARKS[light]} {light} ", STYLE[light])
    for roles in _roles(session):
        if cell_len(roles) + right.cell_len + 2 <= width:
            break
    gap = max(1, width - cell_len(roles) - right.cell_len)
    return Text(roles, style="bold").append(" " * gap).append_text(right)


def _up(session: Session, t: float) -> Text:
    over = shown(-(session.left(t) or 0.0))
    said = f" Time is up ({over} ago): d hands the keyboard to {session.navigator or 'the next'}."
    if session.is_break_due(t):
        said += " A break is due: p."
    return Text(said, style="bold black on yellow")


def _roles(session: Session) -> Sequence[str]:
    """Who does what, as fully as it may fit."""
    after = session.people[1:]
    if not after:
        return [f" {session.driver} drives alone", f" {session.driver}"]
    drives, navigates = f" {session.driver} drives", f"{after[0]} navigates"
    then = f", then {after[1]}" if after[1:] else ""
    return [
        f"{drives} · {navigates} · next {after[0]}{then}",
        f"{drives} · {navigates} · next {after[0]}",
        f"{drives} · {navigates}",
        drives,
    ]


def time_left(session: Session, t: float) -> str:
    """What is left of the turn: a time, greens, or both."""
    parts = []
    left = session.left(t)
    if left is not None:
        parts.append(f"{shown(left)} left")
    if session.switch.greens:
        more = max(0, session.switch.greens - len(session.greens))
        parts.append(WON.get(more, f"after {more} greens"))
    return ", ".join(parts) or f"{shown(t - session.turn_from)} so far"


def _filled(line: Text, width: int) -> Text:
    """The line, as wide as the screen and not wider."""
    if line.cell_len > width:
        return Text(set_cell_size(line.plain, width), style=line.style)
    line.append(" " * (width - line.cell_len))
    return line


def _beside(choice: Sequence[str], right: str, width: int) -> Text:
    """The keys, as fully as they fit; in a narrow terminal they are what has to be seen."""
    room = width - cell_len(right) - 3
    left = next((keys for keys in choice if cell_len(keys) <= room), choice[-1])
    if cell_len(left) > room:
        right = ""
    gap = max(1, width - 1 - cell_len(left) - cell_len(right))
    return Text(set_cell_size(f" {left}{' ' * gap}{right}", width), style="dim")
