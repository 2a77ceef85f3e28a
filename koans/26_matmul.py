"""The matrix product multiplies rows by columns.

Two lists of numbers of equal length can be multiplied pair by pair, and the results added up, the
way a shop works out a bill: so many of each thing, times what each of them costs. That one number
is called the dot product (or inner product) of the two lists.

A matrix product is a table of dot products. In its row i and column j stands the dot product of
row i of the left matrix with column j of the right one. Python's sign for it is `@`. A neural
network spends most of its time on such tables.

Read more: https://docs.pytorch.org/docs/stable/generated/torch.matmul.html
"""

import contextlib

import pytest
import torch
from torch.nn.functional import cosine_similarity

from koans import __


def test_two_vectors_are_multiplied_in_pairs_and_added_up(device):
    """You buy 2 of one thing, 3 of another and 1 of a third; prices says what one of each costs."""
    amounts = torch.tensor([2.0, 3.0, 1.0], device=device)
    prices = torch.tensor([10.0, 20.0, 5.0], device=device)
    bill = amounts @ prices

    assert bill.tolist() == __


def test_a_table_of_rows_times_columns(device):
    """Four dot products, each at the crossing of its row and its column."""
    a = torch.tensor([[1.0, 2.0], [3.0, 4.0]], device=device)
    b = torch.tensor([[5.0, 6.0], [7.0, 8.0]], device=device)

    assert (a @ b).tolist() == __


def test_one_product_has_several_spellings():
    """Which of these five tables, of integers on the CPU, differ from a @ b?

    `|=` adds to a dict, and torch.equal() asks for the same shape and the same elements.
    """
    a = torch.tensor([[1, 1], [2, 2]])
    b = torch.tensor([[5, 6], [7, 8]])
    tables = {"a * b": a * b, "a.matmul(b)": a.matmul(b), "torch.mm(a, b)": torch.mm(a, b)}
    tables |= {"b @ a": b @ a, "torch.matmul(a, b)": torch.matmul(a, b)}
    others = [name for name, table in tables.items() if not torch.equal(table, a @ b)]

    assert others == __


def test_the_inner_lengths_must_agree(device):
    """Choose the shape of the right matrix, so that the product has the shape (2, 4)."""
    left = torch.zeros(2, 3, device=device)

    shape = __
    right = torch.zeros(shape, device=device)
    assert (left @ right).shape == (2, 4)


def test_rows_meet_rows_after_a_transpose(device):
    """A linear layer keeps a row of weights for each output; `.T` turns rows into columns.

    Work out both outputs: the dot products of x's row with the two rows of weight.
    """
    x = torch.tensor([[1.0, 2.0, 3.0]], device=device)
    weight = torch.tensor([[1.0, 0.0, 1.0], [0.0, 5.0, 0.0]], device=device)

    output = __
    assert output.tolist() == [[4.0, 10.0]]


def test_mm_is_for_two_matrices_and_dot_for_two_vectors(device):
    """A matrix times a vector: four functions are tried; __name__ is the name of each, a string."""
    matrix, vector = torch.ones(2, 2, device=device), torch.ones(2, device=device)
    accepted = []
    for product in [torch.matmul, torch.mm, torch.mv, torch.dot]:
        with contextlib.suppress(RuntimeError):
            product(matrix, vector)
            accepted.append(product.__name__)

    assert accepted == __


def test_both_sides_must_have_one_dtype(device):
    """Floats come from NumPy as float64, layers have float32, and @ converts neither of them."""
    data = torch.tensor([[1.0, 2.0]], dtype=torch.float64, device=device)
    weight = torch.tensor([[3.0], [4.0]], device=device)
    with pytest.raises(RuntimeError):
        data @ weight

    product = __ @ weight
    assert (product.dtype, product.tolist()) == (torch.float32, [[11.0]])


def test_a_stack_of_matrices_is_multiplied_one_by_one(device):
    """Five recordings, each 20 moments long, and at every moment three sensors are read."""
    recordings = torch.zeros(5, 20, 3, device=device)
    weight = torch.zeros(3, 4, device=device)

    assert (recordings @ weight).shape == __


def test_a_larger_dot_product_is_not_a_closer_match(device):
    """Each pair of numbers is an arrow from (0, 0); two ways to find whose is most like mine.

    cosine_similarity divides the dot product by the lengths of both arrows, along their only dim.
    """
    me = torch.tensor([3.0, 4.0], device=device)
    others = {"ann": [4.0, 3.0], "ben": [0.0, 10.0], "cleo": [30.0, 0.0]}
    arrows = {name: torch.tensor(arrow, device=device) for name, arrow in others.items()}
    by_dot = max(arrows, key=lambda name: (me @ arrows[name]).item())
    by_cosine = max(arrows, key=lambda name: cosine_similarity(me, arrows[name], dim=0).item())

    assert [by_dot, by_cosine] == __
