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

    assert rows == __


def test_the_end_is_left_out_on_the_way_down_too():
    """Count down from 3 to 0, with 0 still in it, as a tensor of whole numbers."""
    t = __
    assert (t.dtype, t.tolist()) == (torch.int64, [3, 2, 1, 0])


def test_one_float_makes_all_of_them_floats(device):
    """Three walks from 0 up to 5, in two of them a point was typed."""
    plain = torch.arange(5, device=device)
    end = torch.arange(5.0, device=device)
    step = torch.arange(0, 5, 0.5, device=device)
    dtypes = [t.dtype for t in (plain, end, step)]

    assert dtypes == __


def test_a_step_can_be_smaller_than_one():
    """Quarters, from nothing to three quarters: let arange() walk there."""
    t = __
    assert t.tolist() == [0.0, 0.25, 0.5, 0.75]


def test_a_float_step_may_take_one_too_many():
    """Steps of 0.1 from 1 on, once up to 1.3 and once up to 1.4; how many numbers are made?"""
    short = torch.arange(1, 1.3, 0.1)
    long = torch.arange(1, 1.4, 0.1)

    assert [len(short), len(long)] == __


def test_linspace_begins_and_ends_where_you_say(device):
    """Five numbers on the way from 0 to 10."""
    t = torch.linspace(0, 10, 5, device=device)

    assert t.tolist() == __


def test_a_fence_has_one_post_more_than_gaps(device):
    """A fence of 100 metres is to have ten equal gaps; each number is the place of a post."""
    posts = torch.linspace(0, 100, __, device=device)
    assert (posts[0].item(), posts[1].item(), posts[-1].item()) == (0.0, 10.0, 100.0)


def test_the_count_makes_tenths_safe():
    """1.0, 1.1 and 1.2: make these three, and be sure that there are three."""
    t = __
    assert [round(number, 4) for number in t.tolist()] == [1.0, 1.1, 1.2]


def test_linspace_counts_in_floats():
    """Start and end are ints, and no number between them needs a point."""
    t = torch.linspace(0, 10, 3)

    assert str(t.tolist()) == __
