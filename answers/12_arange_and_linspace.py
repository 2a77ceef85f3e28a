"""Rows of numbers: by the step, or by the count.

torch.arange(start, end, step) walks from start in steps and stops before it reaches the end, as
Python's range does. With one argument it starts at 0, with one or two its step is 1. If you want
another step, give all three.

torch.linspace(start, end, steps) is told how many numbers to make. The first is start, the last is
end, and the others lie between them at equal distances.

Read more: https://docs.pytorch.org/docs/stable/generated/torch.arange.html
"""

import torch

from koans import __


def test_arange_stops_before_its_end(device):
    """Steps of three from 1 on, once up to 10 and once up to 11."""
    rows = [torch.arange(1, end, 3, device=device).tolist() for end in (10, 11)]

    # claims: A081
    # hint: list(range(1, 10, 3)) of Python has the same numbers
    # hint: is the last step still below the end?
    # trap: [[1, 4, 7, 10], [1, 4, 7, 10]] -> 10 is where the first walk ends, and the end itself is
    #     left out
    # trap: [[1, 4, 7], [1, 4, 7]] -> the second end lies beyond 10, so there is room for one more
    # trap: [[1, 4, 7, 10], [1, 4, 7, 11]] -> arange() does not bend its last step to hit the end
    # trap: [[1, 10, 3], [1, 11, 3]] -> the arguments tell where to walk; they are no data
    # trap: [[1, 4, 7], [1, 4, 7, 11]] -> the end never belongs to it, not even as a shorter step
    assert rows == __([[1, 4, 7], [1, 4, 7, 10]])
    # why: start is in, end is out, as with range and with slices. So arange(n) has n numbers, and
    #     they are the places of a list of n.


def test_the_end_is_left_out_on_the_way_down_too():
    """Count down from 3 to 0, with 0 still in it, as a tensor of whole numbers."""
    # claims: A081
    # hint: downwards the step is negative
    # hint: the end is where the walk must not arrive; what comes after 0 on the way down?
    # trap: torch.arange(3, 0, -1) -> here 0 is the end, and so it is left out
    # trap: torch.arange(3, -1) -> without a step it walks upwards, and from 3 no step up leads
    #     there
    # trap: torch.arange(4) -> the right numbers, from the bottom to the top
    # trap: torch.arange(-3, 1) -> upwards again, from minus three
    # trap: range(3, -1, -1) -> Python's range counts right, but it is no tensor
    # trap: torch.linspace(3, 0, 4) -> the right numbers, as floats
    t = __(torch.arange(3, -1, -1))
    assert (t.dtype, t.tolist()) == (torch.int64, [3, 2, 1, 0])
    # why: the end is always one step beyond the last number that you want, in whichever direction
    #     you walk.


def test_one_float_makes_all_of_them_floats(device):
    """Three walks from 0 up to 5, in two of them a point was typed."""
    plain = torch.arange(5, device=device)
    end = torch.arange(5.0, device=device)
    step = torch.arange(0, 5, 0.5, device=device)
    dtypes = [t.dtype for t in (plain, end, step)]

    # claims: A081
    # hint: the numbers must fit: which dtype can hold 0.5?
    # hint: the kinds of the arguments decide, as the kinds of the values do in tensor()
    # trap: [torch.int64, torch.int64, torch.int64] -> "arange makes an integer sequence" is often
    #     said; where is 0.5 to be put then?
    # trap: [torch.int64, torch.int64, torch.float32] -> 5.0 is whole, but its kind is float
    # trap: [torch.int64, torch.float32, torch.int64] -> start and end are ints, but the step has a
    #     say too
    # trap: [torch.int64, torch.float64, torch.float64] -> NumPy would answer so; torch's default
    #     float has 32 bits
    # trap: [torch.float32, torch.float32, torch.float32] -> zeros() and ones() have no values to
    #     look at; arange() has
    # trap: (torch.int64, torch.float32, torch.float32) -> the right three, but on the left stands a
    #     list, in square brackets
    assert dtypes == __([torch.int64, torch.float32, torch.float32])
    # why: arange infers its dtype from its arguments: integers if all of them are. Positions have
    #     to be integers, so keep points out of an arange that you index with.
    # picture: plain, end, step


def test_a_step_can_be_smaller_than_one():
    """Quarters, from nothing to three quarters: let arange() walk there."""
    # claims: A081
    # hint: where must the end be, so that three quarters are still before it?
    # trap: torch.arange(0, 0.75, 0.25) -> three quarters are the end here, and the end is left out
    # trap: torch.arange(0, 1, 4) -> the third argument is the step, not how many
    # trap: torch.arange(0.25, 1, 0.25) -> this walk starts at the first quarter
    # trap: torch.arange(1, step=0.25) -> whoever names the step has to name the start as well
    # trap: torch.arange(0, 1) -> without a step it is 1, and the first step leads out
    # trap: torch.linspace(0, 1, 4) -> four numbers, but the last of them is 1, so these are thirds
    t = __(torch.arange(0, 1, 0.25))
    assert t.tolist() == [0.0, 0.25, 0.5, 0.75]
    # why: the rule is the one for integers. Halves, quarters and eighths are exact in a float, so
    #     this walk meets its end to the last digit; a walk in tenths does not.


