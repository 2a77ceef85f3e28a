"""An ndarray is not a tensor.

A layer of a network takes tensors and nothing else. Most arrays can become tensors and most tensors
can become arrays, but some have to be changed first, and some words mean one thing to NumPy and
another to torch.

A few things are used here before their lesson. `nn.Linear(2, 1)` is a layer: out of each row of two
numbers it makes one, with weights of dtype float32. A tensor with `requires_grad=True` has torch
record what is computed with it; `detach()` gives a tensor over the same memory that records
nothing. `accelerator` is a device that is not the CPU, a GPU for instance; `to(device)` and
`cpu()` give you a tensor that lives on the device named, or on the CPU.

Read more: https://docs.pytorch.org/docs/stable/generated/torch.Tensor.numpy.html
"""

import contextlib

import numpy as np
import pytest
import torch
from torch import nn

from koans import __


def test_a_layer_takes_no_array():
    """Shape and dtype are as the layer wants them, and a tensor over the same numbers passes."""
    layer = nn.Linear(2, 1)
    a = np.ones((5, 2), dtype=np.float32)
    assert layer(torch.from_numpy(a)).shape == (5, 1)
    with pytest.raises(Exception) as caught:
        layer(a)

    # claims: A013 A047 A055 A056 A108 A109
    # hint: the numbers are the right ones; what is wrong with the thing that holds them?
    # trap: RuntimeError -> torch raises many of these, but here it does not get as far as computing
    # trap: ValueError -> the values were accepted one line earlier, in a tensor
    # trap: AttributeError -> the layer looks at what it was handed before it asks anything of it
    # trap: None -> torch does not turn arrays into tensors for you here
    assert caught.type is __(TypeError)
    # why: a tensor can live on a GPU and record how it was computed, and networks need both. Turn
    #     data into tensors where they come in, and NumPy cannot slip into the middle.


def test_a_layer_is_strict_about_dtype_as_well(device):
    """The array is a tensor by now, and still the layer would refuse it; convert it on the way."""
    layer = nn.Linear(2, 1, device=device)
    x = torch.from_numpy(np.ones((5, 2))).to(device)

    # claims: A013 A056
    # hint: which dtype do floats from NumPy have, and which have the weights of the layer?
    # trap: x -> a tensor it is, but as NumPy made the numbers: float64
    # trap: x.double() -> double is float64, and x is that already
    # trap: x.clone() -> a copy keeps its dtype
    # trap: x.half() -> now it is too narrow: half is float16
    # trap: x.int() -> whole numbers are no better; the weights are floats
    # trap: x.numpy() -> that leads back to an array, and a layer takes none
    y = layer(__(x.float()))
    assert (y.shape, y.dtype) == ((5, 1), torch.float32)
    # why: from_numpy(...).float() is the usual way into a network. An addition would have mixed the
    #     two dtypes without a word; a matrix product, which is what this layer does, does not.


def test_arrays_may_hold_what_no_tensor_can():
    """Which of these NumPy arrays can become a tensor? suppress() passes over a refusal."""
    crossed = []
    for kind in (object, bool, str, complex):
        with contextlib.suppress(TypeError):
            torch.from_numpy(np.zeros(2, dtype=kind))
            crossed.append(kind)

    # claims: A015 A049 A069
    # hint: which of these classes has torch a dtype for?
    # hint: the answer is a list of classes, in the order of the loop
    # trap: [object, bool, str, complex] -> torch has no dtype for some of these, and suppress() hid
    #     the errors
    # trap: [bool] -> one more of them is made of numbers: two floats each
    # trap: [object, bool, complex] -> an array of objects holds references to whatever Python has;
    #     that they are all zeros here does not help
    # trap: [bool, str, complex] -> NumPy stores words as well; a tensor never does
    # trap: (bool, complex) -> the right two; a list was asked for
    assert crossed == __([bool, complex])
    # why: "one dtype for all elements" is the rule of both, but NumPy has a dtype for strings and
    #     one for any object, which undoes it. Tables often arrive as arrays of objects: make
    #     numbers of them first.


def test_a_reversed_array_has_to_be_laid_out_anew():
    """NumPy reverses by stepping backwards through the same memory, and no tensor can do that."""
    a = np.array([10, 20, 30])[::-1]
    with pytest.raises(ValueError):
        torch.from_numpy(a)

    # claims: A051
    # hint: a fresh array lies there in the order in which it reads
    # hint: NumPy has a method that makes one
    # trap: a -> as you have seen, this one is refused: it is read from its end to its start
    # trap: a[::-1] -> this one crosses, but reversed twice it is where it began
    # trap: a.view() -> another array over the same memory, read in the same direction
    # trap: a.tolist() -> the order is right, but from_numpy takes arrays and no lists
    # trap: np.asarray(a) -> an array it is already, so nothing is laid out anew
    t = torch.from_numpy(__(a.copy()))
    assert t.tolist() == [30, 20, 10]
    # why: how an array lies in memory is part of it, and torch can share only what it can step
    #     through: forwards. A mirrored picture meets this error; copy it first.
    # picture: storage of a, t


