"""Tensors as grids of boxes, their dims named along the edges; small ones side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

MOST_LINES = 16
BETWEEN = "    "  # what separates pictures that stand side by side
GUTTER = 8  # columns left of a grid, for `dim=0 ↓ `
GAP = "…"

Block = list[str]  # lines; not all of one length


class Style(NamedTuple):
    """How roomy the grids are."""

    rows: int  # of a matrix that are shown
    ruled: bool = False  # lines between the rows
    narrow: bool = False  # captions on two lines


STYLES = (
    Style(8, ruled=True),
    Style(8),
    Style(8, narrow=True),
    Style(5),
    Style(5, narrow=True),
    Style(3),
)
NARROW = 22  # columns of a narrow caption, if the grid below is no wider


def drawn(picture: dict[str, Any], width: int) -> list[str]:
    """All items as grids, as roomy as the height allows."""
    return packed(picture["items"], width, MOST_LINES)


def packed(items: Sequence[dict[str, Any]], width: int, most: int) -> list[str]:
    """Items side by side and below each other in `most` lines; what finds no room is named."""
    for style in STYLES:
        lines = laid(items, width, style)
        if len(lines) <= most:
            return lines
    for count in range(len(items) - 1, 0, -1):
        lines = laid(items[:count], width, STYLES[-1])
        if len(lines) < most:
            left = [name for item in items[count:] for name in item["names"]]
            return [*lines, clipped(f"(no room for {', '.join(left)})", width)]
    return [*laid(items[:1], width, STYLES[-1])[: most - 1], GAP]


def laid(items: Sequence[dict[str, Any]], width: int, style: Style) -> list[str]:
    """All items in one style, however many lines that takes."""
    return beside([block(item, width, style) for item in items], width)


def beside(blocks: Sequence[Block], width: int) -> list[str]:
    """Blocks from left to right, as many in a row as fit."""
    rows: list[list[Block]] = []
    for one in blocks:
        if rows and len(joined([*rows[-1], one])[0]) <= width:
            rows[-1].append(one)
        else:
            rows.append([one])
    lines: list[str] = []
    for row in rows:
        wide = any(len(one) > 1 for one in row)
        lines += ([""] if lines and wide else []) + joined(row)
    return lines


def joined(blocks: Sequence[Block]) -> list[str]:
    """Blocks beside each other, their first lines level."""
    height = max(len(one) for one in blocks)
    widths = [max(map(len, one)) for one in blocks]
    columns = [
        [line.ljust(width) for line in (*one, *[""] * (height - len(one)))]
        for one, width in zip(blocks, widths, strict=True)
    ]
    return [BETWEEN.join(parts) for parts in zip(*columns, strict=True)]


def block(item: dict[str, Any], width: int, style: Style) -> Block:
    """One item: a caption, and the grid below it."""
    if "said" in item:
        return [said(item, width)]
    below = grid(item, width, style)
    room = min(width, max([NARROW, *map(len, below)])) if style.narrow else width
    return [*wrapped(caption(item), room), *below]


def caption(item: dict[str, Any]) -> list[str]:
    """Names, shape, dtype, and what is out of the ordinary."""
    parts = [", ".join(item["names"]), f"shape {tuple_text(item['shape'])}", item["dtype"]]
    if len(item["shape"]) > 3:
        parts += [f"showing {item['names'][0]}[{', '.join('0' * (len(item['shape']) - 3))}]"]
    parts += [item["device"]] if item["device"] != "cpu" else []
    parts += [item["what"]] if item["what"] != "tensor" else []
    return [*parts, *twins(item)]


def said(item: dict[str, Any], width: int) -> str:
    """What is no tensor, or cannot be drawn, in words."""
    return clipped(f"{', '.join(item['names'])} {item['said']}", width)


def twins(item: dict[str, Any]) -> list[str]:
    """What is to be said about an object with several names."""
    count = len(item["names"])
    return [f"one {item['what']}, {'two' if count == 2 else count} names"] if count > 1 else []


def tuple_text(numbers: Sequence[int]) -> str:
    """A shape or a stride as Python writes a tuple."""
    return str(tuple(numbers))


def grid(item: dict[str, Any], width: int, style: Style) -> Block:
    """The elements in boxes; of more than three dims the first block."""
    shape, kept, cells = item["shape"], item["kept"], item["cells"]
    if 0 in shape:
        return box([["no elements"]])
    if not shape:
        return box([[cells]])
    if len(shape) == 1:
        return ["dim=0 →", *box(_table([cells], [0], _fitting([cells], kept[0], width)))]
    if len(shape) == 2:
        columns = _fitting(cells, kept[1], width - GUTTER)
        lines = _matrix(cells, positions(kept[0], style.rows), columns, style.ruled)
        return _with_gutter(["", "", "dim=0 ↓"], ["dim=1 →", *lines])
    return _layers(item, width, style)


def _layers(item: dict[str, Any], width: int, style: Style) -> Block:
    """The matrices along the third dim from the end, each under its index."""
    (deep, down, right), cells = item["kept"], item["cells"]
    first = len(item["shape"]) - 3
    shown, columns = _shared(cells, deep, right, width - GUTTER)
    layers: list[Block] = []
    for place in shown:
        if place is None:
            layers.append([GAP])
            continue
        lines = _matrix(cells[place], positions(down, style.rows), columns, style.ruled)
        index = ", ".join([*["0"] * first, str(deep[place])])
        edge = "" if layers else f"dim={first + 2} →"
        layers.append([f"{item['names'][0]}[{index}]", edge, *lines])
    edges = [f"dim={first} →", "", "", f"dim={first + 1} ↓"]
    return _with_gutter(edges, joined(layers))


def _matrix(
    cells: list[list[str]], rows: list[int | None], columns: list[int | None], ruled: bool
) -> Block:
    return box(_table(cells, rows, columns), ruled and None not in rows)


def _shared(
    cells: list[list[list[str]]], deep: list[int], right: list[int], width: int
) -> tuple[list[int | None], list[int | None]]:
    """Which layers and which of their columns fit: all layers, if a few columns of each do."""
    for count in range(len(deep), 0, -1):
        shown = positions(deep, count)
        gaps = shown.count(None)
        room = (width - len(BETWEEN) * (len(shown) - 1) - gaps) // (len(shown) - gaps)
        columns = _fitting([row for layer in cells for row in layer], right, room)
        if len(columns) >= min(3, len(right)):
            break
    return shown, columns


def _with_gutter(edges: list[str], lines: Block) -> Block:
    edges = [*edges, *[""] * (len(lines) - len(edges))]
    return [f"{edge:{GUTTER}}{line}" for edge, line in zip(edges, lines, strict=True)]


def positions(kept: Sequence[int], most: int) -> list[int | None]:
    """Which of the kept indices to show, the last one among them; None stands for a gap."""
    count = len(kept)
    shown = list(range(count)) if count <= most else [*range(max(1, most - 1)), count - 1]
    shown = shown[:most]
    found: list[int | None] = []
    for place in shown:
        if found and kept[place] != kept[found[-1] or 0] + 1:
            found.append(None)
        found.append(place)
    return found if shown[-1] == count - 1 else [*found, None]


def _fitting(cells: list[list[str]], kept: list[int], room: int) -> list[int | None]:
    """As many columns as there is room for, one at least."""
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for count in range(len(kept), 0, -1):
        columns = positions(kept, count)
        shown = [len(GAP) if place is None else widths[place] for place in columns]
        if sum(shown) + len("│  ") * len(shown) + 1 <= room:
            break
    return columns


def _table(
    cells: list[list[str]], rows: Sequence[int | None], columns: Sequence[int | None]
) -> list[list[str]]:
    return [
        [GAP if row is None or column is None else cells[row][column] for column in columns]
        for row in rows
    ]


def box(table: list[list[str]], ruled: bool = False) -> Block:
    """Texts in boxes, to the right in their column; `ruled` draws lines between the rows too."""
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    body = [_row(row, widths) for row in table]
    if ruled:
        line = edge(widths, "├┼┤")
        body = [part for row in body for part in (line, row)][1:]
    return [edge(widths, "┌┬┐"), *body, edge(widths, "└┴┘")]


def _row(texts: list[str], widths: list[int]) -> str:
    inside = (f" {text:>{width}} " for text, width in zip(texts, widths, strict=True))
    return f"│{'│'.join(inside)}│"


def edge(widths: Sequence[int], corners: str) -> str:
    """The upper, lower or a middle edge of a row of boxes."""
    left, middle, right = tuple(corners)
    return left + middle.join("─" * (width + 2) for width in widths) + right


def clipped(line: str, width: int) -> str:
    """A line that ends in … where it would be too long."""
    return line if len(line) <= width else line[: width - 1] + GAP


def wrapped(parts: Sequence[str], width: int) -> list[str]:
    """Parts two columns apart, continued below, indented."""
    lines = [parts[0]]
    for part in parts[1:]:
        if len(lines[-1]) + 2 + len(part) <= width:
            lines[-1] += f"  {part}"
        else:
            lines.append(f"  {part}")
    return lines
