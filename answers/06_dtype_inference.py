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

    # claims: A052 A068
    # hint: torch asks what type the values have, not how large they are
    # hint: five thousand million is too much for 32 bits
    # trap: (torch.int8, torch.int64) -> 8 bits would do for 1, 2 and 3, but torch does not look for
    #     the smallest dtype that fits
    # trap: (torch.int32, torch.int64) -> the dtype does not grow with the values; both lists hold
    #     the same kind
    # trap: (torch.int32, torch.int32) -> 32 bits end at about two thousand million
    # trap: (torch.int64, torch.float32) -> a large integer is an integer
    # trap: (int, int) -> these are Python's classes; a tensor has a dtype of torch's
    # trap: [torch.int64, torch.int64] -> the right two, but on the left stands a tuple, in round
    #     brackets
    assert (small.dtype, large.dtype) == __((torch.int64, torch.int64))
    # why: Python integers become int64 whether small or large (from 2**63 on they are refused), so
    #     one larger value never changes the dtype of your data. To save memory, name a smaller
    #     dtype yourself.


def test_a_whole_number_can_be_a_float(device):
    """Python's / was at work here, and nothing is left over."""
    t = torch.tensor([6 / 2, 8 / 2], device=device)

    # claims: A052 B083
    # hint: what does Python answer for 6 / 2, and what is the type of that?
    # hint: torch spends fewer bits on a float than Python does
    # trap: torch.int64 -> the values are whole, but their Python type is not int
    # trap: torch.float64 -> Python's own floats have 64 bits; a tensor takes half of that unless
    #     you ask for more
    # trap: float -> that is Python's class; a tensor has a dtype of torch's
    # trap: "float32" -> in quotes it is a string; a dtype is an object that torch holds
    assert t.dtype == __(torch.float32)
    # why: Python floats become float32, the default float of torch: about seven digits are kept.
    #     Most networks compute in it, and it takes half the memory of float64.


def test_yes_and_no_have_a_dtype_of_their_own(device):
    """Python's comparisons answer with True or False; three such answers go into a tensor."""
    t = torch.tensor([3 > 2, 3 > 5, 3 > 1], device=device)

    # claims: A075
    # hint: write the list out as Python sees it
    # trap: torch.int64 -> True equals 1 in Python, but its type is not int
    # trap: torch.uint8 -> very old versions of torch kept yes and no in this dtype
    # trap: bool -> that is Python's class; a tensor has a dtype of torch's
    # trap: torch.float32 -> there are no floats in the list
    # trap: [True, False, True] -> these are the values; what kind are they?
    assert t.dtype == __(torch.bool)
    # why: True and False are a kind of their own and not small integers. A tensor of them can say
    #     which elements of another are meant: such a tensor is called a mask.


def test_the_highest_kind_wins_wherever_it_stands(device):
    """Three lists, each with two kinds of values in it."""
    lists = [[True, 2], [2, 3.5], [3.5, True]]
    dtypes = [torch.tensor(values, device=device).dtype for values in lists]

    # claims: A068 A115
    # hint: bool, int, float: which is the highest kind in each list?
    # trap: [torch.bool, torch.int64, torch.float32] -> the first value has no more say than the
    #     others
    # trap: [torch.int64, torch.float32, torch.bool] -> the last value has no more say than the
    #     others
    # trap: [torch.int64, torch.float64, torch.float64] -> NumPy would answer so; floats without a
    #     dtype are smaller in torch
    # trap: [torch.int64, torch.int64, torch.int64] -> an int has no room for the half in 3.5
    # trap: (torch.int64, torch.float32, torch.float32) -> the right three, but on the left stands a
    #     list, in square brackets
    assert dtypes == __([torch.int64, torch.float32, torch.float32])
    # why: bool < int < float < complex. One value of a higher kind is enough to convert the whole
    #     tensor, so a single 3.5 in a column of counts turns them all into floats.


def test_the_other_values_are_converted():
    """A tensor has one dtype only, so a bool beside an int does not stay what it is."""
    t = torch.tensor([True, 7])

    # claims: A068 A115
    # hint: which kind wins, and what is True in that kind?
    # hint: str() makes a string, so the answer stands in quotes
    # trap: "tensor([True, 7])" -> a list can keep both; a tensor has one dtype for all its elements
    # trap: "tensor([True, True])" -> the lower kind is converted to the higher one, not the other
    #     way round
    # trap: "tensor([7])" -> nothing is left out; the bool has a value among integers
    # trap: "tensor([1., 7.])" -> there is no float in the list that could put the dots there
    # trap: [1, 7] -> the right numbers; str() was asked, and it answers with a string
    assert str(t) == __("tensor([1, 7])")
    # why: numbers of mixed kinds are no error; the lower ones are converted without a word.


