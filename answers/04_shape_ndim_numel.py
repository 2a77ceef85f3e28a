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

    # claims: A067 A087 B025
    # hint: how many lists are in the outer list, and how many numbers in each of them?
    # trap: (3, 2) -> that has the columns first; count the outer list, the rows, before what is in
    #     a row
    # trap: 6 -> that many numbers there are, but a shape has one length for each dim
    # trap: (6,) -> a single row of six would have one pair of brackets
    # trap: [2, 3] -> the lengths are right, but a shape is a tuple, and no list equals a tuple
    assert t.shape == __((2, 3))
    # why: the first length belongs to the outermost brackets, the last one to the innermost. For a
    #     matrix that means rows, then columns.
    # picture: t


def test_size_is_a_method_and_shape_is_not(device):
    """Two ways to the same lengths; the method can be asked for one dim only."""
    t = torch.zeros(3, 4, device=device)
    assert t.size() == t.shape

    # claims: A087
    # hint: dims are counted as Python counts entries of a list
    # trap: 4 -> that is dim 1; counting starts at the outermost dim, with 0
    # trap: (3, 4) -> size() gives them all, but here it was asked for one dim
    # trap: (3,) -> asked for one dim, size() answers with a plain int, not with a tuple
    # trap: 12 -> this is how many numbers there are in all dims together
    assert t.size(0) == __(3)
    # why: t.size(0) and t.shape[0] are the same int. Mind the parentheses: without them, `t.size`
    #     is the method itself and equals no shape.
    # picture: t


def test_ndim_counts_dims_and_not_what_is_in_them(device):
    """Write data of the shape (2, 2, 2), any numbers; three ways of counting dims agree on it."""
    # claims: A014 A090 B032 B034
    # hint: how many brackets have to open before the first number?
    # hint: a list of two tables, each of two rows, each row of two numbers
    # trap: [2, 2, 2] -> as data these are three numbers in one dim; the shape is the three lengths
    #     of the dims
    # trap: [[1, 2], [3, 4]] -> this is one table; a list of two such tables is wanted
    # trap: [[[7]]] -> the three dims are there, but each of them has the length 1
    # trap: [[1, 2], [3, 4], [5, 6]] -> three rows of two, with two brackets in front: two dims
    data = __([[[1, 2], [3, 4]], [[5, 6], [7, 8]]])
    t = torch.tensor(data, device=device)
    assert t.shape == (2, 2, 2)
    assert t.ndim == t.dim() == len(t.shape) == 3
    # why: the brackets that open before the first number are the dims. From three dims on there is
    #     no special name any more: people say tensor, which is what torch calls all of them.
    # picture: t


def test_numel_counts_every_number(device):
    """The number of elements can be worked out from the shape alone."""
    t = torch.zeros(2, 2, 3, device=device)

    # claims: A087
    # hint: think of two tables, each with two rows of three
    # trap: 7 -> lengths of dims are multiplied, as the sides of a box are, not added
    # trap: 3 -> that counts the dims
    # trap: (2, 2, 3) -> this is the shape; numel() is one number
    # trap: 0 -> all the numbers are zeros, but zeros are numbers, and they are counted
    assert t.numel() == __(12)
    # why: numel() is the product of the lengths. A tensor can take another shape over the same
    #     numbers only if that product stays the same.
    # picture: t


def test_len_sees_the_first_dim_only(device):
    """len() treats a tensor as Python treats a list of lists."""
    t = torch.zeros(6, 4, device=device)

    # claims: A087
    # hint: what is len([[0, 0], [0, 0], [0, 0]])?
    # trap: 24 -> numel() would say so; len() does not look inside the rows
    # trap: 2 -> this is len(t.shape), the number of dims
    # trap: 4 -> that is the length of a row; len() counts the rows
    # trap: (6, 4) -> this is the shape; len() is one number
    assert len(t) == __(6)
    # why: len(t), t.size(0) and a loop over t all speak of dim 0. For a batch of pictures that is
    #     the number of pictures.
    # picture: t


def test_a_vector_is_neither_a_row_nor_a_column(device):
    """The same three numbers, with brackets placed in three ways."""
    vector = torch.tensor([1.0, 2.0, 3.0], device=device)
    row = torch.tensor([[1.0, 2.0, 3.0]], device=device)
    column = torch.tensor([[1.0], [2.0], [3.0]], device=device)

    # claims: A066 B018
    # hint: for each: how many brackets open before the first number?
    # hint: then count, the outer list first
    # trap: ((1, 3), (1, 3), (3, 1)) -> the vector has one pair of brackets, so one length
    # trap: ((3,), (3, 1), (1, 3)) -> count the outer list first: the row is one list of three
    # trap: ((3), (1, 3), (3, 1)) -> 3 and (3) are both the number; the comma in (3,) makes the
    #     tuple
    # trap: ((3,), (3,), (3,)) -> the second pair of brackets adds a dim
    # trap: ((1,), (2,), (2,)) -> that counts dims; a shape tells how long they are
    # trap: [(3,), (1, 3), (3, 1)] -> the shapes are right, but on the left stands a tuple, in round
    #     brackets
    assert (vector.shape, row.shape, column.shape) == __(((3,), (1, 3), (3, 1)))
    # why: a vector has one dim, and one dim has no direction. Whether it is to act as a row or as a
    #     column is settled only when it meets a matrix.
    # picture: vector, row, column


def test_an_empty_vector_is_a_vector(device):
    """A dim may be there although nothing lies along it."""
    t = torch.tensor([], device=device)

    # claims: B016
    # hint: how many pairs of brackets, and how many numbers in them?
    # trap: () -> an empty shape belongs to a bare number, and here are brackets
    # trap: (1,) -> a vector of one holds one number; a vector may also hold fewer
    # trap: None -> every tensor has a shape, an empty tensor too
    # trap: (0) -> 0 and (0) are both the number; the comma in (0,) makes the tuple
    assert t.shape == __((0,))
    # why: any length may be 0. Such tensors turn up when a search finds nothing, and code that
    #     expects at least one element then meets them.
    # picture: t


def test_rows_of_different_length_are_refused():
    """A shape has one length for each dim, so all the rows must agree on it."""
    with pytest.raises(Exception) as caught:
        torch.tensor([[1, 2], [3]])

    # claims: A067
    # hint: a list of lists has the right type; what is wrong is in it
    # trap: RuntimeError -> torch raises many of these, but Python has a class of its own for a
    #     right type with an impossible content
    # trap: TypeError -> the types are all fine, lists of ints; it is their lengths that do not fit
    # trap: IndexError -> nothing was looked up by an index
    # trap: None -> no gap is filled: torch can't know what should stand beside the 3
    assert caught.type is __(ValueError)
    # why: a tensor is a full box. Data of unequal lengths has to be padded or cut to one length
    #     before it can become a tensor.
