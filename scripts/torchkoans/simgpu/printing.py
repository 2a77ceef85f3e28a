"""Printing a simgpu tensor without a hundred small ops that each pass through the kernel.

PyTorch formats a tensor's numbers by ops on the tensor itself. Here they are formatted from the
CPU tensor on the same memory, in PyTorch's own code, so that not a letter is another.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import torch
from torch import _tensor_str as printing

from torchkoans.simgpu.memory import as_cpu, is_sim

_PLAIN = (torch.Tensor, torch.nn.Parameter)  # another class may have its own way to be printed


def print_from_memory() -> None:
    """Let PyTorch format the numbers of simgpu tensors on the CPU, from now on.

    What stands behind the numbers (dtype, device, grad_fn) it still asks of the tensor itself.
    """
    usual: Callable[[torch.Tensor, int], str] | None = getattr(printing, "_tensor_str", None)
    if usual is None:  # another torch may call it otherwise, and then it is only slow
        return

    @functools.wraps(usual)
    def numbers(tensor: torch.Tensor, indent: int) -> str:
        return usual(_near(tensor), indent)

    module: Any = printing
    module._tensor_str = numbers


def _near(tensor: torch.Tensor) -> torch.Tensor:
    """The tensor as the CPU sees it, where it has a block of memory to look at."""
    plain = type(tensor) in _PLAIN and is_sim(tensor) and not tensor._is_zerotensor()
    return as_cpu(tensor) if plain else tensor
