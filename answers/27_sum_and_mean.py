"""Many numbers become one.

A reduction takes many elements and answers with fewer: sum(), mean(), median(). Without
arguments it takes all elements of a tensor, however many dims they lie in. Three things are worth
knowing of each: what comes out, with which dtype, and what it does where elements are missing.

Read more: https://docs.pytorch.org/docs/stable/generated/torch.mean.html
"""

import contextlib

import torch

from koans import __


def test_a_reduction_without_arguments_takes_all_elements(device):
    """Rows and columns do not matter: mean() adds up everything and divides once."""
    t = torch.tensor([[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0]], device=device)
    mean = t.mean()

    # claims: B070
    # hint: the eight numbers add up to 36
    # hint: what is the shape of a tensor that has no dims?
    # trap: ((1,), 4.5) -> that is a vector of one; a number without brackets has no dim
    # trap: ((4,), [3.0, 4.0, 5.0, 6.0]) -> a mean of each column has to be asked for
    # trap: (None, 4.5) -> mean is a tensor, and every tensor has a shape
    # trap: ((2, 4), 4.5) -> a mean does not fill the table; the dims are used up
    # trap: ((), 36.0) -> this is the sum, not yet divided
    assert (mean.shape, mean.item()) == __(((), 4.5))
    # why: every dim is walked through and none is left, so the answer is a scalar. It is a tensor
    #     still, on the same device; item() makes it a number of Python.
    # picture: t, mean


def test_mean_refuses_whole_numbers(device):
    """Two ones in each of five dtypes: for which of the dtypes is there a mean?"""
    answered = []
    for dtype in (torch.bool, torch.uint8, torch.float16, torch.int64, torch.float64):
        with contextlib.suppress(RuntimeError):
            torch.ones(2, dtype=dtype, device=device).mean()
            answered.append(dtype)

    # claims: A054 B073
    # hint: a mean may fall between two whole numbers; which of these dtypes have room for it?
    # trap: [torch.float64] -> sixteen bits are few, but they are those of a float
    # trap: [torch.bool, torch.float16, torch.float64] -> a mask is refused as well: it must be cast
    #     first
    # trap: [torch.bool, torch.uint8, torch.float16, torch.int64, torch.float64] -> NumPy would
    #     answer for all of them; torch does not choose a dtype of floats for you
    # trap: [torch.bool, torch.uint8, torch.int64] -> it is the other way round
    # trap: [] -> floats have a mean
    # trap: (torch.float16, torch.float64) -> the right two; answered is a list, in square brackets
    assert answered == __([torch.float16, torch.float64])
    # why: a dtype that torch inferred decides what may follow. Write 1.0 and 2.0, or name the
    #     dtype, if means are to be taken.


def test_cast_first_and_then_take_the_mean(device):
    """Get the mean of both: of whole numbers, and of a mask, where it is the share of True."""
    grades = torch.tensor([1, 2, 4, 2], device=device)
    passed = torch.tensor([True, True, False, True], device=device)

    # claims: A101 B073
    # hint: the dtype must change before the mean is taken
    # hint: as floats, True and False are 1.0 and 0.0
    # trap: t.mean() -> whole numbers are refused, and a mask is too
    # trap: t.mean().float() -> the cast comes too late, mean() has been refused by then
    # trap: t.sum() -> the sum is not divided yet
    # trap: t.sum() // len(t) -> // rounds down to a whole number
    # trap: t.median() -> the middle one is not the mean, and torch has no median of a mask
    means = [__(t.float().mean()) for t in (grades, passed)]
    assert [mean.item() for mean in means] == [2.25, 0.75]
    # why: `t.mean(dtype=torch.float32)` does both steps in one call. The mean of a mask is the
    #     share of True in it: how many of the guesses were right, how much of a picture is dark.


def test_the_sum_of_a_mask_is_a_count(device):
    """On how many days of each month was it warmer than 20 degrees?"""
    july = torch.tensor([18.0, 25.0, 31.0], device=device)
    august = torch.tensor([22.0, 19.0, 24.0, 27.0], device=device)

    # claims: A101
    # hint: a comparison makes a mask; each True in it counts as one
    # trap: (t > 20).any() -> was there such a day at all; that is yes or no, not how many
    # trap: t[t > 20].sum() -> this adds up the degrees of the warm days
    # trap: (t > 20).numel() -> numel() counts the elements of the mask, True or not
    # trap: t > 20 -> here is the mask; now count
    # trap: t.sum() > 20 -> first compare, then add up
    days = [__((t > 20).sum()) for t in (july, august)]
    assert [int(count) for count in days] == [2, 3]
    # why: True adds one and False adds nothing, so a condition can be counted without a loop.
    #     t[mask].sum() adds what the mask selects; mask.sum() counts it.