def test_a_higher_kind_is_not_always_the_more_precise_one(device):
    """One half among the values, so the large integer is stored as a float32: 24 binary digits."""
    t = torch.tensor([2**25 + 1, 0.5], device=device)

    # claims: A068
    # hint: up there float32 has a place for every fourth whole number only, the multiples of four
    # hint: between which two of them does the number lie, and which is nearer?
    # trap: 2**25 + 1 -> a higher kind reaches further, but it has no place for every number on the
    #     way
    # trap: 2**25 + 4 -> that one has a place as well, but it is further away
    # trap: 33_554_430 -> about seven digits are kept, but they are binary ones: the places up there
    #     are no multiples of ten
    # trap: 2**25 + 0.5 -> the half stays where it is; nothing is added up
    assert t[0].item() == __(2**25)
    # why: float32 is exact for whole numbers up to 2**24, about 16 million, and rounds beyond. Keep
    #     large integers, such as customer numbers, out of float tensors.


def test_an_array_brings_its_dtype_along():
    """The same values come as a list and as an array; from_numpy is another way in for arrays."""
    values = [1.5, 2.5]
    from_list = torch.tensor(values)
    from_array = torch.tensor(np.array(values))
    assert torch.from_numpy(np.array(values)).dtype == from_array.dtype

    # claims: A054 A070 A106
    # hint: NumPy's floats have as many bits as Python's
    # hint: in one of the two there is nothing left for torch to decide
    # trap: (torch.float32, torch.float32) -> the array has a dtype already, and torch keeps it
    # trap: (torch.float64, torch.float64) -> a list has no dtype; torch takes its own default
    # trap: (torch.float64, torch.float32) -> the other way round: it is NumPy that uses more bits
    # trap: (torch.float32, np.float64) -> NumPy's name for the right size; the tensor has torch's
    #     dtype
    # trap: (torch.float32, float) -> that is Python's class; a tensor has a dtype of torch's
    assert (from_list.dtype, from_array.dtype) == __((torch.float32, torch.float64))
    # why: torch decides only where there is no dtype yet. Data from NumPy often arrive as float64
    #     and then clash with the float32 weights of a network, so name the dtype at the border.


def test_some_mixed_lists_are_refused_and_some_are_not():
    """It is often said that torch refuses mixed lists; which of these four does it refuse?"""
    refused = []
    for values in ([True, 2], [1, "2"], [2, 3.5], [4, None]):
        try:
            torch.tensor(values)
        except (TypeError, RuntimeError):
            refused.append(values)

    # claims: A069 A114 A115
    # hint: for each list: is there a kind of number that could hold both values?
    # hint: the answer is a list of lists, in their order above
    # trap: [] -> torch makes numbers of booleans, but not of everything
    # trap: [[True, 2], [1, "2"], [2, 3.5], [4, None]] -> to be mixed is no offence: two of them
    #     become tensors
    # trap: [[4, None]] -> the "2" is a string, and torch reads no numbers out of strings
    # trap: [[1, "2"]] -> None is no number either, and torch puts no nan in its place
    # trap: [[True, 2], [1, "2"], [4, None]] -> a bool becomes an int where it has to
    assert refused == __([[1, "2"], [4, None]])
    # why: a list may mix kinds of numbers. What is refused is a value of a type that torch does
    #     not know as a number: a string, None, even a Fraction. Clean such data before.


def test_a_string_in_front_is_another_error():
    """With a string behind a number it is a TypeError; now the string comes first."""
    with pytest.raises(TypeError):
        torch.tensor([1, "a"])
    with pytest.raises(Exception) as caught:
        torch.tensor(["a", 1])

    # claims: A069 A114 A115
    # hint: torch counts dims by looking into the first entry, then into the first entry of that,
    #     and so on
    # hint: a string can be indexed like a list, and rows that fit no shape raised this class before
    # trap: TypeError -> torch works out the shape first and looks at the types after that; here
    #     the first step fails
    # trap: RuntimeError -> many of torch's complaints are RuntimeErrors, but data of an impossible
    #     shape gets another one
    # trap: IndexError -> "a"[0] exists, and so does "a"[0][0]; there is always one more level
    # trap: None -> a string is no number, wherever it stands
    assert caught.type is __(ValueError)
    # why: one mistake can raise two different errors. "too many dimensions 'str'" says that torch
    #     took a string for a list: look for text in your data, not for a wrong shape.
