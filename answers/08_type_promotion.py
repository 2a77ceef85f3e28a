"""Two dtypes meet, and the result needs one.

Tensors of different dtypes can be added and multiplied. torch chooses the dtype of the result by
the kind first: bool < int < float < complex (numbers such as 2 + 3j). Only where both are of the
same kind does the number of bits count, and even then a tensor without dims, or a number of
Python, weighs less than a tensor with dims. This is called type promotion.

Read more: https://docs.pytorch.org/docs/stable/tensor_attributes.html
"""

import torch

from koans import __


def test_the_result_gets_a_new_dtype_and_the_operands_keep_theirs(device):
    """An int32 tensor plus a float32 tensor: look at the first of the two, and at their sum."""
    a = torch.tensor([2], dtype=torch.int32, device=device)
    b = torch.tensor([5.0], device=device)
    total = a + b

    # claims: B084
    # hint: which of the two kinds is higher?
    # hint: does an addition change what is added?
    # trap: (torch.float32, torch.float32) -> "a is cast to float32 automatically" is often said;
    #     the sum is a float tensor, a stays what it is
    # trap: (torch.int32, torch.int32) -> the left operand has no more say than the right one
    # trap: (torch.int32, torch.float64) -> NumPy would answer so, to lose no digit of an int32;
    #     torch looks for no larger dtype
    # trap: (torch.int64, torch.float32) -> a was made with another dtype than the usual one
    # trap: [torch.int32, torch.float32] -> the right two, but on the left stands a tuple, in round
    #     brackets
    assert (a.dtype, total.dtype) == __((torch.int32, torch.float32))
    # why: promotion is about the result. For the calculation torch reads a as floats, and a itself
    #     is left alone.
    # picture: a, b, total


def test_the_kind_counts_before_the_bits(device):
    """Many integer bits meet few float bits; float16 is one of the small floats."""
    count = torch.tensor([3, 4], dtype=torch.int64, device=device)
    price = torch.tensor([0.5, 1.5], dtype=torch.float16, device=device)

    # claims: A068
    # hint: compare the kinds; are they the same?
    # hint: no third dtype is brought in here
    # trap: torch.int64 -> it has more bits and reaches further, but bits count only within one kind
    # trap: torch.float32 -> the default is for values without a dtype; here both have one
    # trap: torch.float64 -> torch does not look for a float that could hold every int64
    # trap: float -> that is Python's class; a tensor has a dtype of torch's
    assert (count * price).dtype == __(torch.float16)
    # why: any float beats any int, even a float with a quarter of the bits. float16 ends at 65504,
    #     so large counts become inf in it: cast the small floats up before they meet.


def test_to_stay_with_integers_cast_the_float(device):
    """Add b to a so that the sum is an int32 tensor, and what is behind the point is dropped."""
    a = torch.tensor([2, 2], dtype=torch.int32, device=device)
    b = torch.tensor([5.7, 1.2], device=device)

    # claims: B085
    # hint: the higher kind must be gone before the addition
    # hint: there are two sizes of integers among the short names of casts
    # trap: b -> a float takes part, so the sum is one of floats
    # trap: b.long() -> the values are right, but among integers the one with more bits wins
    # trap: b.round().int() -> 5.7 should be cut, not rounded up
    # trap: b.round() -> round() gives whole numbers that are floats still
    # trap: b // 1 -> this drops what is behind the point, but // between floats gives floats
    # trap: int(b) -> Python's int() makes one number, so it refuses a tensor of two; cast the
    #     tensor
    # trap: b.bool() -> this adds one for everything that is not zero
    total = a + __(b.int())
    assert (total.dtype, total.tolist()) == (torch.int32, [7, 3])
    # why: to lower the kind takes a cast, promotion only ever goes up. The sum is printed as
    #     tensor([7, 3], dtype=torch.int32); without the dtype it would be int64.


def test_a_float_of_python_lifts_integers(device):
    """Two integers, each of them times two and a half."""
    t = torch.tensor([1, 3], device=device)

    # claims: B019 B020
    # hint: which kind is 2.5, and which kind is t?
    # hint: is anything cut off before the multiplication, or after it?
    # trap: [2, 6] -> the number is not cut to an integer first
    # trap: [2, 7] -> the result is not forced into the dtype of t
    # trap: [3.5, 5.5] -> that is t + 2.5
    # trap: [1, 3, 2.5] -> t is no list, nothing is put behind it
    assert (t * 2.5).tolist() == __([2.5, 7.5])
    # why: + and * with a number work on each element, and a number of a higher kind lifts them all.
    #     t itself is still int64 afterwards.


