"""dim names the place of the index that runs.

An element of a matrix has two indices, t[i, j]: i stands in place 0 and j in place 1. An element of
a tensor with three dims has three. A function that is given dim=k walks along dim k: the index in
place k runs from the first to the last, while all other indices stand still. sum(), mean() and
max() make one number of each such walk, so that dim is gone afterwards.

There are rules that say 0 is for the columns and 1 for the rows, or the other way round, depending
on the function. They contradict each other and end where the third dim begins. The rule about the
index holds for every function that walks.

Read more: https://docs.pytorch.org/docs/stable/generated/torch.sum.html
"""

import torch

from koans import __, kata


def test_along_dim_0_the_first_index_runs(device):
    """rain[i, j] fell on day i in town j; mean(dim=0) lets i run, and keeps j where it is."""
    rain = torch.tensor([[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0]], device=device)

    assert rain.mean(dim=0).tolist() == __


def test_name_the_dim_that_you_want_to_be_rid_of(device):
    """rain[i, j] fell on day i in town j; for each day, find the average over the towns."""
    rain = torch.tensor([[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0]], device=device)

    daily = __
    assert daily.tolist() == [2.5, 6.5]


def test_a_sum_along_a_dim_is_a_loop_over_that_index(device):
    """One number of sum(dim=1) is added up by hand, and j is the index that runs.

    reshape() lays the numbers 0 to 23 out as two blocks of three rows of four.
    """
    t = torch.arange(24.0, device=device).reshape(2, 3, 4)
    total = t.sum(dim=1)[1, 2]

    by_hand = sum(t[__] for j in range(3))
    assert by_hand.item() == total.item()


def test_cross_out_the_place_that_was_named(device):
    """Three dims, three ways of adding up: what shape has each of them?"""
    t = torch.zeros(2, 3, 4, device=device)
    shapes = [t.sum(dim=k).shape for k in range(3)]

    assert shapes == __


def test_two_dims_can_go_in_one_step(device):
    """A batch is (N, C, H, W); find the mean brightness of each channel in each picture."""
    batch = torch.zeros(8, 3, 64, 32, device=device)
    batch[7, 2, 32:, 16:] = 1.0

    brightness = __
    assert brightness.shape == (8, 3)
    assert brightness[7, 2].item() == 0.25


def test_keepdim_leaves_the_place_open(device):
    """counts has three dims, each of length 2; divide, so that the shares along dim 1 add up to 1.

    keepdim=True keeps the place of the dim that went, with length 1.
    """
    counts = torch.tensor([[[1.0, 3.0], [3.0, 1.0]], [[2.0, 2.0], [6.0, 6.0]]], device=device)

    shares = counts / __
    assert shares.tolist() == [[[0.25, 0.75], [0.75, 0.25]], [[0.25, 0.25], [0.75, 0.75]]]


def test_the_last_dim_has_a_name_of_its_own(device):
    """Sum along the last dim of each of the three, however many dims come before it."""
    vector = torch.arange(4.0, device=device)
    matrix = vector.expand(2, 4)
    cube = vector.expand(2, 2, 4)

    sums = [__ for t in (vector, matrix, cube)]
    assert [s.tolist() for s in sums] == [6.0, [6.0, 6.0], [[6.0, 6.0], [6.0, 6.0]]]


def test_a_running_total_keeps_its_dim(device):
    """cumsum adds up as sum does, but writes the total down at each step of the walk."""
    t = torch.tensor([[1, 2], [3, 4], [5, 6]], device=device)

    assert t.cumsum(dim=0).tolist() == __


def test_max_along_a_dim_answers_twice(device):
    """Told to walk along a dim, max() gives what it found, and at which index of that dim."""
    t = torch.tensor([[4, 9, 2], [7, 1, 3]], device=device)
    best = t.max(dim=0)

    assert (best.values.tolist(), best.indices.tolist()) == __


@kata
def standardize(x: torch.Tensor, dim: int) -> torch.Tensor:
    """Return `x` with each walk along `dim` shifted to mean 0 and scaled to deviation 1.

    `x` is a tensor of floats with at least one element and one dim or more, and stays as it is;
    `dim` may be negative. The result has the shape, dtype and device of `x`. What happens to the
    numbers of one walk along `dim` is, in plain Python:

        def standardized(numbers):
            if max(numbers) == min(numbers):
                return [0.0 for number in numbers]
            mean = sum(numbers) / len(numbers)
            squares = [(number - mean) ** 2 for number in numbers]
            deviation = (sum(squares) / len(numbers)) ** 0.5
            return [(number - mean) / deviation for number in numbers]

    The numbers may be as small as 1e-15 or as large as 1e15. Equal numbers give zeros even where
    their mean is rounded, as that of seven times 0.1 is.
    """
    raise NotImplementedError


def test_standardize_makes_mean_0_and_deviation_1(device):
    """These eight numbers have mean 5 and deviation 2; shape, dtype and device stay theirs."""
    for dtype in (torch.float32, torch.float64):
        x = torch.tensor([2, 4, 4, 4, 5, 5, 7, 9], dtype=dtype, device=device)
        result = standardize(x, 0)
        assert type(result) is torch.Tensor
        expected = torch.tensor([-1.5, -0.5, -0.5, -0.5, 0, 0, 1, 2], dtype=dtype, device=device)
        torch.testing.assert_close(result, expected)
        assert x.tolist() == [2, 4, 4, 4, 5, 5, 7, 9]


def test_standardize_works_along_each_dim(device):
    """In a tensor of three dims all walks along one dim come out alike; a square is tried, too."""
    x = torch.arange(24.0, device=device).reshape(2, 3, 4)
    for dim, walk, shape in [
        (0, [-1.0, 1.0], (2, 1, 1)),
        (1, [-(1.5**0.5), 0.0, 1.5**0.5], (1, 3, 1)),
        (-1, [-1.341641, -0.447214, 0.447214, 1.341641], (1, 1, 4)),
    ]:
        expected = torch.tensor(walk, device=device).reshape(shape).expand(2, 3, 4)
        torch.testing.assert_close(standardize(x, dim), expected)
    square = torch.tensor([[1.0, 3.0], [20.0, 10.0]], device=device)
    expected = torch.tensor([[-1.0, 1.0], [1.0, -1.0]], device=device)
    torch.testing.assert_close(standardize(square, 1), expected)


def test_standardize_makes_zeros_of_equal_numbers(device):
    """Equal numbers lie nowhere but on their mean, and a single number is equal to itself."""
    x = torch.tensor([[5.0, 5.0], [1.0, 3.0]], device=device)
    expected = torch.tensor([[0.0, 0.0], [-1.0, 1.0]], device=device)
    torch.testing.assert_close(standardize(x, 1), expected)
    column = torch.tensor([[5.0], [-2.0]], device=device)
    torch.testing.assert_close(standardize(column, 1), torch.zeros(2, 1, device=device))
    tenths = torch.tensor([0.1] * 7, device=device)
    torch.testing.assert_close(standardize(tenths, 0), torch.zeros(7, device=device))


def test_standardize_does_not_mind_tiny_numbers(device):
    """Tiny distances are distances, and come out as large as any."""
    x = torch.tensor([[1e-15, 3e-15], [1e15, 3e15]], device=device)
    expected = torch.tensor([[-1.0, 1.0], [-1.0, 1.0]], device=device)
    torch.testing.assert_close(standardize(x, -1), expected)
    near = torch.tensor([[1.0, 1.0 + 1e-7]], dtype=torch.float64, device=device)
    torch.testing.assert_close(standardize(near, -1), expected[:1].double())
