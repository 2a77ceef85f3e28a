"""Integers have limits here, and pass them silently.

An integer of Python grows as large as it must. An element of a tensor has a fixed number of bits:
uint8, the dtype of most pictures, has eight of them and no sign, which makes 256 values, 0 to 255.
int8 has a sign: -128 to 127. `torch.iinfo(torch.uint8).max` tells the largest value of a dtype.

A result beyond the limit comes in again at the other end, like a clock that goes on after twelve.
No error is raised, so these koans are about noticing it.

Read more: https://docs.pytorch.org/docs/stable/type_info.html
"""

import pytest
import torch

from koans import __


def test_a_uint8_goes_round_like_a_clock(device):
    """Both numbers fit in a uint8, but their sum would need one bit more."""
    a = torch.tensor([200], dtype=torch.uint8, device=device)
    b = torch.tensor([100], dtype=torch.uint8, device=device)

    # claims: A068
    # hint: what does a clock with 256 hours show one hour after 255?
    # hint: what is left when a whole round is taken off?
    # trap: [300] -> integers of Python grow; an element of a uint8 tensor has eight bits and no
    #     more
    # trap: [255] -> it does not stop at the largest value, it goes on
    # trap: [45] -> nearly: the round has 256 steps, as 0 is one of the values
    # trap: RuntimeError -> no error comes; that is the danger
    # trap: 44 -> the sum of two vectors is a vector, so a list is asked for
    assert (a + b).tolist() == __([44])
    # why: a result in uint8 is what remains after division by 256. + of two equal dtypes keeps the
    #     dtype, even where the sum does not fit in it.


def test_above_the_largest_comes_the_smallest(device):
    """int8 has a sign, and its 256 values are -128 to 127."""
    t = torch.tensor([126, 127], dtype=torch.int8, device=device)

    # claims: A068
    # hint: the round has 256 steps again, but it does not start at zero
    # hint: what stands at the other end?
    # trap: [127, 128] -> the second one is beyond the limit of int8
    # trap: [127, 127] -> it does not stop at the largest value
    # trap: [127, 0] -> that would be the other end if there were no numbers below zero
    # trap: [127, -127] -> nearly: below zero there is one value more than above
    # trap: [-127, -128] -> the first one still fits
    assert (t + 1).tolist() == __([127, -128])
    # why: with a sign, the other end is below zero. If a count turns out negative, look at its
    #     dtype: int16, int32 and int64 do the same at their limits. uint8 plus int8 is an int16,
    #     the smallest dtype that has room for the values of both.


def test_a_python_number_gives_no_room_and_a_vector_does(device):
    """Ten is added twice: once as a number of Python, once in a vector of int64."""
    t = torch.tensor([250], dtype=torch.uint8, device=device)
    ten = torch.tensor([10], device=device)

    # claims: B019
    # hint: which dtype has each sum? it was the lesson before this one
    # hint: only one of the two sums has more than eight bits
    # trap: ([260], [260]) -> beside a tensor, the size of a Python number does not count
    # trap: ([4], [4]) -> two vectors weigh the same, so the larger of the integers wins
    # trap: ([255], [260]) -> uint8 does not stop at its limit
    # trap: ([260], [4]) -> the other way round: a Python number brings no size along
    # trap: [[4], [260]] -> the right two, but on the left stands a tuple, in round brackets
    assert ((t + 10).tolist(), (t + ten).tolist()) == __(([4], [260]))
    # why: first promotion settles the dtype, then the result has to live in it. A whole number in
    #     the code never makes the room larger.


def test_make_room_before_you_subtract(device):
    """Two pictures of two pixels: by how much must the second grow to become the first?"""
    first = torch.tensor([100, 200], dtype=torch.uint8, device=device)
    second = torch.tensor([120, 50], dtype=torch.uint8, device=device)

    # claims: A068 B086
    # hint: uint8 knows nothing below zero, so another dtype is needed
    # hint: does the dtype have to change before the subtraction, or after it?
    # trap: first - second -> below zero uint8 goes on at 255, so this gives 236
    # trap: (first - second).int() -> too late: the cast finds the 236 and keeps it
    # trap: (first - second).to(torch.int8) -> this mends the first pixel and breaks the second
    # trap: second.int() - first.int() -> that is how far the first one is from the second
    # trap: (first.int() - second.int()).abs() -> the sign is gone, and so is which one is larger
    growth = __(first.int() - second.int())
    assert growth.tolist() == [-20, 150]
    # why: cast first, compute then. Once a number has gone round the clock, nothing in it
    #     shows that it did.
    # picture: first, second, growth


