"""The pictures of a retrospective, drawn by matplotlib, as SVG that is part of a page.

Text stays text, in the page's own letters. Colours are names in the page's style (`var(--green)`),
so that a picture is light or dark as the page is. The same values give the same bytes anywhere: no
setting of the user's is read, and nothing is placed by the size of a font.
"""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from html import escape
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from rich.cells import cell_len

from torchkoans.dojo.analysis import Light, Pair, Took, Turn
from torchkoans.dojo.events import BLANK, BROKEN, GREEN, WRONG
from torchkoans.dojo.session import MINUTE, shown

WIDTH = 960  # of every picture; this and all other lengths are px of the page at its full width
MARGIN, AXIS = 14, 28  # to the left and right; below, for the minutes
LABEL, LANE, BAND, GAP = 20, 11, 20, 20  # of a pair: its name, a lane of lights, who drove
LANES = {GREEN: 0, BLANK: 1, WRONG: 1, BROKEN: 2}
BANDS = LABEL + 3 * LANE + 2  # down to those who drove
PAIR = BANDS + BAND + GAP
ROW, BAR = 38, 13  # of a koan: its time and sentence, with a bar below them
SEEN = 5  # a turn that is narrower has no edge of its own
VALUE = 76  # to the right of which the sentence begins
FONT, SMALL = 14, 12
LETTER = 0.58  # the width of a letter in sizes of the font, at the most
CLOSE = 3.5  # two lights of a kind at one koan that are closer are drawn as one
MOST_TICKS = 13
STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1200, 3000)  # minutes between two ticks
MARKER: dict[str, dict[str, Any]] = {
    BLANK: {"marker": "o", "markerfacecolor": "none", "markersize": 7.5, "markeredgewidth": 1.6},
    WRONG: {"marker": "x", "markersize": 7.5, "markeredgewidth": 2.2},
    BROKEN: {"marker": "^", "markersize": 8.5, "markeredgewidth": 0},
    GREEN: {"marker": "o", "markersize": 9, "markeredgewidth": 0},
}
# Each colour of the page is drawn as one that stands for it.
INK, BG, LINE, RED, AMBER, TEAL = (f"#00000{number}" for number in range(1, 7))
NAMES = {INK: "ink", BG: "bg", LINE: "line", RED: "red", AMBER: "amber", TEAL: "green"}
COLOUR = {BLANK: RED, WRONG: RED, BROKEN: AMBER, GREEN: TEAL}
TINTS = (0.13, 0.3, 0.05, 0.22)  # of the bands of those who take turns; what counts is the name
SETTINGS: dict[Any, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "torch-koans",
    "text.parse_math": False,
    "font.size": FONT,
    "text.color": INK,
    "lines.scale_dashes": False,
}


def lights(pairs: Sequence[Pair], name: str, title: str) -> str:
    """The lights of each pair over the minutes of its session, and below them who drove.

    `name` is for this picture alone in its page.
    """
    longest = max([MINUTE, *(pair.seconds for pair in pairs)]) / MINUTE
    with _figure(PAIR * len(pairs), longest) as (figure, axes):
        _minutes(axes, longest)
        for number, pair in enumerate(pairs):
            _pair(axes, pair, PAIR * number)
        for light in MARKER:
            _marks(axes, pairs, light)
        return _inline(figure, name, title)


def times(koans: Sequence[Took], name: str, title: str) -> str:
    """A bar a koan: minutes until it was green, and those after that."""
    longest = max([MINUTE, *(took.seconds for took in koans)]) / MINUTE
    with _figure(ROW * len(koans), longest) as (figure, axes):
        _minutes(axes, longest)
        for number, took in enumerate(koans):
            _bar(axes, took, ROW * number)
        return _inline(figure, name, title)


# -- the sheet -------------------------------------------------------------------------------------


@contextmanager
def _figure(height: int, minutes: float) -> Iterator[tuple[Figure, Axes]]:
    """A figure with one axes: minutes across, px from the top down."""
    with mpl.rc_context(), warnings.catch_warnings():
        mpl.rcdefaults()
        mpl.rcParams.update(SETTINGS)
        warnings.filterwarnings("ignore", "Glyph")  # the page has letters that matplotlib has not
        whole = height + AXIS
        figure = Figure((WIDTH / 72, whole / 72), dpi=72)
        box = (MARGIN / WIDTH, AXIS / whole, 1 - 2 * MARGIN / WIDTH, height / whole)
        axes = figure.add_axes(box)
        axes.set_xlim(0, minutes)
        axes.set_ylim(height, 0)
        axes.patch.set_visible(False)
        yield figure, axes


def _minutes(axes: Axes, longest: float) -> None:
    """Lines at round minutes, and what they are below them."""
    bottom = axes.get_ylim()[0]
    step = next((each for each in STEPS if longest / each < MOST_TICKS), STEPS[-1])
    ticks = range(0, int(longest) + 1, step)
    for tick in ticks:
        said = f"{tick}{' minutes' if tick == 0 else ''}"
        side = "left" if tick == 0 else "center"
        axes.text(tick, bottom + 17, said, size=SMALL, ha=side)
    axes.vlines(ticks, 0, bottom, color=LINE, linewidth=1, zorder=0)
    axes.set_axis_off()


