"""A bare number makes a tensor with no dims.

Each pair of brackets gives a tensor one more dim (an axis). A number without brackets has none:
it is a 0-D tensor, called a scalar. `t.shape` lists the length of each dim, `t.ndim` counts the
dims, `t.numel()` counts the numbers, and `t.item()` takes a single number out of its tensor.

Read more: https://docs.pytorch.org/docs/stable/generated/torch.Tensor.item.html
"""

import pytest
import torch

from koans import __


def test_a_bare_number_has_no_dims(device):
    """Every tensor has a shape, and so has the one that is made from 5 alone."""
    t = torch.tensor(5, device=device)

    assert t.shape == __


def test_one_pair_of_brackets_makes_one_dim(device):
    """The same amount of data, but this time it was put in a list."""
    t = torch.tensor([10], device=device)

    assert t.shape == __


def test_scalar_vector_and_matrix_differ_in_ndim_alone(device):
    """The names are for people; to torch each of them is a tensor, with more dims or fewer."""
    matrix = torch.tensor([[7]], device=device)
    scalar = torch.tensor(7, device=device)
    vector = torch.tensor([7], device=device)
    assert type(matrix) is type(scalar) is type(vector) is torch.Tensor

    assert (matrix.ndim, scalar.ndim, vector.ndim) == __


def test_no_dims_is_not_the_same_as_no_numbers(device):
    """How many numbers a tensor holds is one question, how they are laid out is another."""
    scalar = torch.tensor(5, device=device)
    empty = torch.tensor([], device=device)

    assert (scalar.numel(), empty.numel()) == __


def test_a_scalar_can_be_neither_indexed_nor_measured(device):
    """There is no first number along a dim where there is no dim, and no length either."""
    t = torch.tensor(5, device=device)
    with pytest.raises(IndexError):
        t[0]
    with pytest.raises(Exception) as caught:
        len(t)

    assert caught.type is __


def test_scalars_add_up_to_another_scalar():
    """Calculating with tensors does not leave torch, not even for five plus three."""
    five = torch.tensor(5)
    three = torch.tensor(3)

    assert str(five + three) == __


def test_item_takes_the_number_out_of_its_tensor(device):
    """item() gives a plain Python number, of the type that fits what the tensor held."""
    whole = torch.tensor(8, device=device).item()
    half = torch.tensor(0.5, device=device).item()

    assert (type(whole), type(half)) == __


def test_one_number_comes_out_however_deep_it_lies(device):
    """Where there is one number, get it out as a float of Python, from either of the two."""
    deep = torch.tensor([[4.5]], device=device)
    flat = torch.tensor([7.25], device=device)

    numbers = [__ for t in (deep, flat)]
    assert numbers == [4.5, 7.25]
    assert [type(number) for number in numbers] == [float, float]


def test_item_refuses_to_choose(device):
    """Which shapes make item() raise? torch.zeros(shape) makes a tensor of that shape."""
    refused = []
    for shape in [(), (2,), (1, 1, 1), (0,), (1, 3)]:
        try:
            torch.zeros(shape, device=device).item()
        except RuntimeError:
            refused.append(shape)

    assert refused == __
