"""A permuted tensor is the same memory, walked through in another order.

permute(), transpose() and `.T` put the dims of a tensor into another order: permute() is given all
the dims, transpose() the two that change places, and `.T` is for tables. No number moves. What
changes, beside the shape, is the stride: for each dim, how many places to go on in the storage to
come to the next element along that dim.

A fresh table of shape (2, 3) has the stride (3, 1). To the next row it is three places, to the
next column one. A tensor that is read row by row without a leap in the storage is called
contiguous. What zeros() makes always is, and so is what tensor() makes of a list.

Read more: https://docs.pytorch.org/docs/stable/generated/torch.Tensor.stride.html
"""

import contextlib

import torch

from koans import __


def test_permute_is_told_which_old_dim_comes_here(device):
    """One photo of shape (64, 32, 3) is permuted in two ways."""
    photo = torch.zeros(64, 32, 3, device=device)
    one = photo.permute(2, 1, 0)
    other = photo.permute(1, 2, 0)

    assert (one.shape, other.shape) == __


def test_permute_names_every_dim(device):
    """A tensor of three dims is permuted in four ways; some of them are refused."""
    t = torch.zeros(2, 3, 4, device=device)
    fits = []
    for order in [(1, 0), (2, 0, 1), (0, -1, 1), (0, 1, 1)]:
        with contextlib.suppress(RuntimeError):
            t.permute(order)
            fits.append(order)

    assert fits == __


def test_transposed_is_not_reshaped(device):
    """Make the columns of this table into rows."""
    table = torch.tensor([[1, 2, 3], [4, 5, 6]], device=device)

    turned = __
    assert turned.tolist() == [[1, 4], [2, 5], [3, 6]]


def test_a_square_keeps_its_shape_and_not_its_places(device):
    """The shape does not tell a square table from its transpose; look at the elements."""
    t = torch.arange(9, device=device).view(3, 3)

    assert t[t == t.T].tolist() == __


def test_a_batch_of_matrices_is_transposed_inside(device):
    """Transpose each of the five matrices, and leave the batch in its order."""
    batch = torch.zeros(5, 2, 3, device=device)
    batch[4, 0, 2] = 9

    turned = __
    assert turned.shape == (5, 3, 2)
    assert turned[4, 2, 0].item() == 9


def test_a_permuted_tensor_shares_its_numbers(device):
    """One number is written through the transpose."""
    t = torch.zeros(2, 3, device=device)
    turned = t.T
    turned[2, 0] = 9

    assert t.tolist() == __


def test_permute_reorders_the_strides_and_moves_no_number(device):
    """How many places are there to the next element along each dim, before and after?"""
    t = torch.zeros(4, 2, 3, device=device)
    p = t.permute(2, 0, 1)

    assert (t.stride(), p.stride()) == __


def test_contiguous_is_what_reads_on_without_a_leap(device):
    """Five tensors over one storage; which of them are contiguous?"""
    t = torch.zeros(2, 3, device=device)
    views = {"t": t, "t.T": t.T, "t.T.T": t.T.T, "t[1]": t[1], "t[:, 1]": t[:, 1]}
    tidy = [name for name, view in views.items() if view.is_contiguous()]

    assert tidy == __


def test_leaps_can_be_straightened_out(device):
    """view(6) refuses this transpose; make a tensor of the same shape that view(6) can read."""
    t = torch.tensor([[1, 2, 3], [4, 5, 6]], device=device).T

    tidy = __
    assert (tidy.shape, tidy.view(6).tolist()) == ((3, 2), [1, 4, 2, 5, 3, 6])
