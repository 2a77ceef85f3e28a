"""cat makes a dim longer, stack makes a new one.

`torch.cat(tensors, dim)` takes a list of tensors and lays them end to end along a dim that they
have. That dim grows, the others stay. `torch.stack(tensors, dim)` takes tensors of one shape and
puts them side by side in a new dim, whose length is the number of tensors. Without dim= both work
at dim 0.

Read more: https://docs.pytorch.org/docs/stable/generated/torch.cat.html
"""

import contextlib

import torch

from koans import __, kata


def test_cat_makes_the_dim_longer_that_it_is_given(device):
    """Three tables of shape (3, 4) are joined, first along dim 0 and then along dim 1."""
    t = torch.zeros(3, 4, device=device)
    along_0 = torch.cat([t, t, t], dim=0)
    along_1 = torch.cat([t, t, t], dim=1)

    assert (along_0.shape, along_1.shape) == __


def test_the_joined_lengths_may_differ(device):
    """Put the column of totals at the right end of the table."""
    table = torch.tensor([[1, 2], [3, 4]], device=device)
    totals = torch.tensor([[3], [7]], device=device)

    report = __
    assert report.tolist() == [[1, 2, 3], [3, 4, 7]]


def test_all_other_lengths_must_match(device):
    """Five shapes, each to be joined to (2, 3) along dim 1; some of them are refused."""
    t = torch.zeros(2, 3, device=device)
    fits = []
    for shape in [(5, 3), (2, 5), (2,), (2, 1), (2, 3, 1)]:
        with contextlib.suppress(RuntimeError):
            torch.cat([t, torch.zeros(shape, device=device)], dim=1)
            fits.append(shape)

    assert fits == __


def test_sum_and_cat_mean_the_same_dim_by_its_number(device):
    """Dim 1 is named twice: once to be joined along, once to be added up."""
    t = torch.zeros(2, 3, 5, device=device)
    joined = torch.cat([t, t], dim=1)
    added = t.sum(dim=1)

    assert (joined.shape, added.shape) == __


def test_stack_makes_a_dim_that_was_not_there(device):
    """Eight pictures of shape (3, 64, 32) are made into one batch."""
    pictures = [torch.zeros(3, 64, 32, device=device) for _ in range(8)]

    assert torch.stack(pictures, dim=0).shape == __


def test_stack_puts_the_new_dim_where_you_say(device):
    """Pair the coordinates: three points, each of them an x together with its y."""
    x = torch.tensor([1, 2, 3], device=device)
    y = torch.tensor([4, 5, 6], device=device)

    points = __
    assert points.tolist() == [[1, 4], [2, 5], [3, 6]]


def test_scalars_have_no_dim_to_be_joined_along(device):
    """Make one vector of the three scalars, on the device where they are."""
    five = torch.tensor(5, device=device)
    three = torch.tensor(3, device=device)
    scalars = [five, three, five + three]

    vector = __
    assert (vector.device.type, vector.tolist()) == (device.type, [5, 3, 8])


def test_joining_copies(device):
    """A tensor that went into cat is written to afterwards."""
    t = torch.tensor([1, 2], device=device)
    joined = torch.cat([t, t])
    t[0] = 9

    assert joined.tolist() == __


@kata
def pad_and_mask(vectors: list[torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor]:
    """Return vectors of different lengths as one table, and a mask of what is real in it.

    `vectors` is a list of N 1-D tensors, at least one, that share a dtype and a device; the longest
    has length L. Both tensors of the answer have the shape (N, L) and are on the device of the
    vectors. The first has their dtype: its row i holds vectors[i] and, behind it, zeros. The second
    has dtype torch.bool: True where an element of a vector stands, even if that element is 0, and
    False where a row was filled up.

    Neither shares memory with a vector, and list and vectors stay as they are. In plain Python:

        length = max(len(v) for v in vectors)
        padded = [[v[j] if j < len(v) else 0 for j in range(length)] for v in vectors]
        mask = [[j < len(v) for j in range(length)] for v in vectors]
    """
    raise NotImplementedError


def test_pad_and_mask_fills_up_behind_each_vector(device):
    """Three vectors of three lengths; the zeros of the second are its own."""
    large = 2**24 + 1  # more than a float32 can tell from its neighbours
    vectors = [torch.tensor(v, device=device) for v in ([1, 2], [3, 0, large, 0], [6])]
    padded, mask = pad_and_mask(vectors)
    table = torch.tensor([[1, 2, 0, 0], [3, 0, large, 0], [6, 0, 0, 0]], device=device)
    real = torch.tensor([[1, 1, 0, 0], [1, 1, 1, 1], [1, 0, 0, 0]], device=device)
    assert type(padded) is type(mask) is torch.Tensor
    torch.testing.assert_close(padded, table, rtol=0, atol=0)
    torch.testing.assert_close(mask, real == 1)


def test_pad_and_mask_keeps_dtype_and_device(device):
    """Whatever the vectors are made of, the table is too; the mask is always of bools."""
    for dtype in (torch.float64, torch.float32, torch.int8, torch.bool):
        vectors = [torch.ones(2, dtype=dtype, device=device) for _ in range(3)]
        vectors.append(torch.ones(4, dtype=dtype, device=device))
        padded, mask = pad_and_mask(vectors)
        assert (padded.dtype, padded.device.type) == (dtype, device.type)
        assert (mask.dtype, mask.device.type) == (torch.bool, device.type)
        assert padded[0].tolist() == [1, 1, 0, 0]
        assert padded[3].tolist() == [1, 1, 1, 1]


def test_pad_and_mask_takes_one_vector_and_empty_ones(device):
    """A list of one, vectors of length 1, and vectors without elements, against plain Python."""
    for lists in ([[7.5]], [[0.0]], [[], [4.0, 5.0]], [[1.0], [], [2.0]], [[], []]):
        padded, mask = pad_and_mask([torch.tensor(v, device=device) for v in lists])
        length = max(len(v) for v in lists)
        assert padded.shape == mask.shape == (len(lists), length)
        assert padded.tolist() == [v + [0.0] * (length - len(v)) for v in lists]
        assert mask.tolist() == [[j < len(v) for j in range(length)] for v in lists]


def test_pad_and_mask_copies(device):
    """Writing to the table reaches no vector, and the list still holds what it held."""
    for lists in ([[1.0, 2.0]], [[1.0, 2.0], [3.0, 4.0]], [[1.0], [3.0, 4.0]]):
        vectors = [torch.tensor(v, device=device) for v in lists]
        padded, _ = pad_and_mask(vectors)
        padded.fill_(9)
        assert [v.tolist() for v in vectors] == lists
