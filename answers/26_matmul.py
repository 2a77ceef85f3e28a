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

    # claims: A034 B027
    # hint: what does the first thing cost, all pieces of it together?
    # hint: tolist() keeps every pair of brackets that the tensor has
    # trap: [20.0, 60.0, 5.0] -> that is amounts * prices; a bill goes on and adds them up
    # trap: [85.0] -> the number is right, but a bill is one number and not a list of one
    # trap: 210.0 -> this is all amounts together, times all prices together; each thing has a price
    #     of its own
    # trap: 41.0 -> it is the pairs that are multiplied, before anything is added
    assert bill.tolist() == __(85.0)
    # why: the pairs are used up by the sum, so no dim is left: the dot product of two vectors is a
    #     scalar. Where you meant to multiply and keep the pairs, the sign is *.
    # picture: amounts, prices, bill


def test_a_table_of_rows_times_columns(device):
    """Four dot products, each at the crossing of its row and its column."""
    a = torch.tensor([[1.0, 2.0], [3.0, 4.0]], device=device)
    b = torch.tensor([[5.0, 6.0], [7.0, 8.0]], device=device)

    # claims: B027 B030 B031
    # hint: the rows come from a, the columns from b
    # hint: for the upper right corner, lay [1, 2] on the column that holds 6 and 8
    # trap: [[5.0, 12.0], [21.0, 32.0]] -> that is a * b, element by element
    # trap: [[23.0, 34.0], [31.0, 46.0]] -> that is b @ a: rows of b, columns of a
    # trap: [[17.0, 23.0], [39.0, 53.0]] -> rows times rows; on the right it is the columns
    # trap: [[26.0, 30.0], [38.0, 44.0]] -> columns times columns; on the left it is the rows
    # trap: 70.0 -> a table of dot products has a row for each row of a; nothing adds them all up
    assert (a @ b).tolist() == __([[19.0, 22.0], [43.0, 50.0]])
    # why: one finger goes along a row of the left, another down a column of the right. Change the
    #     sides and other rows meet other columns, so a @ b and b @ a are two different tables.
    # picture: a, b


def test_one_product_has_several_spellings():
    """Which of these five tables, of integers on the CPU, differ from a @ b?

    `|=` adds to a dict, and torch.equal() asks for the same shape and the same elements.
    """
    a = torch.tensor([[1, 1], [2, 2]])
    b = torch.tensor([[5, 6], [7, 8]])
    tables = {"a * b": a * b, "a.matmul(b)": a.matmul(b), "torch.mm(a, b)": torch.mm(a, b)}
    tables |= {"b @ a": b @ a, "torch.matmul(a, b)": torch.matmul(a, b)}
    others = [name for name, table in tables.items() if not torch.equal(table, a @ b)]

    # claims: B027 B030 B031 B062 B068
    # hint: the letters mm stand for matrix and matrix
    # hint: the upper left corner of a @ b is 1 * 5 + 1 * 7; work out that corner of the others
    # trap: ["a * b"] -> one of the others has the right sign and the wrong order
    # trap: ["b @ a"] -> there is one more, and it does not even add anything up
    # trap: ["a * b", "torch.mm(a, b)", "b @ a"] -> mm is a matrix product too, between two matrices
    # trap: ["a * b", "a.matmul(b)", "b @ a"] -> a method and the function of its name do the same
    # trap: ["b @ a", "a * b"] -> the right two; they stand in the order in which they went in
    assert others == __(["a * b", "b @ a"])
    # why: `a @ b`, `a.matmul(b)` and `torch.matmul(a, b)` are three ways to write one call. On CUDA
    #     torch has no such product for integers, so matrices are kept as floats.


def test_the_inner_lengths_must_agree(device):
    """Choose the shape of the right matrix, so that the product has the shape (2, 4)."""
    left = torch.zeros(2, 3, device=device)

    # claims: B027
    # hint: a row of left holds three numbers; how many must a column on the right hold?
    # hint: the product has a row for each row of left and a column for each column of the other
    # trap: (4, 3) -> the right lengths in the wrong order; its columns hold four numbers
    # trap: (2, 4) -> that is the shape of the product; columns of two do not fit rows of three
    # trap: (2, 3) -> equal shapes suit *, where elements meet elements; here rows meet columns
    # trap: (3,) -> this vector fits, but then nothing makes the four columns
    # trap: (3, 2) -> it fits, and the product has the shape (2, 2)
    shape = __((3, 4))
    right = torch.zeros(shape, device=device)
    assert (left @ right).shape == (2, 4)
    # why: write the shapes side by side, (2, 3) @ (3, 4). The two lengths in the middle must be
    #     equal and vanish; the two outside are the shape of the product.


def test_rows_meet_rows_after_a_transpose(device):
    """A linear layer keeps a row of weights for each output; `.T` turns rows into columns.

    Work out both outputs: the dot products of x's row with the two rows of weight.
    """
    x = torch.tensor([[1.0, 2.0, 3.0]], device=device)
    weight = torch.tensor([[1.0, 0.0, 1.0], [0.0, 5.0, 0.0]], device=device)

    # claims: A033 B026
    # hint: what shape must stand to the right of (1, 3), so that (1, 2) comes out?
    # trap: x @ weight -> rows of three meet columns of two; weight must be turned
    # trap: x * weight -> these are the pairs, not added up
    # trap: weight @ x.T -> the right two numbers, but below each other: x is to stay on the left
    # trap: x.T @ weight -> now it is x that was turned, into three rows of one
    # trap: x @ weight.reshape(3, 2) -> the shape fits and the numbers are mixed up: reshape() does
    #     not turn a matrix, it deals the same numbers into other rows
    output = __(x @ weight.T)
    assert output.tolist() == [[4.0, 10.0]]
    # why: this is the forward pass of a linear layer. It computes, row by row, and learns nothing:
    #     weight is the same afterwards.
    # picture: x, weight, output


