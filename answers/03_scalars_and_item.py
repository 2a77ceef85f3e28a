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

    # claims: B009 B012
    # hint: count the opening brackets before the first number
    # hint: a shape is a tuple with one entry for each dim
    # trap: torch.Size([1]) -> that is the shape of [5]: one pair of brackets, one dim
    # trap: None -> every tensor has a shape, this one too
    # trap: (0,) -> one entry is one dim, here a dim of length 0; that belongs to an empty list
    # trap: (5,) -> 5 is the number that is stored; a shape knows lengths only
    # trap: [] -> you have the right thought, but a shape is a tuple, and no list equals a tuple
    assert t.shape == __(torch.Size([]))
    # why: a shape lists the length of each dim. Where there is no dim, the list is empty, and an
    #     empty shape is a shape all the same.
    # picture: t


def test_one_pair_of_brackets_makes_one_dim(device):
    """The same amount of data, but this time it was put in a list."""
    t = torch.tensor([10], device=device)

    # claims: B013
    # hint: how many pairs of brackets are there, and how many numbers inside?
    # hint: in Python, how is a tuple written that has a single entry?
    # trap: () -> the 10 stands in brackets here; only a bare number has an empty shape
    # trap: (10,) -> 10 is the number that is stored, not how many there are
    # trap: (1) -> 1 and (1) are both the number; the comma in (1,) makes the tuple
    # trap: (1, 1) -> two entries are two dims, and there is one pair of brackets
    # trap: [1] -> the length is right, but a shape is a tuple, and no list equals a tuple
    assert t.shape == __((1,))
    # why: a vector that holds one number is still a vector. What makes a scalar is that it has no
    #     dim, not that it holds one number.
    # picture: t


def test_scalar_vector_and_matrix_differ_in_ndim_alone(device):
    """The names are for people; to torch each of them is a tensor, with more dims or fewer."""
    matrix = torch.tensor([[7]], device=device)
    scalar = torch.tensor(7, device=device)
    vector = torch.tensor([7], device=device)
    assert type(matrix) is type(scalar) is type(vector) is torch.Tensor

    # claims: A021 A065 B008
    # hint: the number is the same in all three, so it can't be the number that is counted
    # trap: (1, 1, 1) -> that counts the numbers; ndim counts the dims that they are laid out in
    # trap: (3, 1, 2) -> a tensor gets a dim from its brackets, not from the number inside them
    # trap: (2, None, 1) -> ndim is a count, and "not a single one" is a count too
    # trap: (2, 1, 1) -> one number without brackets and one number in brackets are two cases
    # trap: [2, 0, 1] -> the counts are right, but on the left stands a tuple, in round brackets
    assert (matrix.ndim, scalar.ndim, vector.ndim) == __((2, 0, 1))
    # why: ndim is the number of entries in the shape: (1, 1), () and (1,). Asking for it tells you
    #     at once which of the three you hold.
    # picture: matrix, scalar, vector


def test_no_dims_is_not_the_same_as_no_numbers(device):
    """How many numbers a tensor holds is one question, how they are laid out is another."""
    scalar = torch.tensor(5, device=device)
    empty = torch.tensor([], device=device)

    # claims: B008 B009
    # hint: forget the brackets and count what is inside
    # trap: (0, 0) -> a scalar has zero dims, yet it holds its number
    # trap: (5, 0) -> numel() counts the numbers; it doesn't read them
    # trap: (1, 1) -> a pair of brackets with nothing in it holds nothing
    # trap: (0, 1) -> that counts the dims
    assert (scalar.numel(), empty.numel()) == __((1, 0))
    # why: numel() multiplies the lengths in the shape. A length of 0 makes the product 0; no
    #     lengths at all leave it at 1, where every product starts.
    # picture: scalar, empty


def test_a_scalar_can_be_neither_indexed_nor_measured(device):
    """There is no first number along a dim where there is no dim, and no length either."""
    t = torch.tensor(5, device=device)
    with pytest.raises(IndexError):
        t[0]
    with pytest.raises(Exception) as caught:
        len(t)

    # claims: B009
    # hint: what does Python itself raise for len(5)?
    # trap: IndexError -> t[0] raises that one; len() is given no index that could be wrong
    # trap: RuntimeError -> a frequent error of torch, but len() belongs to Python, and torch
    #     answers it in Python's way
    # trap: ValueError -> the value 5 is not to blame: no scalar has a length, whatever its number
    # trap: None -> to answer, len() would need a first dim
    assert caught.type is __(TypeError)
    # why: len(), indexing and loops all walk along the first dim. If one of them fails, look at the
    #     shape: perhaps you hold a scalar where you thought you had a vector.


