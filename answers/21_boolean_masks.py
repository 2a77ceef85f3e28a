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

    # claims: A075 A100
    # hint: one question for each element; what are the possible answers?
    # hint: a dtype is an object of torch's
    # trap: (torch.bool, True) -> each element is asked, and each answers for itself
    # trap: (torch.int64, [40, 30]) -> these are the elements that say yes; a mask holds the answers
    # trap: (torch.int64, [0, 2]) -> these are the positions of those who say yes; a mask has an
    #     answer for everybody
    # trap: (torch.int64, [1, 0, 1]) -> yes and no have a dtype of their own
    # trap: (bool, [True, False, True]) -> that is Python's class; a tensor has a dtype of torch's
    assert (mask.dtype, mask.tolist()) == __((torch.bool, [True, False, True]))
    # why: a mask has the shape of what was compared: one answer at the place of each element. That
    #     is what lets it pick from t, or from anything else of this shape.
    # picture: t, mask


def test_a_mask_picks_and_flattens(device):
    """The elements that are kept come out in the order in which one reads, row by row."""
    t = torch.tensor([[5, 1], [7, 8]], device=device)

    # claims: A100 A101
    # hint: one row would keep one number, the other two; can a tensor have such rows?
    # trap: [[5], [7, 8]] -> rows of different lengths make no tensor
    # trap: [[5, 0], [7, 8]] -> nothing is put in the place of what was left out; it is gone
    # trap: [[True, False], [True, True]] -> that is the mask; it picks from t
    # trap: [0, 2, 3] -> the elements are picked, not their positions
    # trap: [8, 7, 5] -> nothing is sorted here
    assert t[t > 4].tolist() == __([5, 7, 8])
    # why: how many elements pass depends on the numbers, so only a vector can hold them. To keep
    #     the shape, replace what is not wanted: torch.where does that.
    # picture: t


def test_a_mask_of_rows_picks_rows(device):
    """Each row is the number of a player and a score; write the mask for scores above 50."""
    t = torch.tensor([[1, 70], [2, 50], [3, 90]], device=device)

    # claims: A100
    # hint: one answer for each row: three booleans in a vector
    # hint: what must be compared is one column
    # trap: t[:, 1] >= 50 -> player 2 has exactly 50, and that is not above 50
    # trap: t > 50 -> that asks every number, and flattens what it keeps
    # trap: t[1] > 50 -> t[1] is a row, so there are two answers for three rows
    # trap: t[:, 0] > 50 -> that column holds the numbers of the players
    # trap: t[:, 1:] > 50 -> the slice keeps its dim, so this mask has a column too many for rows
    # trap: t[1:] > 50 -> these are the last two rows, with both their columns
    keep = __(t[:, 1] > 50)
    assert (keep.dtype, t[keep].tolist()) == (torch.bool, [[1, 70], [3, 90]])
    # why: a mask uses up as many dims as it has itself. One of shape (3,) speaks about the rows,
    #     and what is in a row stays together.
    # picture: t, keep


def test_masks_are_combined_by_signs_not_by_words(device):
    """Write the mask of what lies between 3 and 7, without the 3 and the 7."""
    t = torch.tensor([3, 4, 6, 7, 9], device=device)

    # claims: A075 A100
    # hint: two questions to each element, and both answers have to be yes
    # hint: the sign for it is the one in "rock & roll"; mind what Python works out first
    # trap: (t > 3) and (t < 7) -> `and` wants one yes or no for a whole mask, and a mask has many
    # trap: 3 < t < 7 -> Python reads this as (3 < t) and (t < 7), and `and` wants one yes or no
    # trap: t > 3 & t < 7 -> & is worked out before > and <, so this compares with 3 & t
    # trap: (t > 3) | (t < 7) -> that asks for one yes of the two, and each of these has one
    # trap: (t > 3) + (t < 7) -> adding booleans gives True as soon as one of them is
    # trap: (t >= 3) & (t <= 7) -> the 3 and the 7 are not wanted
    between = __((t > 3) & (t < 7))
    answers = [False, True, True, False, False]
    assert (between.dtype, between.tolist()) == (torch.bool, answers)
    # why: & is "and", | is "or", ~ is "not", for each element on its own. Put each comparison into
    #     parentheses, always.
    # picture: t, between


