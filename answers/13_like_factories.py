"""Made in the likeness of another tensor.

zeros_like(t), ones_like(t), full_like(t, value) and rand_like(t) (random numbers from 0 up to 1)
make a tensor for which t is the pattern: they look at what kind of tensor t is, and never at its
numbers.

A koan with `accelerator` in its brackets runs on a device that is not the CPU: a GPU, or a
simulated one named simgpu where there is none. accelerator.type is its name as a word, as "cpu" is
that of the CPU. The chapter on devices comes soon.

Read more: https://docs.pytorch.org/docs/stable/generated/torch.zeros_like.html
"""

import pytest
import torch

from koans import __


def test_the_likeness_is_in_shape_and_dtype(device):
    """The pattern is a matrix of small integers."""
    pattern = torch.tensor([[7, 8, 9], [4, 5, 6]], dtype=torch.int32, device=device)
    t = torch.zeros_like(pattern)

    # claims: A083
    # hint: zeros() has to fall back on a default; zeros_like() has something to look at
    # trap: ((2, 3), torch.float32) -> that is the default, for those who have no pattern
    # trap: ((2, 3), torch.int64) -> Python's integers become that; but the pattern is a tensor,
    #     with a dtype
    # trap: ((6,), torch.int32) -> as many zeros, and laid out as in the pattern
    # trap: ((), torch.int32) -> that is a single zero
    # trap: [(2, 3), torch.int32] -> both are right, but on the left stands a tuple, in round
    #     brackets
    assert (t.shape, t.dtype) == __(((2, 3), torch.int32))
    # why: zeros_like(t) is a zero for each element of t, and as t stores them. So the two can be
    #     compared, added or swapped without a surprise.
    # picture: pattern, t


def test_a_shape_is_no_pattern(device):
    """zeros() takes a shape, and here zeros_like() is given one."""
    shape = (2, 3)
    assert torch.zeros(shape, device=device).shape == shape
    with pytest.raises(Exception) as caught:
        torch.zeros_like(shape, device=device)

    # claims: A083
    # hint: what is handed over is a tuple; what is wanted?
    # hint: the error is the one of Python for an argument of the wrong kind
    # trap: None -> zeros() would be content with it; zeros_like() needs a whole tensor to look at
    # trap: ValueError -> no value would be better: it is not the 2 or the 3
    # trap: RuntimeError -> torch looks at the kind of its arguments before it starts to run
    # trap: AttributeError -> true, a tuple has no dtype, but torch does not get that far
    assert caught.type is __(TypeError)
    # why: with a shape in your hand take zeros(), with a tensor zeros_like(). NumPy takes a tuple
    #     for data here, and torch refuses it.


def test_the_likeness_is_in_the_device_too(accelerator):
    """Two tensors of ones are made for a pattern that is not on the CPU."""
    pattern = torch.zeros(2, 3, device=accelerator)
    sized = torch.ones(pattern.shape)
    like = torch.ones_like(pattern)

    # claims: A024 A083 A084
    # hint: what did ones() learn about the pattern, and what did ones_like()?
    # hint: accelerator.type is the word for the device of the pattern
    # trap: ["cpu", "cpu"] -> without device= tensors are made on the CPU; but one of the two saw
    #     the pattern
    # trap: [accelerator.type, accelerator.type] -> a shape says nothing about a device
    # trap: [accelerator.type, "cpu"] -> the other way round: sized was given nothing but lengths
    # trap: [torch.device("cpu"), accelerator] -> these are whole devices; the type of one is a word
    # trap: ["cpu", accelerator] -> accelerator is the whole device; on the left stand words
    # trap: ("cpu", accelerator.type) -> the right words, but on the left stands a list, in square
    #     brackets
    assert [sized.device.type, like.device.type] == __(["cpu", accelerator.type])
    # why: a function that makes its tensors with *_like works wherever its argument lives, and no
    #     device has to be named.
    # picture: devices of pattern, sized, like


def test_what_is_taken_over_and_what_is_not(device):
    """With requires_grad=True torch records all that is computed with w, which costs memory."""
    w = torch.ones(2, 3, dtype=torch.float64, device=device, requires_grad=True)
    t = torch.zeros_like(w)
    names = ["shape", "dtype", "device", "requires_grad"]
    same = [name for name in names if getattr(t, name) == getattr(w, name)]

    # claims: A083
    # hint: getattr(t, "shape") is t.shape
    # hint: which of the four says what should be done with w, and not what w is?
    # trap: ["shape", "dtype", "device", "requires_grad"] -> "it copies the attributes of the other
    #     tensor" is nearly true; recording is not switched on unasked
    # trap: ["shape"] -> zeros_like(w) is more than zeros(w.shape)
    # trap: ["shape", "dtype"] -> one more: these two can be added where they are
    # trap: ["shape", "requires_grad"] -> a dtype and a device are what makes it fit
    # trap: ("shape", "dtype", "device") -> the right three, but same is a list, in square brackets
    assert same == __(["shape", "dtype", "device"])
    # why: shape, dtype and device make two tensors fit together. Whether t is to learn is another
    #     question, and you answer it yourself, with requires_grad=True.


