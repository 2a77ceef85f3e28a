"""Arithmetic goes element by element.

`+`, `-`, `*` and `/` pair up the elements of two tensors of one shape, place by place, and answer
with a third tensor of that shape. A Python number is paired with every element.

Read more: https://docs.pytorch.org/docs/stable/generated/torch.mul.html
"""

import pytest
import torch

from koans import __


def test_times_multiplies_place_by_place(device):
    """Two matrices of one shape, with Python's sign for "times" between them."""
    a = torch.tensor([[1, 2], [3, 4]], device=device)
    b = torch.tensor([[5, 6], [7, 8]], device=device)

    # claims: B029 B066
    # hint: what stands in b at the place where a has its 3?
    # hint: the shape stays
    # trap: [[19, 22], [43, 50]] -> that is the product of matrices, rows times columns; it has a
    #     sign of its own, @
    # trap: 70 -> the four products are not added up
    # trap: [5, 12, 21, 32] -> the right products, but a and b have rows, and so has the result
    # trap: [[6, 8], [10, 12]] -> these are the sums
    assert (a * b).tolist() == __([[5, 12], [21, 32]])
    # why: each result stands where its two factors stood. The matrix product is another operation;
    #     mathematicians write it without a sign, Python writes it @.


def test_plus_does_not_join_and_times_does_not_repeat(device):
    """A list treats both signs in its own way; a tensor treats them as its elements would."""
    data = [1.5, 4.0]
    t = torch.tensor(data, device=device)
    assert data + data == data * 2 == [1.5, 4.0, 1.5, 4.0]

    # claims: B020 B023
    # hint: go to the first place: what is 1.5 + 1.5, and what is 1.5 * 2?
    # trap: [1.5, 4.0, 1.5, 4.0] -> that is what the list does, one line up
    # trap: [[1.5, 4.0], [1.5, 4.0]] -> nothing is put together; each sum takes one place
    # trap: 11.0 -> the elements are added in pairs, not all together
    # trap: [3.5, 6.0] -> that is t + 2
    # trap: [2.25, 16.0] -> that is t * t
    assert (t + t).tolist() == (t * 2).tolist() == __([3.0, 8.0])
    # why: for a list, + and * are about the list; for a tensor they are about its elements. To join
    #     or repeat tensors, torch has functions with names.


def test_minus_finds_what_was_added(device):
    """Work out, from these two, what must be added to the first to get the second."""
    first = torch.tensor([[1, 2], [3, 4]], device=device)
    second = torch.tensor([[5, 4], [3, 0]], device=device)

    # claims: B028 B064 B065
    # hint: with numbers: what must be added to 3 to get 10, and how did you find it?
    # trap: first - second -> each element has the wrong sign; you would go the way back
    # trap: second -> that adds all of second on top of first
    # trap: second + first -> more than is missing
    # trap: 4 -> that is right in one of the four places
    # trap: second / first -> that says how many times as much, not how much more
    change = __(second - first)
    assert (first + change).tolist() == second.tolist()
    # why: + and - undo each other, in each place by itself. The rules that you know for numbers
    #     hold for tensors, once for every element.
    # picture: first, second, change


def test_a_slash_makes_floats_of_integers(device):
    """Whole numbers are divided by whole numbers, and only one pair leaves a remainder."""
    t = torch.tensor([7, 6], device=device) / torch.tensor([2, 3], device=device)

    # claims: B067
    # hint: what does Python say to 7 / 2, and to 6 / 3?
    # hint: one tensor has one dtype, and for floats torch has a usual one
    # trap: ([3, 2], torch.int64) -> that is division in C; here a slash keeps the fraction
    # trap: ([4, 2], torch.int64) -> nothing is rounded
    # trap: ([3.5, 2.0], torch.float64) -> a float of Python has 64 bits; torch makes its own usual
    #     float
    # trap: ([3.5, 2.0], torch.int64) -> no integer dtype can hold 3.5
    # trap: [3.5, 2.0] -> the right quotients; the dtype is asked for as well
    assert (t.tolist(), t.dtype) == __(([3.5, 2.0], torch.float32))
    # why: integers divided by / always give floats, even where it comes out even. So the dtype of a
    #     result does not depend on the values.