def test_a_tilde_turns_a_mask_round(device):
    """Write the mask of all the elements that this mask leaves out."""
    t = torch.tensor([10, 20, 10], device=device)
    mask = torch.tensor([True, False, False], device=device)

    # claims: A075
    # hint: `and` has the sign &, `or` has |, and `not` has one as well: a small wave
    # trap: not mask -> `not` wants one yes or no for the whole mask
    # trap: -mask -> torch refuses a minus for booleans, and names the sign that you want
    # trap: 1 - mask -> that is the way with numbers; for booleans torch refuses the minus
    # trap: mask -> this keeps what the mask keeps
    # trap: t != 10 -> equal numbers are not equal places: the last 10 was left out by the mask
    # trap: ~mask.int() -> with integers the sign turns over every bit: 1 becomes -2 and 0 becomes
    #     -1, which are positions counted from the end
    others = __(~mask)
    assert (others.dtype, t[others].tolist()) == (torch.bool, [20, 10])
    # why: t[mask] and t[~mask] are two halves: every element is in one of them, and none in both.
    #     Turn bool masks only; on integers ~ raises no error, it answers with other integers.
    # picture: t, mask, others


def test_ones_and_zeros_are_positions(device):
    """The index looks like a mask, but it was made of integers."""
    t = torch.tensor([10, 20, 30], device=device)
    index = torch.tensor([1, 0, 1], device=device)

    # claims: A075 A101
    # hint: index.dtype is int64, and what does an int do between the brackets?
    # trap: [10, 30] -> that would be a mask, and a mask has dtype bool
    # trap: [10, 0, 30] -> nothing is multiplied here; index picks from t
    # trap: [20, 20] -> the 0 is no "no": it is a position, too
    # trap: [20] -> a mask would keep each element once at most; positions may come up again
    assert t[index].tolist() == __([20, 10, 20])
    # why: the dtype of an index decides how it is read: booleans say which, int64 says where. Only
    #     uint8 is still taken for a mask, with a warning. Write index.bool() where you mean one.


def test_true_counts_as_one(device):
    """A rectangle is marked in a picture of 200 rows and 100 columns, then sum() adds it up."""
    mask = torch.zeros(200, 100, dtype=torch.bool, device=device)
    mask[100:150, 20:60] = True

    # claims: A101
    # hint: how many rows are marked, and how many columns in each?
    # trap: 2091 -> that has the rows up to 150 and the columns up to 60 included; a stop is left
    #     out
    # trap: 90 -> a rectangle is as large as its height times its width
    # trap: 9000 -> the starts do count: the marks begin at row 100, column 20
    # trap: 20000 -> that is every pixel of the picture; sum() adds up those that are True
    # trap: True -> the sum of booleans is an integer
    assert mask.sum().item() == __(2000)
    # why: in a sum True is 1 and False is 0, so mask.sum() counts. It is also how many elements
    #     image[mask] would have.


def test_floats_are_no_index(device):
    """The mask was made with torch.zeros, and no dtype was named; now it is used as an index."""
    image = torch.ones(4, 4, device=device)
    mask = torch.zeros(4, 4, device=device)
    with pytest.raises(Exception) as caught:
        image[mask]

    # claims: A101
    # hint: which dtype does torch.zeros choose?
    # hint: the error is named after what mask was used as
    # trap: TypeError -> a Python list would raise this one; torch's is more exact
    # trap: RuntimeError -> torch raises many of these; an index of a wrong dtype has another error
    # trap: ValueError -> the values are not looked at: all floats are refused, zeros and ones too
    # trap: None -> that would be dangerous: is 0.5 a yes, a no, or a place between two others?
    assert caught.type is __(IndexError)
    # why: bool and int64 can be an index, floats can't. mask.bool() is a mask, and so is
    #     mask > 0.5, which also says what becomes of grey.


def test_where_chooses_for_each_element(device):
    """Two pictures of three pixels and a mask: at each place one of the two is taken."""
    mask = torch.tensor([True, False, True], device=device)
    day = torch.tensor([1, 2, 3], device=device)
    night = torch.tensor([10, 20, 30], device=device)

    # claims: A100
    # hint: read it as "day where the mask says so, else night"
    # trap: [10, 2, 30] -> the first of the two is for True
    # trap: [1, 3] -> that is day[mask]; where() leaves no place empty
    # trap: [1, 3, 20] -> each number stays at its place, nothing is sorted by yes and no
    # trap: [1, 0, 3] -> where the mask says False the other picture fills in
    assert torch.where(mask, day, night).tolist() == __([1, 20, 3])
    # why: where() is an if for each element. t[mask] loses the places, where() keeps the shape:
    #     torch.where(t > 0, t, 0) replaces whatever is not above 0.
    # picture: mask, day, night
