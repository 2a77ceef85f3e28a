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

    # claims: A078
    # hint: which numbers does floor() make 0, and which does it make 1?
    # hint: for which r would 4 * r be 4?
    # trap: [0.0, 1.0, 2.0, 3.0, 4.0] -> that would take an r of exactly 1, and rand() gives only
    #     what is less
    # trap: [1.0, 2.0, 3.0, 4.0] -> floor() goes down: 0.7 becomes 0
    # trap: [0.0] -> that is the floor of r; here it was stretched before
    # trap: [0.0, 1.0] -> r lies between these two, but what is asked for is the floor of 4 * r
    # trap: (0.0, 1.0, 2.0, 3.0) -> these four it is, but tolist() gives a list
    assert whole.unique().tolist() == __([0.0, 1.0, 2.0, 3.0])
    # why: rand() gives 0 <= r < 1: the lower end may come, the upper end never does. Ranges of
    #     Python and torch mostly are like that; for whole numbers torch has randint().


def test_rand_treats_all_parts_of_its_range_alike(device):
    """Of all the numbers that rand() draws, how large a share lies between 0.5 and 0.9?"""
    r = torch.rand(100000, device=device)
    share = ((r > 0.5) & (r < 0.9)).float().mean().item()

    # claims: A096 A097
    # hint: how long is that part of the range, and how long is the whole?
    # hint: if all of them lay there, the share would be 1.0
    # trap: 0.5 -> half of the numbers lie above 0.5, but some of those lie above 0.9 as well
    # trap: 0.9 -> that is the share below 0.9, with all that lies below 0.5
    # trap: 0.7 -> that is the middle of the part; its length is asked for
    # trap: 0.45 -> shares are not multiplied; how far is it from one end to the other?
    assert abs(share - __(0.4)) < 0.02
    # why: uniform means that equal lengths get equal shares. No single number is likely, so ask of
    #     floats for a range and never for a value.


def test_rand_can_be_stretched_and_moved(device):
    """Make numbers between 2 and 5 out of numbers between 0 and 1."""
    r = torch.rand(10000, device=device)

    # claims: A097
    # hint: first the length of the range, then the place where it begins
    # hint: try your line in your head with r = 0 and with r = 1
    # trap: 5 * r -> this begins at 0
    # trap: 2 + 5 * r -> the start is right, but for r near 1 this is near 7
    # trap: 5 + 2 * r -> these numbers lie between 5 and 7
    # trap: 3 * r -> the length is right; where does the range begin?
    # trap: (5 * r).clamp(min=2) -> clamp() makes one heap of all that was below 2; the scatter is
    #     even no more
    # trap: r.clamp(2, 5) -> clamp() lifts all that is too small up to 2, and that is all of them
    x = __(2 + 3 * r)
    assert 2 <= x.min() < 2.1
    assert 4.9 < x.max() <= 5
    assert abs(x.mean() - 3.5) < 0.1
    assert len(x.unique()) > 1000
    # why: low + (high - low) * rand(...) is uniform from low to high. Multiplying stretches, adding
    #     moves, and the even scatter stays even.


def test_the_n_in_randn_is_for_normal(device):
    """Of what rand() draws and of what randn() draws: how large a share is negative?"""
    draws = (torch.rand(100000, device=device), torch.randn(100000, device=device))
    shares = [(x < 0).float().mean().item() for x in draws]

    # claims: A079 A098
    # hint: the mean of randn() is 0, and a bell is as wide on the left as on the right
    # trap: [0.0, 0.0] -> "random numbers lie between 0 and 1" holds for the first of the two
    # trap: [0.5, 0.5] -> rand() gives nothing below 0
    # trap: [0.0, 1.0] -> the n does not stand for negative
    # trap: [0.0, 0.2] -> that is about the share below -1, one standard deviation
    # trap: (0.0, 0.5) -> these two it is, but on the left stands a list, in square brackets
    assert [round(share, 1) for share in shares] == __([0.0, 0.5])
    # why: numbers from randn() have no bounds and either sign. Where a function takes no negative
    #     numbers, sqrt() or log() for example, half of them come out as nan.


