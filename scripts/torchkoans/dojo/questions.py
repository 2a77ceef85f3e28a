"""Three questions to talk about, chosen from what happened, and the words for how much of it."""

from __future__ import annotations

from torchkoans.dojo.analysis import Room, Took
from torchkoans.dojo.events import WRONG
from torchkoans.dojo.session import MINUTE

AT_A_GREEN = "Was a green a good moment for it, or did somebody get too much of the keyboard?"
BY_THE_CLOCK = "When did the bell come at a bad moment, and what would be a better sign?"
BY_ASKING = "Who noticed that it was time, and how did the others hear of it?"


def questions(room: Room) -> list[str]:
    """One about a koan, one about a mistake, one about the keyboard; the same for the same room."""
    return [_about_a_koan(room), _about_a_mistake(room), _about_the_keyboard(room)]


def _about_a_koan(room: Room) -> str:
    if not room.koans:
        return "What was in the way of a first koan, and who can clear it?"
    took = room.koans[0]
    where = f" in {counted(len(took.spent), 'pair')}" if room.count > 1 else ""
    said = f"“{took.place.sentence}” took longest: {spoken(took.seconds)}{where}."
    if took.greens:
        return f"{said} What did you believe at first, and what showed you the way out?"
    return f"{said} It is not green yet. What do you know of it by now, and what would you try?"


def _about_a_mistake(room: Room) -> str:
    if room.traps:
        hit = room.traps[0]
        place = hit.at[0][0]
        return (
            f"{_who(room, hit.pairs)} were told at “{place.sentence}”: {_quoted(hit.sentence)} "
            "What would have to be true for the mistake to be right, and where else might it wait?"
        )
    lights = [light.light for pair in room.pairs for light in pair.lights]
    if not lights:
        return "No answer was tried yet. What would you guess first, and how would you check it?"
    if WRONG in lights:
        return "No answer was a known mistake. Which guess was wrong all the same, and why?"
    return "No answer was wrong. Which one were you least sure of, and what would make you sure?"


def _quoted(sentence: str) -> str:
    return f"“{sentence}”{'' if sentence.endswith(('?', '.')) else '.'}"


def _who(room: Room, pairs: int) -> str:
    return of_all(room, pairs) or "You"


def _about_the_keyboard(room: Room) -> str:
    hands, longer = room.hands, sum(pair.longer for pair in room.pairs)
    if not hands:
        return "The keyboard never changed hands. What kept it where it was?"
    times = f"The keyboard changed hands {often(hands.total())}"
    if _has_watched(room):
        return f"{times}, and still somebody never drove. What kept the keyboard from them?"
    if longer * 4 >= hands.total():
        return f"{times}, and {often(longer)} a turn was made longer. What was worth the wait?"
    why, count = hands.most_common(1)[0]
    said, ask = _REASONS.get(why, _REASONS["asked"])
    share = "each time" if count == hands.total() else f"{count} of them"
    return f"{times}, {share} {said}. {ask}"


_REASONS = {
    "time": ("because time was up", BY_THE_CLOCK),
    "green": ("at a green", AT_A_GREEN),
    "asked": ("because somebody asked", BY_ASKING),
    "away": (
        "because somebody had left",
        "How did those who stayed, or came back, find their way?",
    ),
    "came": ("because somebody had come", "How did those who came late find their way in?"),
}


def _has_watched(room: Room) -> bool:
    """Whether somebody was there and never drove, in none of their sessions."""
    there = {(pair.number, who) for pair in room.pairs for who in pair.people}
    drove = {(pair.number, turn.who) for pair in room.pairs for turn in pair.turns}
    return bool(there - drove)


# -- how much --------------------------------------------------------------------------------------


def counted(count: int, what: str) -> str:
    """Such as "1 pair", "2 pairs"."""
    return f"{count} {what}{'' if count == 1 else 's'}"


def often(count: int) -> str:
    """Such as "once", "twice", "3 times"."""
    return {1: "once", 2: "twice"}.get(count, f"{count} times")


def of_all(room: Room, pairs: int) -> str:
    """Such as "2 of 6 pairs"; nothing in a room with a single one."""
    return f"{pairs} of {counted(room.count, 'pair')}" if room.count > 1 else ""


def until_green(room: Room, took: Took) -> str:
    """How much of a koan's time went by before it was green, and whether it is."""
    if not took.greens:
        return "It is not green yet."
    said = f"{spoken(took.before)} of it before the first green"
    among = counted(len(took.spent), "pair")
    return f"{said}; green in {took.greens} of {among}." if room.count > 1 else f"{said}."


def spoken(seconds: float) -> str:
    """Such as "40 seconds", "31 minutes", "1 hour 4 minutes"."""
    if round(seconds) < MINUTE:
        return counted(round(seconds), "second")
    hours, minutes = divmod(round(seconds / MINUTE), 60)
    parts = [counted(hours, "hour")] if hours else []
    parts += [counted(minutes, "minute")] if minutes else []
    return " ".join(parts)
