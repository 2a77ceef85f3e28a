"""The session as a page, and as markdown: what to look at, and what to talk about, afterwards.

Neither needs a network. A file that is there already is never written over, since somebody may
have put answers into it.
"""

from __future__ import annotations

import hashlib
import itertools
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup, escape
from rich.cells import set_cell_size

from torchkoans.course import Course
from torchkoans.dojo.analysis import Pair, Room, Turn, room
from torchkoans.dojo.events import LETTERS, Event
from torchkoans.dojo.questions import counted, of_all, often, questions, spoken, until_green
from torchkoans.dojo.session import MINUTE, shown
from torchkoans.source import command, write

PAGES = Path(__file__).with_name("pages")
TRAPS, MORE_TRAPS, LONGEST, BARS = 5, 10, 3, 15
PAIRS = 12  # in one picture; it still can be printed on a page
ROOM_TO_WRITE = "\nAnswer:" + "\n" * 6
# What markdown would take for a sign of its own, where it stands as it would have to.
_SPECIAL = re.compile(
    r"\\|[|]|^[>#+-]|[*](?=\S)|(?<=\S)[*]|(?<!\w)_|_(?!\w)|~(?=~)|<(?=[\w/!?])|\](?=[(:])|&(?=[#\w]+;)"
)


@dataclass(frozen=True)
class Page:
    """A document on the disk; one that was there with just this text was left alone."""

    path: Path
    is_new: bool


def write_pages(course: Course, logs: Mapping[str, Iterable[Event]], folder: Path) -> list[Page]:
    """Write both documents into the folder, each under a name that is free.

    Raises CourseError where the course cannot be read, or the folder or the disk refuses.
    """
    seen = room(course, logs)
    name = _name(seen)
    return [_kept(folder, name, ".html", html(seen)), _kept(folder, name, ".md", markdown(seen))]


def _name(seen: Room) -> str:
    return f"retro-{seen.day.isoformat() if seen.day else 'undated'}"


def _kept(folder: Path, name: str, ending: str, text: str) -> Page:
    data = text.encode()
    for number in itertools.count(1):
        path = folder / f"{name}{f'-{number}' if number > 1 else ''}{ending}"
        if not path.exists():
            write(path, data)
            return Page(path, is_new=True)
        if path.is_file() and path.read_bytes() == data:
            return Page(path, is_new=False)
    raise AssertionError("the numbers do not end")


# -- the documents ---------------------------------------------------------------------------------


def html(seen: Room) -> str:
    """The page, with all that it needs in it."""
    from torchkoans.dojo import plots  # matplotlib, which not everybody has

    page = _pages(autoescape=True)
    page.filters["coded"] = _coded
    values = _values(seen)
    drawn, bars = values["drawn"], values["bars"]
    groups = [drawn[first : first + PAIRS] for first in range(0, len(drawn), PAIRS)]
    lights = [plots.lights(group, f"lights{n}", _title(group)) for n, group in enumerate(groups)]
    times = plots.times(bars, "times", "Minutes at each koan") if bars else ""
    pictures = {"groups": list(zip(groups, lights, strict=True)), "times": times}
    return page.get_template("retro.html").render(values, **pictures)


def _is_drawn(pair: Pair) -> bool:
    """Whether a session has something to show on a timeline."""
    return bool(pair.lights) or pair.seconds >= MINUTE


def _title(group: Sequence[Pair]) -> str:
    first, last = group[0].name, group[-1].name
    whose = f"{first} to {last}" if len(group) > 1 else first
    return f"Lights over the minutes, and who drove: {whose}"


def markdown(seen: Room) -> str:
    """The same as text."""
    text = _pages(finalize=_plain).get_template("retro.md").render(_values(seen))
    text = re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"
    return text.replace("\nAnswer:\n", ROOM_TO_WRITE)


def _pages(**options: Any) -> jinja2.Environment:
    loader = jinja2.FileSystemLoader(PAGES)
    pages = jinja2.Environment(  # noqa: S701  # the page asks for it; the markdown has an escape of its own
        loader=loader,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        **options,
    )
    words = {"counted": counted, "often": often, "spoken": spoken, "clock": shown}
    pages.filters |= words
    return pages


def _values(seen: Room) -> dict[str, Any]:
    """All that is said in both."""
    ids = " ".join(sorted(pair.session.id for pair in seen.pairs))
    return {
        "room": seen,
        "name": _name(seen),
        "day": f"{seen.day.day} {seen.day:%B %Y}" if seen.day else "",
        "is_large": len(seen.pairs) > PAIRS,
        "drawn": list(filter(_is_drawn, seen.pairs)),
        "brief": list(itertools.filterfalse(_is_drawn, seen.pairs)),
        "has_lights": any(pair.lights for pair in seen.pairs),
        "longest": seen.koans[:LONGEST],
        "bars": seen.koans[:BARS],
        "traps": seen.traps[:TRAPS],
        "other_traps": seen.traps[TRAPS : TRAPS + MORE_TRAPS],
        "more_traps": len(seen.traps[TRAPS + MORE_TRAPS :]),
        "questions": questions(seen),
        "key": hashlib.sha256(ids.encode()).hexdigest()[:16],
        "start": command("dojo", "start", "NICK", "NICK"),
        "line": _line,
        "typed": _typed,
        "until_green": lambda took: until_green(seen, took),
        "of_all": lambda pairs: of_all(seen, pairs),
    }


# -- text in each of them --------------------------------------------------------------------------


def _coded(text: str) -> Markup:
    """Text of the course for a page: what stands in backquotes is code."""
    escaped = str(escape(text))
    return Markup(re.sub("`([^`]+)`", r"<code>\1</code>", escaped))  # noqa: S704  # it is escaped


def _plain(value: Any) -> Any:
    """A value of a markdown document: no letter of it is taken for a sign, but for its code."""
    if not isinstance(value, str) or isinstance(value, Markup):
        return value
    parts = value.split("`")
    if len(parts) % 2 == 0:
        parts = [value.replace("`", "'")]
    parts[::2] = [_SPECIAL.sub(r"\\\g<0>", part) for part in parts[::2]]
    return "`".join(parts)


def _typed(codes: tuple[str, ...]) -> Markup:
    """What was typed, in a markdown document; nothing where that is not known."""
    said = Markup(" or ").join(map(_code, codes))
    return Markup("Typed ") + said + ": " if codes else said


def _code(text: str) -> Markup:
    """Code in a markdown document, by whatever fence it does not hold itself."""
    if "\n" in text:
        return Markup(f"\n\n```python\n{text}\n```\n".replace("\n", "\n    "))  # noqa: S704
    fence = "``" if "`" in text else "`"
    return Markup(f"{fence}{text}{fence}")  # noqa: S704  # as it stands


def _line(turn: Turn) -> Markup:
    """A turn as a line of text: when it began, who drove, a letter a light."""
    letters = " ".join(LETTERS[light.light] for light in turn.lights)
    who = set_cell_size(turn.who or "nobody", 20)
    return Markup(f"{shown(turn.start):>8}  {who}  {letters}".rstrip())  # noqa: S704  # in a code block
