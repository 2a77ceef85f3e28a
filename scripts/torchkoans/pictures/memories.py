"""The memory of each device as a frame, with the tensors in it that live there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from torchkoans.pictures.boxes import MOST_LINES, STYLES, Block, Style, clipped, laid, packed

CPU = "cpu"
FRAME = len("│  │")
BETWEEN = "  "
LEAST = 24  # columns of a frame, or they stand below each other
TITLES = {"simgpu": "simgpu (simulated)"}
NONE = ""  # what stands in a frame in which none of them lives

Homes = Mapping[str, Sequence[dict[str, Any]]]


def drawn(picture: dict[str, Any], width: int) -> list[str]:
    """The memories side by side, the CPU's on the left; below each other where that is tight.

    The devices that the koan was given have a frame even where nothing lives in it.
    """
    homes: dict[str, list[dict[str, Any]]] = {CPU: []}
    homes |= {name: [] for name in picture["devices"]}
    for item in picture["items"]:
        homes.setdefault(item.get("device", CPU), []).append({**item, "device": CPU})
    if widths := _widths(homes, width):
        for style in STYLES:
            frames = [
                _frame(name, _laid(homes[name], wide, style)) for name, wide in widths.items()
            ]
            if max(map(len, frames)) <= MOST_LINES:
                return _level(frames)
        return _level([_fitted(name, homes, wide, MOST_LINES) for name, wide in widths.items()])
    most = MOST_LINES // len(homes)
    return [line for name in homes for line in _fitted(name, homes, width, most)]


def _widths(homes: Homes, width: int) -> dict[str, int]:
    """How wide each frame is: as wide as it likes, and the widest share what is left.

    Nothing where that would be too little.
    """
    likes = {
        name: len(_frame(name, _laid(items, width, STYLES[0]))[0]) for name, items in homes.items()
    }
    left = width - len(BETWEEN) * (len(homes) - 1)
    found = {}
    for count, name in enumerate(sorted(likes, key=lambda name: likes[name])):
        found[name] = min(likes[name], left // (len(homes) - count))
        left -= found[name]
    tight = any(found[name] < min(likes[name], LEAST) for name in homes)
    return {} if tight else {name: found[name] for name in homes}


def _laid(items: Sequence[dict[str, Any]], width: int, style: Style) -> Block:
    lines = laid(items, width - FRAME, style) or [NONE]
    return [clipped(line, width - FRAME) for line in lines]


def _fitted(name: str, homes: Homes, width: int, most: int) -> Block:
    lines = packed(homes[name], width - FRAME, most - 2) or [NONE]
    return _frame(name, [clipped(line, width - FRAME) for line in lines])


def _frame(name: str, lines: Block) -> Block:
    """What is in one memory, framed, with the device's name in the upper edge."""
    title = f"─ {TITLES.get(name, name)} "
    inside = max(*map(len, lines), len(title))
    body = [f"│ {line:{inside}} │" for line in lines]
    return [f"┌{title:─<{inside + 2}}┐", *body, f"└{'─' * (inside + 2)}┘"]


def _level(frames: list[Block]) -> list[str]:
    """Frames side by side, all as high as the highest."""
    height = max(map(len, frames))
    for frame in frames:
        empty = f"│{' ' * (len(frame[0]) - 2)}│"
        frame[-1:-1] = [empty] * (height - len(frame))
    return [BETWEEN.join(lines) for lines in zip(*frames, strict=True)]
