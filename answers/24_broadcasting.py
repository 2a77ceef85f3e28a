"""Broadcasting stretches dims of length 1.

Two tensors of different shapes can still be paired element by element. torch writes the shapes
under each other, aligned at the right, and fills up the shorter one with 1s at the left. Two
lengths in one column go together if they are equal or if one of them is 1; a dim of length 1 is
then stretched: its numbers are used again and again.

Read more: https://docs.pytorch.org/docs/stable/notes/broadcasting.html
"""

import contextlib

import torch

from koans import __


def test_a_column_and_a_row_make_a_table(device):
    """A matrix with a single column meets a vector, and the two are added."""
    column = torch.tensor([[10], [20]], device=device)
    row = torch.tensor([1, 2, 3], device=device)

    # claims: B019 B023
    # hint: write (2, 1) above (3,), aligned at the right; what does each dim become?
    # hint: the first line of the column meets the whole row, and so does the second
    # trap: [[11, 21], [12, 22], [13, 23]] -> the right sums, but the table lies on its side: the
    #     column has two lines, not three
    # trap: [11, 22] -> that would pair them place by place; here each meets each
    # trap: [[10, 1, 2, 3], [20, 1, 2, 3]] -> nothing is joined, the elements are added
    # trap: [[11], [22]] -> the left side does not decide the shape; both are stretched
    # trap: [11, 12, 13, 21, 22, 23] -> these are all the sums; the result has two dims
    assert (column + row).tolist() == __([[11, 12, 13], [21, 22, 23]])
    # why: where one shape has a 1 the other one decides, and that may happen on both sides at once.
    #     A column and a row give a table in which each meets each.
    # picture: column, row


def test_shapes_are_compared_from_the_right(device):
    """Which of five shapes can be added to a tensor of shape (3, 4)?"""
    t = torch.zeros(3, 4, device=device)
    fits = []
    for shape in [(3,), (4,), (3, 1), (4, 3), (2, 3, 4)]:
        with contextlib.suppress(RuntimeError):
            t + torch.zeros(shape, device=device)
            fits.append(shape)

    # claims: B019
    # hint: write each of them below (3, 4), right-aligned, and look at each column
    # hint: where nothing stands, put a 1
    # trap: [(3,), (3, 1), (2, 3, 4)] -> (3,) meets the 4; shapes are aligned at their last dims
    # trap: [(3,), (4,), (3, 1), (2, 3, 4)] -> a 3 that stands somewhere in the shape is not enough:
    #     it must stand in the same column
    # trap: [(4,), (3, 1)] -> a shape may also have more dims than the other one
    # trap: [(4,), (3, 1), (4, 3), (2, 3, 4)] -> as many elements, but 4 stands below 3 and 3 below
    #     4
    # trap: [(4,), (2, 3, 4)] -> a length of 1 fits everything
    # trap: [] -> equal shapes are not required
    assert fits == __([(4,), (3, 1), (2, 3, 4)])
    # why: read shapes from the right, column by column: equal, or a 1, or nothing at all. A vector
    #     always meets the last dim.


def test_a_vector_must_stand_up_to_meet_the_rows(device):
    """Each row of scores has a bonus of its own; give the bonuses a shape that fits the rows."""
    scores = torch.tensor([[1, 2, 3], [4, 5, 6]], device=device)
    bonus = torch.tensor([10, 20], device=device)

    # claims: B023
    # hint: (2,) below (2, 3): the 2 stands in the wrong column; what must stand at its right?
    # hint: None as an index adds a dim of length 1
    # trap: bonus -> a vector meets the last dim, and that one is three long
    # trap: bonus[None] -> the new dim is at the left, where torch puts one anyway
    # trap: bonus[0] -> that gives both rows the first bonus
    # trap: bonus[:, None, None] -> one dim too many: each bonus would get a whole copy of scores
    # trap: bonus.expand(2, 3) -> expand() aligns at the right too, so the 2 still meets the 3
    total = scores + __(bonus[:, None])
    assert total.tolist() == [[11, 12, 13], [24, 25, 26]]
    # why: a number for each column may stay a vector, a number for each row has to become a column,
    #     of shape (rows, 1). The index [:, None] does that and copies nothing.
    # picture: scores, bonus, total


def test_a_column_minus_a_vector_is_a_square(device):
    """All predictions are exactly right, but they come as a column; abs() drops the signs."""
    prediction = torch.tensor([[1.0], [2.0], [3.0]], device=device)
    target = torch.tensor([1.0, 2.0, 3.0], device=device)
    gap = prediction - target

    # claims: B023
    # hint: (3, 1) and (3,), aligned at the right: what meets what?
    # hint: write down the whole table of differences, each meets each
    # trap: ((3,), 0.0) -> that is what was meant; but the 3 of target does not stand below the 3 of
    #     prediction
    # trap: ((3, 1), 0.0) -> that is what was meant; but target is no column
    # trap: ((3, 3), 0.0) -> the shape is right; only on the diagonal do equals meet
    # trap: ((9,), 8.0) -> nine differences, and they are laid out in rows
    # trap: ((3, 3), 4.0) -> the differences are there twice, once with each sign, and abs() keeps
    #     both
    assert (gap.shape, gap.abs().sum().item()) == __(((3, 3), 8.0))
    # why: no error warns you, yet most of these pairs were never meant. Before you compare
    #     predictions with targets, see that their shapes are the same.
    # picture: prediction, target, gap


