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

    # claims: A076 A052
    # hint: who chooses the dtype where there are values, and who where there are none?
    # hint: a network computes in floats
    # trap: [torch.int64, torch.int64, torch.int64] -> zeros are whole numbers to us, but nobody
    #     gave zeros() or eye() a value with a kind
    # trap: [torch.float64, torch.int64, torch.float64] -> NumPy's factories do so; torch's default
    #     has half the bits
    # trap: [torch.float32, torch.float32, torch.float32] -> tensor() looks into its list
    # trap: [float, int, float] -> these are Python's classes; a tensor has a dtype of torch's
    # trap: (torch.float32, torch.int64, torch.float32) -> the right three, but on the left stands a
    #     list, in square brackets
    assert dtypes == __([torch.float32, torch.int64, torch.float32])
    # why: values bring a kind along, lengths do not. Where zeros are to be counted up as whole
    #     numbers, write dtype=torch.int64.
    # picture: zeros, listed, square


def test_every_number_in_the_brackets_is_a_length(device):
    """All elements are ones, so their sum counts them; one of these lengths is 0."""
    full = torch.ones(2, 3, 4, device=device)
    hollow = torch.ones(2, 0, 4, device=device)

    # claims: A077
    # hint: full is two tables, each of three rows, each row of four ones
    # hint: hollow is two tables as well; how many rows has each of them?
    # trap: (24, 8) -> a length of 0 is not left out: a table without rows has no numbers
    # trap: (9, 6) -> lengths are not added: each dim multiplies what is inside it
    # trap: (24, 1) -> numbers that are not there add up to nothing
    # trap: (24, None) -> a sum is always a number, also where nothing is added
    # trap: ((2, 3, 4), (2, 0, 4)) -> these are the shapes; the elements are ones, and they are
    #     added up
    # trap: [24, 0] -> the right two, but on the left stands a tuple, in round brackets
    assert (full.sum().item(), hollow.sum().item()) == __((24, 0))
    # why: zeros and ones take as many lengths as you like, the outermost first, and the number of
    #     elements is their product. A single length of 0 leaves none, and no error tells you.
    # picture: full, hollow


def test_the_shape_may_come_in_one_piece(device):
    """Three calls with the same three numbers, in round brackets of their own or without."""
    loose = torch.zeros(64, 32, 3, device=device)
    packed = torch.zeros((64, 32, 3), device=device)
    data = torch.tensor((64, 32, 3), device=device)

    # claims: B094
    # hint: for zeros() the numbers are lengths, with or without the tuple; what are they for
    #     tensor()?
    # trap: [(64, 32, 3), (1, 64, 32, 3), (3,)] -> brackets add a dim around data; this tuple is a
    #     shape
    # trap: [(64, 32, 3), (3,), (3,)] -> zeros() takes no data, so the tuple can't be any
    # trap: [(64, 32, 3), (64, 32, 3), (64, 32, 3)] -> tensor() takes data: there are three numbers
    #     in it
    # trap: [(64, 32, 3), (64, 32, 3), (1, 3)] -> one pair of brackets around the numbers, one dim
    # trap: [(64, 32, 3), (64, 32, 3), 3] -> a shape is a tuple also where it has one length, and
    #     such a tuple is written with a comma
    # trap: ((64, 32, 3), (64, 32, 3), (3,)) -> the shapes are right, but on the left stands a list,
    #     in square brackets
    assert [t.shape for t in (loose, packed, data)] == __([(64, 32, 3), (64, 32, 3), (3,)])
    # why: a shape is a tuple, so one that you have at hand can be handed on whole:
    #     `torch.zeros(image.shape)`.


def test_full_looks_at_the_number_it_is_given(device):
    """Here a value is given, and it goes into both places of each tensor."""
    values = [7, 7.0, True]
    dtypes = [torch.full((2,), value, device=device).dtype for value in values]

    # claims: A052 A076
    # hint: how would torch.tensor decide?
    # trap: [torch.float32, torch.float32, torch.float32] -> zeros and ones have to take the
    #     default; full() has a value to look at
    # trap: [torch.int64, torch.float64, torch.bool] -> a Python float becomes the smaller of the
    #     two
    # trap: [torch.int64, torch.float32, torch.int64] -> True is of a kind of its own
    # trap: [torch.int64, torch.int64, torch.int64] -> 7.0 is whole, but its kind is not int
    # trap: [int, float, bool] -> these are Python's classes; a tensor has a dtype of torch's
    assert dtypes == __([torch.int64, torch.float32, torch.bool])
    # why: full() infers as torch.tensor does. One forgotten point, 7 for 7.0, and later a mean, or
    #     a matrix product with floats, is refused.


