"""The function torch.tensor and the class torch.Tensor.

`torch.tensor(data)`, with a small t, is a function: it builds a tensor from data. `torch.Tensor`,
with a capital T, is the class that every tensor belongs to. The class can be called as well, but
that is an older way with habits of its own.

Read more: https://docs.pytorch.org/docs/stable/tensors.html
"""

import numpy as np
import pytest
import torch

from koans import __


def test_whatever_goes_in_one_class_comes_out(device):
    """A number, a list and a NumPy array all become the same kind of object."""
    number = torch.tensor(5, device=device)
    row = torch.tensor([1, 2, 3], device=device)
    table = torch.tensor(np.ones((2, 2)), device=device)

    # claims: A002 A014 A018 B010 B035 B042
    # hint: a function makes things; a class is what things are
    # hint: a capital letter decides
    # trap: torch.tensor -> that is the function that built them; type() answers with a class
    # trap: np.ndarray -> NumPy's class; torch copied the numbers into an object of its own
    # trap: list -> the list was read, not kept
    # trap: "torch.Tensor" -> in quotes it is a string; type() answers with the class itself
    assert type(number) is type(row) is type(table) is __(torch.Tensor)
    # why: a tensor is an array with any number of dims; all its elements have one dtype and are on
    #     one device. Data, results and the weights of a network are all tensors, so what you learn
    #     about one holds for the rest.
    # picture: number, row, table


def test_the_function_keeps_integers_as_integers(device):
    """torch.tensor looks at the values to find a dtype, unless you name one."""
    named = torch.tensor([3, 4], dtype=torch.float32, device=device)
    assert named.dtype == torch.float32

    # claims: A052 A053 B069
    # hint: these are Python integers, and nobody names a dtype for them
    # hint: print would show no dtype here, so it is the usual one for integers
    # trap: torch.float32 -> nobody asked for floats this time, and there is no dot in the data
    # trap: torch.int32 -> int32 has 32 bits; torch stores Python's integers in more
    # trap: torch.int -> that is a second name of int32; torch stores Python's integers in more bits
    # trap: "int64" -> in quotes it is a string; a dtype is an object that torch holds
    # trap: int -> that is Python's class of integers; a tensor has a dtype of torch's
    assert torch.tensor([3, 4], device=device).dtype == __(torch.int64)
    # why: without dtype= the Python type of the values decides, not their size: integers become
    #     int64, floats become float32. With dtype= you decide.


def test_a_string_is_no_number():
    """torch.tensor reads no numbers out of strings, so the line under pytest.raises fails.

    pytest.raises catches the error, and caught.type is the class of that error.
    """
    with pytest.raises(Exception) as caught:
        torch.tensor("7")

    # claims: A069
    # hint: is the value wrong, or its type?
    # trap: ValueError -> int("x") raises that, because int() reads strings and found no number;
    #     torch does not begin to read
    # trap: RuntimeError -> many of torch's complaints are RuntimeErrors, but for this one Python
    #     has a better name
    # trap: None -> torch does not turn "7" into 7 for you; something is raised here
    assert caught.type is __(TypeError)
    # why: a tensor stores numbers and booleans and nothing else. Turn strings into numbers first,
    #     with int() or float().


def test_the_list_is_copied(device):
    """Once the tensor is made, it has nothing more to do with the list."""
    data = [[10, 20], [30, 40]]
    t = torch.tensor(data, device=device)
    data[0][0] = 99

    # claims: B038
    # hint: where do the numbers of t live, in the list or in memory of its own?
    # trap: [[99, 20], [30, 40]] -> that is what data holds now; t read the list before it changed
    # trap: ([10, 20], [30, 40]) -> the right numbers, but tolist() gives a list of lists
    # trap: [10, 20, 30, 40] -> the right numbers; tolist() gives the rows back as well
    assert t.tolist() == __([[10, 20], [30, 40]])
    # why: torch.tensor copies, always. Change the data first and make the tensor then, or write
    #     into the tensor.
    # picture: data, t


def test_each_pair_of_brackets_adds_a_dim(device):
    """A dim is a level of brackets; the shape says how many entries each has, outermost first."""
    data = [10, 20, 30]

    # claims: A019 B013
    # hint: write out what [data] is, then count from the outside in
    # hint: how many entries has the outer list, and how many has the inner one?
    # trap: (3,) -> that is the shape of torch.tensor(data); data has brackets already, and here it
    #     gets a second pair
    # trap: (3, 1) -> that would be three rows of one number each
    # trap: (1,) -> that is the outer list; there is another one in it
    # trap: [1, 3] -> the lengths are right, but a shape is a tuple, and no list equals a tuple
    # trap: 3 -> a shape is a tuple with one entry for each level of brackets
    assert torch.tensor([data], device=device).shape == __((1, 3))
    # why: torch.tensor takes the data as they are. Brackets around a name are not part of the call;
    #     they make a list of one, and a dim of length 1.


def test_the_class_turns_every_number_into_a_float():
    """torch.Tensor, when it is called with a list, does not look at the kind of the values."""
    # claims: B069
    # hint: print torch.Tensor([3, 4]) at a Python prompt and look for a dot
    # hint: which dtype do floats get in torch when nobody names one?
    # trap: torch.int64 -> the function with the small t would do that; the capital matters
    # trap: torch.float64 -> Python's floats have 64 bits; torch takes less for its own by default
    # trap: float -> that is Python's class; a tensor has a dtype of torch's
    assert torch.Tensor([3, 4]).dtype == __(torch.float32)
    # why: from a list or an array, torch.Tensor(data) makes the default float, and it refuses
    #     dtype=. Write torch.tensor(data) and keep the class for isinstance() and annotations.


def test_the_class_takes_a_bare_integer_for_a_length():
    """Called with an integer instead of a list, the class makes room and fills nothing in."""
    room = torch.Tensor(5)

    # claims: B010 B069
    # hint: 5 is not data here
    # hint: a shape is a tuple, also when it has one entry
    # trap: () -> that is the shape of torch.tensor(5), one bare number; the class reads its
    #     argument in another way
    # trap: (1,) -> that would be a list of one number, [5]
    # trap: [5] -> the length is right, but a shape is a tuple, and no list equals a tuple
    # trap: 5 -> the right length; a shape is a tuple of lengths
    assert room.shape == __((5,))
    # why: torch.Tensor(5) is five numbers that nobody chose: whatever was in that memory. The small
    #     t takes data; for room of a given size there are functions that say so, torch.empty(5) or
    #     torch.zeros(5).


def test_the_older_classes_carry_a_dtype_in_their_name():
    """Old code has a class for each dtype, named in the words of the language C."""
    assert torch.FloatTensor([1, 2, 3]).dtype == torch.float32
    assert torch.IntTensor([1, 2, 3]).dtype == torch.int32

    # claims: B021 B022
    # hint: IntTensor is above; which of C's two words, int and long, promises more room?
    # trap: torch.int32 -> that is IntTensor, one line up; in torch, long has more bits than int
    # trap: torch.int -> torch.int is a second name of torch.int32
    # trap: torch.float32 -> torch.Tensor makes floats; the classes with a word in front make what
    #     the word says
    # trap: int -> that is Python's class; a tensor has a dtype of torch's
    assert torch.LongTensor([1, 2, 3]).dtype == __(torch.int64)
    # why: read these names in old code, and write torch.tensor(data, dtype=torch.int64) in your
    #     own, where the number of bits can be seen.
