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

    assert (a + b).tolist() == __


def test_above_the_largest_comes_the_smallest(device):
    """int8 has a sign, and its 256 values are -128 to 127."""
    t = torch.tensor([126, 127], dtype=torch.int8, device=device)

    assert (t + 1).tolist() == __


def test_a_python_number_gives_no_room_and_a_vector_does(device):
    """Ten is added twice: once as a number of Python, once in a vector of int64."""
    t = torch.tensor([250], dtype=torch.uint8, device=device)
    ten = torch.tensor([10], device=device)

    assert ((t + 10).tolist(), (t + ten).tolist()) == __


def test_make_room_before_you_subtract(device):
    """Two pictures of two pixels: by how much must the second grow to become the first?"""
    first = torch.tensor([100, 200], dtype=torch.uint8, device=device)
    second = torch.tensor([120, 50], dtype=torch.uint8, device=device)

    growth = __
    assert growth.tolist() == [-20, 150]


def test_a_sum_over_a_tensor_makes_room(device):
    """+ adds two pixels, sum() adds up all there are; here these are the same two."""
    pixels = torch.tensor([150, 120], dtype=torch.uint8, device=device)
    pair = pixels[0] + pixels[1]

    assert (pair.item(), pixels.sum().item()) == __


def test_a_number_too_large_is_refused_at_birth():
    """Here the number is beyond the limit when the tensor is made, before any calculation."""
    with pytest.raises(Exception) as caught:
        torch.tensor([300], dtype=torch.uint8)

    assert caught.type is __


def test_a_cast_checks_nothing(device):
    """These integers exist already, and are cast to uint8."""
    t = torch.tensor([300, 513, -1], device=device)

    assert t.to(torch.uint8).tolist() == __


def test_only_true_division_leaves_the_integers(device):
    """Pixels are divided by two, once with / and once with //, which rounds down."""
    pixels = torch.tensor([100, 201], dtype=torch.uint8, device=device)

    assert [(pixels / 2).dtype, (pixels // 2).dtype] == __


def test_brighten_in_floats_and_stop_at_white(device):
    """Make them twice as bright, but not above 255; t.clamp(max=9) makes 9 of all larger ones."""
    pixels = torch.tensor([100, 200], dtype=torch.uint8, device=device)

    bright = __
    assert bright.tolist() == [200, 255]
