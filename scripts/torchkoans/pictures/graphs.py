"""The graph that autograd recorded, walked from results back to leaves and listed forwards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch

from torchkoans.pictures.capturing import Named, brief, device, in_words, parts

MOST_NOTES = 40


def facts(asked: Sequence[Named], variables: Mapping[str, object]) -> dict[str, Any]:
    """The nodes, each after those that it takes; in words what is no tensor."""
    walk = _Walk(asked, variables)
    said = []
    for one in sorted(asked, key=_is_leaf):  # leaves that no result takes come last
        try:
            if isinstance(one.value, torch.Tensor):
                walk.to(one.value)
            else:
                said.append({"names": one.names, "said": in_words(one.value)})
        except _TooManyError:
            said.append({"names": one.names, "said": "has a graph too large to draw"})
        except Exception as error:  # values that cannot be read
            said.append({"names": one.names, "said": f"is not drawn ({type(error).__name__})"})
    return {"nodes": walk.nodes, "items": said}


def _is_leaf(one: Named) -> bool:
    return isinstance(one.value, torch.Tensor) and one.value.is_leaf


class _TooManyError(Exception):
    """The graph has more nodes than anybody would look at."""


class _Walk:
    """Goes back along the notes that results have on how they were made.

    A note is what torch calls a grad_fn; it knows the notes of its operands.
    """

    def __init__(self, asked: Sequence[Named], variables: Mapping[str, object]) -> None:
        self.asked = [(name, one.value) for one in asked for name in one.names]
        self.others = [pair for name, value in variables.items() for pair in parts(name, value, 99)]
        self.nodes: list[dict[str, Any]] = []
        self.places: dict[int, int] = {}  # of notes and leaves, by id
        self.met: list[object] = []  # keeps them alive, and so their ids their own

    def to(self, tensor: torch.Tensor) -> int:
        """Visit a tensor after all that it was made of; answers with its place among the nodes."""
        note = tensor.grad_fn
        return self.leaf(tensor) if note is None else self.note(note)

    def leaf(self, leaf: torch.Tensor) -> int:
        if id(leaf) not in self.places:
            self.meet(leaf)
            names = self.names([leaf])
            node = {"leaf": True, "ops": [], "takes": [], "names": names, **_values(leaf)}
            self.place(leaf, {**node, "tracked": leaf.requires_grad})
        return self.places[id(leaf)]

    def note(self, note: Any) -> int:
        if type(note).__name__ == "AccumulateGrad":
            return self.leaf(note.variable)
        if id(note) not in self.places:
            self.meet(note)
            takes = [
                self.note(operand) for operand, _ in note.next_functions if operand is not None
            ]
            made = self.made_by(note)
            values = _values(made[0]) if len(made) == 1 else {}
            node = {"leaf": False, "ops": [note.name()], "takes": takes, "names": self.names(made)}
            self.place(note, {**node, **values})
        return self.places[id(note)]

    def meet(self, thing: object) -> None:
        self.met.append(thing)
        if len(self.met) > MOST_NOTES:
            raise _TooManyError

    def place(self, thing: object, node: dict[str, Any]) -> None:
        place = self.places[id(thing)] = len(self.nodes)
        self.nodes.append({"place": place, **node})

    def made_by(self, note: object) -> list[torch.Tensor]:
        """The tensors with a name whose note this is, each once."""
        every = [value for _, value in (*self.asked, *self.others)]
        made = [t for t in every if isinstance(t, torch.Tensor) and t.grad_fn is note]
        return list({id(tensor): tensor for tensor in made}.values())

    def names(self, tensors: Sequence[torch.Tensor]) -> list[str]:
        """The names that were asked for, or else the first that the koan gave to each."""
        found = []
        for tensor in tensors:
            mine = [name for name, value in self.asked if value is tensor]
            found += mine or [name for name, value in self.others if value is tensor][:1]
        return found


def _values(tensor: torch.Tensor) -> dict[str, Any]:
    """A tensor's elements and those of its grad, on one line each."""
    facts: dict[str, Any] = {"value": brief(tensor), "device": device(tensor)}
    if tensor.requires_grad and (tensor.is_leaf or tensor.retains_grad):
        facts["grad"] = "None" if tensor.grad is None else brief(tensor.grad)
    return facts
