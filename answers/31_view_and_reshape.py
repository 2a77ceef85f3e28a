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

    # claims: B087 B088 B090
    # hint: write the numbers in one line, as they are read, and cut the line into pieces of two
    # trap: [[1, 5], [2, 6], [3, 7], [4, 8]] -> that is the transpose; view() turns nothing
    # trap: [[1, 2], [5, 6], [3, 4], [7, 8]] -> the first row is read to its end before the second
    #     begins
    # trap: [[1, 3, 5, 7], [2, 4, 6, 8]] -> these are two rows of four; the first length counts the
    #     rows
    # trap: [[1, 2, 3, 4], [5, 6, 7, 8]] -> these are the numbers in the old shape
    # trap: [1, 2, 3, 4, 5, 6, 7, 8] -> that is the line in memory; (4, 2) has two dims
    assert t.view(4, 2).tolist() == __([[1, 2], [3, 4], [5, 6], [7, 8]])
    # why: read all numbers row by row, then fill the new shape row by row. view() keeps the order
    #     of the numbers; other views, .T for one, change it.
    # picture: t


def test_one_length_may_be_left_to_torch(device):
    """A length of -1 stands for the one that fits."""
    t = torch.zeros(4, 3, 10, device=device)

    # claims: B087
    # hint: how many elements are there, and how many rows are asked for?
    # trap: (6, 10) -> as an index -1 means the last, but here no index is asked for
    # trap: (6, 3, 10) -> -1 is one length; it does not stand for all dims that are not named
    # trap: (6, 30) -> 30 would be right if there were 4 rows as before
    # trap: (6, -1) -> -1 is the question; in the shape stands what came out
    # trap: [6, 20] -> the lengths are right, but a shape is a tuple, and no list equals a tuple
    # trap: (6, 0) -> six empty rows hold nothing, and t has 120 elements
    assert t.view(6, -1).shape == __((6, 20))
    # why: the lengths of a shape, multiplied, give the number of elements. If one of them is not
    #     known, a division finds it, so -1 may stand once in a shape.


def test_no_element_is_dropped_or_made_up(device):
    """A line of eight numbers is asked for in six shapes, and view() raises where one won't fit."""
    t = torch.arange(8, device=device)
    fits = []
    for shape in [(3, 3), (2, 4), (7,), (-1, 3), (2, 2, 2), (8, 1)]:
        with contextlib.suppress(RuntimeError):
            t.view(shape)
            fits.append(shape)

    # claims: B087
    # hint: multiply the lengths of each shape
    # hint: which length would -1 have to stand for?
    # trap: [(2, 4), (-1, 3), (2, 2, 2), (8, 1)] -> 8 divided by 3 leaves a remainder, so no length
    #     fits for the -1
    # trap: [(2, 4), (7,), (2, 2, 2), (8, 1)] -> no number is dropped
    # trap: [(3, 3), (2, 4), (2, 2, 2), (8, 1)] -> no ninth number is made up
    # trap: [(2, 4), (2, 2, 2)] -> a length of 1 adds a dim and needs no number
    # trap: [(2, 4), (8, 1)] -> a shape may have as many dims as you like
    # trap: [(3, 3), (7,), (-1, 3)] -> these are the ones that are refused
    assert fits == __([(2, 4), (2, 2, 2), (8, 1)])
    # why: view and reshape keep the number of elements. When one of them refuses, multiply the
    #     lengths on both sides and compare.


def test_what_is_written_through_one_shape_shows_in_the_other(device):
    """One number is written to the tensor and one to its view."""
    t = torch.tensor([1, 2, 3, 4], device=device)
    v = t.view(2, 2)
    t[0] = 7
    v[1, 1] = 8

    # claims: B089 B091
    # hint: how many times do the four numbers lie in memory?
    # trap: ([7, 2, 3, 4], [[1, 2], [3, 8]]) -> each would have its own numbers then, but there is
    #     one storage for both
    # trap: ([7, 2, 3, 4], [[7, 2], [3, 8]]) -> it holds in both directions: what v writes, t reads
    # trap: ([1, 2, 3, 8], [[1, 2], [3, 8]]) -> it holds in both directions: what t writes, v reads
    # trap: ([7, 2, 3, 8], [7, 2, 3, 8]) -> the numbers are right; v is read in two dims
    # trap: [[7, 2, 3, 8], [[7, 2], [3, 8]]] -> the numbers are right, but on the left stands a
    #     tuple, in round brackets
    assert (t.tolist(), v.tolist()) == __(([7, 2, 3, 8], [[7, 2], [3, 8]]))
    # why: a view is the same storage under another shape. It works in both directions: what either
    #     of the two writes, both show.
    # picture: storage of t, v


