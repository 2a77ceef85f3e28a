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

    assert (mean.shape, mean.item()) == __


def test_mean_refuses_whole_numbers(device):
    """Two ones in each of five dtypes: for which of the dtypes is there a mean?"""
    answered = []
    for dtype in (torch.bool, torch.uint8, torch.float16, torch.int64, torch.float64):
        with contextlib.suppress(RuntimeError):
            torch.ones(2, dtype=dtype, device=device).mean()
            answered.append(dtype)

    assert answered == __


def test_cast_first_and_then_take_the_mean(device):
    """Get the mean of both: of whole numbers, and of a mask, where it is the share of True."""
    grades = torch.tensor([1, 2, 4, 2], device=device)
    passed = torch.tensor([True, True, False, True], device=device)

    means = [__ for t in (grades, passed)]
    assert [mean.item() for mean in means] == [2.25, 0.75]


def test_the_sum_of_a_mask_is_a_count(device):
    """On how many days of each month was it warmer than 20 degrees?"""
    july = torch.tensor([18.0, 25.0, 31.0], device=device)
    august = torch.tensor([22.0, 19.0, 24.0, 27.0], device=device)

    days = [__ for t in (july, august)]
    assert [int(count) for count in days] == [2, 3]


def test_a_sum_gets_room_to_grow(device):
    """With which dtypes do these three sums come out?"""
    mask = torch.tensor([True, True, True], device=device)
    pixels = torch.tensor([200, 100], dtype=torch.uint8, device=device)
    prices = torch.tensor([0.5, 0.25], device=device)
    dtypes = [t.sum().dtype for t in (mask, pixels, prices)]

    assert dtypes == __


def test_nothing_has_a_sum_but_no_mean(device):
    """A vector of length 0 is a vector, and may be reduced as well."""
    nothing = torch.zeros(0, device=device)
    answers = [nothing.sum().item(), nothing.mean().item()]

    assert [str(answer) for answer in answers] == __


def test_one_nan_spoils_the_mean(device):
    """A gap in the data was filled with nan; take the mean of the other elements."""
    cold = torch.tensor([float("nan"), 1.0, 5.0], device=device)
    warm = torch.tensor([20.0, 30.0, float("nan"), 40.0], device=device)
    assert cold.mean().isnan()

    means = [__ for t in (cold, warm)]
    assert [mean.item() for mean in means] == [3.0, 30.0]


def test_the_median_is_always_one_of_the_elements(device):
    """The median stands in the middle once the elements are in order; but here there are four."""
    t = torch.tensor([30.0, 10.0, 1000.0, 20.0], device=device)

    assert t.median().item() == __
