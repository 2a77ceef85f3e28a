"""PyTorch itself.

PyTorch keeps numbers in tensors and computes with them; Python says what to do and when. Each test
in this file is a koan: something true with a gap in it. Type what makes it true where the two
underscores stand, and save the file. A koan that asks for `device` runs once on each device: on
the CPU, and on a GPU or on `simgpu`, which stands in where there is none.

Read more: https://docs.pytorch.org/docs/stable/torch.html
"""

import numpy as np
import torch

from koans import __


def test_a_tensor_holds_numbers_and_can_add_them_up():
    """Put your answer in place of the two underscores and save: that is the whole game."""
    t = torch.tensor([10, 20, 30])

    # claims: A001 A007 B001
    # hint: sum() does here what it does for a list in Python
    # hint: type a number, nothing else
    # trap: 3 -> that is how many numbers there are; sum() adds them up
    # trap: [10, 20, 30] -> those are the numbers that went in; sum() makes one number out of them
    # trap: [60] -> the right number; sum() gives it without brackets
    # trap: 6 -> those are the first digits only; all of each number is added
    # trap: "60" -> in quotes it is a string; leave the quotes out to make it a number
    assert t.sum() == __(60)
    # why: PyTorch is known for neural networks, but underneath it is this: tensors, functions that
    #     compute with them, and derivatives of what was computed. Python gives the orders, a core
    #     written in C++ does the sums.
    # picture: t


def test_the_version_is_asked_for_not_remembered():
    """torch carries its version along as a string; a page that you read may be about another."""
    version = torch.__version__

    # claims: A008
    # hint: ask in a terminal: python -c "import torch; print(torch.__version__)"
    # hint: what split(".") cuts out of a string is a string again
    # trap: 2 -> the right digit, but as a number; a piece of a string is a string
    # trap: torch.__version__ -> that is the whole string; [0] takes the part before the first dot
    # trap: "2.3.1" -> that is a whole version, and perhaps not yours; ask the torch that is
    #     installed here, then take the part before the first dot
    # trap: version -> that is the whole string; [0] takes the part before the first dot
    assert version.split(".")[0] == __("2")
    # why: torch changes from release to release. When a page and your screen disagree, look at
    #     torch.__version__ first. torch.version.cuda says in the same way which CUDA it was built
    #     for, if any.


def test_a_float_is_printed_with_a_dot():
    """The printed form tells whole numbers and floats apart; here it is as short as it can be."""
    assert str(torch.tensor(5)) == "tensor(5)"
    assert str(torch.tensor([5, 7])) == "tensor([5, 7])"

    # claims: B011 B017
    # hint: the lines above show what surrounds the numbers
    # hint: what is the least that you must write so that Python reads 1 as a float?
    # hint: str() makes a string, so the answer stands in quotes
    # trap: "tensor([1.0, 2.0, 3.0])" -> a Python list prints like this; torch leaves out a zero
    #     that says nothing
    # trap: "tensor([1, 2, 3])" -> that is how whole numbers look, and these are floats
    # trap: "[1., 2., 3.]" -> NumPy prints its arrays like this; torch says what it is, too
    # trap: torch.tensor([1.0, 2.0, 3.0]) -> that is the tensor; str() made a string of it
    assert str(torch.tensor([1.0, 2.0, 3.0])) == __("tensor([1., 2., 3.])")
    # why: the dot is the sign of floats: tensor([1.]) and tensor([1]) hold different kinds of
    #     numbers. If one of the floats has a fraction, all of them are printed with four digits
    #     behind the dot: tensor([1.0000, 1.5000]).


def test_the_usual_dtype_is_not_printed_any_other_is():
    """A dtype is the kind of number that a tensor stores; for integers the usual one is int64."""
    assert str(torch.tensor([7], dtype=torch.int64)) == "tensor([7])"

    # claims: B082 B085
    # hint: int32 is not the usual dtype, so the string has to mention it
    # hint: the dtype is written the way you would type it yourself
    # trap: "tensor([7])" -> printed like this it would be an int64 tensor, as in the line above
    # trap: "tensor([7], dtype=int32)" -> NumPy would leave out the family name; torch prints it
    # trap: "tensor([7], torch.int32)" -> nearly; the name of the argument is printed as well
    # trap: "tensor([7.], dtype=torch.int32)" -> a dot stands for floats, and int32 is for whole
    #     numbers
    assert str(torch.tensor([7], dtype=torch.int32)) == __("tensor([7], dtype=torch.int32)")
    # why: the usual dtypes (int64, float32, bool) go without saying; one that the numbers alone
    #     would not tell you is spelled out.


