"""A mask says yes or no to every element.

A comparison of a tensor with a number asks each element on its own, and the answers are a tensor of
booleans: a mask. Between the brackets, `t[mask]` keeps what stands where the mask says True.

`mask[2:5] = True` writes into the positions that the index picks; more about that comes in the next
lesson.

Read more: https://docs.pytorch.org/docs/stable/generated/torch.where.html
"""

import pytest
import torch

from koans import __


def test_a_comparison_asks_every_element(device):
    """Give the dtype of the answers, and the answers as a list."""
    t = torch.tensor([40, 10, 30], device=device)
    mask = t > 20

    assert (mask.dtype, mask.tolist()) == __


def test_a_mask_picks_and_flattens(device):
    """The elements that are kept come out in the order in which one reads, row by row."""
    t = torch.tensor([[5, 1], [7, 8]], device=device)

    assert t[t > 4].tolist() == __


def test_a_mask_of_rows_picks_rows(device):
    """Each row is the number of a player and a score; write the mask for scores above 50."""
    t = torch.tensor([[1, 70], [2, 50], [3, 90]], device=device)

    keep = __
    assert (keep.dtype, t[keep].tolist()) == (torch.bool, [[1, 70], [3, 90]])


def test_masks_are_combined_by_signs_not_by_words(device):
    """Write the mask of what lies between 3 and 7, without the 3 and the 7."""
    t = torch.tensor([3, 4, 6, 7, 9], device=device)

    between = __
    answers = [False, True, True, False, False]
    assert (between.dtype, between.tolist()) == (torch.bool, answers)


def test_a_tilde_turns_a_mask_round(device):
    """Write the mask of all the elements that this mask leaves out."""
    t = torch.tensor([10, 20, 10], device=device)
    mask = torch.tensor([True, False, False], device=device)

    others = __
    assert (others.dtype, t[others].tolist()) == (torch.bool, [20, 10])


def test_ones_and_zeros_are_positions(device):
    """The index looks like a mask, but it was made of integers."""
    t = torch.tensor([10, 20, 30], device=device)
    index = torch.tensor([1, 0, 1], device=device)

    assert t[index].tolist() == __


def test_true_counts_as_one(device):
    """A rectangle is marked in a picture of 200 rows and 100 columns, then sum() adds it up."""
    mask = torch.zeros(200, 100, dtype=torch.bool, device=device)
    mask[100:150, 20:60] = True

    assert mask.sum().item() == __


def test_floats_are_no_index(device):
    """The mask was made with torch.zeros, and no dtype was named; now it is used as an index."""
    image = torch.ones(4, 4, device=device)
    mask = torch.zeros(4, 4, device=device)
    with pytest.raises(Exception) as caught:
        image[mask]

    assert caught.type is __


def test_where_chooses_for_each_element(device):
    """Two pictures of three pixels and a mask: at each place one of the two is taken."""
    mask = torch.tensor([True, False, True], device=device)
    day = torch.tensor([1, 2, 3], device=device)
    night = torch.tensor([10, 20, 30], device=device)

    assert torch.where(mask, day, night).tolist() == __