def test_a_likeness_is_a_snapshot(device):
    """The same line runs twice, and in between the name pattern gets a tensor of another dtype."""
    pattern = torch.ones(2, device=device)
    before = torch.zeros_like(pattern)
    pattern = pattern.double()
    after = torch.zeros_like(pattern)

    # claims: A086
    # hint: does before remember whom it was made after?
    # hint: double() is the cast to float64
    # trap: (torch.float64, torch.float64) -> before was made when the pattern was float32, and
    #     nothing ties it to that name
    # trap: (torch.float32, torch.float32) -> the second call looks at what pattern is by then
    # trap: (torch.float64, torch.float32) -> which of the two was made first?
    # trap: (float, float) -> that is Python's class; a tensor has a dtype of torch's
    # trap: [torch.float32, torch.float64] -> the right two, but on the left stands a tuple, in
    #     round brackets
    assert (before.dtype, after.dtype) == __((torch.float32, torch.float64))
    # why: the line of code fits itself to each pattern that comes along; the tensor that it made
    #     does not change any more.


def test_the_dtype_of_the_pattern_rules_the_value(device):
    """full() would look at 2.9 and make floats; here there is a pattern, and it holds integers."""
    pattern = torch.tensor([5, 6, 7], device=device)

    # claims: A083
    # hint: full_like() takes its dtype from the pattern, and puts the value into it
    # hint: what does a cast from float to int do with .9?
    # trap: [2.9, 2.9, 2.9] -> full() would do that; full_like() takes over the dtype
    # trap: [3, 3, 3] -> a cast to integers does not round
    # trap: [5, 6, 7] -> the numbers of the pattern are never looked at
    # trap: [7, 8, 9] -> nothing is added up: the value goes into each place
    # trap: (2, 2, 2) -> the right numbers, but tolist() gives a list
    assert torch.full_like(pattern, 2.9).tolist() == __([2, 2, 2])
    # why: a *_like function fits the value to the pattern and not the other way round, without a
    #     word about what gets lost. dtype= overrules the pattern.


def test_some_dtypes_have_no_room_for_chance(device):
    """rand_like() keeps the dtype of its pattern, so not every pattern will do."""
    refused = []
    for dtype in [torch.int64, torch.float32, torch.bool, torch.float64]:
        pattern = torch.zeros(2, dtype=dtype, device=device)
        try:
            torch.rand_like(pattern)
        except RuntimeError:
            refused.append(dtype)

    # claims: A085
    # hint: the numbers of rand() lie between 0 and 1; which dtypes have something there?
    # trap: [torch.int64] -> a bool has nothing between 0 and 1 either
    # trap: [torch.bool] -> integers have nothing between 0 and 1 either
    # trap: [torch.float64] -> rand() makes float32 by default, but it can do any float
    # trap: [torch.int64, torch.bool, torch.float64] -> one of these can hold 0.5 quite well
    # trap: [torch.float32, torch.float64] -> these two can; the others were asked for
    # trap: (torch.int64, torch.bool) -> the right two, but refused is a list, in square brackets
    assert refused == __([torch.int64, torch.bool])
    # why: torch could fill integers with zeros here, and raises an error instead. Where a function
    #     works for floats only, this is what you meet: "not implemented for 'Long'".


def test_a_dtype_may_be_chosen_all_the_same(device):
    """Draw a random float between 0 and 1 for each of the counts, on the device where they are."""
    counts = torch.tensor([20, 20, 20], device=device)

    # claims: A085
    # hint: the counts may be the pattern in everything but one
    # hint: dtype= has the last word, as in all factories
    # trap: counts / 100 -> floats, and all alike: the numbers of the pattern play no part in this
    # trap: torch.rand_like(counts) -> the counts are integers, and integers are refused
    # trap: torch.rand_like(counts).float() -> too late: the error comes before the cast
    # trap: torch.rand_like(counts, dtype=torch.int64) -> that is the dtype which they have already
    # trap: torch.rand_like(counts.shape) -> a shape is no pattern
    # trap: torch.zeros_like(counts, dtype=torch.float32) -> floats, and no two of them differ
    noise = __(torch.rand_like(counts, dtype=torch.float32))
    assert (noise.shape, noise.device) == (counts.shape, counts.device)
    distinct = {n for n in noise.tolist() if 0 <= n < 1}
    assert noise.is_floating_point() and len(distinct) == 3
    # why: what you name yourself overrules the pattern: dtype=, device=, requires_grad=. All the
    #     rest is taken over.
    # picture: counts, noise
