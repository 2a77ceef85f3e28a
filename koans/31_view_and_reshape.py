"""A view reads the same numbers in another shape.

The numbers of a tensor lie in its storage in one long line. A tensor made from a list is read from
it row by row: the last dim runs fastest. `t.view(shape)` reads the same line by another shape, and
no number is copied. `t.reshape(shape)` answers with such a view where it can and with a copy where
it must.

`t.data_ptr()` is the place in memory where the first number of t lies. Two tensors that give the
same place begin at the same number in memory.

Read more: https://docs.pytorch.org/docs/stable/tensor_view.html
"""

import contextlib

import torch

from koans import __


def test_a_view_keeps_the_order_of_the_numbers(device):
    """Two rows of four are read again as four rows of two."""
    t = torch.tensor([[1, 2, 3, 4], [5, 6, 7, 8]], device=device)

    assert t.view(4, 2).tolist() == __


def test_one_length_may_be_left_to_torch(device):
    """A length of -1 stands for the one that fits."""
    t = torch.zeros(4, 3, 10, device=device)

    assert t.view(6, -1).shape == __


def test_no_element_is_dropped_or_made_up(device):
    """A line of eight numbers is asked for in six shapes, and view() raises where one won't fit."""
    t = torch.arange(8, device=device)
    fits = []
    for shape in [(3, 3), (2, 4), (7,), (-1, 3), (2, 2, 2), (8, 1)]:
        with contextlib.suppress(RuntimeError):
            t.view(shape)
            fits.append(shape)

    assert fits == __


def test_what_is_written_through_one_shape_shows_in_the_other(device):
    """One number is written to the tensor and one to its view."""
    t = torch.tensor([1, 2, 3, 4], device=device)
    v = t.view(2, 2)
    t[0] = 7
    v[1, 1] = 8

    assert (t.tolist(), v.tolist()) == __


def test_a_view_needs_no_memory_of_its_own(device):
    """Here are six tensors; count the different places where their first numbers lie."""
    t = torch.zeros(8, device=device)
    other = t.clone()
    tensors = [t, t.view(4, 2), t.view(2, -1), other, other.view(2, 2, 2), t + 1]

    assert len({x.data_ptr() for x in tensors}) == __


def test_clone_first_to_be_independent(device):
    """Make a two by two tensor of these numbers that the write to t does not reach."""
    t = torch.tensor([1, 2, 3, 4], device=device)

    safe = __
    t[0] = 9
    assert (safe.device, safe.tolist()) == (t.device, [[1, 2], [3, 4]])


def test_a_transpose_cannot_be_viewed_as_one_line(device):
    """Lay the transposed table out as one vector, row by row."""
    t = torch.tensor([[1, 2, 3], [4, 5, 6]], device=device).T

    row = __
    assert row.tolist() == [1, 4, 2, 5, 3, 6]


def test_reshape_copies_only_where_it_must(device):
    """Two vectors are made by reshape before one number is written."""
    t = torch.tensor([[1, 2], [3, 4]], device=device)
    straight = t.reshape(4)
    turned = t.T.reshape(4)
    t[0, 1] = 9

    assert (straight.tolist(), turned.tolist()) == __
