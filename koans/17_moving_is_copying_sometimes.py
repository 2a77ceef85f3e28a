"""Moving is copying, sometimes.

`t.to(device)` answers with a tensor that lives on that device. Where t already lives there,
the answer is t itself and nothing was copied.

Read more: https://docs.pytorch.org/docs/stable/generated/torch.Tensor.to.html
"""

import numpy as np
import torch
from torch import nn

from koans import __, kata


def test_to_answers_with_a_tensor_and_leaves_the_old_one_at_home(accelerator):
    """Calling to() does not move the tensor that it is called on."""
    t = torch.zeros(2)
    t.to(accelerator)

    assert t.device.type == __


def test_a_name_follows_when_it_is_assigned(accelerator):
    """Give the name the tensor that to() answers with, and the name has moved."""
    t = torch.tensor([3.0, 4.0])

    t = __
    assert (t.device.type, t.tolist()) == (accelerator.type, [3.0, 4.0])


def test_going_where_it_already_is_copies_nothing(device):
    """to() with the device that a tensor is on answers with that very tensor."""
    t = torch.zeros(2, device=device)
    moved = t.to(device)
    moved[0] = 9

    assert t.tolist() == __


def test_cpu_on_the_cpu_is_no_copy_either():
    """cpu() is to("cpu"): on a CPU tensor it answers with that tensor."""
    t = torch.zeros(3)
    backup = t.cpu()
    t += 1

    assert backup.sum().item() == __


def test_between_two_devices_it_is_a_copy(accelerator):
    """Two devices have two memories, so the tensor must be copied across."""
    home = torch.zeros(2)
    away = home.to(accelerator)
    home[0] = 9

    assert away.tolist() == __


def test_a_copy_can_be_demanded(device):
    """Ask for a copy, and you get one even where nothing had to move."""
    t = torch.tensor([3.0, 4.0], device=device)

    mine = __
    mine[0] = 9
    assert (t.tolist(), mine.tolist()) == ([3.0, 4.0], [9.0, 4.0])
    assert mine.device == t.device


def test_a_module_moves_in_place(accelerator):
    """A layer is a module; the tensors that it holds, such as layer.weight, are its parameters."""
    layer = nn.Linear(1, 1)
    layer.to(accelerator)

    assert layer.weight.device.type == __


def test_another_tensor_can_be_the_address(accelerator):
    """to(other) takes both from other: the device, and the dtype."""
    other = torch.zeros(1, dtype=torch.float64, device=accelerator)
    t = torch.ones(2).to(other)

    assert (t.dtype, t.device.type) == (__, accelerator.type)


@kata
def to_float_tensor(data, device: torch.device) -> torch.Tensor:
    """Return `data` (a number, a list, an ndarray or a tensor) as a float32 tensor on `device`.

    The result holds the same values, shares no memory with `data` and records no gradient. `data`
    stays as it was: a tensor that records what is computed with it goes on doing so.
    """
    raise NotImplementedError


def test_to_float_tensor_takes_what_comes(device):
    """Numbers, nested lists and tensors of any dtype all become float32 on the device."""
    for data, values in [
        (5, 5.0),
        ([1, 2, 3], [1.0, 2.0, 3.0]),
        ([[True, 2, 3.5]], [[1.0, 2.0, 3.5]]),
        (torch.arange(4), [0.0, 1.0, 2.0, 3.0]),
        (np.full((2, 3), 0.5), [[0.5, 0.5, 0.5], [0.5, 0.5, 0.5]]),
        ([], []),
    ]:
        t = to_float_tensor(data, device)
        assert type(t) is torch.Tensor
        assert (t.dtype, t.device.type, t.tolist()) == (torch.float32, device.type, values)


def test_to_float_tensor_shares_nothing(device):
    """Writing to the result leaves the source alone, and torch records nothing of the result."""
    source = torch.ones(2, device=device, requires_grad=True)
    t = to_float_tensor(source, device)
    assert (t.requires_grad, source.requires_grad) == (False, True)
    t[0] = 9
    assert source.tolist() == [1.0, 1.0]
    array = np.ones(2, dtype=np.float32)
    to_float_tensor(array, device)[0] = 9
    assert array.tolist() == [1.0, 1.0]
