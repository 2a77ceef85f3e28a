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

    # claims: B095 B096
    # hint: write 64, 32 and 3 under the numbers 0, 1 and 2 of their dims
    # hint: the first number in the brackets names the old dim that comes to the front
    # trap: ((3, 32, 64), (3, 64, 32)) -> in the second, the numbers were read as where each dim
    #     goes to; they say where each place takes its dim from
    # trap: ((3, 64, 32), (32, 3, 64)) -> in the first, more moved than the channels: dim 0 was
    #     named last
    # trap: ((64, 32, 3), (64, 32, 3)) -> no number moves in memory, but the shape does change
    # trap: ((3, 64, 32), (3, 64, 32)) -> permute knows nothing of channels; it does what its
    #     arguments say
    # trap: [(3, 32, 64), (32, 3, 64)] -> the shapes are right, but on the left stands a tuple, in
    #     round brackets
    assert (one.shape, other.shape) == __(((3, 32, 64), (32, 3, 64)))
    # why: read the arguments place by place: here comes old dim 1, here old dim 2, here old dim 0.
    #     Reversed or with only two dims swapped, both ways to read agree; with three in a circle
    #     they do not.


def test_permute_names_every_dim(device):
    """A tensor of three dims is permuted in four ways; some of them are refused."""
    t = torch.zeros(2, 3, 4, device=device)
    fits = []
    for order in [(1, 0), (2, 0, 1), (0, -1, 1), (0, 1, 1)]:
        with contextlib.suppress(RuntimeError):
            t.permute(order)
            fits.append(order)

    # claims: B095
    # hint: which of the three dims is named by each number?
    # hint: a negative number counts from the end, as everywhere
    # trap: [(1, 0), (2, 0, 1), (0, -1, 1), (0, 1, 1)] -> permute does not guess what to do with a
    #     dim that nobody named
    # trap: [(2, 0, 1)] -> -1 names a dim as well: which one?
    # trap: [(1, 0), (2, 0, 1), (0, -1, 1)] -> with (1, 0), dim 2 was forgotten; it does not stay at
    #     the end by itself
    # trap: [(2, 0, 1), (0, -1, 1), (0, 1, 1)] -> with (0, 1, 1), one dim would be there twice
    # trap: [(1, 0), (0, 1, 1)] -> these are the ones that are refused
    assert fits == __([(2, 0, 1), (0, -1, 1)])
    # why: permute wants each dim exactly once. transpose(0, 1) swaps two dims and leaves the others
    #     alone.


def test_transposed_is_not_reshaped(device):
    """Make the columns of this table into rows."""
    table = torch.tensor([[1, 2, 3], [4, 5, 6]], device=device)

    # claims: B026 B088
    # hint: a table has two dims, and they change places
    # trap: table.reshape(3, 2) -> the shape is right, but reshape reads on row by row: 1 2, 3 4,
    #     5 6
    # trap: table.view(3, 2) -> view() gives the new shape too, and keeps the old order of the
    #     numbers
    # trap: table.flip(0) -> this turns the rows upside down, and they stay rows
    # trap: table.permute(0, 1) -> this names the dims in the order that they have already
    # trap: table.T.T -> transposed twice is as it was
    turned = __(table.T)
    assert turned.tolist() == [[1, 4], [2, 5], [3, 6]]
    # why: element [i, j] becomes element [j, i]. view and reshape would give the same shape with
    #     other numbers in its rows, and torch raises no error.
    # picture: table, turned


def test_a_square_keeps_its_shape_and_not_its_places(device):
    """The shape does not tell a square table from its transpose; look at the elements."""
    t = torch.arange(9, device=device).view(3, 3)

    # claims: B088 B096
    # hint: t == t.T is a mask: it is True where both have the same number at the same place
    # hint: which elements have a row number equal to their column number?
    # trap: [0, 1, 2, 3, 4, 5, 6, 7, 8] -> that would be t.reshape(3, 3), which changes nothing;
    #     a transpose does
    # trap: [2, 4, 6] -> these are on the other diagonal; 2 goes from the top right to the bottom
    #     left
    # trap: [4] -> the middle is not alone: look at the first and the last corner
    # trap: [0, 1, 2] -> the first row becomes the first column
    # trap: [[0, 0, 0], [0, 4, 0], [0, 0, 8]] -> a mask takes elements out, in one dim
    assert t[t == t.T].tolist() == __([0, 4, 8])
    # why: a transpose mirrors a table at its diagonal. In a square, no shape gives a forgotten .T
    #     away, so try your code with tables that are not square.
    # picture: t


def test_a_batch_of_matrices_is_transposed_inside(device):
    """Transpose each of the five matrices, and leave the batch in its order."""
    batch = torch.zeros(5, 2, 3, device=device)
    batch[4, 0, 2] = 9

    # claims: B026 B096
    # hint: which dim must stay where it is, and which two change places?
    # hint: transpose() takes the numbers of two dims; for the two that hold the matrix there is an
    #     attribute as well
    # trap: batch.T -> this reverses all dims, so the batch is no longer in front, and torch warns
    # trap: batch.transpose(0, 1) -> dim 0 counts the matrices, and it is to stay
    # trap: batch.reshape(5, 3, 2) -> the shape is right, and the 9 is not where it belongs
    # trap: batch.permute(2, 1) -> permute wants all the dims, dim 0 too
    # trap: batch -> nothing has been transposed yet
    turned = __(batch.mT)
    assert turned.shape == (5, 3, 2)
    assert turned[4, 2, 0].item() == 9
    # why: .mT swaps the last two dims, which hold the matrix, however many dims stand in front.
    #     .T is meant for tables; use it there.


