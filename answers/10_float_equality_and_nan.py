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

    # claims: B015
    # hint: can you write the number with halves, quarters and eighths?
    # hint: the others were rounded on their way in, and in fewer digits than Python keeps
    # trap: [0.1, 0.25, 0.3, 0.75] -> item() gives what was stored, and some of these were rounded
    #     before
    # trap: [0.25] -> one more can be written as a sum: a half and a quarter
    # trap: [0.1, 0.3] -> one digit each for us, but written in powers of two a tenth never ends,
    #     as a third never ends in our digits
    # trap: (0.25, 0.75) -> the right two, but kept is a list, in square brackets
    assert kept == __([0.25, 0.75])
    # why: try torch.tensor(0.1).item(): you get the number that float32 has instead of 0.1. Python
    #     rounds as well, in another digit, and so the two are not equal.


def test_ten_tenths_are_not_quite_one(device):
    """A loop adds 0.1 as long as the sum is less than 1; how many steps does it make?"""
    t = torch.tensor(0.0, dtype=torch.float64, device=device)
    steps = 0
    while t < 1:
        t = t + 0.1
        steps += 1

    # claims: B015
    # hint: after ten steps, has the sum arrived at 1?
    # hint: try it at a Python prompt, with plain floats
    # trap: 10 -> on paper; here each tenth is a little off, and ten of them stay a hair below 1
    # trap: 9 -> steps counts every addition; and how exact is their sum?
    # trap: 12 -> after eleven steps the sum is about 1.1
    # trap: 1.1 -> that is about where the sum ends up; the steps were counted
    assert steps == __(11)
    # why: rounding adds up from step to step, in float64 too. With `t != 1` this loop would never
    #     end. If the number of steps matters, count the steps.
    # picture: t, steps


def test_a_comparison_answers_for_each_element(device):
    """Two matrices that differ in a single number are compared with ==."""
    a = torch.tensor([[1, 2, 3], [4, 5, 6]], device=device)
    b = torch.tensor([[1, 2, 3], [4, 0, 6]], device=device)
    answer = a == b

    # claims: B028
    # hint: a + b adds each number to the one at its place; == goes the same way
    # trap: ((), torch.bool) -> that would be one answer for all; lists are compared like that
    # trap: ((2,), torch.bool) -> that would be an answer for each row
    # trap: ((6,), torch.bool) -> that many answers, and they are laid out as the numbers are
    # trap: ((2, 3), torch.int64) -> the operands are integers, but what is said about them is yes
    #     or no
    # trap: ((2, 3), bool) -> that is Python's class; a tensor has a dtype of torch's
    assert (answer.shape, answer.dtype) == __(((2, 3), torch.bool))
    # why: ==, != and < work like +: each element meets the one at its place, and the answers form a
    #     tensor of the same shape.
    # picture: a, b, answer


def test_an_if_cannot_decide_about_many_answers(device):
    """All three pairs are equal. `if a == b:` asks for bool(a == b), which is written out here."""
    a = torch.tensor([1, 2, 3], device=device)
    b = torch.tensor([1, 2, 3], device=device)
    with pytest.raises(Exception) as caught:
        bool(a == b)

    # claims: A075
    # hint: shall it be True if all are, or if one is? torch does not decide that for you
    # hint: bool() wants a single element, as item() does; what did item() raise for several?
    # trap: ValueError -> that is NumPy's error for the same question
    # trap: TypeError -> the type is fine: of a tensor with one element bool() can be asked
    # trap: None -> they agree three times, but torch refuses to make one answer of three
    # trap: IndexError -> no place was asked for
    assert caught.type is __(RuntimeError)
    # why: if, while, and, or, not: they all want one yes or no. Say which one you mean, with
    #     `(a == b).all()` or `(a == b).any()`.


def test_one_answer_for_the_whole_of_both(device):
    """Are x and y alike in shape and numbers? One sum spelled twice, one deeper, one swapped."""
    t = torch.tensor([1, 2], device=device)
    spelled = (t.add(5), torch.add(t, 5))
    deeper = (t, torch.tensor([[1, 2]], device=device))
    swapped = (t, torch.tensor([2, 1], device=device))

    # claims: B068
    # hint: at the top of this lesson stand three ways to compare; which one answers once, and
    #     forgives nothing?
    # trap: x == y -> an answer for each element, and Python cannot make one of several
    # trap: (x == y).all() -> one answer, but == stretches shapes until they fit, and so lets
    #     [[1, 2]] pass
    # trap: torch.allclose(x, y) -> it does not insist on the shape either
    # trap: x.shape == y.shape -> the shapes alone do not tell [1, 2] from [2, 1]
    # trap: x is y -> equal tensors need not be one and the same object
    answers = [__(torch.equal(x, y)) for x, y in (spelled, deeper, swapped)]
    assert answers == [True, False, False]
    # why: torch.equal asks for the same shape and the same numbers, and answers with a bool of
    #     Python. Nearly every operation is there twice, as a method and as a function: t.add(5) and
    #     torch.add(t, 5) do the very same.


