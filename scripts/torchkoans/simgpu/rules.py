"""CUDA's rules that PyTorch's own code does not apply to an outside backend, in its words.

The sources are named at each rule; none of them was compared with a run on real CUDA yet.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch._ops import OpOverload

from torchkoans.simgpu.door import NAME
from torchkoans.simgpu.memory import is_sim

_CPU = torch.device("cpu")
_INDEXING = {"index", "index_put_", "_index_put_impl_"}
_MIXES_SCALARS = {"fill_", "masked_fill", "masked_fill_", "where"} | _INDEXING

_Named = list[tuple[str, torch.Tensor]]  # (the argument's name in the op's schema, a tensor in it)


def check(op: OpOverload, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    """Raise the RuntimeError that CUDA raises for these arguments of ``op``, if any."""
    if kwargs.get("generator") is not None:
        check_generator(kwargs["generator"])
    if kwargs.get("device") is not None:
        check_index(kwargs["device"])
    tensors = list(_named_tensors(op, args, kwargs))
    if len({tensor.device for _, tensor in tensors}) < 2:
        return
    if name in _INDEXING:
        _check_indices(tensors)
        tensors = [(n, t) for n, t in tensors if n != "indices"]
    if name in _MIXES_SCALARS or torch.Tag.pointwise in op.tags:
        # A cpu tensor without axes counts as a number (aten/src/ATen/TensorIterator.cpp).
        tensors = [(n, t) for n, t in tensors if t.dim() or is_sim(t)]
    _check_same_device(name, tensors)


def check_index(device: torch.device) -> None:
    """Raise for any simgpu but the first.

    The class and the words are those of a wrong index on CUDA (c10/cuda/CUDAException.cpp and
    CUDAMiscFunctions.cpp): torch.AcceleratorError is a RuntimeError.
    """
    if device.type == NAME and device.index not in (None, 0):
        raise torch.AcceleratorError(
            f"{NAME} error: invalid device ordinal\n"
            "GPU device may be out of range, do you have enough GPUs?"
        )


def check_generator(generator: torch.Generator) -> None:
    """Raise for a generator of another device; there are none of this one."""
    raise RuntimeError(
        f"Expected a '{NAME}' device type for generator but found '{generator.device.type}'"
    )


def _named_tensors(
    op: OpOverload, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Iterator[tuple[str, torch.Tensor]]:
    positional = [
        (argument.name, x) for argument, x in zip(op._schema.arguments, args, strict=False)
    ]
    for name, value in [*positional, *kwargs.items()]:
        for x in value if isinstance(value, (list, tuple)) else [value]:
            if isinstance(x, torch.Tensor):
                yield name, x


def _check_indices(tensors: _Named) -> None:
    """Indices may come from the cpu (aten/src/ATen/native/TensorAdvancedIndexing.cpp)."""
    home = tensors[0][1].device
    if any(name == "indices" and t.device not in (_CPU, home) for name, t in tensors):
        raise RuntimeError(
            f"indices should be either on cpu or on the same device as the indexed tensor ({home})"
        )


def _check_same_device(name: str, tensors: _Named) -> None:
    """All tensors where the first is (aten/src/ATen/core/op_registration/adaption.cpp)."""
    for argument, tensor in tensors:
        first = tensors[0][1].device
        if tensor.device != first:
            raise RuntimeError(
                f"Expected all tensors to be on the same device, but got {argument} is on "
                f"{tensor.device}, different from other tensors on {first} "
                f"(when checking argument in method wrapper_{NAME}_{name})"
            )
