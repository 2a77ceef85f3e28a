"""Doubling.

A koan that only CUDA can show, and a kata.
"""

import pytest
import torch

from koans import __, kata


def helper(x):
    # a plain comment stays
    return x + x


@pytest.mark.needs_cuda
def test_only_cuda_can_show_this():
    """A name of the GPU, which only a GPU has."""
    # trap: "cpu" -> that one has no name here
    assert torch.cuda.get_device_name(0) == __(torch.cuda.get_device_name())


@kata
def double(x: torch.Tensor) -> torch.Tensor:
    """Return twice `x`, of the same shape, dtype and device; 두 배 means double."""
    # not a loop
    return x * 2


# hint: what does x + x give?
# claims: X002
# wrong: return x -> that is x itself
# wrong: for _ in range(2):
#         x.add_(x)
#     return x -> the input was changed, and twice is not
#     four times
# also: return x + x -> in one expression
# also: y = x.clone()
#     for _ in range(1):
#         y += x
#     return y -> with a loop


def test_double_gives_twice_as_much(device):
    """Every element is doubled."""
    x = torch.tensor([1.5, -2.0], device=device)
    assert double(x).tolist() == helper(x).tolist()
