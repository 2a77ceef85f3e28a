"""One index for each dim.

In `t[1, 2:4]` the entries between the brackets belong to the dims, the outermost first. An int
picks one position, a slice `start:stop` picks a range and leaves the stop out, as in a Python list,
and a lone `:` takes the whole dim. A third number is a step: `0:4:2` picks 0 and 2.

Each number in these koans tells where it stands: 12 is in row 1, column 2, and 112 is in block 1,
row 1, column 2. All of them are counted from 0.

Read more: https://numpy.org/doc/stable/user/basics.indexing.html
"""

import pytest
import torch

from koans import __


def test_an_int_takes_its_dim_away(device):
    """One int leaves something of the table, two ints leave something else: give both shapes."""
    t = torch.tensor([[0, 1, 2, 3], [10, 11, 12, 13], [20, 21, 22, 23]], device=device)

    # claims: B044
    # hint: write down the shape of t, and cross out a length for each int
    # hint: which length is crossed out first?
    # trap: ((1, 4), (1, 1)) -> an int leaves no dim of length 1 behind; that dim is gone
    # trap: ((3,), ()) -> the first int belongs to dim 0: it picks a row, and a row is 4 long
    # trap: ((4,), (1,)) -> with both dims crossed out, nothing is left in the brackets
    # trap: ((4,), 12) -> that is the number which is left; the shape of a single number was asked
    # trap: ([4], []) -> the lengths are right, but shapes are tuples, and no list equals a tuple
    assert (t[1].shape, t[1, 2].shape) == __(((4,), ()))
    # why: count the ints, and you know how many dims are lost. With one int for each dim a scalar
    #     is left: a tensor still, and item() takes the number out.
    # picture: t


def test_a_slice_keeps_its_dim(device):
    """Write the index that picks row 1 and leaves it a matrix."""
    t = torch.tensor([[0, 1, 2, 3], [10, 11, 12, 13], [20, 21, 22, 23]], device=device)

    # claims: B044
    # hint: a slice may pick a range of one
    # hint: where does it start, and which is the first row that it leaves out?
    # trap: 1 -> the right row, but an int takes the dim away, and a pair of brackets with it
    # trap: 1:1 -> the stop is left out, so this range is empty
    # trap: 0:1 -> the right length, but it starts at row 0
    # trap: 1: -> without a stop it goes on to the last row
    # trap: :, 1:2 -> the second entry belongs to the columns
    assert t[__[1:2]].tolist() == [[10, 11, 12, 13]]
    # why: what comes next may insist on its dims: a batch of one picture is still a batch. t[1:2]
    #     is such a batch, t[1] is the picture. A slice past the end is cut short, not refused.


def test_a_colon_alone_takes_all_of_a_dim(device):
    """There is an entry for each dim; a negative int counts from the end."""
    t = torch.tensor([[0, 1, 2, 3], [10, 11, 12, 13], [20, 21, 22, 23]], device=device)

    # claims: B045 B046
    # hint: which of the two entries picks, and which dim does it belong to?
    # hint: how many ints are there, so how many dims are left?
    # trap: [20, 21, 22, 23] -> that is the last row, t[-1]; here the rows are all taken
    # trap: [[3], [13], [23]] -> the right numbers, but an int takes its dim away: nothing of the
    #     column's direction is left
    # trap: [2, 12, 22] -> counting from the end begins with -1, not with 0
    # trap: [0, 1, 2, 3] -> a colon is no 0; it takes every row
    # trap: (3, 13, 23) -> the right numbers, but tolist() gives a list
    assert t[:, -1].tolist() == __([3, 13, 23])
    # why: read it aloud: "all rows, last column". A column that was picked by an int is a vector
    #     like any other; write t[:, -1:] where it has to stay a column.
    # picture: t


def test_two_slices_cut_out_a_block(device):
    """Write the index of the corner at the lower right, two rows high and two columns wide."""
    t = torch.tensor([[0, 1, 2, 3], [10, 11, 12, 13], [20, 21, 22, 23]], device=device)

    # claims: B044 B045
    # hint: which rows are that, and which columns?
    # hint: a slice without a stop goes on to the end
    # trap: 1:2, 2:3 -> the stop is left out, so each of these is a range of one
    # trap: 2:, 1: -> rows come first, then columns
    # trap: 1: -> the right rows, each with all its columns
    # trap: 1:, :2 -> that is the corner at the lower left
    # trap: -1, -2: -> an int picks one row and takes the dim away; two rows were asked for
    assert t[__[1:, 2:]].tolist() == [[12, 13], [22, 23]]
    # why: each dim is cut on its own, and the block is where the cuts meet. That is how a region is
    #     cut out of a picture: image[top:bottom, left:right].
    # picture: t