def test_full_wants_to_know_where_the_shape_ends():
    """Make two rows of three sevens, as float32."""
    # claims: A052 A076
    # hint: full() takes two things, a shape and a number
    # hint: two ways lead to floats: another spelling of the number, or a keyword
    # trap: torch.full(2, 3, 7.0) -> a shape and a number are two things, and here are three
    # trap: torch.full(2, 3, 7) -> a shape and a number are two things, and here are three
    # trap: torch.full(2, 3, 7, dtype=torch.float32) -> a shape and a number are two things, and
    #     here are three
    # trap: torch.full((2, 3), 7) -> right but for the dtype: this 7 is an int
    # trap: torch.full((3, 2), 7.0) -> these are three rows of two
    # trap: torch.full(7.0, (2, 3)) -> the shape comes first
    # trap: torch.full((6,), 7.0) -> six sevens in one row
    # trap: torch.full([[2, 3]], 7.0) -> a shape has one pair of brackets, round or square
    t = __(torch.full((2, 3), 7, dtype=torch.float32))
    assert (t.dtype, t.tolist()) == (torch.float32, [[7.0, 7.0, 7.0], [7.0, 7.0, 7.0]])
    # why: zeros and ones take nothing but lengths, so loose ones are clear. Wherever another number
    #     follows, the shape has to come in brackets of its own.


def test_the_default_dtype_is_for_floats_only():
    """The default dtype is changed, three tensors are made, and it is changed back."""
    torch.set_default_dtype(torch.float64)
    made = [torch.ones(1), torch.tensor([1.5]), torch.tensor([1])]
    torch.set_default_dtype(torch.float32)

    # claims: A076 A052
    # hint: which of the three would be float32 if the default had been left alone?
    # hint: a tensor that is made keeps its dtype
    # trap: [torch.float32, torch.float32, torch.int64] -> float32 is the default of torch, but not
    #     for ever: it was float64 while these were made
    # trap: [torch.float64, torch.float64, torch.float64] -> an int has a dtype of its own and needs
    #     no default float
    # trap: [torch.float64, torch.float32, torch.int64] -> tensor() takes the kind from the value
    #     and the number of bits from the default
    # trap: [torch.float32, torch.float64, torch.int64] -> ones() has nothing but the default
    # trap: (torch.float64, torch.float64, torch.int64) -> the right three, but on the left stands a
    #     list, in square brackets
    assert [t.dtype for t in made] == __([torch.float64, torch.float64, torch.int64])
    # why: the default rules every float whose dtype nobody names, in the code of others too. To
    #     change one tensor, dtype= is the gentler way.


def test_eye_follows_the_diagonal(device):
    """The diagonal starts at the upper left and goes one down, one to the right."""
    t = torch.eye(2, 3, device=device)

    # claims: A076
    # hint: first the rows: how many are there, and how long is each?
    # hint: in row 0 the one stands at place 0, and in row 1?
    # trap: [[1.0, 1.0, 1.0], [1.0, 1.0, 1.0]] -> that is ones(2, 3); eye() has a single one in a
    #     row
    # trap: [[0.0, 0.0, 1.0], [0.0, 1.0, 0.0]] -> that diagonal starts at the upper right
    # trap: [[1.0, 0.0], [0.0, 1.0]] -> that is eye(2): the 3 is how long each row is
    # trap: [[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]] -> rows come first: there are two
    # trap: [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]] -> that is eye(3), with one row more
    assert t.tolist() == __([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
    # why: row i has its one at place i. So rows of eye() are a way to write "choice i of n" in
    #     numbers, and eye(n) is the matrix that changes nothing in a product.
    # picture: t
