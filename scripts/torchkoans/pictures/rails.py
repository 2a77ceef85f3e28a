"""The graph of autograd from its leaves down to its results, one node a line.

○ x = 3.   leaf, requires_grad=True, grad=6.
│ ○ w = 2.   leaf, requires_grad=True, grad=None
├─┘
● MulBackward0 → y = 6.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from torchkoans.pictures.boxes import GAP, MOST_LINES, Block, said, wrapped

Node = dict[str, Any]
LEAF, OPERATION, RAIL = "○", "●", "│"
# By (up, down, left, right): where a rail that reaches that way meets the line across.
CORNERS = {
    (True, True, False, True): "├",
    (True, True, True, False): "┤",
    (True, False, False, True): "└",
    (True, False, True, False): "┘",
    (True, True, True, True): "┼",
    (True, False, True, True): "┴",
    (False, True, False, True): "┌",
    (False, True, True, False): "┐",
    (False, True, True, True): "┬",
}


def drawn(picture: dict[str, Any], width: int) -> list[str]:
    """The graph with as much air as the height allows, and what is no tensor in words."""
    words = [said(item, width) for item in picture["items"]]
    nodes = picture["nodes"]
    most = MOST_LINES - len(words)
    for some, airy in ((nodes, True), (nodes, False), (chained(nodes), False)):
        lines = _lines(some, width, airy)
        if len(lines) <= most:
            return [*lines, *words]
    half = (most - 1) // 2
    return [*lines[:half], GAP, *lines[-half:], *words]


def chained(nodes: Sequence[Node]) -> list[Node]:
    """Operations that only hand on to the next one share its line."""
    found = {node["place"]: node for node in nodes}
    users = _users(nodes)
    for node in nodes:
        first = found.get(node["takes"][0]) if len(node["takes"]) == 1 else None
        if first and first["ops"] and not first["names"] and users[first["place"]] == 1:
            ops = [*first["ops"], *node["ops"]]
            found[node["place"]] = {**node, "ops": ops, "takes": first["takes"]}
            del found[first["place"]]
    return list(found.values())


def _users(nodes: Iterable[Node]) -> Counter[int]:
    """How many nodes take each node."""
    return Counter(place for node in nodes for place in set(node["takes"]))


def _lines(nodes: Sequence[Node], width: int, airy: bool) -> Block:
    """Each node on its rail; rails end where nobody takes any more from them."""
    names = {node["place"]: node["names"] for node in nodes}
    users = _users(nodes)
    rails: list[int | None] = []  # whose result runs down each of them
    lines: Block = []
    for node in nodes:
        sources = [rails.index(place) for place in dict.fromkeys(node["takes"])]
        users.subtract(set(node["takes"]))
        ending = [rail for rail in sources if users[rails[rail] or 0] == 0]
        rail = min(ending) if ending else _free(rails)
        if sources and sources != [rail]:
            lines.append(_across(rails, sources, ending, rail))
        elif airy and sources:
            lines.append(_down(rails))
        elif lines and OPERATION in lines[-1] and not any(place is not None for place in rails):
            lines.append("")  # another graph begins
        for old in ending:
            rails[old] = None
        rails[rail] = node["place"]
        marked = _down(rails, {rail: LEAF if node["leaf"] else OPERATION})
        if users[node["place"]] == 0:
            rails[rail] = None
        lines += _with_text(marked, _down(rails), _parts(node, names), width)
    return lines


def _free(rails: list[int | None]) -> int:
    if None not in rails:
        rails.append(None)
    return rails.index(None)


def _down(rails: Sequence[int | None], marks: dict[int, str] | None = None) -> str:
    signs = [" " if place is None else RAIL for place in rails]
    for rail, mark in (marks or {}).items():
        signs[rail] = mark
    return " ".join(signs).rstrip()


def _across(rails: Sequence[int | None], sources: list[int], ending: list[int], target: int) -> str:
    """A line across from the sources to the target; other rails pass behind it."""
    first, last = min(*sources, target), max(*sources, target)
    signs = ""
    for rail, place in enumerate(rails):
        left, right = first < rail <= last, first <= rail < last
        up, down = rail in sources, rail == target or (rail in sources and rail not in ending)
        sign = RAIL if place is not None else "─" if left and right else " "
        signs += CORNERS.get((up, down, left, right), sign) + ("─" if right else " ")
    return signs.rstrip()


def _with_text(marked: str, below: str, parts: list[str], width: int) -> Block:
    """What is said of a node, to the right of the rails."""
    room = max(width - len(marked) - 1, 20)
    first, *more = wrapped(parts, room)
    return [f"{marked} {first}", *(f"{below:{len(marked)}} {line}" for line in more)]


def _parts(node: Node, names: dict[int, list[str]]) -> list[str]:
    """An operation and what it made, or a leaf; values, and gradients where they are kept."""
    parts = [_named(node)]
    if node["leaf"]:
        parts += ["leaf", f"requires_grad={node['tracked']}"]
    else:
        parts = [" → ".join([*_ops(node["ops"]), *(parts if node["names"] else [])])]
        twice = [", ".join(names[take]) for take in set(node["takes"]) if _repeats(node, take)]
        parts += [f"takes {name or 'that'} twice" for name in twice]
    parts += [node["device"]] if node.get("device", "cpu") != "cpu" else []
    return parts + ([f"grad={node['grad']}"] if "grad" in node else [])


def _named(node: Node) -> str:
    name, value = ", ".join(node["names"]) or "(no name)", node.get("value", "")
    return f"{name} = {value}" if value and not value.startswith("shape") else f"{name}  {value}"


def _ops(ops: Sequence[str]) -> list[str]:
    return [*ops] if len(ops) < 4 else [ops[0], GAP, ops[-1]]


def _repeats(node: Node, take: int) -> bool:
    return bool(node["takes"].count(take) > 1)