def _wide(text: str, size: int) -> float:
    return cell_len(text) * LETTER * size


def _px(axes: Axes) -> float:
    """How many px a minute is wide."""
    return float((WIDTH - 2 * MARGIN) / axes.get_xlim()[1])


# -- lights ----------------------------------------------------------------------------------------


def _pair(axes: Axes, pair: Pair, top: float) -> None:
    """A pair's name, and the bands that say who drove."""
    axes.text(0, top + LABEL - 6, _fitting(pair.name, WIDTH - 60, FONT), weight="bold")
    band = top + BANDS
    spans: dict[float, list[tuple[float, float]]] = {}
    for turn in pair.turns:
        tint = TINTS[pair.people.index(turn.who) % len(TINTS)] if turn.who else 0.0
        spans.setdefault(tint, []).append((turn.start / MINUTE, turn.seconds / MINUTE))
        _driver(axes, turn, band)
    for tint, mine in spans.items():
        axes.broken_barh(mine, (band, BAND), facecolor=INK, alpha=tint, linewidth=0)
    least = SEEN / _px(axes) * MINUTE
    edges = [turn.start / MINUTE for turn in pair.turns[1:] if turn.seconds > least]
    axes.vlines(edges, band, band + BAND, color=BG, linewidth=2)


def _driver(axes: Axes, turn: Turn, band: float) -> None:
    """The name on a band, or as much of it as there is room for."""
    name = _fitting(turn.who, turn.seconds / MINUTE * _px(axes) - 6, SMALL)
    if not name:
        return
    middle = (turn.start + turn.end) / 2 / MINUTE
    axes.text(middle, band + BAND / 2 + 4, name, size=SMALL, ha="center")


def _fitting(text: str, px: float, size: int) -> str:
    """As much of a text as fits; two letters of a name are better than none."""
    if _wide(text, size) <= px:
        return text
    while text and _wide(f"{text}…", size) > px:
        text = text[:-1]
    return f"{text}…" if len(text) > 1 else ""


def _marks(axes: Axes, pairs: Sequence[Pair], light: str) -> None:
    """All lights of a kind, on the lane that is theirs: what is green is above."""
    lane = LABEL + LANE / 2 + LANE * LANES[light]
    found = [
        (one.t / MINUTE, PAIR * number + lane)
        for number, pair in enumerate(pairs)
        for one in _apart([one for one in pair.lights if one.light == light], _px(axes))
    ]
    if found:
        minutes, places = zip(*found, strict=True)
        colour = COLOUR[light]
        style = {"color": colour, "markeredgecolor": colour, **MARKER[light]}
        axes.plot(minutes, places, linestyle="", clip_on=False, **style)


def _apart(found: Sequence[Light], px: float) -> list[Light]:
    """Without those that would lie upon the one before."""
    kept: list[Light] = []
    for light in found:
        is_close = kept and (light.t - kept[-1].t) / MINUTE * px < CLOSE
        if not (is_close and light.koan == kept[-1].koan):
            kept.append(light)
    return kept


# -- times -----------------------------------------------------------------------------------------


def _bar(axes: Axes, took: Took, top: float) -> None:
    before, after = took.before / MINUTE, (took.seconds - took.before) / MINUTE
    base, bar = top + ROW - BAR - 11, (top + ROW - BAR - 6, BAR)
    label = _fitting(f"{took.place.lesson}: {took.place.sentence}", WIDTH - 120, FONT)
    axes.text(0, base, shown(took.seconds), weight="bold")
    axes.text(VALUE / _px(axes), base, label)
    axes.broken_barh([(0, before)], bar, facecolor=INK, alpha=0.75, linewidth=0)
    axes.broken_barh([(before, after)], bar, facecolor=TEAL, linewidth=0)


# -- into the page ---------------------------------------------------------------------------------


def _inline(figure: Figure, name: str, title: str) -> str:
    """The figure as an element of a page: nothing in it is named as anything else there is."""
    file = io.StringIO()
    nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
    figure.savefig(file, format="svg", metadata=nothing, transparent=True)
    text = file.getvalue()
    height = round(figure.get_figheight() * 72)
    text = re.sub(r".*?<svg[^>]*>\s*<defs>\s*<style.*?</defs>", "", text, count=1, flags=re.DOTALL)
    start = f'<svg viewBox="0 0 {WIDTH} {height}" role="img"><title>{escape(title)}</title>'
    return start + re.sub("<[^>]*>", lambda tag: _tag(tag.group(), name), text)


def _tag(tag: str, name: str) -> str:
    """A tag with ids of this picture alone, the page's font, and colours by their names."""
    tag = re.sub(r' id="(?![mp][0-9a-f]{10}")[^"]*"', "", tag)
    tag = re.sub(r"( id=\"|url\(#)", rf"\1{name}-", tag)
    tag = tag.replace('xlink:href="#', f'href="#{name}-')
    tag = re.sub(r" font-family: [^;\"]*;?| transform=\"rotate\(-0 [^\"]*\"", "", tag)
    return re.sub("#00000[1-6]", lambda found: f"var(--{NAMES[found.group()]})", tag)
