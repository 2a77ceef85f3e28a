"""A dtype can be named, and a cast converts to another.

dtype= names the dtype when a tensor is made. Later there are casts: `t.to(torch.int32)` or
`t.type(torch.int32)` answers with a converted tensor, and so do the short forms, each named after
a dtype: `t.float()`, `t.double()`, `t.int()`, `t.long()`, `t.bool()`. The tensor that they are
called on keeps its dtype.

Read more: https://docs.pytorch.org/docs/stable/tensor_attributes.html
"""

import torch

from koans import __


def test_a_named_dtype_needs_no_guessing():
    """Left alone, these integers become int64, and mean(), the average, refuses integers."""
    t = torch.tensor([1, 2, 3], dtype=__)
    assert (t.mean().item(), str(t)) == (2.0, "tensor([1., 2., 3.])")


def test_short_names_are_second_names():
    """Some dtypes have a second name, from the language C; printed, they show the one with bits."""
    assert torch.tensor([2], dtype=torch.int).dtype is torch.int
    names = [str(dtype) for dtype in (torch.int, torch.float, torch.long)]

    assert names == __


def test_a_cast_leaves_the_old_tensor_as_it_was(device):
    """Two casts are asked of one tensor, and only one of the answers is kept."""
    a = torch.tensor([1, 2], device=device)
    a.float()
    b = a.double()

    assert (a.dtype, b.dtype) == __


def test_a_cast_to_integers_cuts_toward_zero(device):
    """What becomes of the part behind the point, above zero and below?"""
    t = torch.tensor([3.7, -3.7], device=device)

    assert str(t.type(torch.int32).tolist()) == __


def test_a_half_is_rounded_to_the_even_neighbour(device):
    """round() takes the nearest whole number; here two of them are equally near."""
    t = torch.tensor([1.5, 2.5, 3.5, 4.5], device=device)

    assert str(t.round().tolist()) == __


def test_type_with_empty_parentheses_is_a_question():
    """With a dtype in its parentheses type() is a cast; with none it tells what it has, as text."""
    t = torch.tensor([2.0])
    assert t.type() == "torch.FloatTensor"

    assert t.type(torch.int32).type() == __


def test_a_cast_to_the_same_dtype_copies_nothing(device):
    """A number is written into the result of each cast; which of the two arrives in t?"""
    t = torch.zeros(2, device=device)
    same = t.float()
    other = t.double()
    same[0] = 7
    other[1] = 8

    assert t.tolist() == __


def test_a_float_written_into_integers_is_cut(device):
    """t[0] = ... writes into the tensor, and the tensor holds integers."""
    t = torch.tensor([10, 20], device=device)
    t[0] = 3.9

    assert str(t.tolist()) == __


def test_anything_but_zero_is_true(device):
    """bool() asks each element one question."""
    t = torch.tensor([0.0, -1.0, 0.25, 2.0], device=device)

    assert str(t.bool().tolist()) == __
