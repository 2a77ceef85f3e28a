"""The function torch.tensor and the class torch.Tensor.

`torch.tensor(data)`, with a small t, is a function: it builds a tensor from data. `torch.Tensor`,
with a capital T, is the class that every tensor belongs to. The class can be called as well, but
that is an older way with habits of its own.

Read more: https://docs.pytorch.org/docs/stable/tensors.html
"""

import numpy as np
import pytest
import torch

from koans import __


def test_whatever_goes_in_one_class_comes_out(device):
    """A number, a list and a NumPy array all become the same kind of object."""
    number = torch.tensor(5, device=device)
    row = torch.tensor([1, 2, 3], device=device)
    table = torch.tensor(np.ones((2, 2)), device=device)

    assert type(number) is type(row) is type(table) is __


def test_the_function_keeps_integers_as_integers(device):
    """torch.tensor looks at the values to find a dtype, unless you name one."""
    named = torch.tensor([3, 4], dtype=torch.float32, device=device)
    assert named.dtype == torch.float32

    assert torch.tensor([3, 4], device=device).dtype == __


def test_a_string_is_no_number():
    """torch.tensor reads no numbers out of strings, so the line under pytest.raises fails.

    pytest.raises catches the error, and caught.type is the class of that error.
    """
    with pytest.raises(Exception) as caught:
        torch.tensor("7")

    assert caught.type is __


def test_the_list_is_copied(device):
    """Once the tensor is made, it has nothing more to do with the list."""
    data = [[10, 20], [30, 40]]
    t = torch.tensor(data, device=device)
    data[0][0] = 99

    assert t.tolist() == __


def test_each_pair_of_brackets_adds_a_dim(device):
    """A dim is a level of brackets; the shape says how many entries each has, outermost first."""
    data = [10, 20, 30]

    assert torch.tensor([data], device=device).shape == __


def test_the_class_turns_every_number_into_a_float():
    """torch.Tensor, when it is called with a list, does not look at the kind of the values."""
    assert torch.Tensor([3, 4]).dtype == __


def test_the_class_takes_a_bare_integer_for_a_length():
    """Called with an integer instead of a list, the class makes room and fills nothing in."""
    room = torch.Tensor(5)

    assert room.shape == __


def test_the_older_classes_carry_a_dtype_in_their_name():
    """Old code has a class for each dtype, named in the words of the language C."""
    assert torch.FloatTensor([1, 2, 3]).dtype == torch.float32
    assert torch.IntTensor([1, 2, 3]).dtype == torch.int32

    assert torch.LongTensor([1, 2, 3]).dtype == __
