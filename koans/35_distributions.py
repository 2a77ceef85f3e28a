"""Three ways to draw numbers, and where their numbers fall.

`torch.rand(size)` draws evenly from 0 to 1. `torch.randn(size)` draws from the bell-shaped normal
distribution: mean 0, standard deviation 1. `torch.randint(low, high, size)` draws whole numbers.
The standard deviation says how widely the numbers are scattered around their mean.

Nobody knows the next number, but of a hundred thousand it is well known how they fall. These
koans ask for that, so each answer is right whatever is drawn; where it matters, being near is
near enough.

Read more: https://docs.pytorch.org/docs/stable/torch.html#random-sampling
"""

import pytest
import torch

from koans import __


def test_rand_never_reaches_its_upper_end(device):
    """Each number of r is made four times as large, then floor() rounds it down: what can come out?

    unique() lists each number that occurs once, the smallest first.
    """
    r = torch.rand(10000, device=device)
    whole = (4 * r).floor()

    assert whole.unique().tolist() == __


def test_rand_treats_all_parts_of_its_range_alike(device):
    """Of all the numbers that rand() draws, how large a share lies between 0.5 and 0.9?"""
    r = torch.rand(100000, device=device)
    share = ((r > 0.5) & (r < 0.9)).float().mean().item()

    assert abs(share - __) < 0.02


def test_rand_can_be_stretched_and_moved(device):
    """Make numbers between 2 and 5 out of numbers between 0 and 1."""
    r = torch.rand(10000, device=device)

    x = __
    assert 2 <= x.min() < 2.1
    assert 4.9 < x.max() <= 5
    assert abs(x.mean() - 3.5) < 0.1
    assert len(x.unique()) > 1000


def test_the_n_in_randn_is_for_normal(device):
    """Of what rand() draws and of what randn() draws: how large a share is negative?"""
    draws = (torch.rand(100000, device=device), torch.randn(100000, device=device))
    shares = [(x < 0).float().mean().item() for x in draws]

    assert [round(share, 1) for share in shares] == __


def test_most_of_a_bell_is_near_its_middle(device):
    """Of 100 numbers from randn(), about 68 lie between -1 and 1. How large a share is above 1?"""
    r = torch.randn(100000, device=device)
    share = (r > 1).float().mean().item()

    assert abs(share - __) < 0.02


def test_a_bell_can_be_moved_and_widened(device):
    """Make heights out of randn(): 170 cm on average, with a standard deviation of 10 cm."""
    r = torch.randn(100000, device=device)

    heights = __
    assert abs(heights.mean().item() - 170) < 0.5
    assert abs(heights.std().item() - 10) < 0.5


def test_randint_leaves_its_upper_end_out(device):
    """Which numbers occur among ten thousand draws from randint(-1, 3)?"""
    x = torch.randint(-1, 3, (10000,), device=device)

    assert x.unique().tolist() == __


def test_a_die_is_rolled_with_randint(device):
    """Roll a die of six sides a thousand times, and get whole numbers."""
    rolls = __
    assert rolls.unique().tolist() == [1, 2, 3, 4, 5, 6]
    assert (rolls.shape, rolls.dtype, rolls.device.type) == ((1000,), torch.int64, device.type)
    assert rolls[:30].tolist() != rolls[30:60].tolist()


def test_the_size_of_randint_is_one_argument():
    """rand(3) takes 3 as its size; randint() takes low, then high, then the size in one piece."""
    torch.rand(3)
    with pytest.raises(Exception) as caught:
        torch.randint(0, 10, 3)

    assert caught.type is __