def test_scalars_add_up_to_another_scalar():
    """Calculating with tensors does not leave torch, not even for five plus three."""
    five = torch.tensor(5)
    three = torch.tensor(3)

    # claims: A021 B011 B014
    # hint: write down what print(five + three) would show, between quotes
    # trap: "8" -> that is how a number of Python prints; five and three are tensors
    # trap: 8 -> str() gives a string, and a tensor does not print like a number of Python
    # trap: "tensor([8])" -> brackets would be a dim; neither five nor three has one to give
    # trap: "tensor(8.)" -> the dot is for floats, and whole numbers add up to a whole number
    # trap: "tensor(5 + 3)" -> the sum was worked out before it was printed
    assert str(five + three) == __("tensor(8)")
    # why: an operation on tensors answers with a tensor. Its printed form tells the two cases
    #     apart: a vector shows brackets inside the parentheses, a scalar shows none.


def test_item_takes_the_number_out_of_its_tensor(device):
    """item() gives a plain Python number, of the type that fits what the tensor held."""
    whole = torch.tensor(8, device=device).item()
    half = torch.tensor(0.5, device=device).item()

    # claims: B015
    # hint: name the types that plain Python has for 8 and for 0.5
    # trap: (torch.Tensor, torch.Tensor) -> item() is the way out of the tensor
    # trap: (float, float) -> 8 was stored as a whole number, and item() does not convert
    # trap: (torch.int64, torch.float32) -> these are dtypes, words of torch for how numbers are
    #     stored; item() leaves torch
    # trap: (int, int) -> item() does not round, so half is no whole number
    assert (type(whole), type(half)) == __((int, float))
    # why: item() gives the type of Python that fits: an int, a float, a bool. Use it where plain
    #     Python takes over: to print a loss, to fill a report.


def test_one_number_comes_out_however_deep_it_lies(device):
    """Where there is one number, get it out as a float of Python, from either of the two."""
    deep = torch.tensor([[4.5]], device=device)
    flat = torch.tensor([7.25], device=device)

    # claims: B013 B015
    # hint: what counts is how many numbers there are, not how many brackets
    # hint: the koan before this one used the method
    # trap: t -> this is the tensor with all its brackets
    # trap: t[0] -> an index takes one dim away, and what is left is still a tensor
    # trap: t[0][0] -> an index takes a dim away, but flat has only one, and deep would still be a
    #     tensor
    # trap: t.item -> without parentheses this is the method itself; nobody calls it
    # trap: t.tolist() -> tolist() keeps the brackets: this is a list
    numbers = [__(t.item()) for t in (deep, flat)]
    assert numbers == [4.5, 7.25]
    assert [type(number) for number in numbers] == [float, float]
    # why: item() asks for one number in the tensor, whatever the shape around it. tolist() keeps
    #     the brackets as nested lists; an index gives a smaller tensor.


def test_item_refuses_to_choose(device):
    """Which shapes make item() raise? torch.zeros(shape) makes a tensor of that shape."""
    refused = []
    for shape in [(), (2,), (1, 1, 1), (0,), (1, 3)]:
        try:
            torch.zeros(shape, device=device).item()
        except RuntimeError:
            refused.append(shape)

    # claims: B015
    # hint: item() wants exactly one number; how many does each shape hold?
    # hint: a list of shapes, in their order above
    # trap: [(2,), (1, 3)] -> with too many it cannot choose, and with nothing at all it cannot
    #     either
    # trap: [(2,), (1, 1, 1), (0,), (1, 3)] -> three pairs of brackets around one number are no
    #     hindrance
    # trap: [(), (2,), (0,), (1, 3)] -> a scalar is what item() is made for
    # trap: [] -> it does not pick the first number where there are several
    # trap: [(0,)] -> two numbers are refused as well: which of them would it be?
    assert refused == __([(2,), (0,), (1, 3)])
    # why: use item() where there is exactly one number and tolist() where there may be more. The
    #     error often says that a sum or a mean was forgotten.