def test_an_array_lives_on_the_cpu(accelerator):
    """Make an array of this tensor; what is written into the array must not change the tensor."""
    t = torch.tensor([0.5, 1.5], device=accelerator)

    # claims: A045 A048 A051
    # hint: NumPy reaches the memory of the CPU and no other
    # hint: two steps; which of the two can't come second?
    # trap: t.numpy() -> NumPy can't reach the memory where t lives, and numpy() moves nothing
    # trap: t.cpu() -> you are half way: this is a tensor still
    # trap: t.numpy().cpu() -> numpy() fails before there is anything to bring home
    # trap: np.array(t) -> NumPy asks the tensor for its numbers and gets the same refusal
    # trap: t.detach().numpy() -> t records nothing; what stands in the way is its device
    # trap: t.tolist() -> the numbers come home, but in a list
    a = __(t.cpu().numpy())
    a[0] = 9
    assert (type(a), a.dtype, a.tolist()) == (np.ndarray, np.float32, [9.0, 1.5])
    assert t.tolist() == [0.5, 1.5]
    # why: numpy() shares or refuses; it copies nothing unasked. From another device it was cpu()
    #     that made a copy, so writing to this array changes no tensor over there.
    # picture: devices of t, a


def test_a_tensor_that_records_has_to_be_detached():
    """What NumPy did with the numbers would be missing in torch's record, so torch refuses."""
    t = torch.tensor([0.5, 1.5], requires_grad=True)

    # claims: A051 A118
    # hint: there is a tensor over the same memory that records nothing
    # trap: t.numpy() -> refused: what NumPy did with the numbers would be missing in the record
    # trap: t.detach() -> this one records nothing, but it is a tensor still
    # trap: t.data -> an old word for nearly the same, and a tensor as well
    # trap: t.clone().numpy() -> copying is recorded too, so the copy is refused like t itself
    # trap: np.array(t) -> NumPy asks the tensor for its numbers and gets the same refusal
    # trap: t.tolist() -> the numbers, but in a list
    a = __(t.detach().numpy())
    assert (type(a), a.dtype, a.tolist()) == (np.ndarray, np.float32, [0.5, 1.5])
    # why: detach() says that you know: from here on nothing is recorded. The memory is shared, so a
    #     write into the array is a write into t. Where nothing is to be learned, leave
    #     requires_grad away and there is nothing to detach.
    # picture: storage of t, a


def test_repeat_repeats_something_else(device):
    """Both libraries have a repeat, and the one that you know is not the one that you get."""
    assert np.repeat([1, 2, 3], 2).tolist() == [1, 1, 2, 2, 3, 3]
    t = torch.tensor([1, 2, 3], device=device)

    # claims: A050
    # hint: there are two things to be repeated: each number, or the whole row
    # trap: [1, 1, 2, 2, 3, 3] -> this is NumPy's repeat; to torch it is repeat_interleave
    # trap: [2, 4, 6] -> the numbers are repeated, not multiplied
    # trap: [[1, 2, 3], [1, 2, 3]] -> the copies stand one behind the other; the tensor keeps its
    #     one dim
    # trap: [1, 2, 3] -> that is one time; the 2 asks for twice
    assert t.repeat(2).tolist() == __([1, 2, 3, 1, 2, 3])
    # why: what NumPy calls repeat is repeat_interleave in torch, and torch's repeat is NumPy's
    #     tile. The same name is a reason to look it up, not to rely on it.


def test_std_does_not_divide_by_the_same_number(device):
    """std() is the root of the averaged squares of the distances from the mean.

    To average, NumPy divides by n, and torch by n - correction, which is 1 unless you name it.
    """
    t = torch.tensor([1.0, 2.0, 3.0, 6.0], device=device)

    # claims: A050
    # hint: `correction` is a keyword of std()
    # hint: which number must be taken off n, if the result is to be NumPy's?
    # trap: t.std() -> left alone, torch divides by n - 1, and the result is larger
    # trap: t.std(correction=1) -> that takes 1 off n, which torch does unasked
    # trap: t.std(0) -> the first argument is the dim, and the result is the same as without it
    # trap: t.std(correction=-1) -> that divides by n + 1, one step too far
    # trap: t.var(correction=0) -> var() leaves out the square root
    spread = __(t.std(correction=0))
    assert type(spread) is torch.Tensor
    assert spread.item() == pytest.approx(np.std([1.0, 2.0, 3.0, 6.0]), rel=1e-4)
    # why: n - 1 is right for a sample of something larger, n for data that are all there is. With
    #     few numbers the two differ widely, so name the one you mean.