def test_a_tolerance_forgives_the_last_digits(device):
    """Compare t with goal: what is off by rounding alone shall pass, what is wrong shall not."""
    goal = torch.tensor([0.3, 0.5], dtype=torch.float64, device=device)
    rounded = torch.tensor([0.1 + 0.2, 0.5], dtype=torch.float64, device=device)
    wrong = torch.tensor([0.301, 0.5], dtype=torch.float64, device=device)

    # claims: B015
    # hint: what does Python say for 0.1 + 0.2?
    # hint: of the three ways, which one forgives?
    # trap: torch.equal(t, goal) -> that one insists on the last digit, and 0.1 + 0.2 misses it
    # trap: (t == goal).all() -> == compares to the last digit too
    # trap: torch.isclose(t, goal) -> the same tolerance, but an answer for each element
    # trap: torch.allclose(t, goal, atol=0.01) -> that tolerance is too wide: the wrong one passes
    #     as well
    # trap: torch.allclose(t.float(), goal) -> both sides must have one dtype
    answers = [__(torch.allclose(t, goal)) for t in (rounded, wrong)]
    assert answers == [True, False]
    # why: allclose forgives a difference of 0.00000001 plus 0.00001 times the number, unless you
    #     name others with atol= and rtol=. Results of floats are compared like this, not with ==.
    # picture: goal, rounded, wrong


def test_nan_is_not_even_equal_to_itself(device):
    """Python refuses 0.0 / 0.0 and 8.0 / 0.0; torch makes nan and inf. Is t equal to itself?"""
    t = torch.tensor([0.0, 4.0, 8.0], device=device) / torch.tensor([0.0, 4.0, 0.0], device=device)

    # claims: A116
    # hint: what does Python say for float("nan") == float("nan"), and what for inf?
    # trap: [True, True, True] -> "everything equals itself" has one exception among numbers
    # trap: [False, True, False] -> inf is a value, larger than all others, and it equals itself
    # trap: [True, True, False] -> the other way round: inf is a value, and nan stands for none
    # trap: [float("nan"), 1.0, float("inf")] -> these are the quotients; are they equal to
    #     themselves?
    # trap: (False, True, True) -> the right answers, but tolist() gives a list
    assert (t == t).tolist() == __([False, True, True])
    # why: nan stands for "unknown", and two unknowns are not known to be equal. So nan == nan and
    #     nan < 1 and nan > 1 are all False.
    # picture: t


def test_a_nan_has_to_be_asked_for_by_name(device):
    """Find out which elements of t are nan; the others are a number and infinity."""
    t = torch.tensor([-1.5, float("nan"), float("inf")], device=device)

    # claims: A116
    # hint: == does not find it; a function of torch asks "is it nan?" of each element
    # hint: or turn it round: what is the only float that differs from itself?
    # trap: t == float("nan") -> nan equals nothing, so this finds nothing
    # trap: ~(t > 0) -> every comparison with nan is False, but for a negative number so is this one
    # trap: t == t -> this finds all that are not nan
    # trap: torch.isinf(t) -> that finds infinity, and nan is something else
    # trap: ~torch.isfinite(t) -> neither nan nor inf is finite, so this finds one too many
    # trap: t.isnan -> without parentheses this is the method itself; nobody calls it
    found = __(torch.isnan(t))
    assert found.tolist() == [False, True, False]
    # why: where a loss turns into nan, ask torch.isnan(t).any() of one tensor after the other: the
    #     first to say True is near the cause.
    # picture: t, found


def test_numpy_2_kept_one_spelling():
    """Which name means "not a number" in math, np and torch? `getattr(np, "pi")` is `np.pi`."""
    # claims: A116 A117
    # hint: make one and print it: all three print it by its name; the answer is that name, in
    #     quotes
    # trap: "NaN" -> old versions of NumPy had this name as well; NumPy 2 dropped it, and the others
    #     never had it
    # trap: "Nan" -> "NumPy 2 renamed it to Nan" is sometimes said; no version has that name
    # trap: "NAN" -> NumPy dropped this one too
    # trap: "isnan" -> all three have it, and it is a function
    # trap: float("nan") -> that is the thing itself; a name is a string
    # trap: math.nan -> that is the thing itself; a name is a string
    name = __("nan")
    values = [getattr(module, name) for module in (math, np, torch)]
    assert [value == value for value in values] == [False, False, False]
    # why: NumPy 2 took away second names and kept the first. It is no reason to stay with NumPy 1:
    #     torch works with both, and `np.nan` does too.