def test_a_sum_over_a_tensor_makes_room(device):
    """+ adds two pixels, sum() adds up all there are; here these are the same two."""
    pixels = torch.tensor([150, 120], dtype=torch.uint8, device=device)
    pair = pixels[0] + pixels[1]

    # claims: B073
    # hint: somebody who adds up a million pixels could do nothing with a uint8
    # hint: pixels[0] and pixels[1] are two uint8 tensors without dims
    # trap: (270, 270) -> + keeps the dtype, and uint8 has no 270
    # trap: (14, 14) -> sum() would be of little use for small integers if it kept their dtype
    # trap: (270, 14) -> the other way round: it is sum() that takes another dtype
    # trap: (255, 270) -> + does not stop at the limit, it goes round
    # trap: [14, 270] -> the right two, but on the left stands a tuple, in round brackets
    assert (pair.item(), pixels.sum().item()) == __((14, 270))
    # why: sum() of any integers, and of booleans, is computed and answered in int64. For mean() you
    #     must choose floats yourself, it refuses integers.


def test_a_number_too_large_is_refused_at_birth():
    """Here the number is beyond the limit when the tensor is made, before any calculation."""
    with pytest.raises(Exception) as caught:
        torch.tensor([300], dtype=torch.uint8)

    # claims: A022
    # hint: the message speaks of an overflow, but the class is torch's usual one
    # hint: item() of a tensor with two numbers raises the same
    # trap: OverflowError -> Python has this class, and newer NumPy raises it here; torch does not
    # trap: ValueError -> the value is to blame, but torch says it with its most frequent error
    # trap: TypeError -> an int is the right type
    # trap: None -> a new number is looked at; only what happens to it afterwards goes unseen
    assert caught.type is __(RuntimeError)
    # why: torch.tensor refuses a number that is too large for the dtype that you name. Below zero
    #     it is less careful: -1 becomes 255 in a uint8. Sums and casts, later on, refuse nothing.


def test_a_cast_checks_nothing(device):
    """These integers exist already, and are cast to uint8."""
    t = torch.tensor([300, 513, -1], device=device)

    # claims: B086
    # hint: a cast keeps the eight bits that fit; that is the clock again
    # hint: which hour is one step before 0?
    # trap: [255, 255, 0] -> to stop at the nearest limit is what clamp() is for; a cast does not
    # trap: [300, 513, -1] -> a uint8 can hold none of them
    # trap: [44, 257, 255] -> 513 goes round twice
    # trap: [44, 1, 1] -> the sign is not just dropped; one step before 0 is the largest value
    # trap: RuntimeError -> only a new number is refused; a cast lets everything pass
    assert t.to(torch.uint8).tolist() == __([44, 1, 255])
    # why: only the remainder survives the cast. Before you cast down, bring the values into range:
    #     `t.clamp(0, 255).to(torch.uint8)`.


def test_only_true_division_leaves_the_integers(device):
    """Pixels are divided by two, once with / and once with //, which rounds down."""
    pixels = torch.tensor([100, 201], dtype=torch.uint8, device=device)

    # claims: B067
    # hint: what type does Python give for 4 / 2, and what for 4 // 2?
    # trap: [torch.uint8, torch.uint8] -> the half of 201 is no uint8; / always gives floats
    # trap: [torch.float32, torch.float32] -> // gives whole numbers, and for them uint8 will do
    # trap: [torch.float32, torch.int64] -> the size of the Python number 2 does not count
    # trap: [torch.float64, torch.uint8] -> for a new kind torch takes its default
    # trap: (torch.float32, torch.uint8) -> the right two, but on the left stands a list, in square
    #     brackets
    assert [(pixels / 2).dtype, (pixels // 2).dtype] == __([torch.float32, torch.uint8])
    # why: / makes the default float of any integers. So `pixels / 255` is a good first line:
    #     pixels become floats from 0 to 1, and no limit is near.


def test_brighten_in_floats_and_stop_at_white(device):
    """Make them twice as bright, but not above 255; t.clamp(max=9) makes 9 of all larger ones."""
    pixels = torch.tensor([100, 200], dtype=torch.uint8, device=device)

    # claims: A068 B086
    # hint: one step needs room, another one stops at the limit; in which order?
    # hint: which dtype should the multiplication be done in?
    # trap: pixels * 2 -> uint8 has no 400; the bright pixel comes out as 144, a grey
    # trap: pixels.float() * 2 -> that is room enough, but 400 is no colour of a picture
    # trap: (pixels * 2).clamp(max=255) -> too late: clamp() finds 144, which is allowed
    # trap: (pixels * 2).float() -> too late: the cast finds 144 and keeps it
    # trap: pixels.float().clamp(max=255) * 2 -> too early: the product is larger than what was
    #     clamped
    bright = __((pixels.float() * 2).clamp(max=255))
    assert bright.tolist() == [200, 255]
    # why: pictures come and go as uint8, but in between compute in floats. Cast back at the very
    #     end, when all the values are in range.
    # picture: pixels, bright
