"""The values decide the dtype.

A tensor has one dtype for all its elements. If you name none, torch.tensor looks at the kinds of
the values: True and False are of the kind bool, then come int, float and complex (numbers such as
2 + 3j, which you may never need). The highest kind wins, and the other values are converted to it.

The kind is a matter of the Python type: 3 is an int and 3.0 is a float, though they are equal.

Read more: https://docs.pytorch.org/docs/stable/generated/torch.tensor.html
"""

import numpy as np
import pytest
import torch

from koans import __


def test_small_integers_get_as_many_bits_as_large_ones(device):
    """Two lists of Python integers: tiny ones, and one of five thousand million."""
    small = torch.tensor([1, 2, 3], device=device)
    large = torch.tensor([5_000_000_000], device=device)

    assert (small.dtype, large.dtype) == __


def test_a_whole_number_can_be_a_float(device):
    """Python's / was at work here, and nothing is left over."""
    t = torch.tensor([6 / 2, 8 / 2], device=device)

    assert t.dtype == __


def test_yes_and_no_have_a_dtype_of_their_own(device):
    """Python's comparisons answer with True or False; three such answers go into a tensor."""
    t = torch.tensor([3 > 2, 3 > 5, 3 > 1], device=device)

    assert t.dtype == __


def test_the_highest_kind_wins_wherever_it_stands(device):
    """Three lists, each with two kinds of values in it."""
    lists = [[True, 2], [2, 3.5], [3.5, True]]
    dtypes = [torch.tensor(values, device=device).dtype for values in lists]

    assert dtypes == __


def test_the_other_values_are_converted():
    """A tensor has one dtype only, so a bool beside an int does not stay what it is."""
    t = torch.tensor([True, 7])

    assert str(t) == __


def test_a_higher_kind_is_not_always_the_more_precise_one(device):
    """One half among the values, so the large integer is stored as a float32: 24 binary digits."""
    t = torch.tensor([2**25 + 1, 0.5], device=device)

    assert t[0].item() == __


def test_an_array_brings_its_dtype_along():
    """The same values come as a list and as an array; from_numpy is another way in for arrays."""
    values = [1.5, 2.5]
    from_list = torch.tensor(values)
    from_array = torch.tensor(np.array(values))
    assert torch.from_numpy(np.array(values)).dtype == from_array.dtype

    assert (from_list.dtype, from_array.dtype) == __


def test_some_mixed_lists_are_refused_and_some_are_not():
    """It is often said that torch refuses mixed lists; which of these four does it refuse?"""
    refused = []
    for values in ([True, 2], [1, "2"], [2, 3.5], [4, None]):
        try:
            torch.tensor(values)
        except (TypeError, RuntimeError):
            refused.append(values)

    assert refused == __


def test_a_string_in_front_is_another_error():
    """With a string behind a number it is a TypeError; now the string comes first."""
    with pytest.raises(TypeError):
        torch.tensor([1, "a"])
    with pytest.raises(Exception) as caught:
        torch.tensor(["a", 1])

    assert caught.type is __