def test_a_mean_for_each_row_must_stay_a_column(device):
    """x.mean(dim=1) is a vector with the mean of each row; subtract from each row its own mean."""
    x = torch.tensor([[1.0, 3.0], [10.0, 20.0]], device=device)

    # claims: B072
    # hint: the means are 2 and 15; must they be a row or a column to meet their rows?
    # hint: None would make it a column; mean() itself can leave a 1 in place of the dim that went
    # trap: x.mean(dim=1) -> no error, because the matrix is square: the mean of row 0 was
    #     subtracted from column 0
    # trap: x.mean(dim=0, keepdim=True) -> that is the mean of each column
    # trap: x.mean(dim=0) -> that is the mean of each column; dim names the dim that goes
    # trap: x.mean() -> one mean for all four numbers
    # trap: x.mean(dim=1)[None] -> that is a row; torch would add a dim there anyway
    centered = x - __(x.mean(dim=1, keepdim=True))
    assert centered.tolist() == [[-1.0, 1.0], [-5.0, 5.0]]
    # why: keepdim=True keeps a 1 where the dim was, so that the result lines up with what it came
    #     from. On square data its absence goes unnoticed.
    # picture: x, centered


def test_only_a_length_of_1_can_be_stretched(device):
    """expand() adds dims at the left and stretches; six shapes are asked of a vector of three."""
    t = torch.tensor([1, 2, 3], device=device)
    given = []
    for shape in [(6,), (2, 3), (3, 1), (3, 3), (3, 2), (1, 3)]:
        with contextlib.suppress(RuntimeError):
            t.expand(shape)
            given.append(shape)

    # claims: B089
    # hint: write (3,) under each shape, aligned at the right; only a 1, or nothing, may become
    #     something else
    # trap: [(6,), (2, 3), (3, 3), (1, 3)] -> 3 goes into 6, but a view can't start over in the
    #     middle of a dim
    # trap: [(2, 3), (3, 1), (3, 3), (1, 3)] -> aligned at the right, the 3 would have to shrink to
    #     1
    # trap: [(2, 3), (1, 3)] -> (3, 3) is three rows of the same three numbers
    # trap: [(3, 1), (3, 3), (3, 2)] -> a vector meets the last dim, not the first
    # trap: [(6,), (3, 1), (3, 2)] -> these are the ones that are refused
    assert given == __([(2, 3), (3, 3), (1, 3)])
    # why: a step of 0 shows one number again and again, but no step goes back to the start. Where
    #     that is needed, repeat() writes out a copy.


def test_repeat_repeats_the_whole(device):
    """repeat() is told, for each dim of its result, how often the tensor shall stand there."""
    t = torch.tensor([5, 6], device=device)

    # claims: A050
    # hint: as with broadcasting, a vector meets the last number
    # hint: how many rows, and what is in a row?
    # trap: [[5, 5, 6, 6], [5, 5, 6, 6], [5, 5, 6, 6]] -> numpy's repeat() doubles each element;
    #     this one lays the whole tensor side by side
    # trap: [[5, 6, 5, 6, 5, 6], [5, 6, 5, 6, 5, 6]] -> the first number counts rows, as in a shape
    # trap: [[5, 6], [5, 6], [5, 6]] -> that is of shape (3, 2), but 3 and 2 say how often, not how
    #     long
    # trap: [5, 6, 5, 6, 5, 6, 5, 6, 5, 6, 5, 6] -> two numbers make two dims
    assert t.repeat(3, 2).tolist() == __([[5, 6, 5, 6], [5, 6, 5, 6], [5, 6, 5, 6]])
    # why: torch and numpy share many names, and this one means different things: torch's repeat()
    #     is numpy's tile(), and numpy's repeat() is called repeat_interleave() here.


def test_expand_stores_nothing_more_and_repeat_does(device):
    """untyped_storage().nbytes() counts the bytes in memory; one element here takes four."""
    t = torch.ones(3, 1, device=device)
    looks = t.expand(3, 4)
    copies = t.repeat(1, 4)
    assert looks.shape == copies.shape == (3, 4)

    # claims: A050 B089
    # hint: how many numbers must be stored, if each of them may be read four times?
    # hint: the shapes are equal; think of what was made for them
    # trap: (48, 48) -> twelve elements can be read from fewer numbers, again and again
    # trap: (12, 12) -> repeat() writes its result out in full
    # trap: (3, 12) -> these are numbers; each takes four bytes
    # trap: (48, 12) -> one of them only looks, but it is the other one
    # trap: (12, 60) -> t is left where it is and is no part of the result
    assert tuple(x.untyped_storage().nbytes() for x in (looks, copies)) == __((12, 48))
    # why: expand() gives a view: a stretched dim is a step of 0 through the same storage.
    #     Broadcasting does the same, so it needs no memory for what it stretches.
    # picture: storage of t, looks, copies


def test_a_comparison_broadcasts_as_well(device):
    """Two labels are compared with three classes; int() makes 1 of True and 0 of False."""
    labels = torch.tensor([2, 0], device=device)
    classes = torch.arange(3, device=device)
    table = labels[:, None] == classes

    # claims: B023
    # hint: what is the shape of the table?
    # hint: a row for each label; in which place does it find itself among 0, 1, 2?
    # trap: [[0, 1], [0, 0], [1, 0]] -> there is a row for each label, not for each class
    # trap: [[1, 0, 0], [0, 0, 1]] -> the rows come in the order of the labels
    # trap: [[0, 1, 0], [1, 0, 0]] -> classes are counted from 0
    # trap: [0, 0] -> that pairs them place by place; here each meets each
    # trap: [2, 0] -> these are the labels; a comparison answers with True and False
    assert table.int().tolist() == __([[0, 0, 1], [1, 0, 0]])
    # why: all operations that go element by element broadcast: +, ==, &, torch.where and more. A
    #     table like this one, with a single 1 in each row, is called one-hot.
    # picture: labels, classes, table
