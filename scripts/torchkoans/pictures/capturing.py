"""The facts behind a picture, read from live tensors and arrays.

Nothing here computes with what it reads: tensors are detached, sliced and copied out as numbers.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeGuard

import numpy as np
import torch

from torchkoans.explaining import values
from torchkoans.pictures import elements

Array = np.ndarray[Any, Any]
Numbers = torch.Tensor | Array
PLAIN = (bool, int, float, complex, str, type(None), torch.dtype, torch.device, list, tuple, dict)
MOST_PARTS = 6  # of a list of tensors or a model


class Rest(int):
    """How many parts of something are not taken apart."""


@dataclass
class Named:
    """One object and the names that it goes by."""

    names: list[str]
    value: object


def is_numbers(value: object) -> TypeGuard[Numbers]:
    """Whether it is a tensor or an ndarray."""
    return isinstance(value, (torch.Tensor, np.ndarray))


def capture(kind: str, names: Sequence[str], variables: Mapping[str, object]) -> dict[str, Any]:
    """Facts for one of the kinds of pictures."""
    from torchkoans.pictures import graphs, storages

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        asked = named(names, variables)
        missing = [_missing(name) for name in names if name not in variables]
        if kind == "graph":
            facts = graphs.facts(asked, variables)
        elif kind == "storage":
            facts = storages.facts(asked)
        else:
            here = sorted({v.type for v in variables.values() if isinstance(v, torch.device)})
            facts = {"items": [described(one) for one in asked], "devices": here}
    facts["items"] += missing
    return {"kind": kind, **facts}


def _missing(name: str) -> dict[str, Any]:
    return {"names": [name], "said": "has no value here"}


def named(names: Sequence[str], variables: Mapping[str, object]) -> list[Named]:
    """The objects asked for, each once, with all the names that were asked for."""
    found: list[Named] = []
    for name in dict.fromkeys(names):
        for whole, value in parts(name, variables[name]) if name in variables else ():
            twin = next((one for one in found if is_numbers(value) and one.value is value), None)
            if twin:
                twin.names.append(whole)
            else:
                found.append(Named([whole], value))
    return found


def parts(name: str, value: object, most: int = MOST_PARTS) -> Iterator[tuple[str, object]]:
    """Lists of tensors and models taken apart; anything else as it is."""
    inside: list[tuple[str, object]] = []
    if isinstance(value, torch.nn.Module):
        inside = [(f"{name}.{path}", part) for path, part in value.named_parameters()]
    elif isinstance(value, (list, tuple)):
        fields = getattr(type(value), "__match_args__", ())  # values and indices of a max()
        places = [f".{field}" for field in fields] if len(fields) == len(value) else []
        places = places or [f"[{place}]" for place in range(len(value))]
        inside = [(name + place, part) for place, part in zip(places, value, strict=True)]
    elif isinstance(value, dict):
        inside = [(f"{name}[{key!r}]", part) for key, part in value.items()]
    if any(is_numbers(part) for _, part in inside):
        yield from inside[:most]
        if len(inside) > most:
            yield name, Rest(len(inside) - most)
    else:
        yield name, value


def described(one: Named) -> dict[str, Any]:
    """What a grid shows of one object."""
    value = one.value
    if not is_numbers(value):
        return {"names": one.names, "said": in_words(value)}
    try:
        return {
            "names": one.names,
            "what": what(value),
            "shape": list(value.shape),
            "dtype": dtype(value),
            "device": device(value),
            "kept": elements.kept(value.shape),
            "cells": cells(value),
        }
    except Exception as error:  # sparse, quantized, on meta: there are many ways not to be a grid
        return {"names": one.names, "said": not_drawn(value, error)}


def in_words(value: object) -> str:
    """What is no tensor, in a few words."""
    if isinstance(value, Rest):
        return f"has {int(value)} more"
    if isinstance(value, PLAIN):
        return f"= {values.shown(value)}  ({type(value).__name__})"
    return f"is a {type(value).__name__}"


def not_drawn(value: Numbers, error: Exception) -> str:
    """Why these numbers cannot be read."""
    return f" shape {shape_text(value)}  {dtype(value)}  not drawn ({type(error).__name__})"


def shape_text(value: Numbers) -> str:
    """A shape as Python writes a tuple."""
    return str(tuple(value.shape))


def cells(value: Numbers) -> Any:
    """The texts of the elements that are kept."""
    if isinstance(value, np.ndarray):
        return elements.cells(np.asarray(value), dtype(value))
    if value.layout != torch.strided:
        raise TypeError("no dense tensor")
    return elements.cells(value.detach(), dtype(value))


def brief(value: torch.Tensor) -> str:
    """The elements on one line, or the shape."""
    dense = value.layout == torch.strided
    return elements.brief(value.detach(), dtype(value)) if dense else f"shape {shape_text(value)}"


def what(value: Numbers) -> str:
    """Which of the kinds of objects that hold numbers it is."""
    if isinstance(value, np.ndarray):
        return "ndarray"
    return "Parameter" if isinstance(value, torch.nn.Parameter) else "tensor"


def dtype(value: Numbers) -> str:
    """Name of the dtype, without the `torch.` in front."""
    return str(value.dtype).removeprefix("torch.")


def device(value: Numbers) -> str:
    """Type of the device, as koans compare it."""
    return value.device.type if isinstance(value, torch.Tensor) else "cpu"
