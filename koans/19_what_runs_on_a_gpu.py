"""What runs on a GPU.

GPUs were built for graphics: thousands of small cores that do one thing to many numbers at once.
Large tensors, and so the training of large models, gain from that. For a few numbers it is not
worth it: sending them there and starting the work takes longer than the CPU needs to do it.

How many times faster a card is depends on the work, so trust no single factor, and what clouds
rent out changes every year. Big training wants memory and bandwidth; small cards often suffice to
run a finished model. A TPU is no "cuda" device: torch needs another package for it, like torch_xla.

Read more: https://docs.pytorch.org/docs/stable/cuda.html
"""

from unittest import mock

import torch

from koans import __


def test_far_more_than_matrix_products_runs_there(accelerator):
    """Sorting, running sums and comparisons are computed on the device where the tensor is."""
    t = torch.tensor([3.0, 1.0, 2.0], device=accelerator)
    results = [t @ t, t.sort().values, t.cumsum(0), t > 1.5]

    assert {result.device.type for result in results} == __


def test_random_numbers_are_made_where_they_are_needed(accelerator):
    """Twice, three pixels get three new random numbers; torch.rand can draw them on the spot."""
    pixels = torch.zeros(3, device=accelerator)

    noisy, again = (pixels + __ for _ in range(2))
    assert len(set(noisy.tolist() + again.tolist())) == 6


def test_a_function_of_each_element_answers_alike_everywhere(device):
    """exp(x) is e to the power of x, where e is 2.718...; each element has its own answer."""
    t = torch.zeros(2, device=device)

    assert torch.exp(t).tolist() == __


def test_a_transfer_is_counted_in_bytes(device):
    """The way between two devices costs by the byte; element_size() is the bytes of one element."""
    t = torch.zeros(1000, 1000, device=device)

    assert t.numel() * t.element_size() == __


def test_half_the_precision_is_half_the_bytes(device):
    """float16 spends 16 bits on a number, and nbytes says what the whole tensor takes."""
    t = torch.zeros(1000, dtype=torch.float16, device=device)

    assert t.nbytes == __


def test_running_out_of_gpu_memory_is_an_error_of_torch():
    """A full GPU raises this error; mro() lists a class, and then those that it inherits from."""
    error = torch.cuda.OutOfMemoryError

    assert error.mro()[1] is __


def test_ask_whether_there_is_a_gpu_before_you_ask_which():
    """current_device() is the number of the GPU in use; where there is none, give back "none"."""

    def gpu_in_use():
        return __

    some = {"is_available": lambda: True, "device_count": lambda: 4, "current_device": lambda: 3}
    none = {"is_available": lambda: False, "device_count": int, "current_device": lambda: 1 / 0}
    with mock.patch.multiple(torch.cuda, **some):
        assert gpu_in_use() == 3
    with mock.patch.multiple(torch.cuda, **none):
        assert gpu_in_use() == "none"