def test_two_slashes_round_one_way(device):
    """Floor division cuts the fraction off, and below zero it must choose a direction."""
    t = torch.tensor([7, -7], device=device)

    # claims: B067
    # hint: -3.5 lies between two whole numbers; a floor is what lies below
    # hint: Python does the same: try -7 // 2
    # trap: [3, -3] -> that cuts toward zero, as C does and torch once did
    # trap: [3.5, -3.5] -> that is t / 2, with a single slash
    # trap: [4, -4] -> that goes away from zero; 7 // 2 is not more than 3.5
    # trap: [4, -3] -> that is up in both places
    assert (t // 2).tolist() == __([3, -4])
    # why: // goes down, toward minus infinity, and that is what Python's // does. A cast to
    #     integers, (t / 2).int(), cuts toward zero. Below zero the two differ wherever a fraction
    #     is cut off.


def test_division_by_zero_is_answered(device):
    """Python raises an error for 3 / 0; floats have values for such cases, and tensors use them."""
    t = torch.tensor([3, -3, 0], device=device) / 0

    # claims: B067
    # hint: three different answers; two of them differ in sign
    # hint: the third is none of the infinities: no number is right for it
    # hint: str() of a list has brackets, commas and spaces, all in quotes
    # trap: "[inf, inf, inf]" -> mind the signs, and 0 / 0 is a case of its own
    # trap: "[nan, nan, nan]" -> only one of the three has no sensible answer
    # trap: "[inf, -inf, 0.0]" -> 0 / 0 might be any number, so it is no number
    # trap: "[inf, -inf, inf]" -> 0 / 0 might be any number, so it is no number
    # trap: "[0.0, 0.0, 0.0]" -> torch does not hide the division behind a zero
    # trap: ZeroDivisionError -> plain Python would raise it; here the division gave floats
    assert str(t.tolist()) == __("[inf, -inf, nan]")
    # why: no error comes, so inf and nan travel on into what is computed from them. When a loss
    #     turns into nan, look for a division or a logarithm of zero.


def test_a_result_is_lost_unless_a_name_keeps_it(device):
    """Three lines of arithmetic, and only some of their answers are kept."""
    t = torch.tensor([1.0, 2.0], device=device)
    t + 10
    t = t * 3
    t - 1

    # claims: B019
    # hint: which of the lines has an equals sign?
    # trap: [32.0, 35.0] -> that would need every line to be kept
    # trap: [1.0, 2.0] -> one of the answers was given the name t
    # trap: [2.0, 5.0] -> the last answer was kept by nobody
    # trap: [33.0, 36.0] -> the first answer was kept by nobody
    assert t.tolist() == __([3.0, 6.0])
    # why: arithmetic answers with a new tensor and leaves its operands as they are. A line without
    #     a name for the answer computes for nothing, and no error tells.


def test_lengths_have_to_match(device):
    """The third element of the longer vector finds no partner in the shorter one."""
    with pytest.raises(Exception) as caught:
        torch.tensor([1.0, 2.0, 3.0], device=device) + torch.tensor([4.0, 5.0], device=device)

    # claims: B023
    # hint: which error does torch raise for most things that go wrong when they are computed?
    # trap: ValueError -> numpy raises this one for the same mistake
    # trap: IndexError -> no index was used that could be out of range
    # trap: TypeError -> both are tensors of floats, and their types go together
    # trap: None -> torch neither cuts the longer one nor fills up the shorter one
    assert caught.type is __(RuntimeError)
    # why: the message names both lengths and the dim where they differ. Compare the two shapes
    #     first; most often one of them is not what you thought.


def test_bools_cannot_be_subtracted(device):
    """Mark where two masks differ. With numbers you would subtract and look for what is not 0."""
    a = torch.tensor([True, True, False, False], device=device)
    b = torch.tensor([True, False, True, False], device=device)

    # claims: B065
    # hint: a comparison goes element by element too
    # hint: how does Python ask whether two things are not the same?
    # trap: a - b -> minus is refused for bools: False minus True would be neither
    # trap: a == b -> that marks the places where they agree
    # trap: a | b -> that marks where at least one of them is True, so both may be
    # trap: a & b -> that marks where both are True, and there they agree
    # trap: ~a -> that looks at one of the two only
    # trap: a & ~b -> that finds where a alone is True; b alone is a difference as well
    differ = __(a != b)
    assert str(differ.tolist()) == "[False, True, True, False]"
    # why: for bools torch has + (or) and * (and), and it raises a RuntimeError for minus. Write
    #     what you mean: !=, |, & and ~.
    # picture: a, b, differ
