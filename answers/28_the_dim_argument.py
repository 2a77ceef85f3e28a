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

    # claims: B071 B077
    # hint: start at rain[0, 0] and let only the first index run; which elements do you meet?
    # hint: one such walk can be made for each value that j can have
    # trap: [2.5, 6.5] -> there j was running; "0 is the row" leads here, but dim=0 steps from row
    #     to row
    # trap: [[3.0, 4.0, 5.0, 6.0]] -> the means are right, but the dim that was walked along is
    #     gone, and its brackets with it
    # trap: [6.0, 8.0, 10.0, 12.0] -> these are the sums; each walk met two elements
    # trap: 4.5 -> that is mean() without dim; here only one of the two indices runs
    # trap: [[3.0], [4.0], [5.0], [6.0]] -> a mean of a column does not stand in a column; what is
    #     left is a vector
    assert rain.mean(dim=0).tolist() == __([3.0, 4.0, 5.0, 6.0])
    # why: the days were averaged, the towns are left: shape (2, 4) without its place 0 is (4,). It
    #     is the dim you name that disappears.
    # picture: rain


def test_name_the_dim_that_you_want_to_be_rid_of(device):
    """rain[i, j] fell on day i in town j; for each day, find the average over the towns."""
    rain = torch.tensor([[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0]], device=device)

    # claims: B072
    # hint: which index has to run, and in which place of rain[i, j] does it stand?
    # trap: rain.mean(dim=0) -> this averages the days, and the towns are left
    # trap: rain.mean() -> both indices ran, and days and towns are gone
    # trap: rain.mean(dim=2) -> places are counted from 0; a matrix has no third one
    # trap: rain.mean(dim=1, keepdim=True) -> the means are right, but each has kept a pair of
    #     brackets of its own
    # trap: rain.sum(dim=1) -> the walk is right; each of the four towns adds, and nobody divides
    daily = __(rain.mean(dim=1))
    assert daily.tolist() == [2.5, 6.5]
    # why: "per day" names the dim that stays, dim= names the one that goes. Ask what is to be
    #     averaged away, and write that.
    # picture: rain, daily


def test_a_sum_along_a_dim_is_a_loop_over_that_index(device):
    """One number of sum(dim=1) is added up by hand, and j is the index that runs.

    reshape() lays the numbers 0 to 23 out as two blocks of three rows of four.
    """
    t = torch.arange(24.0, device=device).reshape(2, 3, 4)
    total = t.sum(dim=1)[1, 2]

    # claims: B077
    # hint: an element of t takes three indices; the sum has two left, and they are 1 and 2
    # hint: put j where dim=1 says, and fill the other places in their old order
    # trap: j, 1, 2 -> here dim 0 is walked along, and it is only two long
    # trap: 1, 2, j -> that walks along the last dim; places are counted from 0
    # trap: 1, j -> this is a whole row of four; index 2 picks one of its elements
    # trap: 2, j, 1 -> the other two indices keep their order
    # trap: :, j, 2 -> the colon takes both blocks; the sum was asked for block 1
    by_hand = sum(t[__[1, j, 2]] for j in range(3))
    assert by_hand.item() == total.item()
    # why: this is all that dim means. sum(dim=k) is a loop over the index in place k, and the other
    #     indices close up to become the indices of the result.
    # picture: t, total


def test_cross_out_the_place_that_was_named(device):
    """Three dims, three ways of adding up: what shape has each of them?"""
    t = torch.zeros(2, 3, 4, device=device)
    shapes = [t.sum(dim=k).shape for k in range(3)]

    # claims: B077
    # hint: write (2, 3, 4) down three times and strike one entry out each time
    # trap: [(2,), (3,), (4,)] -> these are the lengths of the dims that were walked along; they are
    #     what is gone
    # trap: [(2, 3), (2, 4), (3, 4)] -> places are counted from the left, as indices are
    # trap: [(3, 4), (2, 3), (2, 4)] -> "1 is the row" sends the last dim away; but 1 is the place
    #     in the middle here
    # trap: [(1, 3, 4), (2, 1, 4), (2, 3, 1)] -> the place is not kept at length 1 unless you ask
    # trap: [[3, 4], [2, 4], [2, 3]] -> the lengths are right, but a shape is a tuple, and no list
    #     equals a tuple
    assert shapes == __([(3, 4), (2, 4), (2, 3)])
    # why: neither rows nor columns help here, yet nothing is new: strike out entry k and keep the
    #     others in their order. That works with any number of dims.
    # picture: t


