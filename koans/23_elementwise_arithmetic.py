"""Arithmetic goes element by element.

`+`, `-`, `*` and `/` pair up the elements of two tensors of one shape, place by place, and answer
with a third tensor of that shape. A Python number is paired with every element.

Read more: https://docs.pytorch.org/docs/stable/generated/torch.mul.html
"""

import pytest
import torch

from koans import __


def test_times_multiplies_place_by_place(device):
    """Two matrices of one shape, with Python's sign for "times" between them."""
    a = torch.tensor([[1, 2], [3, 4]], device=device)
    b = torch.tensor([[5, 6], [7, 8]], device=device)

    assert (a * b).tolist() == __


def test_plus_does_not_join_and_times_does_not_repeat(device):
    """A list treats both signs in its own way; a tensor treats them as its elements would."""
    data = [1.5, 4.0]
    t = torch.tensor(data, device=device)
    assert data + data == data * 2 == [1.5, 4.0, 1.5, 4.0]

    assert (t + t).tolist() == (t * 2).tolist() == __


def test_minus_finds_what_was_added(device):
    """Work out, from these two, what must be added to the first to get the second."""
    first = torch.tensor([[1, 2], [3, 4]], device=device)
    second = torch.tensor([[5, 4], [3, 0]], device=device)

    change = __
    assert (first + change).tolist() == second.tolist()


def test_a_slash_makes_floats_of_integers(device):
    """Whole numbers are divided by whole numbers, and only one pair leaves a remainder."""
    t = torch.tensor([7, 6], device=device) / torch.tensor([2, 3], device=device)

    assert (t.tolist(), t.dtype) == __


def test_two_slashes_round_one_way(device):
    """Floor division cuts the fraction off, and below zero it must choose a direction."""
    t = torch.tensor([7, -7], device=device)

    assert (t // 2).tolist() == __


def test_division_by_zero_is_answered(device):
    """Python raises an error for 3 / 0; floats have values for such cases, and tensors use them."""
    t = torch.tensor([3, -3, 0], device=device) / 0

    assert str(t.tolist()) == __


def test_a_result_is_lost_unless_a_name_keeps_it(device):
    """Three lines of arithmetic, and only some of their answers are kept."""
    t = torch.tensor([1.0, 2.0], device=device)
    t + 10
    t = t * 3
    t - 1

    assert t.tolist() == __


def test_lengths_have_to_match(device):
    """The third element of the longer vector finds no partner in the shorter one."""
    with pytest.raises(Exception) as caught:
        torch.tensor([1.0, 2.0, 3.0], device=device) + torch.tensor([4.0, 5.0], device=device)

    assert caught.type is __


def test_bools_cannot_be_subtracted(device):
    """Mark where two masks differ. With numbers you would subtract and look for what is not 0."""
    a = torch.tensor([True, True, False, False], device=device)
    b = torch.tensor([True, False, True, False], device=device)

    differ = __
    assert str(differ.tolist()) == "[False, True, True, False]"
