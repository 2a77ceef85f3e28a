"""Which tensors and arrays lie in the same memory, and where in it each of them looks."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import torch

from torchkoans.pictures import elements
from torchkoans.pictures.capturing import (
    Array,
    Named,
    Numbers,
    device,
    dtype,
    in_words,
    is_numbers,
    not_drawn,
    what,
)

MOST_CELLS = (22, 4)  # kept at the beginning and at the end of a storage
MOST_ELEMENTS = 1_000_000  # of a tensor whose elements are looked for among the cells


@dataclass
class Looker:
    """A tensor or an array, and the memory that its numbers lie in: addresses of bytes."""

    names: list[str]
    value: Numbers
    owner: Numbers
    start: int
    end: int

    @property
    def first(self) -> int:
        """Address of its first element."""
        return _address(self.value)

    @cached_property
    def flat(self) -> Any:
        """All of the owner's memory in one dim, as it lies there; not a copy."""
        if isinstance(self.owner, np.ndarray):
            return self.owner.ravel("K")
        flat = torch.empty(0, dtype=self.owner.dtype, device=self.owner.device)
        size = (self.end - self.start) // self.owner.itemsize
        return flat.set_(self.owner.untyped_storage(), 0, (size,), (1,))


@dataclass
class Memory:
    """One block of memory and all that look at it."""

    lookers: list[Looker]

    @property
    def largest(self) -> Looker:
        return max(self.lookers, key=lambda looker: looker.end - looker.start)

    @property
    def start(self) -> int:
        return min(looker.start for looker in self.lookers)

    @property
    def nbytes(self) -> int:
        return max(looker.end for looker in self.lookers) - self.start


def facts(asked: Sequence[Named]) -> dict[str, Any]:
    """The storages with their lookers; in words what is no tensor, or has no storage to show."""
    lookers, said = [], []
    for one in asked:
        if not is_numbers(one.value):
            said.append({"names": one.names, "said": in_words(one.value)})
            continue
        try:
            lookers.append(_looker(one.names, one.value))
        except Exception as error:  # sparse tensors have no storage, others more than one
            said.append({"names": one.names, "said": not_drawn(one.value, error)})
    return {"storages": [_storage(memory) for memory in _memories(lookers)], "items": said}


def _looker(names: list[str], value: Numbers) -> Looker:
    owner = value if isinstance(value, torch.Tensor) else _owner(value)
    if isinstance(owner, torch.Tensor):
        storage = owner.untyped_storage()
        return Looker(names, value, owner, storage.data_ptr(), storage.data_ptr() + len(storage))
    start = _address(owner)
    return Looker(names, value, owner, start, start + owner.nbytes)


def _owner(array: Array) -> Numbers:
    """What an array is a view of, at the bottom: an array, or the tensor of a t.numpy()."""
    base = array.base
    while isinstance(base, np.ndarray) and base.base is not None:
        base = base.base
    return base if is_numbers(base) else _outermost(array)


def _outermost(array: Array) -> Array:
    while isinstance(array.base, np.ndarray):
        array = array.base
    return array


def _address(value: Numbers) -> int:
    return value.data_ptr() if isinstance(value, torch.Tensor) else int(value.ctypes.data)


def _memories(lookers: Sequence[Looker]) -> list[Memory]:
    """Whoever overlaps lies in one memory; what has no bytes shares them with nobody.

    An address counts on its own device only.
    """
    found: list[Memory] = []
    for looker in lookers:
        mine = [memory for memory in found if any(_overlap(looker, o) for o in memory.lookers)]
        together = [one for memory in mine for one in memory.lookers]
        found = [memory for memory in found if memory not in mine]
        found.append(Memory([*together, looker]))
    order = [id(looker) for looker in lookers]
    return sorted(found, key=lambda memory: min(order.index(id(one)) for one in memory.lookers))


def _overlap(a: Looker, b: Looker) -> bool:
    here = device(a.value) == device(b.value)
    return here and max(a.start, b.start) < min(a.end, b.end)


def _storage(memory: Memory) -> dict[str, Any]:
    """The cells are elements as the largest owner has them; whoever reads others has marks too."""
    owner = memory.largest.owner
    size = memory.nbytes // owner.itemsize
    kept = elements.ends(size, *MOST_CELLS)
    return {
        "device": device(owner),
        "nbytes": memory.nbytes,
        "dtype": dtype(owner),
        "size": size,
        "kept": kept,
        "cells": [_cell(memory, memory.start + cell * owner.itemsize) for cell in kept],
        "lookers": [_looks(looker, memory, kept) for looker in memory.lookers],
    }


def _cell(memory: Memory, address: int) -> str:
    """The text of the element at an address, read from an owner that has it."""
    largest = memory.largest
    for looker in [largest, *memory.lookers]:
        place, rest = divmod(address - looker.start, looker.owner.itemsize)
        inside = looker.start <= address < looker.end
        if inside and rest == 0 and dtype(looker.owner) == dtype(largest.owner):
            return elements.text(looker.flat[place].tolist(), dtype(looker.owner))
    return "?"


def _looks(looker: Looker, memory: Memory, kept: list[int]) -> dict[str, Any]:
    value, owner = looker.value, memory.largest.owner
    facts: dict[str, Any] = {
        "names": looker.names,
        "what": what(value),
        "shape": [int(n) for n in value.shape],
    }
    if isinstance(value, torch.Tensor):
        facts |= {"stride": list(value.stride()), "offset": value.storage_offset()}
    else:
        facts |= {"strides": list(value.strides)}
    if dtype(value) != dtype(owner):
        facts["dtype"] = dtype(value)
    marks, hidden = _marks(value, looker.first - memory.start, owner.itemsize, kept)
    return {**facts, "marks": marks, "hidden": hidden}


def _marks(value: Numbers, first: int, unit: int, kept: list[int]) -> tuple[list[str | None], bool]:
    """For each kept cell the index under which it is seen, None where it is not.

    An index is `0,1`, and `:,1` if every row shows it. Then, whether other cells are seen too.
    """
    if 0 in value.shape:
        return [None] * len(kept), False
    steps = _steps(value)
    sizes = [1 if step == 0 else size for size, step in zip(value.shape, steps, strict=True)]
    if math.prod(sizes) > MOST_ELEMENTS:
        return [None] * len(kept), True
    places = np.full(sizes, first)
    for step, here in zip(steps, np.indices(sizes, sparse=True), strict=True):
        places = places + here * step
    spread = [step == 0 and size > 1 for size, step in zip(value.shape, steps, strict=True)]
    ends = places + value.itemsize
    seen = [(places < (cell + 1) * unit) & (ends > cell * unit) for cell in kept]
    hidden = not np.isin(places // unit, kept).all()
    return [_index(np.argwhere(here), spread) for here in seen], bool(hidden)


def _steps(value: Numbers) -> list[int]:
    """Bytes from one element to the next along each dim."""
    if isinstance(value, np.ndarray):
        return list(value.strides)
    return [step * value.itemsize for step in value.stride()]


def _index(found: Array, spread: list[bool]) -> str | None:
    """One of the indices that see a cell, and a + if there are more of them."""
    if len(found) == 0:
        return None
    words = [":" if every else str(i) for i, every in zip(found[0], spread, strict=True)]
    return ",".join(words) + ("+" if len(found) > 1 else "")
