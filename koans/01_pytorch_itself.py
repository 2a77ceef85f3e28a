"""PyTorch itself.

PyTorch keeps numbers in tensors and computes with them; Python says what to do and when. Each test
in this file is a koan: something true with a gap in it. Type what makes it true where the two
underscores stand, and save the file. A koan that asks for `device` runs once on each device: on
the CPU, and on a GPU or on `simgpu`, which stands in where there is none.

Read more: https://docs.pytorch.org/docs/stable/torch.html
"""

import numpy as np
import torch

from koans import __


def test_a_tensor_holds_numbers_and_can_add_them_up():
    """Put your answer in place of the two underscores and save: that is the whole game."""
    t = torch.tensor([10, 20, 30])

    assert t.sum() == __


def test_the_version_is_asked_for_not_remembered():
    """torch carries its version along as a string; a page that you read may be about another."""
    version = torch.__version__

    assert version.split(".")[0] == __


def test_a_float_is_printed_with_a_dot():
    """The printed form tells whole numbers and floats apart; here it is as short as it can be."""
    assert str(torch.tensor(5)) == "tensor(5)"
    assert str(torch.tensor([5, 7])) == "tensor([5, 7])"

    assert str(torch.tensor([1.0, 2.0, 3.0])) == __


def test_the_usual_dtype_is_not_printed_any_other_is():
    """A dtype is the kind of number that a tensor stores; for integers the usual one is int64."""
    assert str(torch.tensor([7], dtype=torch.int64)) == "tensor([7])"

    assert str(torch.tensor([7], dtype=torch.int32)) == __


def test_a_tensor_is_not_an_ndarray():
    """An ndarray, NumPy's array, is much like a tensor; which words mean nothing to it?"""
    t = torch.ones(2)
    words = ["shape", "dtype", "sum", "requires_grad"]
    assert all(hasattr(t, word) for word in words)
    assert not isinstance(t, np.ndarray)

    assert [word for word in words if not hasattr(np.ones(2), word)] == __


def test_dtype_and_device_are_chosen_at_creation(device):
    """Say what kind of number to store (a float of 16 bits, two bytes each) and where to put it."""
    t = torch.tensor([3, 4], dtype=__, device=device)
    assert t.dtype.is_floating_point
    assert t.element_size() == 2
    assert t.device.type == device.type


def test_an_if_is_decided_anew_at_each_call(device):
    """Python looks at the number in the tensor each time that the function runs."""

    def scale(x):
        return x * 2 if x > 0 else x * 3

    assert scale(torch.tensor(4.0, device=device)) == 8

    assert scale(torch.tensor(-4.0, device=device)) == __


def test_a_result_keeps_the_values_it_was_made_from(device):
    """Giving an old name to a new tensor changes nothing that was computed before."""
    t = torch.tensor([3, 4], device=device)
    doubled = t * 2
    t = torch.tensor([30, 40], device=device)

    assert doubled.tolist() == __


def test_an_annotation_is_a_note_not_a_check():
    """`t: torch.Tensor` tells the reader what is meant; Python hands over whatever comes."""

    def first_two(t: torch.Tensor):
        return t[:2]

    assert type(first_two([7, 8, 9])) is __
