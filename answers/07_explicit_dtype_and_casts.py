"""A dtype can be named, and a cast converts to another.

dtype= names the dtype when a tensor is made. Later there are casts: `t.to(torch.int32)` or
`t.type(torch.int32)` answers with a converted tensor, and so do the short forms, each named after
a dtype: `t.float()`, `t.double()`, `t.int()`, `t.long()`, `t.bool()`. The tensor that they are
called on keeps its dtype.

Read more: https://docs.pytorch.org/docs/stable/tensor_attributes.html
"""

import torch

from koans import __


def test_a_named_dtype_needs_no_guessing():
    """Left alone, these integers become int64, and mean(), the average, refuses integers."""
    # claims: A022 A053 A057 A110
    # hint: the printed form tells two things about the dtype: what do the dots say?
    # hint: it is not written behind the numbers, so it is the usual one of its kind
    # trap: torch.int64 -> nothing would change by that: no dots, and mean() refuses
    # trap: torch.int -> that names a dtype of integers as well, so there are no dots and no mean()
    # trap: torch.float64 -> mean() is content, but any other than the usual dtype is printed behind
    #     the numbers
    # trap: float -> torch takes Python's class too, and makes a dtype with the 64 bits of a Python
    #     float
    # trap: "float32" -> in quotes it is a string; a dtype is an object that torch holds
    t = torch.tensor([1, 2, 3], dtype=__(torch.float32))
    assert (t.mean().item(), str(t)) == (2.0, "tensor([1., 2., 3.])")
    # why: what a list happens to hold today should not decide what can be computed tomorrow. With
    #     dtype= a column of whole numbers and a column of halves arrive alike.


def test_short_names_are_second_names():
    """Some dtypes have a second name, from the language C; printed, they show the one with bits."""
    assert torch.tensor([2], dtype=torch.int).dtype is torch.int
    names = [str(dtype) for dtype in (torch.int, torch.float, torch.long)]

    # claims: B081 B082
    # hint: two of the three are the usual dtypes for Python's numbers
    # hint: an old class named IntTensor was in an earlier lesson, and so was LongTensor
    # trap: ["torch.int64", "torch.float32", "torch.int64"] -> Python's int becomes int64, but this
    #     int is the one of C, and it is smaller
    # trap: ["torch.int", "torch.float", "torch.long"] -> a second name makes no second dtype, and
    #     the dtype prints its first name
    # trap: ["torch.int32", "torch.float64", "torch.int64"] -> Python's float has 64 bits; in C that
    #     one is called double
    # trap: ["torch.int32", "torch.float32", "torch.int32"] -> long promises more bits than int
    # trap: [torch.int32, torch.float32, torch.int64] -> the right dtypes; str() makes strings of
    #     them
    assert names == __(["torch.int32", "torch.float32", "torch.int64"])
    # why: torch.int is not Python's int, and has half the bits of the integers that torch.tensor
    #     makes by itself. Names with bits in them leave no doubt.


def test_a_cast_leaves_the_old_tensor_as_it_was(device):
    """Two casts are asked of one tensor, and only one of the answers is kept."""
    a = torch.tensor([1, 2], device=device)
    a.float()
    b = a.double()

    # claims: B084 B086
    # hint: who keeps what float() gives back?
    # trap: (torch.float32, torch.float64) -> float() made a float tensor, but nobody kept it; a
    #     itself is not changed by that
    # trap: (torch.float64, torch.float64) -> b is a new tensor, not a second name for a
    # trap: (torch.int64, torch.float32) -> float() and double() are two dtypes
    # trap: (torch.int64, torch.int64) -> b is what double() answered, not what it was called on
    # trap: [torch.int64, torch.float64] -> the right two, but on the left stands a tuple, in round
    #     brackets
    assert (a.dtype, b.dtype) == __((torch.int64, torch.float64))
    # why: a cast never changes the tensor that it is called on. To go on with the other dtype, give
    #     the answer a name: `a = a.float()`.
    # picture: a, b


def test_a_cast_to_integers_cuts_toward_zero(device):
    """What becomes of the part behind the point, above zero and below?"""
    t = torch.tensor([3.7, -3.7], device=device)

    # claims: B085 B086
    # hint: what does Python's int(-3.7) say?
    # hint: str() of a list has brackets, a comma and a space, all in quotes
    # trap: "[4, -4]" -> a cast does not round; round() does
    # trap: "[3, -4]" -> that is rounding down, floor(); a cast cares for zero, not for down
    # trap: "[4, -3]" -> that is rounding up, ceil()
    # trap: "[3.7, -3.7]" -> int32 has no room for what is behind the point
    # trap: "[3.0, -3.0]" -> the numbers are right, but an int32 has no point
    # trap: [3, -3] -> the right list; str() makes a string of it
    assert str(t.type(torch.int32).tolist()) == __("[3, -3]")
    # why: casting drops whatever is behind the point, as Python's int() does. If you want the
    #     nearest whole number, write `t.round().int()`.


