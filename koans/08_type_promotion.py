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

    assert (a.dtype, total.dtype) == __


def test_the_kind_counts_before_the_bits(device):
    """Many integer bits meet few float bits; float16 is one of the small floats."""
    count = torch.tensor([3, 4], dtype=torch.int64, device=device)
    price = torch.tensor([0.5, 1.5], dtype=torch.float16, device=device)

    assert (count * price).dtype == __


def test_to_stay_with_integers_cast_the_float(device):
    """Add b to a so that the sum is an int32 tensor, and what is behind the point is dropped."""
    a = torch.tensor([2, 2], dtype=torch.int32, device=device)
    b = torch.tensor([5.7, 1.2], device=device)

    total = a + __
    assert (total.dtype, total.tolist()) == (torch.int32, [7, 3])


def test_a_float_of_python_lifts_integers(device):
    """Two integers, each of them times two and a half."""
    t = torch.tensor([1, 3], device=device)

    assert (t * 2.5).tolist() == __


def test_a_python_number_brings_its_kind_but_no_size(device):
    """An int16 tensor is added to a bool, an int, a float and a complex number of Python."""
    t = torch.tensor([3], dtype=torch.int16, device=device)
    dtypes = [(t + number).dtype for number in (True, 2, 0.5, 1j)]

    assert dtypes == __


def test_a_small_float_stays_small_beside_a_number(device):
    """A Python float has 64 bits, and this tensor's elements have 16."""
    t = torch.tensor([1.0, 2.0], dtype=torch.float16, device=device)

    assert (t * 2.5).dtype == __


def test_dims_outweigh_bits(device):
    """A float32 vector meets float64 twice: in a tensor without dims, then in a vector."""
    t = torch.tensor([1.0, 2.0], device=device)
    scalar = torch.tensor(1.5, dtype=torch.float64, device=device)
    vector = torch.tensor([1.5, 1.5], dtype=torch.float64, device=device)

    assert ((t + scalar).dtype, (t + vector).dtype) == __


def test_booleans_add_up_to_booleans(device):
    """Two tensors of yes and no are added; what dtype comes out, and what stands in it?"""
    a = torch.tensor([True, True, False], device=device)
    b = torch.tensor([True, False, False], device=device)
    total = a + b

    assert (total.dtype, total.tolist()) == __


def test_joining_promotes_as_well(device):
    """torch.cat puts tensors one behind the other, along dim 0, into one new tensor."""
    yes = torch.tensor([True], device=device)
    whole = torch.tensor([2, 3], device=device)
    half = torch.tensor([0.5], dtype=torch.float16, device=device)

    assert torch.cat([yes, whole, half], dim=0).dtype == __