def test_a_tensor_is_not_an_ndarray():
    """An ndarray, NumPy's array, is much like a tensor; which words mean nothing to it?"""
    t = torch.ones(2)
    words = ["shape", "dtype", "sum", "requires_grad"]
    assert all(hasattr(t, word) for word in words)
    assert not isinstance(t, np.ndarray)

    # claims: A017 A055 A108
    # hint: three of the words describe any array of numbers; which one is about something else?
    # hint: the answer is a list of words, in their order above
    # trap: [] -> a tensor is more than an ndarray under a new name; look for what NumPy never does
    # trap: ["dtype", "requires_grad"] -> ndarrays have a dtype too; torch took the word from NumPy
    # trap: ["sum", "requires_grad"] -> NumPy adds up as well as torch does
    # trap: ["shape", "dtype", "sum", "requires_grad"] -> the two are closer relatives than that
    # trap: "requires_grad" -> the right word; a list of one word was asked for
    assert [word for word in words if not hasattr(np.ones(2), word)] == __(["requires_grad"])
    # why: a tensor can live on a GPU, and it can record how it was computed so that derivatives can
    #     be taken. An ndarray does neither; what needs one of them wants a tensor.


def test_dtype_and_device_are_chosen_at_creation(device):
    """Say what kind of number to store (a float of 16 bits, two bytes each) and where to put it."""
    # claims: A024 A073 A088
    # hint: you have met torch.int32, an integer of 32 bits; dtypes are named like that
    # hint: no quotes: a dtype is an object that torch holds
    # trap: "float16" -> a name in quotes is a string; NumPy would take it, torch wants the dtype
    #     itself
    # trap: float -> Python's own float has 64 bits, eight bytes
    # trap: torch.float32 -> that is four bytes; half as many were asked for
    # trap: torch.float -> torch.float is short for torch.float32, four bytes
    # trap: torch.int16 -> two bytes each, but integers
    t = torch.tensor([3, 4], dtype=__(torch.float16), device=device)
    assert t.dtype.is_floating_point
    assert t.element_size() == 2
    assert t.device.type == device.type
    # why: dtype says what one element is, device says where it lives. Name both when the tensor is
    #     made, and no later line has to convert or move it.


def test_an_if_is_decided_anew_at_each_call(device):
    """Python looks at the number in the tensor each time that the function runs."""

    def scale(x):
        return x * 2 if x > 0 else x * 3

    assert scale(torch.tensor(4.0, device=device)) == 8

    # claims: B002 B005 B006
    # hint: which side of `else` does this number take?
    # trap: -8 -> the first call took that branch, but nothing was fixed by it; this call asks again
    # trap: 12 -> the size is right; look at the sign
    # trap: -4 -> that is what goes in; each branch multiplies it
    assert scale(torch.tensor(-4.0, device=device)) == __(-12)
    # why: each line is computed when Python reaches it, so if, for, print and the debugger work as
    #     in any program. PyTorch is no longer alone in this, and its torch.compile can still record
    #     the steps for speed.


def test_a_result_keeps_the_values_it_was_made_from(device):
    """Giving an old name to a new tensor changes nothing that was computed before."""
    t = torch.tensor([3, 4], device=device)
    doubled = t * 2
    t = torch.tensor([30, 40], device=device)

    # claims: B101 B114
    # hint: go through the lines in the order in which they run
    # hint: what was t when doubled was computed?
    # trap: [60, 80] -> that would be t * 2 now; doubled was computed one line earlier
    # trap: [30, 40] -> that is t; doubled is another tensor
    # trap: [3, 4] -> that was t at the time; doubled is twice as much
    # trap: (6, 8) -> the right numbers, but tolist() gives a list
    # trap: [3, 4, 3, 4] -> a list would be repeated; a tensor multiplies its numbers
    assert doubled.tolist() == __([6, 8])
    # why: a result is made of the values at the moment when its line runs. In a notebook the cells
    #     may have run in another order than the page shows; when in doubt, run all from the top.
    # picture: t, doubled


def test_an_annotation_is_a_note_not_a_check():
    """`t: torch.Tensor` tells the reader what is meant; Python hands over whatever comes."""

    def first_two(t: torch.Tensor):
        return t[:2]

    # claims: A120
    # hint: what did this call hand over, and what does [:2] make of that?
    # trap: torch.Tensor -> an annotation converts nothing
    # trap: TypeError -> nobody compares the argument with the annotation while the program runs
    # trap: "list" -> in quotes it is a string; type() answers with the class itself
    # trap: [7, 8] -> that is what comes back; its class was asked for
    # trap: int -> [:2] takes a piece of the list, not one number of it
    assert type(first_two([7, 8, 9])) is __(list)
    # why: annotations help people, editors and type checkers such as mypy, and they say nothing of
    #     shape or dtype. What must hold while the program runs, an assert has to ask.
