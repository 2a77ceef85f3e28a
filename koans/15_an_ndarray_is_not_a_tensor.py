"""An ndarray is not a tensor.

A layer of a network takes tensors and nothing else. Most arrays can become tensors and most tensors
can become arrays, but some have to be changed first, and some words mean one thing to NumPy and
another to torch.

A few things are used here before their lesson. `nn.Linear(2, 1)` is a layer: out of each row of two
numbers it makes one, with weights of dtype float32. A tensor with `requires_grad=True` has torch
record what is computed with it; `detach()` gives a tensor over the same memory that records
nothing. `accelerator` is a device that is not the CPU, a GPU for instance; `to(device)` and
`cpu()` give you a tensor that lives on the device named, or on the CPU.

Read more: https://docs.pytorch.org/docs/stable/generated/torch.Tensor.numpy.html
"""

import contextlib

import numpy as np
import pytest
import torch
from torch import nn

from koans import __


def test_a_layer_takes_no_array():
    """Shape and dtype are as the layer wants them, and a tensor over the same numbers passes."""
    layer = nn.Linear(2, 1)
    a = np.ones((5, 2), dtype=np.float32)
    assert layer(torch.from_numpy(a)).shape == (5, 1)
    with pytest.raises(Exception) as caught:
        layer(a)

    assert caught.type is __


def test_a_layer_is_strict_about_dtype_as_well(device):
    """The array is a tensor by now, and still the layer would refuse it; convert it on the way."""
    layer = nn.Linear(2, 1, device=device)
    x = torch.from_numpy(np.ones((5, 2))).to(device)

    y = layer(__)
    assert (y.shape, y.dtype) == ((5, 1), torch.float32)


def test_arrays_may_hold_what_no_tensor_can():
    """Which of these NumPy arrays can become a tensor? suppress() passes over a refusal."""
    crossed = []
    for kind in (object, bool, str, complex):
        with contextlib.suppress(TypeError):
            torch.from_numpy(np.zeros(2, dtype=kind))
            crossed.append(kind)

    assert crossed == __


def test_a_reversed_array_has_to_be_laid_out_anew():
    """NumPy reverses by stepping backwards through the same memory, and no tensor can do that."""
    a = np.array([10, 20, 30])[::-1]
    with pytest.raises(ValueError):
        torch.from_numpy(a)

    t = torch.from_numpy(__)
    assert t.tolist() == [30, 20, 10]


def test_an_array_lives_on_the_cpu(accelerator):
    """Make an array of this tensor; what is written into the array must not change the tensor."""
    t = torch.tensor([0.5, 1.5], device=accelerator)

    a = __
    a[0] = 9
    assert (type(a), a.dtype, a.tolist()) == (np.ndarray, np.float32, [9.0, 1.5])
    assert t.tolist() == [0.5, 1.5]


def test_a_tensor_that_records_has_to_be_detached():
    """What NumPy did with the numbers would be missing in torch's record, so torch refuses."""
    t = torch.tensor([0.5, 1.5], requires_grad=True)

    a = __
    assert (type(a), a.dtype, a.tolist()) == (np.ndarray, np.float32, [0.5, 1.5])


def test_repeat_repeats_something_else(device):
    """Both libraries have a repeat, and the one that you know is not the one that you get."""
    assert np.repeat([1, 2, 3], 2).tolist() == [1, 1, 2, 2, 3, 3]
    t = torch.tensor([1, 2, 3], device=device)

    assert t.repeat(2).tolist() == __


def test_std_does_not_divide_by_the_same_number(device):
    """std() is the root of the averaged squares of the distances from the mean.

    To average, NumPy divides by n, and torch by n - correction, which is 1 unless you name it.
    """
    t = torch.tensor([1.0, 2.0, 3.0, 6.0], device=device)

    spread = __
    assert type(spread) is torch.Tensor
    assert spread.item() == pytest.approx(np.std([1.0, 2.0, 3.0, 6.0]), rel=1e-4)