def test_a_float_step_may_take_one_too_many():
    """Steps of 0.1 from 1 on, once up to 1.3 and once up to 1.4; how many numbers are made?"""
    short = torch.arange(1, 1.3, 0.1)
    long = torch.arange(1, 1.4, 0.1)

    # claims: A081
    # hint: what does Python answer for (1.3 - 1) / 0.1, and for (1.4 - 1) / 0.1?
    # hint: arange makes that many numbers, rounded up
    # trap: [3, 4] -> on paper; in floats 1.3 lies a hair beyond three steps
    # trap: [4, 5] -> one of them has one too many; the other end lies a hair before its last step
    # trap: [3, 5] -> one of them has one too many, but it is not the second
    # trap: (4, 4) -> both counts are right, but on the left stands a list, in square brackets
    assert [len(short), len(long)] == __([4, 4])
    # why: with float steps the rounding decides whether the end gets in. If the count matters, name
    #     the count: use linspace, or `torch.arange(n) * step`.
    # picture: short, long


def test_linspace_begins_and_ends_where_you_say(device):
    """Five numbers on the way from 0 to 10."""
    t = torch.linspace(0, 10, 5, device=device)

    # claims: A082
    # hint: the first and the last you know; three more are to be put between them
    # hint: how many equal gaps lie between five numbers?
    # trap: [0.0, 2.0, 4.0, 6.0, 8.0] -> that is arange(0, 10, 2); in linspace the end belongs to it
    # trap: [0.0, 5.0, 10.0] -> 5 is how many, not how far apart
    # trap: [0.0, 5.0] -> that is arange(0, 10, 5)
    # trap: [0.0, 2.0, 4.0, 6.0, 8.0, 10.0] -> five gaps need six numbers
    # trap: [2.0, 4.0, 6.0, 8.0, 10.0] -> the start belongs to it as well
    assert t.tolist() == __([0.0, 2.5, 5.0, 7.5, 10.0])
    # why: arange knows the step and finds the count, linspace knows the count and finds the step.
    #     Take whichever you know.


def test_a_fence_has_one_post_more_than_gaps(device):
    """A fence of 100 metres is to have ten equal gaps; each number is the place of a post."""
    # claims: A082
    # hint: draw a fence with two gaps, and count its posts
    # trap: 10 -> that many posts make one gap less; it is also how far apart they are, but linspace
    #     wants the count
    # trap: 9 -> those are the posts without the two at the ends
    # trap: 12 -> one for each gap, and how many more?
    # trap: 101 -> that is a post at every metre
    posts = torch.linspace(0, 100, __(11), device=device)
    assert (posts[0].item(), posts[1].item(), posts[-1].item()) == (0.0, 10.0, 100.0)
    # why: the third argument counts points, and n points have n - 1 gaps between them. NumPy takes
    #     50 if you leave it out; torch wants to be told.
    # picture: posts


def test_the_count_makes_tenths_safe():
    """1.0, 1.1 and 1.2: make these three, and be sure that there are three."""
    # claims: A082
    # hint: name the first, the last and how many
    # trap: torch.arange(1, 1.3, 0.1) -> that is the walk which took one step too many
    # trap: torch.arange(1, 1.2, 0.1) -> 1.2 is the end here, and left out
    # trap: torch.linspace(1, 1.3, 3) -> linspace goes all the way to its end
    # trap: torch.linspace(1, 1.2, 0.1) -> linspace is told how many numbers, not the step
    # trap: torch.linspace(1, 1.2, 2) -> two gaps, but how many numbers?
    t = __(torch.linspace(1, 1.2, 3))
    assert [round(number, 4) for number in t.tolist()] == [1.0, 1.1, 1.2]
    # why: rounding can move a point by a hair, but it can't change a count that was named.


def test_linspace_counts_in_floats():
    """Start and end are ints, and no number between them needs a point."""
    t = torch.linspace(0, 10, 3)

    # claims: A082
    # hint: arange would look at the kinds of its arguments; linspace has to divide
    # hint: str() makes a string, so the answer stands in quotes
    # trap: "[0, 5, 10]" -> "ints in, ints out" holds for arange; linspace divides, and what / gives
    #     is a float
    # trap: "[0.0, 3.0, 6.0, 9.0]" -> 3 is how many, not the step
    # trap: "tensor([ 0.,  5., 10.])" -> that is how t prints; tolist() makes a list of Python
    # trap: "[0., 5., 10.]" -> a tensor leaves out the zero behind the point, a Python float does
    #     not
    # trap: [0.0, 5.0, 10.0] -> the right numbers; str() was asked, and it answers with a string
    assert str(t.tolist()) == __("[0.0, 5.0, 10.0]")
    # why: linspace makes the default float, also between two ints, unless dtype= says otherwise.
    #     For whole numbers take arange.