def test_a_half_is_rounded_to_the_even_neighbour(device):
    """round() takes the nearest whole number; here two of them are equally near."""
    t = torch.tensor([1.5, 2.5, 3.5, 4.5], device=device)

    # claims: B086
    # hint: Python's round(2.5) does the same as torch
    # hint: which neighbour can be divided by two?
    # hint: str() makes a string of the list
    # trap: "[2.0, 3.0, 4.0, 5.0]" -> halves go up at school; over many numbers that makes every sum
    #     a little too large
    # trap: "[1.0, 2.0, 3.0, 4.0]" -> that is the cut that a cast makes
    # trap: "[1.0, 3.0, 3.0, 5.0]" -> these are the odd neighbours
    # trap: "[2, 2, 4, 4]" -> round() gives whole numbers, but they are floats still
    # trap: [2.0, 2.0, 4.0, 4.0] -> the right list; str() makes a string of it
    assert str(t.round().tolist()) == __("[2.0, 2.0, 4.0, 4.0]")
    # why: halves go up as often as down, so that sums do not drift. NumPy and Python round in the
    #     same way.


def test_type_with_empty_parentheses_is_a_question():
    """With a dtype in its parentheses type() is a cast; with none it tells what it has, as text."""
    t = torch.tensor([2.0])
    assert t.type() == "torch.FloatTensor"

    # claims: B081 B086
    # hint: the answer is one of the older class names, those with a capital letter
    # hint: what dtype does the tensor have that the first type() gives back?
    # trap: torch.int32 -> this is the dtype; type() answers in an older way
    # trap: "torch.int32" -> .dtype would print this; type() uses the older names
    # trap: "torch.FloatTensor" -> the cast came first, and the question is put to what it made
    # trap: "torch.LongTensor" -> that is the name for int64
    # trap: torch.IntTensor -> the right name, but type() says it in a string
    assert t.type(torch.int32).type() == __("torch.IntTensor")
    # why: for casting, `t.to(torch.int32)` says the same more clearly, and to find out what you
    #     have, `t.dtype` gives an answer that you can use.


def test_a_cast_to_the_same_dtype_copies_nothing(device):
    """A number is written into the result of each cast; which of the two arrives in t?"""
    t = torch.zeros(2, device=device)
    same = t.float()
    other = t.double()
    same[0] = 7
    other[1] = 8

    # claims: A026
    # hint: torch.zeros made float32; which of the two casts had something to convert?
    # trap: [0.0, 0.0] -> "a cast is always a copy" is often said; float() had nothing to do here,
    #     so same is t
    # trap: [7.0, 8.0] -> other has another dtype, so its numbers had to be written anew, elsewhere
    # trap: [0.0, 8.0] -> look again which of the two has the dtype that t has
    assert t.tolist() == __([7.0, 0.0])
    # why: a cast copies only if the dtype must change; otherwise it answers with the tensor itself.
    #     Where you need a tensor of your own, say clone().
    # picture: t, same, other


def test_a_float_written_into_integers_is_cut(device):
    """t[0] = ... writes into the tensor, and the tensor holds integers."""
    t = torch.tensor([10, 20], device=device)
    t[0] = 3.9

    # claims: A015
    # hint: writing into a tensor does not change its dtype; so the number must give way
    # trap: "[3.9, 20]" -> a list would do that; a tensor has one dtype, and it does not change
    # trap: "[4, 20]" -> the number is not rounded
    # trap: "[10, 20]" -> nothing is refused, and no error tells you
    # trap: "[3.9, 20.0]" -> for that the tensor would have to become another dtype
    # trap: "[3.0, 20.0]" -> the numbers are right, but t holds integers, and they have no point
    # trap: [3, 20] -> the right list; str() makes a string of it
    assert str(t.tolist()) == __("[3, 20]")
    # why: writing keeps the dtype of the tensor and drops the fraction silently. Of the numbers of
    #     Python only those are refused that have no integer near them in that dtype: too large
    #     ones, inf and nan. If fractions may come, make the tensor a float one before.


def test_anything_but_zero_is_true(device):
    """bool() asks each element one question."""
    t = torch.tensor([0.0, -1.0, 0.25, 2.0], device=device)

    # claims: A075
    # hint: what does Python's bool(-1.0) say?
    # trap: "[False, False, True, True]" -> being below zero is no reason
    # trap: "[False, True, False, True]" -> nothing is cut off first: 0.25 is not zero
    # trap: "[False, False, False, False]" -> True equals 1, but that is not the question here
    # trap: "[True, False, False, False]" -> the other way round: True stands for "there is
    #     something"
    # trap: True -> each element is asked, so there are four answers
    # trap: "[0, 1, 1, 1]" -> a bool comes out as True or False
    # trap: [False, True, True, True] -> the right list; str() makes a string of it
    assert str(t.bool().tolist()) == __("[False, True, True, True]")
    # why: bool() asks whether there is anything at all: zero is False, everything else is True.
    #     A cast to int first would cut the 0.25 to zero, and the answer would change.
