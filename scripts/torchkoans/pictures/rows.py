"""Each storage as one row of cells, and below it who sees which cell, under which index.

┌────┬────┬────┐
│ 7. │ 8. │ 9. │
└────┴────┴────┘
 [0]  [1]  [2]   t     shape=(3,)  stride=(1,)  offset=0
      [0]  [1]   part  shape=(2,)  stride=(1,)  offset=1
"""

from __future__ import annotations

import string
from collections.abc import Sequence
from typing import Any

from torchkoans.pictures.boxes import (
    GAP,
    MOST_LINES,
    Block,
    clipped,
    edge,
    positions,
    said,
    tuple_text,
    twins,
    wrapped,
)

Column = tuple[str, list[str]]  # the text in a cell, and the marks below it


def drawn(picture: dict[str, Any], width: int) -> list[str]:
    """All storages, as fully described as the height allows, and in words what has none."""
    storages, words = picture["storages"], [[said(item, width)] for item in picture["items"]]
    for short, between in ((False, [""]), (False, []), (True, [""]), (True, [])):
        blocks = _blocks(storages, width, short)
        lines = _apart([*blocks, *words], between)
        if len(lines) <= MOST_LINES:
            return lines
    return _cut(storages, blocks, words)


def _cut(storages: Sequence[dict[str, Any]], blocks: list[Block], words: list[Block]) -> list[str]:
    """The first storages; of those that find no room the names."""
    most = MOST_LINES - len(words) - 1
    while len(blocks) > 1 and sum(map(len, blocks)) > most:
        blocks.pop()
    lines = _apart(blocks, [])[:most]
    left = [name for one in storages[len(blocks) :] for name in _names(one)]
    said_more = f"(no room for {', '.join(left)})" if left else GAP
    return [*lines, said_more, *_apart(words, [])][:MOST_LINES]


def _blocks(storages: Sequence[dict[str, Any]], width: int, short: bool) -> list[Block]:
    names = string.ascii_uppercase if len(storages) > 1 else [""]
    return [_storage(one, name, width, short) for one, name in zip(storages, names, strict=False)]


def _apart(blocks: Sequence[Block], between: Block) -> list[str]:
    lines: list[str] = []
    for block in blocks:
        lines += [*(between if lines else []), *block]
    return lines


def _names(storage: dict[str, Any]) -> list[str]:
    return [name for looker in storage["lookers"] for name in looker["names"]]


def _storage(storage: dict[str, Any], name: str, width: int, short: bool) -> Block:
    """The title, the row of cells, and each looker's marks and properties, or its shape alone."""
    lookers = storage["lookers"]
    columns = _columns(storage, width, short) if storage["cells"] else []
    inner = _inner(columns)
    marked = [_spread([marks[i] for _, marks in columns], inner) for i in range(len(lookers))]
    room = width - sum(inner) - len(inner) - 3
    longest = max(len(", ".join(looker["names"])) for looker in lookers)
    beside = [wrapped(_properties(looker, short, longest), room) for looker in lookers]
    lines = _titled(_cells(columns, inner) if columns else [], _title(storage, name, short), width)
    if columns and all(len(some) <= 2 and max(map(len, some)) <= room for some in beside):
        for marks, some in zip(marked, beside, strict=True):
            lines += [f"{marks}  {some[0]}", *(" " * (len(marks) + 2) + line for line in some[1:])]
        return lines
    for marks, looker in zip(marked, lookers, strict=True):
        lines += [*wrapped(_properties(looker, short), width), *([marks] if marks.strip() else [])]
    return lines


def _title(storage: dict[str, Any], name: str, short: bool) -> str:
    """What it is, and its size; memory that only arrays look at is no storage to torch."""
    what = "storage" if any("stride" in looker for looker in storage["lookers"]) else "memory"
    cells = f"{storage['size']} × {storage['dtype']} = " if not short else ""
    where = f" on {storage['device']}" if storage["device"] != "cpu" else ""
    return f"{what} {name}".strip() + f": {cells}{storage['nbytes']} bytes{where}"


def _titled(cells: Block, title: str, width: int) -> Block:
    """The title to the right of the cells, or above them."""
    if cells and len(cells[1]) + 2 + len(title) <= width:
        return [cells[0], f"{cells[1]}  {title}", cells[2]]
    return [clipped(title, width), *cells]


def _properties(looker: dict[str, Any], short: bool, longest: int = 0) -> list[str]:
    """How a tensor points at its storage, as torch says it; an array as NumPy does."""
    parts = [f"{', '.join(looker['names']):{longest}}", f"shape={tuple_text(looker['shape'])}"]
    if short:
        return parts
    if "stride" in looker:
        parts += [f"stride={tuple_text(looker['stride'])}", f"offset={looker['offset']}"]
    else:
        parts += [f"strides={tuple_text(looker['strides'])} bytes", "ndarray"]
    parts += [looker["dtype"]] if "dtype" in looker else []
    parts += ["no elements"] if 0 in looker["shape"] else []
    return [*parts, *twins(looker)]


def _columns(storage: dict[str, Any], width: int, short: bool) -> list[Column]:
    """All that were kept, if they fit with or without brackets around the marks, or fewer."""
    kept = len(storage["kept"])
    fewer = [("[{}]", count) for count in range(kept - 1, 0, -1)]
    if short:  # every tensor on one line
        lengths = [len("  ".join(_properties(one, short))) for one in storage["lookers"]]
        width -= min(max(lengths) + 3, width // 2)
    for form, most in (*([] if short else [("[{}]", kept)]), ("{}", kept), *fewer):
        columns = _shown(storage, most, form)
        if sum(_inner(columns)) + len(columns) < width:
            break
    return columns


def _inner(columns: Sequence[Column]) -> list[int]:
    """How wide the cells are inside: for their texts and for the marks below."""
    return [max([len(text) + 2, *map(len, marks)]) for text, marks in columns]


def _shown(storage: dict[str, Any], most: int, form: str) -> list[Column]:
    shown = positions(storage["kept"], most)
    gone = set(range(len(storage["kept"]))) - set(shown)
    found = []
    for place in shown:
        marks = [_mark(looker, place, gone, form) for looker in storage["lookers"]]
        found.append((GAP if place is None else storage["cells"][place], marks))
    return found


def _mark(looker: dict[str, Any], place: int | None, gone: set[Any], form: str) -> str:
    """The index under which a cell is seen; in a gap whether any of its cells is seen."""
    marks = looker["marks"]
    if place is None:
        return GAP if looker["hidden"] or any(marks[i] is not None for i in gone) else ""
    return "" if marks[place] is None else form.format(marks[place])


def _cells(columns: Sequence[Column], inner: Sequence[int]) -> Block:
    sides = [width - 2 for width in inner]
    texts = [f"{text:^{width}}" for (text, _), width in zip(columns, inner, strict=True)]
    return [edge(sides, "┌┬┐"), f"│{'│'.join(texts)}│", edge(sides, "└┴┘")]


def _spread(marks: Sequence[str], inner: Sequence[int]) -> str:
    spread = (f"{mark:^{width}}" for mark, width in zip(marks, inner, strict=True))
    return f" {' '.join(spread)} "
