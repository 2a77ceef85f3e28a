"""A factory fills a shape.

torch.zeros, torch.ones and torch.full make a tensor of a shape that you name, with one number in
every place. torch.eye makes a matrix with ones on its diagonal, from the upper left downwards, and
zeros elsewhere.

zeros, ones and eye are given no values, so no dtype can be inferred from them: they take the
default dtype, which torch.set_default_dtype can change.

Read more: https://docs.pytorch.org/docs/stable/torch.html#creation-ops
"""

import torch

from koans import __


def test_a_factory_has_no_values_to_look_at(device):
    """One of these three is made from a list; the other two know only how large they are."""
    zeros = torch.zeros(2, device=device)
    listed = torch.tensor([0, 0], device=device)
    square = torch.eye(2, device=device)
    dtypes = [t.dtype for t in (zeros, listed, square)]

    assert dtypes == __


def test_every_number_in_the_brackets_is_a_length(device):
    """All elements are ones, so their sum counts them; one of these lengths is 0."""
    full = torch.ones(2, 3, 4, device=device)
    hollow = torch.ones(2, 0, 4, device=device)

    assert (full.sum().item(), hollow.sum().item()) == __


def test_the_shape_may_come_in_one_piece(device):
    """Three calls with the same three numbers, in round brackets of their own or without."""
    loose = torch.zeros(64, 32, 3, device=device)
    packed = torch.zeros((64, 32, 3), device=device)
    data = torch.tensor((64, 32, 3), device=device)

    assert [t.shape for t in (loose, packed, data)] == __


def test_full_looks_at_the_number_it_is_given(device):
    """Here a value is given, and it goes into both places of each tensor."""
    values = [7, 7.0, True]
    dtypes = [torch.full((2,), value, device=device).dtype for value in values]

    assert dtypes == __


def test_full_wants_to_know_where_the_shape_ends():
    """Make two rows of three sevens, as float32."""
    t = __
    assert (t.dtype, t.tolist()) == (torch.float32, [[7.0, 7.0, 7.0], [7.0, 7.0, 7.0]])


def test_the_default_dtype_is_for_floats_only():
    """The default dtype is changed, three tensors are made, and it is changed back."""
    torch.set_default_dtype(torch.float64)
    made = [torch.ones(1), torch.tensor([1.5]), torch.tensor([1])]
    torch.set_default_dtype(torch.float32)

    assert [t.dtype for t in made] == __


def test_eye_follows_the_diagonal(device):
    """The diagonal starts at the upper left and goes one down, one to the right."""
    t = torch.eye(2, 3, device=device)

    assert t.tolist() == __