def test_a_permuted_tensor_shares_its_numbers(device):
    """One number is written through the transpose."""
    t = torch.zeros(2, 3, device=device)
    turned = t.T
    turned[2, 0] = 9

    # claims: B089 B096
    # hint: was a second set of numbers laid down when t was transposed?
    # hint: row 2, column 0 of the transpose is which row and which column of t?
    # trap: [[0.0, 0.0, 0.0], [0.0, 0.0, 0.0]] -> no number was copied, so t sees what its transpose
    #     writes
    # trap: [[0.0, 0.0], [0.0, 0.0], [9.0, 0.0]] -> this is the transpose; t keeps its own shape
    # trap: [[0.0, 0.0, 0.0], [0.0, 9.0, 0.0]] -> this counts on in one line, as in t.view(3, 2); a
    #     transpose exchanges row and column
    # trap: [[9.0, 0.0, 0.0], [0.0, 0.0, 0.0]] -> the 2 counts rows of the transpose, and those are
    #     columns of t
    assert t.tolist() == __([[0.0, 0.0, 9.0], [0.0, 0.0, 0.0]])
    # why: permute, transpose, T and mT give views, and a large tensor costs no more than a small
    #     one. If the transpose needs numbers of its own, clone it.
    # picture: storage of t, turned


def test_permute_reorders_the_strides_and_moves_no_number(device):
    """How many places are there to the next element along each dim, before and after?"""
    t = torch.zeros(4, 2, 3, device=device)
    p = t.permute(2, 0, 1)

    # claims: A016 B096
    # hint: one step along dim 0 of t skips a whole table of 2 by 3
    # hint: no number has moved, so each dim takes its stride along to its new place
    # trap: ((6, 3, 1), (6, 3, 1)) -> the dims of p come in another order, and their strides with
    #     them
    # trap: ((6, 3, 1), (8, 2, 1)) -> a fresh tensor of p's shape would have these; p is not fresh
    # trap: ((6, 3, 1), (3, 1, 6)) -> old dim 2 comes first now, and it brings its stride along
    # trap: ((4, 2, 3), (3, 4, 2)) -> these are the shapes; a stride is a distance
    # trap: ((1, 4, 8), (8, 1, 4)) -> that would be with dim 0 running fastest; here the last dim
    #     does
    # trap: ((3, 3, 1), (1, 3, 3)) -> a step along dim 0 has to pass both rows of three
    # trap: [(6, 3, 1), (1, 6, 3)] -> the strides are right, but on the left stands a tuple, in
    #     round brackets
    assert (t.stride(), p.stride()) == __(((6, 3, 1), (1, 6, 3)))
    # why: a tensor is a shape, a stride and a starting place, laid over a storage. Reordering dims
    #     reorders the first two, and the storage never knows.
    # picture: storage of t, p


def test_contiguous_is_what_reads_on_without_a_leap(device):
    """Five tensors over one storage; which of them are contiguous?"""
    t = torch.zeros(2, 3, device=device)
    views = {"t": t, "t.T": t.T, "t.T.T": t.T.T, "t[1]": t[1], "t[:, 1]": t[:, 1]}
    tidy = [name for name, view in views.items() if view.is_contiguous()]

    # claims: B096
    # hint: walk through the elements in the order in which they are printed: do their places in the
    #     storage follow on each other?
    # trap: ["t", "t.T", "t.T.T", "t[1]", "t[:, 1]"] -> all of them are views of one line, but some
    #     leap through it
    # trap: ["t"] -> being a view is no obstacle; what counts are the leaps
    # trap: ["t", "t[1]"] -> what is transposed twice has its first stride again
    # trap: ["t", "t.T.T", "t[1]", "t[:, 1]"] -> two elements of one column are three places apart
    # trap: ["t.T", "t[:, 1]"] -> these are the ones that leap
    assert tidy == __(["t", "t.T.T", "t[1]"])
    # why: contiguous is a matter of shape and stride: from the last dim to the first, each step is
    #     as long as everything behind it (in a dim of length 1 nobody steps, so its stride does not
    #     count). A row keeps it; a column and a transpose of such a table lose it.
    # picture: storage of views


def test_leaps_can_be_straightened_out(device):
    """view(6) refuses this transpose; make a tensor of the same shape that view(6) can read."""
    t = torch.tensor([[1, 2, 3], [4, 5, 6]], device=device).T

    # claims: B089 B093
    # hint: which property does t lack? is_contiguous() asks for it
    # hint: the method that makes it so is called the same, without the is_
    # trap: t -> reading this one takes leaps, and view() can't have them
    # trap: t.clone() -> a clone has numbers of its own, but it keeps the stride of a transpose
    # trap: t.detach() -> this is the same memory with the same stride
    # trap: t.reshape(3, 2) -> t has this shape already, so reshape finds nothing to do
    # trap: t.T -> view(6) reads this one, but as 1 2 3 4 5 6
    # trap: t.reshape(6) -> that is the line already; a table of shape (3, 2) is wanted
    tidy = __(t.contiguous())
    assert (tidy.shape, tidy.view(6).tolist()) == ((3, 2), [1, 4, 2, 5, 3, 6])
    # why: contiguous() copies the numbers into the order of the shape. Where they have it already,
    #     it answers with the tensor itself and copies nothing.
    # picture: storage of t, tidy
