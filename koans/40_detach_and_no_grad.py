"""Leaving the graph.

Not everything that is done with a tracked tensor should be recorded: measuring a model, keeping a
copy, changing a weight after its slope is known. `with torch.no_grad():` switches the recording off
for a block of lines. `t.detach()` answers with a tensor over the same memory that is not tracked.
`requires_grad_(False)` takes the mark away from a parameter or a whole module: it is frozen then.

Read more: https://docs.pytorch.org/docs/stable/generated/torch.no_grad.html
"""

from collections.abc import Callable

import pytest
import torch
from torch import nn

from koans import __, kata


def test_inside_no_grad_nothing_new_is_tracked(device):
    """Two results are computed from w, before the block and inside it; name what is tracked."""
    w = torch.tensor(1.0, device=device, requires_grad=True)
    before = w * 2
    with torch.no_grad():
        inside = w * 2
        tensors = {"w": w, "before": before, "inside": inside}
        tracked = [name for name, t in tensors.items() if t.requires_grad]

    assert tracked == __


def test_a_tracked_leaf_must_not_be_written_to(device):
    """w is a leaf, += writes into w itself, and outside of any block it would be recorded."""
    w = torch.tensor([1.0], device=device, requires_grad=True)
    with pytest.raises(Exception) as caught:
        w += 1

    assert caught.type is __


def test_inside_the_right_block_a_leaf_may_be_written_to(device):
    """Choose the block in which w can be changed in place, and stays marked."""
    w = torch.tensor([1.0], device=device, requires_grad=True)

    with __:
        w += 1
    assert (w.tolist(), w.requires_grad) == ([2.0], True)


def test_detach_gives_another_tensor_over_the_same_memory(device):
    """Something is written to what detach() gave, and w is looked at."""
    w = torch.tensor([1.0, 2.0], device=device, requires_grad=True)
    d = w.detach()
    d[0] = 100

    assert w.tolist() == __


def test_a_detached_value_counts_as_a_constant(device):
    """One of the two factors is x, the other has the same value and has left the graph."""
    x = torch.tensor(5.0, device=device, requires_grad=True)
    (x * x.detach()).backward()

    assert x.grad.item() == __


def test_frozen_parameters_are_passed_through_and_get_nothing(device):
    """nn.Sequential applies model[0], then model[1] to its result; the second layer is frozen.

    named_parameters() gives each parameter with its name: 0.weight, 0.bias, 1.weight, 1.bias.
    """
    model = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 1)).to(device)
    model[1].requires_grad_(False)
    model(torch.ones(1, 2, device=device)).sum().backward()
    trained = [name for name, p in model.named_parameters() if p.grad is not None]

    assert trained == __


def test_an_update_must_keep_the_leaf(device):
    """Three equal weights are made smaller in three ways; name those that can be trained on."""
    a, b, c = (torch.ones(1, device=device, requires_grad=True) for _ in range(3))
    a = a - 0.1
    with torch.no_grad():
        b = b - 0.1
        c -= 0.1
    weights = {"a": a, "b": b, "c": c}
    good = [name for name, t in weights.items() if t.is_leaf and t.requires_grad]

    assert good == __


def test_a_clone_stays_in_the_graph(device):
    """A clone has memory of its own; does backward() find the way from the clone back to x?"""
    x = torch.tensor(3.0, device=device, requires_grad=True)
    (7 * x.clone()).backward()

    assert x.grad.item() == __


def test_leaving_the_graph_and_the_memory_takes_two_calls(device):
    """Make a copy of w for later: no record leads to it, and no write to it reaches w."""
    w = torch.tensor([1.0, 2.0], device=device, requires_grad=True)

    copy = __
    assert (copy.tolist(), copy.requires_grad) == ([1.0, 2.0], False)
    copy[0] = 100
    assert w.tolist() == [1.0, 2.0]


@kata
def gradient(fn: Callable[[torch.Tensor], torch.Tensor], x: torch.Tensor) -> torch.Tensor:
    """Return the derivative of `fn(x)` with respect to `x`, exactly, with the shape of `x`.

    `fn` takes a tensor like `x`, computes with torch and returns a tensor of no dims that depends
    on it. `x` holds floats; it may be a leaf or a result, tracked or not, and it may have a
    gradient already. The answer has the dtype and the device of `x` and is not tracked. Nothing
    about `x` changes: neither its numbers, nor `x.requires_grad`, nor `x.grad`.
    """
    raise NotImplementedError


def test_gradient_is_exact_and_shaped_like_x(device):
    """The derivative of the sum of all cubes is 3 * x ** 2, for any shape."""
    for numbers in (2.0, [2.0], [1.0, -2.0, 0.5], [[1.0, 2.0], [3.0, 4.0]], []):
        for dtype in (torch.float32, torch.float64):
            x = torch.tensor(numbers, dtype=dtype, device=device)
            slope = gradient(lambda t: (t**3).sum(), x)
            assert type(slope) is torch.Tensor
            assert not slope.requires_grad
            torch.testing.assert_close(slope, 3 * x * x)


def test_gradient_leaves_an_untracked_x_as_it_was(device):
    """Data may be asked about, and stays data."""
    x = torch.tensor([3.0, 4.0], device=device)
    assert gradient(lambda t: (t * t).mean(), x).tolist() == [3.0, 4.0]
    assert gradient(lambda t: 5 * t[0], x).tolist() == [5.0, 0.0]
    assert (x.tolist(), x.requires_grad, x.grad) == ([3.0, 4.0], False, None)


def test_gradient_leaves_a_tracked_x_as_it_was(device):
    """The gradient that x has already is neither counted in nor changed, however often we ask."""
    x = torch.tensor([3.0, 4.0], device=device, requires_grad=True)
    for grad in (None, torch.tensor([10.0, 20.0], device=device)):
        x.grad = grad
        for _ in range(2):
            slope = gradient(lambda t: (t * t).sum(), x)
            assert (slope.tolist(), slope.requires_grad) == ([6.0, 8.0], False)
        assert x.grad is grad
    assert x.grad.tolist() == [10.0, 20.0]
    assert (x.tolist(), x.requires_grad) == ([3.0, 4.0], True)


def test_gradient_may_be_asked_at_a_result(device):
    """Here x is tracked and no leaf; its own record is not used up, and nothing goes back by it."""
    w = torch.tensor([3.0, 4.0], device=device, requires_grad=True)
    x = w * w
    assert gradient(lambda t: (t * t).sum(), x).tolist() == [18.0, 32.0]
    assert (x.requires_grad, x.is_leaf, w.grad) == (True, False, None)
    x.sum().backward()
    assert w.grad.tolist() == [6.0, 8.0]


def test_gradient_is_no_difference_of_two_values(device):
    """A steep function, where even a small nudge goes too far."""
    x = torch.tensor([0.0, 0.001, 2.0], dtype=torch.float64, device=device)
    slope = gradient(lambda t: (1000 * t).sin().sum(), x)
    torch.testing.assert_close(slope, 1000 * (1000 * x).cos())
