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

    assert (column + row).tolist() == __


def test_shapes_are_compared_from_the_right(device):
    """Which of five shapes can be added to a tensor of shape (3, 4)?"""
    t = torch.zeros(3, 4, device=device)
    fits = []
    for shape in [(3,), (4,), (3, 1), (4, 3), (2, 3, 4)]:
        with contextlib.suppress(RuntimeError):
            t + torch.zeros(shape, device=device)
            fits.append(shape)

    assert fits == __


def test_a_vector_must_stand_up_to_meet_the_rows(device):
    """Each row of scores has a bonus of its own; give the bonuses a shape that fits the rows."""
    scores = torch.tensor([[1, 2, 3], [4, 5, 6]], device=device)
    bonus = torch.tensor([10, 20], device=device)

    total = scores + __
    assert total.tolist() == [[11, 12, 13], [24, 25, 26]]


def test_a_column_minus_a_vector_is_a_square(device):
    """All predictions are exactly right, but they come as a column; abs() drops the signs."""
    prediction = torch.tensor([[1.0], [2.0], [3.0]], device=device)
    target = torch.tensor([1.0, 2.0, 3.0], device=device)
    gap = prediction - target

    assert (gap.shape, gap.abs().sum().item()) == __


def test_a_mean_for_each_row_must_stay_a_column(device):
    """x.mean(dim=1) is a vector with the mean of each row; subtract from each row its own mean."""
    x = torch.tensor([[1.0, 3.0], [10.0, 20.0]], device=device)

    centered = x - __
    assert centered.tolist() == [[-1.0, 1.0], [-5.0, 5.0]]


def test_only_a_length_of_1_can_be_stretched(device):
    """expand() adds dims at the left and stretches; six shapes are asked of a vector of three."""
    t = torch.tensor([1, 2, 3], device=device)
    given = []
    for shape in [(6,), (2, 3), (3, 1), (3, 3), (3, 2), (1, 3)]:
        with contextlib.suppress(RuntimeError):
            t.expand(shape)
            given.append(shape)

    assert given == __


def test_repeat_repeats_the_whole(device):
    """repeat() is told, for each dim of its result, how often the tensor shall stand there."""
    t = torch.tensor([5, 6], device=device)

    assert t.repeat(3, 2).tolist() == __


def test_expand_stores_nothing_more_and_repeat_does(device):
    """untyped_storage().nbytes() counts the bytes in memory; one element here takes four."""
    t = torch.ones(3, 1, device=device)
    looks = t.expand(3, 4)
    copies = t.repeat(1, 4)
    assert looks.shape == copies.shape == (3, 4)

    assert tuple(x.untyped_storage().nbytes() for x in (looks, copies)) == __


def test_a_comparison_broadcasts_as_well(device):
    """Two labels are compared with three classes; int() makes 1 of True and 0 of False."""
    labels = torch.tensor([2, 0], device=device)
    classes = torch.arange(3, device=device)
    table = labels[:, None] == classes

    assert table.int().tolist() == __
