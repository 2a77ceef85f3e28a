"""What runs on a GPU.

GPUs were built for graphics: thousands of small cores that do one thing to many numbers at once.
Large tensors, and so the training of large models, gain from that. For a few numbers it is not
worth it: sending them there and starting the work takes longer than the CPU needs to do it.

How many times faster a card is depends on the work, so trust no single factor, and what clouds
rent out changes every year. Big training wants memory and bandwidth; small cards often suffice to
run a finished model. A TPU is no "cuda" device: torch needs another package for it, like torch_xla.

Read more: https://docs.pytorch.org/docs/stable/cuda.html
"""

# claims: B003 B049 B052 B053 B054 B055 B056 B057

from unittest import mock

import torch

from koans import __


def test_far_more_than_matrix_products_runs_there(accelerator):
    """Sorting, running sums and comparisons are computed on the device where the tensor is."""
    t = torch.tensor([3.0, 1.0, 2.0], device=accelerator)
    results = [t @ t, t.sort().values, t.cumsum(0), t > 1.5]

    # claims: A061 B036 B050
    # hint: nobody moved t; where must the work be done?
    # trap: {"cpu", accelerator.type} -> "the GPU is for matrix products" is often said; the other
    #     three do not come home for their work
    # trap: {"cpu"} -> a result is not sent home unless you ask
    # trap: accelerator.type -> the right word, but these are braces: a set of words is asked for
    assert {result.device.type for result in results} == __({accelerator.type})
    # why: an operation runs where its tensors are, and leaves its result there. Move the data once,
    #     and the whole computation follows.


def test_random_numbers_are_made_where_they_are_needed(accelerator):
    """Twice, three pixels get three new random numbers; torch.rand can draw them on the spot."""
    pixels = torch.zeros(3, device=accelerator)

    # claims: A024 A061
    # hint: pixels is not on the CPU; torch.rand takes the argument that torch.zeros took
    # trap: torch.rand(3) -> drawn on the CPU, and two devices do not mix
    # trap: torch.rand(3, device="cpu") -> the default spelt out; pixels is elsewhere
    # trap: torch.rand(1, device=accelerator) -> that is one random number for all three
    noisy, again = (pixels + __(torch.rand(3, device=accelerator)) for _ in range(2))
    assert len(set(noisy.tolist() + again.tolist())) == 6
    # why: rand, zeros and arange with device= make their numbers on the device, and nothing has to
    #     be carried there. torch.rand(3).to(device) works too, and carries them.


def test_a_function_of_each_element_answers_alike_everywhere(device):
    """exp(x) is e to the power of x, where e is 2.718...; each element has its own answer."""
    t = torch.zeros(2, device=device)

    # claims: A061 B050
    # hint: what is any number to the power of 0?
    # trap: [0.0, 0.0] -> that is what went in; e to the power of 0 is something else
    # trap: 2.0 -> exp() does not add up; it keeps the shape
    # trap: 1.0 -> there are two elements, and each has an answer of its own
    assert torch.exp(t).tolist() == __([1.0, 1.0])
    # why: the device decides who computes, and not what, up to the last digits of less round
    #     numbers: compare floats with a tolerance.


def test_a_transfer_is_counted_in_bytes(device):
    """The way between two devices costs by the byte; element_size() is the bytes of one element."""
    t = torch.zeros(1000, 1000, device=device)

    # claims: A028 A029 A036 A044 A105
    # hint: how many bits has the dtype that zeros() takes by default, and how many bits has a byte?
    # trap: 1_000_000 -> that is how many elements there are
    # trap: 8_000_000 -> Python's and NumPy's floats have 64 bits, the default here has not
    # trap: 32_000_000 -> those are the bits
    assert t.numel() * t.element_size() == __(4_000_000)
    # why: torch.zeros(..., device=) sends none of these bytes, but torch.tensor(a_list, device=)
    #     packs the list on the CPU and sends them all. What that costs grows with the data.


def test_half_the_precision_is_half_the_bytes(device):
    """float16 spends 16 bits on a number, and nbytes says what the whole tensor takes."""
    t = torch.zeros(1000, dtype=torch.float16, device=device)

    # claims: A063 A105
    # hint: the number in the name of a dtype counts bits
    # trap: 4000 -> that is float32, the default; this dtype was asked for
    # trap: 8000 -> that is float64
    # trap: 16000 -> those are the bits
    # trap: 500 -> half of float32 is not half a byte
    assert t.nbytes == __(2000)
    # why: numbers of half the size let a tensor of twice the length fit into the same memory, and
    #     there is half as much to carry. They are also coarser.


def test_running_out_of_gpu_memory_is_an_error_of_torch():
    """A full GPU raises this error; mro() lists a class, and then those that it inherits from."""
    error = torch.cuda.OutOfMemoryError

    # claims: A063
    # hint: torch uses one class of error for most of what goes wrong on a device
    # trap: MemoryError -> that is Python's own, for ordinary memory; an except for it would not
    #     catch this one
    # trap: OSError -> the operating system has nothing to do with it
    # trap: Exception -> further up; one more class stands in between
    assert error.mro()[1] is __(RuntimeError)
    # why: it is a RuntimeError of its own kind, so it can be caught alone. Compare `nbytes` with
    #     torch.cuda.mem_get_info() before you send something large.


def test_ask_whether_there_is_a_gpu_before_you_ask_which():
    """current_device() is the number of the GPU in use; where there is none, give back "none"."""

    def gpu_in_use():
        # claims: A011
        # hint: the function is tried on two pretended machines, one of them without a GPU
        # hint: `a if question else b` works out only one of a and b
        # trap: torch.cuda.current_device() -> this is right where there is a GPU, and raises where
        #     there is none
        # trap: torch.cuda.current_device() or "none" -> no GPU does not mean None; it is an error
        # trap: torch.cuda.is_available() and torch.cuda.current_device() -> without a GPU this
        #     answers False; "none" was asked for
        # trap: torch.cuda.device_count() -> that is how many there are, not which one is in use
        return __(torch.cuda.current_device() if torch.cuda.is_available() else "none")

    some = {"is_available": lambda: True, "device_count": lambda: 4, "current_device": lambda: 3}
    none = {"is_available": lambda: False, "device_count": int, "current_device": lambda: 1 / 0}
    with mock.patch.multiple(torch.cuda, **some):
        assert gpu_in_use() == 3
    with mock.patch.multiple(torch.cuda, **none):
        assert gpu_in_use() == "none"
    # why: is_available() and device_count() answer everywhere. Many other questions to torch.cuda
    #     presume a GPU and raise without one, so they come second.