def test_two_dims_can_go_in_one_step(device):
    """A batch is (N, C, H, W); find the mean brightness of each channel in each picture."""
    batch = torch.zeros(8, 3, 64, 32, device=device)
    batch[7, 2, 32:, 16:] = 1.0

    # claims: B077
    # hint: 8 and 3 are to stay; which places do the other two stand in?
    # hint: dim takes a tuple as well
    # trap: batch.mean(dim=(0, 1)) -> "each picture and channel" names the dims that stay
    # trap: batch.mean(dim=(1, 2)) -> places are counted from 0, so this averages the channels
    # trap: batch.mean(dim=2) -> the height is gone, the width is still there
    # trap: batch.mean() -> one number for eight pictures
    # trap: batch[:, :, 0, 0] -> that looks at a single pixel of each picture
    # trap: batch.mean(dim=(2, 3), keepdim=True) -> the means are right, but height and width are
    #     still there, each of length 1
    brightness = __(batch.mean(dim=(2, 3)))
    assert brightness.shape == (8, 3)
    assert brightness[7, 2].item() == 0.25
    # why: with several dims, all of their indices run, and all of these dims go. What is left are
    #     the dims of which you said "each".
    # picture: brightness


def test_keepdim_leaves_the_place_open(device):
    """counts has three dims, each of length 2; divide, so that the shares along dim 1 add up to 1.

    keepdim=True keeps the place of the dim that went, with length 1.
    """
    counts = torch.tensor([[[1.0, 3.0], [3.0, 1.0]], [[2.0, 2.0], [6.0, 6.0]]], device=device)

    # claims: B072
    # hint: counts[0, :, 0] is 1 and 3, and their total divides both of them
    # hint: shapes are aligned from the right; where must the totals have a 1 to be stretched?
    # trap: counts.sum(dim=1) -> of shape (2, 2) it is aligned from the right, and its first dim
    #     meets dim 1 of counts: no error, wrong shares
    # trap: counts.sum(dim=2, keepdim=True) -> these are totals along the last dim
    # trap: counts.sum(dim=0, keepdim=True) -> these are totals across the two blocks
    # trap: counts.sum() -> one total for everything; nothing along dim 1 adds up to 1 then
    # trap: counts.max(dim=1, keepdim=True) -> max() answers with a pair, and a share is a part of a
    #     sum
    shares = counts / __(counts.sum(dim=1, keepdim=True))
    assert shares.tolist() == [[[0.25, 0.75], [0.75, 0.25]], [[0.25, 0.25], [0.75, 0.75]]]
    # why: keep the place whenever the result is to meet the tensor that it came from. Where all
    #     lengths are equal, torch has no way of telling you that you forgot.
    # picture: counts, shares


def test_the_last_dim_has_a_name_of_its_own(device):
    """Sum along the last dim of each of the three, however many dims come before it."""
    vector = torch.arange(4.0, device=device)
    matrix = vector.expand(2, 4)
    cube = vector.expand(2, 2, 4)

    # claims: B047 B077
    # hint: how do you ask a list for its last entry without knowing its length?
    # trap: t.sum(dim=0) -> right for the vector only; elsewhere dim 0 is the first of several
    # trap: t.sum(dim=1) -> the vector has no such dim, and in the cube it is the middle one
    # trap: t.sum() -> every index runs, so nothing is left of the dims in front
    # trap: t[..., -1] -> that takes the last element along the last dim and adds nothing up
    # trap: t.sum(dim=len(t)) -> len() is the length of dim 0; it does not count dims
    sums = [__(t.sum(dim=-1)) for t in (vector, matrix, cube)]
    assert [s.tolist() for s in sums] == [6.0, [6.0, 6.0], [[6.0, 6.0], [6.0, 6.0]]]
    # why: negative dims count from the right, so -1 means the same with and without a batch in
    #     front. In t[..., -1] the -1 is an index along that dim; in dim=-1 it is the dim itself.
    # picture: vector, matrix, cube


def test_a_running_total_keeps_its_dim(device):
    """cumsum adds up as sum does, but writes the total down at each step of the walk."""
    t = torch.tensor([[1, 2], [3, 4], [5, 6]], device=device)

    # claims: B077
    # hint: which index runs for dim=0?
    # hint: down the first column the totals are 1, then 1 + 3, and then?
    # trap: [[1, 3], [3, 7], [5, 11]] -> this ran along the rows; dim=0 goes from row to row
    # trap: [9, 12] -> these are the totals at the end of each walk; the ones on the way are kept as
    #     well
    # trap: [[9, 12], [8, 10], [5, 6]] -> the walk begins at index 0, at the top
    # trap: [[1, 3], [6, 10], [15, 21]] -> this ran through the whole table; each column is a walk
    #     of its own
    # trap: [[1, 4, 9], [2, 6, 12]] -> the totals are right, but they lie on their side; the shape
    #     stays (3, 2)
    assert t.cumsum(dim=0).tolist() == __([[1, 2], [4, 6], [9, 12]])
    # why: dim tells every function where to walk. Whether the dim goes, stays or grows is up to the
    #     function: sum() needs one place for each walk, cumsum() one for each step.
    # picture: t


