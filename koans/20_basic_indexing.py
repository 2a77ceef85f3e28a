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

    assert (t[1].shape, t[1, 2].shape) == __


def test_a_slice_keeps_its_dim(device):
    """Write the index that picks row 1 and leaves it a matrix."""
    t = torch.tensor([[0, 1, 2, 3], [10, 11, 12, 13], [20, 21, 22, 23]], device=device)

    assert t[__].tolist() == [[10, 11, 12, 13]]


def test_a_colon_alone_takes_all_of_a_dim(device):
    """There is an entry for each dim; a negative int counts from the end."""
    t = torch.tensor([[0, 1, 2, 3], [10, 11, 12, 13], [20, 21, 22, 23]], device=device)

    assert t[:, -1].tolist() == __


def test_two_slices_cut_out_a_block(device):
    """Write the index of the corner at the lower right, two rows high and two columns wide."""
    t = torch.tensor([[0, 1, 2, 3], [10, 11, 12, 13], [20, 21, 22, 23]], device=device)

    assert t[__].tolist() == [[12, 13], [22, 23]]


def test_a_second_pair_of_brackets_starts_again(device):
    """Two pairs of brackets are two steps, and the second one works on what the first one gave."""
    t = torch.tensor([[0, 1, 2, 3], [10, 11, 12, 13], [20, 21, 22, 23]], device=device)

    assert t[:][2].tolist() == __


def test_three_dots_stand_for_all_the_dims_before(device):
    """`...` is a colon for every dim that is not mentioned, however many those are."""
    t = torch.tensor([[[0, 1, 2], [10, 11, 12]], [[100, 101, 102], [110, 111, 112]]], device=device)

    assert t[..., -1].tolist() == __


def test_one_colon_is_not_three_dots(device):
    """The same block of numbers; in a matrix these two spellings would mean the same."""
    t = torch.tensor([[[0, 1, 2], [10, 11, 12]], [[100, 101, 102], [110, 111, 112]]], device=device)

    assert t[:, -1].tolist() == __


def test_none_makes_room_for_a_new_dim(device):
    """Between the brackets, None is a new dim of length 1; write the index for a column."""
    t = torch.tensor([7, 8, 9], device=device)

    assert t[__].tolist() == [[7], [8], [9]]


def test_a_slice_cannot_step_backwards(device):
    """In Python [::-1] reverses a list; a tensor does not do it."""
    t = torch.tensor([5, 6, 7], device=device)
    with pytest.raises(Exception) as caught:
        t[::-1]

    assert caught.type is __
