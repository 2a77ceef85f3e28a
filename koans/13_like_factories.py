"""Made in the likeness of another tensor.

zeros_like(t), ones_like(t), full_like(t, value) and rand_like(t) (random numbers from 0 up to 1)
make a tensor for which t is the pattern: they look at what kind of tensor t is, and never at its
numbers.

A koan with `accelerator` in its brackets runs on a device that is not the CPU: a GPU, or a
simulated one named simgpu where there is none. accelerator.type is its name as a word, as "cpu" is
that of the CPU. The chapter on devices comes soon.

Read more: https://docs.pytorch.org/docs/stable/generated/torch.zeros_like.html
"""

import pytest
import torch

from koans import __


def test_the_likeness_is_in_shape_and_dtype(device):
    """The pattern is a matrix of small integers."""
    pattern = torch.tensor([[7, 8, 9], [4, 5, 6]], dtype=torch.int32, device=device)
    t = torch.zeros_like(pattern)

    assert (t.shape, t.dtype) == __


def test_a_shape_is_no_pattern(device):
    """zeros() takes a shape, and here zeros_like() is given one."""
    shape = (2, 3)
    assert torch.zeros(shape, device=device).shape == shape
    with pytest.raises(Exception) as caught:
        torch.zeros_like(shape, device=device)

    assert caught.type is __


def test_the_likeness_is_in_the_device_too(accelerator):
    """Two tensors of ones are made for a pattern that is not on the CPU."""
    pattern = torch.zeros(2, 3, device=accelerator)
    sized = torch.ones(pattern.shape)
    like = torch.ones_like(pattern)

    assert [sized.device.type, like.device.type] == __


def test_what_is_taken_over_and_what_is_not(device):
    """With requires_grad=True torch records all that is computed with w, which costs memory."""
    w = torch.ones(2, 3, dtype=torch.float64, device=device, requires_grad=True)
    t = torch.zeros_like(w)
    names = ["shape", "dtype", "device", "requires_grad"]
    same = [name for name in names if getattr(t, name) == getattr(w, name)]

    assert same == __


def test_a_likeness_is_a_snapshot(device):
    """The same line runs twice, and in between the name pattern gets a tensor of another dtype."""
    pattern = torch.ones(2, device=device)
    before = torch.zeros_like(pattern)
    pattern = pattern.double()
    after = torch.zeros_like(pattern)

    assert (before.dtype, after.dtype) == __


def test_the_dtype_of_the_pattern_rules_the_value(device):
    """full() would look at 2.9 and make floats; here there is a pattern, and it holds integers."""
    pattern = torch.tensor([5, 6, 7], device=device)

    assert torch.full_like(pattern, 2.9).tolist() == __


def test_some_dtypes_have_no_room_for_chance(device):
    """rand_like() keeps the dtype of its pattern, so not every pattern will do."""
    refused = []
    for dtype in [torch.int64, torch.float32, torch.bool, torch.float64]:
        pattern = torch.zeros(2, dtype=dtype, device=device)
        try:
            torch.rand_like(pattern)
        except RuntimeError:
            refused.append(dtype)

    assert refused == __


def test_a_dtype_may_be_chosen_all_the_same(device):
    """Draw a random float between 0 and 1 for each of the counts, on the device where they are."""
    counts = torch.tensor([20, 20, 20], device=device)

    noise = __
    assert (noise.shape, noise.device) == (counts.shape, counts.device)
    distinct = {n for n in noise.tolist() if 0 <= n < 1}
    assert noise.is_floating_point() and len(distinct) == 3