def test_max_along_a_dim_answers_twice(device):
    """Told to walk along a dim, max() gives what it found, and at which index of that dim."""
    t = torch.tensor([[4, 9, 2], [7, 1, 3]], device=device)
    best = t.max(dim=0)

    # claims: B075 B076
    # hint: how many walks are there along dim 0, and how long is each?
    # hint: the indices are those of the index that runs, which has two values here
    # trap: ([9, 7], [1, 0]) -> those walks went along dim 1, from column to column
    # trap: ([7, 9, 3], [3, 1, 5]) -> an index along dim 0 is 0 or 1; these count through all of t
    # trap: ([7, 9, 3], [0, 1, 2]) -> these number the walks; the question is where on its walk each
    #     was found
    # trap: ([7, 9, 3], [2, 1, 2]) -> indices are counted from 0
    # trap: [[7, 9, 3], [1, 0, 1]] -> all found, but on the left the two stand in a tuple
    assert (best.values.tolist(), best.indices.tolist()) == __(([7, 9, 3], [1, 0, 1]))
    # why: `values, indices = t.max(dim=0)` takes the pair apart, and amax(dim=0) gives the values
    #     alone. Without dim, max() answers with a tensor of no dims.
    # picture: t, best


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
    deviation = x.std(dim=dim, correction=0, keepdim=True)
    equal = x.amax(dim=dim, keepdim=True) == x.amin(dim=dim, keepdim=True)
    return ((x - x.mean(dim=dim, keepdim=True)) / deviation).masked_fill(equal, 0.0)


# hint: mean and deviation must meet x again, so keep the place of the dim
# hint: std() divides by one less than there are, unless its keyword correction is 0
# hint: numbers are equal where the largest is the smallest; put the zeros there last, whatever the
#     division gave. masked_fill() or torch.where() does that
# wrong: return (x - x.mean(dim=dim)) / x.std(dim=dim, correction=0) -> without keepdim the means
#     meet the wrong dim, or none that fits
# wrong: centered = x - x.mean(dim=dim, keepdim=True)
#     deviation = x.std(dim=dim, keepdim=True)
#     return centered / deviation.masked_fill(deviation == 0, 1.0) -> std() divides by n - 1, and
#     of a single number it is nan
# wrong: centered = x - x.mean(dim=dim, keepdim=True)
#     deviation = x.std(dim=dim, correction=0, keepdim=True)
#     return centered / deviation.masked_fill(deviation == 0, 1.0) -> the mean of equal numbers may
#     be rounded, and then their deviation is not quite 0
# wrong: centered = x - x.mean(dim=dim, keepdim=True)
#     deviation = x.std(dim=dim, correction=0, keepdim=True)
#     return centered / deviation.clamp(min=1e-8) -> next to numbers smaller than that, it is the
#     1e-8 that divides
# wrong: centered = x - x.mean(dim=dim, keepdim=True)
#     return centered / x.std(dim=dim, correction=0, keepdim=True) -> equal numbers have a deviation
#     of 0, and 0 / 0 is nan
# wrong: centered = x - x.mean(dim=dim, keepdim=True)
#     return centered / (x.std(dim=dim, correction=0, keepdim=True) + 1e-5) -> next to tiny numbers
#     that little extra is large
# wrong: centered = x - x.mean()
#     deviation = x.std(correction=0)
#     return centered / deviation.masked_fill(deviation == 0, 1.0) -> this is one walk through
#     everything; dim was not asked
# wrong: deviation = x.std(dim=dim, correction=0, keepdim=True)
#     x -= x.mean(dim=dim, keepdim=True)
#     return x / deviation.masked_fill(deviation == 0, 1.0) -> -= writes into the tensor of the
#     caller
# also: return torch.where(
#         x.amax(dim=dim, keepdim=True) == x.amin(dim=dim, keepdim=True),
#         torch.zeros_like(x),
#         (x - x.mean(dim=dim, keepdim=True)) / x.std(dim=dim, correction=0, keepdim=True),
#     ) -> in one expression
# also: walks, rows = x.movedim(dim, -1), []
#     for walk in walks.reshape(-1, x.shape[dim]):
#         row = (walk - walk.mean()) / walk.std(correction=0)
#         rows.append(torch.zeros_like(walk) if walk.max() == walk.min() else row)
#     return torch.stack(rows).reshape(walks.shape).movedim(-1, dim) -> with a loop
# why: reduce with keepdim=True, then let broadcasting carry the result back over the dim that it
#     came from. The layers that normalise are built like this.


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