def test_a_python_number_brings_its_kind_but_no_size(device):
    """An int16 tensor is added to a bool, an int, a float and a complex number of Python."""
    t = torch.tensor([3], dtype=torch.int16, device=device)
    dtypes = [(t + number).dtype for number in (True, 2, 0.5, 1j)]

    # claims: A068 B019
    # hint: is the number of a higher kind than t, or not?
    # hint: where it is, nobody says how many bits; what does torch take by default?
    # hint: a complex number is stored as two floats, and its dtype counts the bits of both
    # trap: [torch.int64, torch.int64, torch.float64, torch.complex128] -> Python's numbers are that
    #     large, but beside a tensor only their kind counts
    # trap: [torch.int16, torch.int64, torch.float32, torch.complex64] -> 2 is of the kind that t
    #     has already, so nothing changes
    # trap: [torch.bool, torch.int16, torch.float32, torch.complex64] -> the lower kind never wins
    # trap: [torch.int16, torch.int16, torch.int16, torch.int16] -> an int16 has no room for a half
    # trap: [torch.int16, torch.int16, torch.float32, torch.complex32] -> nearly: these 32 bits are
    #     those of each part, and a complex number has two
    # trap: [torch.int16, torch.int16, torch.float16, torch.complex32] -> the bits of t are no
    #     model; for a new kind torch takes its default
    assert dtypes == __([torch.int16, torch.int16, torch.float32, torch.complex64])
    # why: a number of t's own kind, or of a lower one, never makes its dtype larger. A higher kind
    #     comes in its default size: float32 for a float, complex64 for a complex number, whose two
    #     parts are a float32 each.


def test_a_small_float_stays_small_beside_a_number(device):
    """A Python float has 64 bits, and this tensor's elements have 16."""
    t = torch.tensor([1.0, 2.0], dtype=torch.float16, device=device)

    # claims: B019
    # hint: are the kinds different?
    # trap: torch.float64 -> the bits of a Python number do not count
    # trap: torch.float32 -> the default is asked only where the tensor lacks the kind
    # trap: float -> that is Python's class; a tensor has a dtype of torch's
    # trap: torch.int16 -> 16 bits it has, but which kind?
    assert (t * 2.5).dtype == __(torch.float16)
    # why: beside a float tensor, a number in a formula leaves the dtype alone. So the same line
    #     serves a network in float16 and one in float64.


def test_dims_outweigh_bits(device):
    """A float32 vector meets float64 twice: in a tensor without dims, then in a vector."""
    t = torch.tensor([1.0, 2.0], device=device)
    scalar = torch.tensor(1.5, dtype=torch.float64, device=device)
    vector = torch.tensor([1.5, 1.5], dtype=torch.float64, device=device)

    # claims: A068 B014
    # hint: all are floats; within one kind, a tensor without dims has no say in the bits as long as
    #     a vector is beside it
    # hint: two vectors weigh the same; what decides then?
    # trap: (torch.float64, torch.float64) -> more bits win only among equals, and a scalar weighs
    #     less than a vector
    # trap: (torch.float32, torch.float32) -> the left operand has no more say than the right one
    # trap: (torch.float64, torch.float32) -> the other way round: having dims gives weight
    # trap: [torch.float32, torch.float64] -> the right two, but on the left stands a tuple, in
    #     round brackets
    assert ((t + scalar).dtype, (t + vector).dtype) == __((torch.float32, torch.float64))
    # why: within one kind, bits are compared only among tensors that have dims. If none has any, as
    #     in a sum of two scalars, their bits count again.
    # picture: t, scalar, vector


def test_booleans_add_up_to_booleans(device):
    """Two tensors of yes and no are added; what dtype comes out, and what stands in it?"""
    a = torch.tensor([True, True, False], device=device)
    b = torch.tensor([True, False, False], device=device)
    total = a + b

    # claims: A075
    # hint: both are of one kind, so there is nothing to promote
    # hint: is there something in a, or in b?
    # trap: (torch.int64, [2, 1, 0]) -> Python's True + True is 2; tensors of one dtype keep it
    # trap: (torch.bool, [2, 1, 0]) -> a bool has no room for a 2
    # trap: (torch.bool, [False, True, False]) -> True and True do not cancel each other
    # trap: (torch.bool, [True, False, False]) -> that is "both of them", a * b
    # trap: (torch.uint8, [2, 1, 0]) -> both are torch.bool, so no other dtype comes in here
    assert (total.dtype, total.tolist()) == __((torch.bool, [True, True, False]))
    # why: for booleans + means "or" and * means "and". To count, make integers of one side first:
    #     `a.int() + b`.
    # picture: a, b, total


def test_joining_promotes_as_well(device):
    """torch.cat puts tensors one behind the other, along dim 0, into one new tensor."""
    yes = torch.tensor([True], device=device)
    whole = torch.tensor([2, 3], device=device)
    half = torch.tensor([0.5], dtype=torch.float16, device=device)

    # claims: B078
    # hint: a tensor has one dtype, so the three must agree on one
    # hint: the rule is the one for + and *
    # trap: torch.bool -> the first of them has no more say than the others
    # trap: torch.int64 -> it has the most bits, but not the highest kind
    # trap: torch.float32 -> the default is for values without a dtype; these have one
    # trap: TypeError -> different dtypes may be joined, they are promoted
    assert torch.cat([yes, whole, half], dim=0).dtype == __(torch.float16)
    # why: cat follows the same rule as + and *: one float tensor in a list of integer tensors turns
    #     the joined one into floats. Writing into a tensor does not promote: its dtype stays.