def test_mm_is_for_two_matrices_and_dot_for_two_vectors(device):
    """A matrix times a vector: four functions are tried; __name__ is the name of each, a string."""
    matrix, vector = torch.ones(2, 2, device=device), torch.ones(2, device=device)
    accepted = []
    for product in [torch.matmul, torch.mm, torch.mv, torch.dot]:
        with contextlib.suppress(RuntimeError):
            product(matrix, vector)
            accepted.append(product.__name__)

    # claims: B027
    # hint: three of them want their two arguments with a certain number of dims each
    # hint: what might the letters of mv stand for?
    # trap: ["matmul", "mm", "mv"] -> mm wants a matrix on either side; it is not matmul in short
    # trap: ["matmul", "mm", "mv", "dot"] -> the last one refuses a matrix
    # trap: ["matmul"] -> one of the strict ones is made for this very pair
    # trap: ["mv"] -> one of the four is not strict at all
    # trap: [torch.matmul, torch.mv] -> right, but the list holds their names, in quotes
    assert accepted == __(["matmul", "mv"])
    # why: matmul, which is also @, looks at the dims and picks the product that fits. The strict
    #     ones refuse the rest, which is of use where a wrong shape should not pass unnoticed.


def test_both_sides_must_have_one_dtype(device):
    """Floats come from NumPy as float64, layers have float32, and @ converts neither of them."""
    data = torch.tensor([[1.0, 2.0]], dtype=torch.float64, device=device)
    weight = torch.tensor([[3.0], [4.0]], device=device)
    with pytest.raises(RuntimeError):
        data @ weight

    # claims: A056 B027
    # hint: + would take the wider of the two dtypes; @ leaves that decision to you
    # hint: weight stays as it is, so what must data become?
    # trap: data -> this was refused two lines above
    # trap: data.double() -> data is float64 already
    # trap: data.int() -> integers and floats are two dtypes as well
    # trap: data.half() -> that is float16, on the other side of float32
    # trap: data.tolist() -> a list has no matrix product
    product = __(data.float()) @ weight
    assert (product.dtype, product.tolist()) == (torch.float32, [[11.0]])
    # why: an ndarray takes two steps to a network: from_numpy() makes it a tensor, float() makes
    #     that fit the weights. Convert the data, not the model.


def test_a_stack_of_matrices_is_multiplied_one_by_one(device):
    """Five recordings, each 20 moments long, and at every moment three sensors are read."""
    recordings = torch.zeros(5, 20, 3, device=device)
    weight = torch.zeros(3, 4, device=device)

    # claims: B027 B033
    # hint: what would a single recording, recordings[0] @ weight, have for a shape?
    # hint: the product looks at the last two dims only
    # trap: (20, 4) -> that is the product of a single recording; there are five
    # trap: (5, 3, 4) -> the inner lengths are the threes, and they vanish
    # trap: (5, 20, 3, 4) -> lengths that agree do not stay side by side; they are used up
    # trap: (100, 4) -> the right numbers, but nothing lays the recordings end to end
    # trap: [5, 20, 4] -> the lengths are right, but a shape is a tuple, and no list equals a tuple
    assert (recordings @ weight).shape == __((5, 20, 4))
    # why: the last two dims are matrices, all dims before them only count how many. So the same
    #     line serves one sample, a batch, and a batch of sequences.


def test_a_larger_dot_product_is_not_a_closer_match(device):
    """Each pair of numbers is an arrow from (0, 0); two ways to find whose is most like mine.

    cosine_similarity divides the dot product by the lengths of both arrows, along their only dim.
    """
    me = torch.tensor([3.0, 4.0], device=device)
    others = {"ann": [4.0, 3.0], "ben": [0.0, 10.0], "cleo": [30.0, 0.0]}
    arrows = {name: torch.tensor(arrow, device=device) for name, arrow in others.items()}
    by_dot = max(arrows, key=lambda name: (me @ arrows[name]).item())
    by_cosine = max(arrows, key=lambda name: cosine_similarity(me, arrows[name], dim=0).item())

    # claims: A033 A034
    # hint: the dot product with ben is 3 * 0 + 4 * 10
    # hint: my arrow is 5 long, and so is ann's; ben's is 10 long, cleo's 30
    # trap: ["cleo", "cleo"] -> cleo's arrow is long, but does it point where mine points?
    # trap: ["ann", "ann"] -> the dot product counts lengths as well, and two arrows are long
    # trap: ["ben", "ann"] -> work out all three dot products; one is larger than ben's
    # trap: ["cleo", "ben"] -> ben's dot product divided by his length of 10 is 4; what is ann's?
    # trap: ("cleo", "ann") -> the right two, but on the left side stands a list
    assert [by_dot, by_cosine] == __(["cleo", "ann"])
    # why: an arrow twice as long has dot products twice as large, plus or minus, wherever it
    #     points. They measure similarity only between arrows of one length, and dividing by the
    #     lengths is how to get there.
