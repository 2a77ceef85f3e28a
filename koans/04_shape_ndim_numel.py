"""A shape is read from the outside in.

The shape lists the length of each dim, and the outermost brackets stand first. ndim, numel() and
len() each tell a part of it. `torch.zeros(3, 4)` makes a tensor of shape (3, 4) full of zeros,
which is handy where the numbers themselves do not matter.

Read more: https://docs.pytorch.org/docs/stable/generated/torch.Tensor.size.html
"""

import pytest
import torch

from koans import __


def test_the_outermost_brackets_come_first(device):
    """Count the entries of the outer list, then the entries of a list inside it."""
    t = torch.tensor([[1, 2, 3], [4, 5, 6]], device=device)

    assert t.shape == __


def test_size_is_a_method_and_shape_is_not(device):
    """Two ways to the same lengths; the method can be asked for one dim only."""
    t = torch.zeros(3, 4, device=device)
    assert t.size() == t.shape

    assert t.size(0) == __


def test_ndim_counts_dims_and_not_what_is_in_them(device):
    """Write data of the shape (2, 2, 2), any numbers; three ways of counting dims agree on it."""
    data = __
    t = torch.tensor(data, device=device)
    assert t.shape == (2, 2, 2)
    assert t.ndim == t.dim() == len(t.shape) == 3


def test_numel_counts_every_number(device):
    """The number of elements can be worked out from the shape alone."""
    t = torch.zeros(2, 2, 3, device=device)

    assert t.numel() == __


def test_len_sees_the_first_dim_only(device):
    """len() treats a tensor as Python treats a list of lists."""
    t = torch.zeros(6, 4, device=device)

    assert len(t) == __


def test_a_vector_is_neither_a_row_nor_a_column(device):
    """The same three numbers, with brackets placed in three ways."""
    vector = torch.tensor([1.0, 2.0, 3.0], device=device)
    row = torch.tensor([[1.0, 2.0, 3.0]], device=device)
    column = torch.tensor([[1.0], [2.0], [3.0]], device=device)

    assert (vector.shape, row.shape, column.shape) == __


def test_an_empty_vector_is_a_vector(device):
    """A dim may be there although nothing lies along it."""
    t = torch.tensor([], device=device)

    assert t.shape == __


def test_rows_of_different_length_are_refused():
    """A shape has one length for each dim, so all the rows must agree on it."""
    with pytest.raises(Exception) as caught:
        torch.tensor([[1, 2], [3]])

    assert caught.type is __