def test_most_of_a_bell_is_near_its_middle(device):
    """Of 100 numbers from randn(), about 68 lie between -1 and 1. How large a share is above 1?"""
    r = torch.randn(100000, device=device)
    share = (r > 1).float().mean().item()

    # claims: A099
    # hint: how many of the 100 are left, and on how many sides of the bell do they lie?
    # trap: 0.32 -> so many lie farther out, but half of them are below -1
    # trap: 0.68 -> that is the share between -1 and 1
    # trap: 0.34 -> that is the part from 0 to 1
    # trap: 0.5 -> that is the share above 0
    # trap: 0.0 -> a standard deviation of 1 is no bound
    # trap: 16 -> of 100 it is so many; a share is a part of 1
    assert abs(share - __(0.16)) < 0.02
    # why: about 68 % lie within one standard deviation, 95 % within two, 99.7 % within three. It
    #     holds for every bell, however wide.


def test_a_bell_can_be_moved_and_widened(device):
    """Make heights out of randn(): 170 cm on average, with a standard deviation of 10 cm."""
    r = torch.randn(100000, device=device)

    # claims: A079 A098
    # hint: what does adding do to the mean, and what to the scatter?
    # hint: what does multiplying do to a mean of 0?
    # trap: 170 + r -> the mean is right; all of these people are equally tall, give or take a cm
    # trap: 10 + 170 * r -> the two numbers have changed places
    # trap: 10 * (170 + r) -> this multiplies the mean as well, so these people are giants
    # trap: 170 * r -> multiplying a mean of 0 leaves it at 0, so half of these heights are negative
    heights = __(170 + 10 * r)
    assert abs(heights.mean().item() - 170) < 0.5
    assert abs(heights.std().item() - 10) < 0.5
    # why: mean + std * randn(...) has this mean and this std, for many numbers nearly so. A sample
    #     only comes near: the mean of five numbers from randn() is hardly ever 0.


def test_randint_leaves_its_upper_end_out(device):
    """Which numbers occur among ten thousand draws from randint(-1, 3)?"""
    x = torch.randint(-1, 3, (10000,), device=device)

    # claims: A080
    # hint: think of how range(-1, 3) counts
    # trap: [-1, 0, 1, 2, 3] -> random.randint of Python includes the upper end, and this one does
    #     not
    # trap: [0, 1, 2] -> the lower end counts, negative or not
    # trap: [0, 1, 2, 3] -> the lower end counts and the upper end does not
    # trap: [-1, 3] -> these are the ends; what lies between is drawn as well
    assert x.unique().tolist() == __([-1, 0, 1, 2])
    # why: low counts and high does not, as in range(), slices and arange(). randint(0, len(data),
    #     ...) always gives a valid index.


def test_a_die_is_rolled_with_randint(device):
    """Roll a die of six sides a thousand times, and get whole numbers."""
    # claims: A080
    # hint: three arguments and the device: from where, to where, how many
    # hint: a vector of three has the shape (3,), and how many is asked for in this way
    # trap: torch.randint(1, 6, (1000,), device=device) -> nobody ever rolls a six here
    # trap: torch.randint(0, 6, (1000,), device=device) -> a die has no side with a zero
    # trap: torch.randint(1, 7, 1000, device=device) -> a plain number is no size; the comma in (n,)
    #     makes the tuple
    # trap: (1 + 6 * torch.rand(1000, device=device)).floor() -> the right six numbers, but as
    #     floats
    # trap: torch.arange(1, 7, device=device) -> each side once, that is no rolling
    rolls = __(torch.randint(1, 7, (1000,), device=device))
    assert rolls.unique().tolist() == [1, 2, 3, 4, 5, 6]
    assert (rolls.shape, rolls.dtype, rolls.device.type) == ((1000,), torch.int64, device.type)
    assert rolls[:30].tolist() != rolls[30:60].tolist()
    # why: randint() gives int64, the dtype that an index needs. Ask for 7 if 6 is to come.


def test_the_size_of_randint_is_one_argument():
    """rand(3) takes 3 as its size; randint() takes low, then high, then the size in one piece."""
    torch.rand(3)
    with pytest.raises(Exception) as caught:
        torch.randint(0, 10, 3)

    # claims: A080
    # hint: an argument is not of the kind that the function takes
    # trap: RuntimeError -> that comes while torch computes; here the call itself does not fit
    # trap: ValueError -> each value is fine for what it is; a size in brackets is wanted where a
    #     number stands
    # trap: IndexError -> nothing is looked up by an index
    # trap: None -> the 3 is not taken for (3,)
    assert caught.type is __(TypeError)
    # why: rand(2, 3) may list its sizes because all its numbers are sizes. Where other numbers
    #     stand beside them, as in randint() and full(), the size is one argument: a tuple, or a
    #     list.