def test_a_sum_gets_room_to_grow(device):
    """With which dtypes do these three sums come out?"""
    mask = torch.tensor([True, True, True], device=device)
    pixels = torch.tensor([200, 100], dtype=torch.uint8, device=device)
    prices = torch.tensor([0.5, 0.25], device=device)
    dtypes = [t.sum().dtype for t in (mask, pixels, prices)]

    # claims: B073
    # hint: 300 does not fit into a byte, and three times True is more than a yes or no
    # hint: for the prices there is no such danger
    # trap: [torch.bool, torch.uint8, torch.float32] -> then the pixels would add up to 44, and the
    #     mask to a bare True
    # trap: [torch.float32, torch.float32, torch.float32] -> whole numbers add up to a whole number;
    #     only a mean would need floats
    # trap: [torch.int64, torch.int64, torch.float64] -> room is made for whole numbers only
    # trap: [torch.bool, torch.int64, torch.float32] -> a sum of bools counts, and a count is a
    #     number
    # trap: [int, int, float] -> these are types of Python; a sum is a tensor and has a dtype
    assert dtypes == __([torch.int64, torch.int64, torch.float32])
    # why: sum() takes bools and whole numbers of any size to int64, which hardly ever runs out of
    #     room. Floats keep their dtype.


def test_nothing_has_a_sum_but_no_mean(device):
    """A vector of length 0 is a vector, and may be reduced as well."""
    nothing = torch.zeros(0, device=device)
    answers = [nothing.sum().item(), nothing.mean().item()]

    # claims: A116 B016
    # hint: a sum begins somewhere, before the first element is added
    # hint: the mean divides that by how many there are; among floats no error is raised for it
    # trap: ["0.0", "0.0"] -> a mean of zero would be a claim about elements, and there are none
    # trap: ["nan", "nan"] -> the sum does not divide by anything
    # trap: ["None", "None"] -> item() gave a float both times; one of them means "not a number"
    # trap: ["0.0", "inf"] -> that is one divided by zero; here it is zero divided by zero
    # trap: [0.0, float("nan")] -> right, but str() made strings of them (a nan would equal nothing)
    assert [str(answer) for answer in answers] == __(["0.0", "nan"])
    # why: an empty batch raises no error and makes the loss nan. Look for the mean of nothing where
    #     a nan turns up, or ask numel() before dividing.


def test_one_nan_spoils_the_mean(device):
    """A gap in the data was filled with nan; take the mean of the other elements."""
    cold = torch.tensor([float("nan"), 1.0, 5.0], device=device)
    warm = torch.tensor([20.0, 30.0, float("nan"), 40.0], device=device)
    assert cold.mean().isnan()

    # claims: A116
    # hint: a mask can choose the elements that are numbers; ~ turns a mask round
    # hint: torch has a reduction for this, too: its name is mean with nan before it
    # trap: t.mean() -> torch does not skip gaps, as a table program may; they count as unknown
    # trap: t[t != float("nan")].mean() -> nan is unequal to everything, itself included, so this
    #     drops nothing
    # trap: t.nan_to_num().mean() -> now the gap counts as a measured zero
    # trap: t.nansum() / len(t) -> the sum leaves the gap out, the division counts it
    # trap: t[t.isnan()].mean() -> this keeps the gaps and drops the numbers
    means = [__(t[~t.isnan()].mean()) for t in (cold, warm)]
    assert [mean.item() for mean in means] == [3.0, 30.0]
    # why: whatever is computed with nan is nan, so that a gap cannot hide. t.nanmean() is the short
    #     form; either way the gap is left out of the sum and of the count.


def test_the_median_is_always_one_of_the_elements(device):
    """The median stands in the middle once the elements are in order; but here there are four."""
    t = torch.tensor([30.0, 10.0, 1000.0, 20.0], device=device)

    # claims: B070
    # hint: put them in order first
    # hint: two stand in the middle; torch takes the one it meets first, coming from the smallest
    # trap: 25.0 -> halfway between the middle two is what numpy and school say; 25 is not in t
    # trap: 30.0 -> this is the upper one of the middle two
    # trap: 265.0 -> that is the mean, and the 1000 has pulled it up
    # trap: 10.0 -> this stands second as they are; put them in order before taking the middle
    assert t.median().item() == __(20.0)
    # why: where two elements stand in the middle, torch takes the smaller one; so it needs no
    #     division and works for integers too. One huge element moves the mean far, but hardly moves
    #     the median.
