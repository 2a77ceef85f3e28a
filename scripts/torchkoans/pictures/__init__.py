"""Pictures of the objects of a koan, as they really were when it ended.

`capture` looks at the live objects in the process that ran the koan and gives back plain facts;
`drawn` makes lines of text of them, in a process that need not know torch.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from torchkoans.pictures import boxes, memories, rails, rows

DRAWERS: dict[str, Callable[[dict[str, Any], int], list[str]]] = {
    "grid": boxes.drawn,
    "storage": rows.drawn,
    "devices": memories.drawn,
    "graph": rails.drawn,
}


def capture(kind: str, names: Sequence[str], variables: Mapping[str, object]) -> dict[str, Any]:
    """What a picture of that kind shows of the objects with these names, for JSON to carry.

    It never raises, and changes nothing: no gradient, no number, no random state. What cannot be
    drawn is said in words.
    """
    try:
        from torchkoans.pictures import capturing  # it imports torch

        return capturing.capture(kind, names, variables)
    except Exception as error:  # a picture is worth no crash
        said = f"is not drawn ({type(error).__name__})"
        return {"kind": "grid", "items": [{"names": [name], "said": said} for name in names]}


def drawn(picture: Mapping[str, Any], width: int = 80) -> list[str]:
    """The lines of a picture, none wider than `width`, and about 16 of them at the most."""
    lines = DRAWERS.get(picture["kind"], boxes.drawn)(dict(picture), width)
    return [boxes.clipped(line.rstrip(), width) for line in lines]
