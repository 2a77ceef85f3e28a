"""The page for the wall, and what it asks for each second: where each pair is, for how long.

The page itself never changes while a course does not: it draws what `data` says. Whatever pairs
have written reaches it as data only, and is put into it as text.
"""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from torchkoans import chapters, progress
from torchkoans.course import Course
from torchkoans.dojo.events import LETTERS
from torchkoans.dojo.gathering import Gathering, Pair
from torchkoans.dojo.rounds import Round
from torchkoans.dojo.session import MINUTE, Session

PAGES = Path(__file__).parent / "pages"
SCRIPTS = ("board-parts.js", "board-lights.js", "board-round.js", "board-pairs.js", "board.js")
NONE = "."  # no light yet
ELSEWHERE = -1  # the place of a koan that this course does not have
STUCK = 5 * MINUTE  # from then on somebody should go and ask
AWAY = MINUTE  # seconds without a word; a pair that is here says one every few seconds
HERE, PAUSED, BREAK, GONE, OVER = "here", "paused", "break", "away", "over"


# -- the page --------------------------------------------------------------------------------------


def page(course: Course, *, posts: bool) -> str:
    """The page, all in one: nothing is loaded but `data`, from where the page came from.

    `posts` says whether pairs come in by posting. Raises CourseError for a broken course.
    """
    style, script = _read("board.css"), _script()
    known = {**_shape(course).course, "key": key(course), "posts": posts, "stuck": STUCK}
    return _template("board.html").render(
        style=Markup(style),  # noqa: S704 (these two are ours, and hold no end of their element)
        script=Markup(script),  # noqa: S704
        policy=_policy(style, script),
        course=known,
    )


@lru_cache(maxsize=2)
def asking(*, is_wrong: bool) -> str:
    """The page on which a browser is asked for the code; it says nothing of the room."""
    return _template("board-code.html").render(is_wrong=is_wrong)


def _template(name: str) -> Template:
    pages = Environment(loader=FileSystemLoader(PAGES), autoescape=True, undefined=StrictUndefined)
    return pages.get_template(name)


@lru_cache(maxsize=2)
def key(course: Course) -> str:
    """Another one for another course, and for another page: whoever has an old one reloads."""
    parts = [json.dumps(_shape(course).course)]
    parts += [_read("board.html"), _read("board.css"), _script()]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


def _script() -> str:
    """All parts as one, in a block that keeps their names to itself."""
    return "\n".join(['"use strict";', "{", *map(_read, SCRIPTS), "}"])


@lru_cache
def _read(name: str) -> str:
    return (PAGES / name).read_text(encoding="utf-8")


def _policy(style: str, script: str) -> str:
    """What a browser lets this page do: these styles, this script, and asking where it is from."""
    allowed = {
        "default-src": "'none'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "connect-src": "'self'",
        "img-src": "data:",
        "style-src": _digest(style),
        "script-src": _digest(script),
    }
    return "; ".join(f"{name} {value}" for name, value in allowed.items())


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


# -- what it asks for ------------------------------------------------------------------------------


def data(
    gathering: Gathering,
    round: Round,  # noqa: A002 (the room's word for it)
    course: Course,
    *,
    join: str | None,
    trouble: str | None,
    now: float,
    may_lead: bool = False,
) -> dict[str, Any]:
    """What the room knows, as plain values.

    `join` is the command that brings a pair in, `trouble` a sentence for the facilitator, `now` the
    monotonic clock by which pairs were heard.
    """
    shape = _shape(course)
    with gathering.lock:
        pairs = [_pair(pair, shape, now) for pair in _rows(gathering.pairs)]
    return {
        "course": key(course),
        "may_lead": may_lead,
        "join": join,
        "trouble": trouble,
        "round": _round(round),
        "pairs": pairs,
    }


def _rows(pairs: list[Pair]) -> list[Pair]:
    """Those that have a row, in the order in which they came; whoever is done stands last.

    Who ends a session and begins another keeps the row: the other one has the place of the first.
    """
    rows: list[tuple[int, Pair]] = []
    over: dict[frozenset[str], tuple[int, Pair]] = {}
    for pair in pairs:
        place, _ = over.pop(pair.nicknames, (pair.number, pair))
        if pair.session.is_over:
            over[pair.nicknames] = place, pair
        else:
            rows.append((place, pair))
    last = sorted(over.values(), key=lambda row: row[0])
    return [pair for _, pair in [*sorted(rows, key=lambda row: row[0]), *last]]


def _round(of: Round) -> dict[str, Any]:
    left = of.left()
    return {
        "number": of.number,
        "every": of.every,
        "left": round(left, 1),
        "runs": of.runs,
        "is_up": of.is_up,
        "is_break": of.is_break,
        "is_break_due": of.is_break_due,
    }


def _pair(pair: Pair, shape: _Shape, now: float) -> dict[str, Any]:
    session = pair.session
    silent = None if pair.heard is None else max(0.0, now - pair.heard)
    return {
        "number": pair.number,
        "people": list(session.people),
        "away": list(session.away),
        "state": _state(session, silent),
        "silent": None if silent is None else round(silent, 1),
        "here": shape.places.get(session.here, ELSEWHERE) if session.here else None,
        "stuck": round(session.stuck(), 1),
        "lights": shape.lights(session),
    }


def _state(session: Session, silent: float | None) -> str:
    if session.is_over:
        return OVER
    if session.is_paused:
        return BREAK if session.is_break else PAUSED
    return HERE if silent is not None and silent < AWAY else GONE


@dataclass(frozen=True)
class _Shape:
    """What a board says of a course: its koans in walking order, by lesson and by chapter."""

    places: dict[str, int]  # of each koan, by its id
    course: dict[str, Any]

    def lights(self, session: Session) -> str:
        """A letter a koan; lights of koans that this course has not are passed over.

        The koan at hand is blank before it is saved for the first time, too.
        """
        letters = [NONE] * len(self.places)
        lights = session.lights
        if session.here:
            lights = {**lights, session.here: session.light(session.here)}
        for koan, light in lights.items():
            if koan in self.places:
                letters[self.places[koan]] = LETTERS[light]
        return "".join(letters)


@lru_cache(maxsize=2)
def _shape(course: Course) -> _Shape:
    places: dict[str, int] = {}
    lessons = []
    for lesson in course.lessons:
        file = progress.file_of(course, lesson)
        for koan in lesson.koans:
            places[f"{file}::{koan.name}"] = len(places)
        said = [koan.name.removeprefix("test_").replace("_", " ") for koan in lesson.koans]
        lessons.append({"number": lesson.number, "file": file, "koans": said})
    return _Shape(places, {"chapters": _chapters(lessons), "lessons": lessons})


def _chapters(lessons: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Their names, and how many koans each has."""
    by_name = groupby(lessons, lambda lesson: chapters.of(lesson["number"]))
    return [
        {"name": name, "koans": sum(len(lesson["koans"]) for lesson in rows)}
        for name, rows in by_name
    ]