def test_a_view_needs_no_memory_of_its_own(device):
    """Here are six tensors; count the different places where their first numbers lie."""
    t = torch.zeros(8, device=device)
    other = t.clone()
    tensors = [t, t.view(4, 2), t.view(2, -1), other, other.view(2, 2, 2), t + 1]

    # claims: B089
    # hint: which of these calls lays numbers down, and which only reads them?
    # trap: 6 -> a view is no second set of numbers, only a second shape
    # trap: 1 -> clone() and + make new numbers, whatever these numbers are
    # trap: 4 -> a view of a clone lies where the clone lies
    # trap: 5 -> two shapes of the same numbers are one place
    assert len({x.data_ptr() for x in tensors}) == __(3)
    # why: a view takes a small, fixed amount of memory, however large the tensor. Compare
    #     data_ptr() to find out whether two tensors begin at the same number.
    # picture: storage of tensors


def test_clone_first_to_be_independent(device):
    """Make a two by two tensor of these numbers that the write to t does not reach."""
    t = torch.tensor([1, 2, 3, 4], device=device)

    # claims: B092
    # hint: one method copies always, another gives the shape
    # trap: t.view(2, 2) -> the shape is right, but its numbers are those of t
    # trap: t.reshape(2, 2) -> reshape copies only where it must, and here a view was possible
    # trap: t.clone() -> the numbers are its own, but they are still in one line
    # trap: t[:].view(2, 2) -> a slice of a list is a copy, a slice of a tensor is a view
    # trap: torch.zeros(2, 2) -> the shape is right and the numbers are gone
    safe = __(t.clone().view(2, 2))
    t[0] = 9
    assert (safe.device, safe.tolist()) == (t.device, [[1, 2], [3, 4]])
    # why: a change of shape promises no copy. If you want to write to the result and keep the
    #     source, or the other way round, say so with clone().
    # picture: storage of t, safe


def test_a_transpose_cannot_be_viewed_as_one_line(device):
    """Lay the transposed table out as one vector, row by row."""
    t = torch.tensor([[1, 2, 3], [4, 5, 6]], device=device).T

    # claims: B093 B096
    # hint: in the storage they lie as 1 2 3 4 5 6; the vector needs another order
    # hint: which of the two methods of this lesson may copy?
    # trap: t.view(6) -> a view of one dim goes through the storage in even steps, and no even
    #     step leads from 1 to 4 and on to 2
    # trap: t.T.view(6) -> transposed back, the rows are those of the old table
    # trap: t.reshape(1, 6) -> this is a table of one row
    # trap: t.reshape(3, 2) -> t has this shape already
    # trap: t[0] -> this is the first row
    row = __(t.reshape(6))
    assert row.tolist() == [1, 4, 2, 5, 3, 6]
    # why: a transpose is a view that reads its storage in leaps. view refuses what would need
    #     numbers to move; reshape moves them, into a copy.
    # picture: storage of t, row


def test_reshape_copies_only_where_it_must(device):
    """Two vectors are made by reshape before one number is written."""
    t = torch.tensor([[1, 2], [3, 4]], device=device)
    straight = t.reshape(4)
    turned = t.T.reshape(4)
    t[0, 1] = 9

    # claims: B093 B096
    # hint: which of the two could view() have made as well?
    # trap: ([1, 2, 3, 4], [1, 3, 2, 4]) -> "reshape copies" is only half of it: where a view is
    #     possible, it is a view
    # trap: ([1, 9, 3, 4], [1, 3, 9, 4]) -> the order 1 3 2 4 is not in the storage of t, so turned
    #     got numbers of its own
    # trap: ([1, 2, 3, 4], [1, 3, 9, 4]) -> you have them the wrong way round
    # trap: [[1, 9, 3, 4], [1, 3, 2, 4]] -> the numbers are right, but on the left stands a tuple,
    #     in round brackets
    # trap: ([1, 9, 3, 4], [1, 2, 3, 4]) -> the second was transposed before it was laid out
    assert (straight.tolist(), turned.tolist()) == __(([1, 9, 3, 4], [1, 3, 2, 4]))
    # why: whether reshape shares depends on how its source lies in memory, so do not write to what
    #     it gives. view shares or refuses, clone copies: with them it is certain.
    # picture: storage of t, straight, turned
