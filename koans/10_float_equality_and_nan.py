"""Floats are compared with a tolerance, and nan equals nothing.

A float is stored as a sum of powers of two: halves, quarters, eighths and so on, as many as its
bits allow. A number that is no such sum, like 0.1, is rounded to the nearest one, so results that
ought to be equal often differ in their last digits.

There are three ways to compare. `a == b` answers for each element. torch.equal(a, b) answers once,
True or False, for the whole of both. torch.allclose(a, b) does so too, and forgives tiny
differences. Two special floats matter here: `inf` is infinity, and `nan`, "not a number", is the
result where there is none; Python spells them float("inf") and float("nan").

Read more: https://docs.pytorch.org/docs/stable/generated/torch.allclose.html
"""

import math

import numpy as np
import pytest
import torch

from koans import __


def test_only_sums_of_powers_of_two_are_kept_exactly(device):
    """Four numbers go into float32 tensors; kept are those that item() gives back as they were."""
    numbers = [0.1, 0.25, 0.3, 0.75]
    kept = [n for n in numbers if torch.tensor(n, device=device).item() == n]

    assert kept == __


def test_ten_tenths_are_not_quite_one(device):
    """A loop adds 0.1 as long as the sum is less than 1; how many steps does it make?"""
    t = torch.tensor(0.0, dtype=torch.float64, device=device)
    steps = 0
    while t < 1:
        t = t + 0.1
        steps += 1

    assert steps == __


def test_a_comparison_answers_for_each_element(device):
    """Two matrices that differ in a single number are compared with ==."""
    a = torch.tensor([[1, 2, 3], [4, 5, 6]], device=device)
    b = torch.tensor([[1, 2, 3], [4, 0, 6]], device=device)
    answer = a == b

    assert (answer.shape, answer.dtype) == __


def test_an_if_cannot_decide_about_many_answers(device):
    """All three pairs are equal. `if a == b:` asks for bool(a == b), which is written out here."""
    a = torch.tensor([1, 2, 3], device=device)
    b = torch.tensor([1, 2, 3], device=device)
    with pytest.raises(Exception) as caught:
        bool(a == b)

    assert caught.type is __


def test_one_answer_for_the_whole_of_both(device):
    """Are x and y alike in shape and numbers? One sum spelled twice, one deeper, one swapped."""
    t = torch.tensor([1, 2], device=device)
    spelled = (t.add(5), torch.add(t, 5))
    deeper = (t, torch.tensor([[1, 2]], device=device))
    swapped = (t, torch.tensor([2, 1], device=device))

    answers = [__ for x, y in (spelled, deeper, swapped)]
    assert answers == [True, False, False]


def test_a_tolerance_forgives_the_last_digits(device):
    """Compare t with goal: what is off by rounding alone shall pass, what is wrong shall not."""
    goal = torch.tensor([0.3, 0.5], dtype=torch.float64, device=device)
    rounded = torch.tensor([0.1 + 0.2, 0.5], dtype=torch.float64, device=device)
    wrong = torch.tensor([0.301, 0.5], dtype=torch.float64, device=device)

    answers = [__ for t in (rounded, wrong)]
    assert answers == [True, False]


def test_nan_is_not_even_equal_to_itself(device):
    """Python refuses 0.0 / 0.0 and 8.0 / 0.0; torch makes nan and inf. Is t equal to itself?"""
    t = torch.tensor([0.0, 4.0, 8.0], device=device) / torch.tensor([0.0, 4.0, 0.0], device=device)

    assert (t == t).tolist() == __


def test_a_nan_has_to_be_asked_for_by_name(device):
    """Find out which elements of t are nan; the others are a number and infinity."""
    t = torch.tensor([-1.5, float("nan"), float("inf")], device=device)

    found = __
    assert found.tolist() == [False, True, False]


def test_numpy_2_kept_one_spelling():
    """Which name means "not a number" in math, np and torch? `getattr(np, "pi")` is `np.pi`."""
    name = __
    values = [getattr(module, name) for module in (math, np, torch)]
    assert [value == value for value in values] == [False, False, False]
