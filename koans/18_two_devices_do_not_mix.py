"""Two devices do not mix.

One computation runs on one device, so its tensors must be there together. torch hardly ever moves
a tensor on its own: where two devices meet, it stops with an error, and only a few things may pass.

`@` is Python's sign for the matrix product. It has a lesson of its own; here it is one computation
like any other.

Read more: https://docs.pytorch.org/docs/stable/notes/cuda.html
"""

import contextlib

import pytest
import torch

from koans import __


def test_tensors_on_two_devices_cannot_be_added(accelerator):
    """Each device reaches its own memory only, so torch refuses before it computes anything."""
    home = torch.ones(3)
    away = torch.ones(3, device=accelerator)
    with pytest.raises(Exception) as caught:
        home + away

    assert caught.type is __


def test_the_stray_is_found_by_asking_each_one(accelerator):
    """The message does not say which of x, w and b is on the wrong device; find out."""
    x, w, b = (torch.ones(2, 2, device=place) for place in (accelerator, "cpu", accelerator))
    with pytest.raises(RuntimeError, match="Expected all tensors to be on the same device"):
        x @ w + b

    strays = [name for name, t in {"x": x, "w": w, "b": b}.items() if __]
    assert strays == ["w"]


def test_one_side_must_be_brought_over(accelerator):
    """Move one tensor to where the other is, and the two can meet."""
    home = torch.tensor([1.0, 2.0])
    away = torch.tensor([10.0, 20.0], device=accelerator)

    total = __ + away
    assert (total.device.type, total.tolist()) == (accelerator.type, [11.0, 22.0])


def test_a_python_number_goes_anywhere(accelerator):
    """A plain number is no tensor, so it can join a tensor on any device."""
    t = 10 - torch.ones(3, device=accelerator)

    assert t.device.type == __


def test_a_tensor_of_no_dims_may_come_from_the_cpu(accelerator):
    """A CPU tensor without dims is treated like the number that it holds."""
    factor = torch.tensor(2.0)
    t = factor * torch.ones(3, device=accelerator)

    assert t.device.type == __


def test_a_vector_of_one_may_not(accelerator):
    """The exception is for tensors without dims, however few elements the others have."""
    joined = []
    for shape in [(), (1,), (1, 1)]:
        with contextlib.suppress(RuntimeError):
            torch.ones(3, device=accelerator) + torch.ones(shape)
            joined.append(shape)

    assert joined == __


def test_item_brings_one_number_home(accelerator):
    """A single number over there can be taken out, and then it may join any tensor."""
    home = torch.zeros(2)
    total = torch.tensor([0.5, 3.0], device=accelerator).sum()

    moved = home + __
    assert (moved.device.type, moved.tolist()) == ("cpu", [3.5, 3.5])


def test_an_index_must_not_come_from_another_device(accelerator):
    """Positions kept on a GPU cannot pick from a tensor that lives on the CPU."""
    data = torch.tensor([5.0, 6.0, 7.0])
    order = torch.tensor([2, 0], device=accelerator)

    picked = data[__]
    assert picked.tolist() == [7.0, 5.0]


@pytest.mark.needs_cuda
def test_whole_numbers_have_no_matrix_product_on_cuda():
    """The CPU multiplies integer matrices; on CUDA torch has no such product."""
    whole = torch.tensor([[1, 2], [3, 4]], device="cuda")

    matrix = __
    product = matrix @ matrix
    assert (product.is_cuda, product.tolist()) == (True, [[7, 10], [15, 22]])