def test_a_second_pair_of_brackets_starts_again(device):
    """Two pairs of brackets are two steps, and the second one works on what the first one gave."""
    t = torch.tensor([[0, 1, 2, 3], [10, 11, 12, 13], [20, 21, 22, 23]], device=device)

    # claims: B044 B045
    # hint: what is the shape of t[:]?
    # hint: so which dim is the first one when [2] comes?
    # trap: [2, 12, 22] -> that is t[:, 2]; the second pair of brackets knows nothing of the first
    # trap: [[20, 21, 22, 23]] -> the right row, but [2] is an int and takes its dim away
    # trap: [10, 11, 12, 13] -> rows are counted from 0
    # trap: 2 -> an int picks from dim 0, and there it finds a whole row
    assert t[:][2].tolist() == __([20, 21, 22, 23])
    # why: t[i][j] happens to equal t[i, j], since an int uses up its dim. A slice does not, so with
    #     slices put everything between one pair of brackets.


def test_three_dots_stand_for_all_the_dims_before(device):
    """`...` is a colon for every dim that is not mentioned, however many those are."""
    t = torch.tensor([[[0, 1, 2], [10, 11, 12]], [[100, 101, 102], [110, 111, 112]]], device=device)

    # claims: B047 B048
    # hint: the shape of t is (2, 2, 3); which of these lengths does -1 pick from?
    # hint: how many dims are left, so how many brackets open before the first number?
    # trap: [[10, 11, 12], [110, 111, 112]] -> that is the last row of each block, t[:, -1]
    # trap: [[100, 101, 102], [110, 111, 112]] -> that is the last block, t[-1]
    # trap: [2, 12, 102, 112] -> the right numbers, but the two dims in front are kept
    # trap: [112] -> the dots do not say "the last one"; they take everything in front
    assert t[..., -1].tolist() == __([[2, 12], [102, 112]])
    # why: with the dots you count dims from the end. A function that writes x[..., -1] serves one
    #     picture and a batch of them alike.
    # picture: t


def test_one_colon_is_not_three_dots(device):
    """The same block of numbers; in a matrix these two spellings would mean the same."""
    t = torch.tensor([[[0, 1, 2], [10, 11, 12]], [[100, 101, 102], [110, 111, 112]]], device=device)

    # claims: B048
    # hint: the colon takes dim 0; which dim does -1 belong to?
    # hint: what about dims that no entry mentions?
    # trap: [[2, 12], [102, 112]] -> that is t[..., -1]; a colon stands for one dim
    # trap: [[100, 101, 102], [110, 111, 112]] -> the colon takes both blocks; -1 comes after it
    # trap: [12, 112] -> dim 2 is not mentioned, so it is taken whole
    # trap: [110, 111, 112] -> that is t[-1, -1]
    assert t[:, -1].tolist() == __([[10, 11, 12], [110, 111, 112]])
    # why: entries are dealt out from the left, and the dims that get none are taken whole. Code
    #     that was tried on matrices only may pick from another dim once a batch comes in.
    # picture: t


def test_none_makes_room_for_a_new_dim(device):
    """Between the brackets, None is a new dim of length 1; write the index for a column."""
    t = torch.tensor([7, 8, 9], device=device)

    # claims: B097
    # hint: the shape is to become (3, 1); where does the new 1 stand?
    # hint: the old dim needs an entry as well
    # trap: None -> the new dim stands in front: this is a row, of shape (1, 3)
    # trap: None, : -> that says "new dim, then the old one"; a column has them the other way round
    # trap: : -> nothing is new here, this is a vector still
    # trap: :, 0 -> an int picks from a dim; t has no second dim to pick from
    # trap: :, None, None -> one new dim too many
    assert t[__[:, None]].tolist() == [[7], [8], [9]]
    # why: None takes no position from t, it puts a length 1 into the shape where it stands. t[None]
    #     makes a batch of one; unsqueeze() does the same as a method.


def test_a_slice_cannot_step_backwards(device):
    """In Python [::-1] reverses a list; a tensor does not do it."""
    t = torch.tensor([5, 6, 7], device=device)
    with pytest.raises(Exception) as caught:
        t[::-1]

    # claims: A051 B046
    # hint: what is wrong with the -1: its class, its place, or which number it is?
    # trap: IndexError -> no position was out of range
    # trap: RuntimeError -> this is found out before torch starts on anything
    # trap: TypeError -> a step is an int, and -1 is one
    # trap: None -> a list would be reversed, and so would a NumPy array
    assert caught.type is __(ValueError)
    # why: an int may be negative, start and stop may, but the step of a slice must be at least 1.
    #     t.flip(0) reverses dim 0, and makes a copy.
