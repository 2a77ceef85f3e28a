"""Torch tracks what it is asked to track.

To train, one has to know for each weight: if it grew by a little, how much would the result grow?
That rate is called the derivative, or the gradient. To be able to answer, torch keeps a record
while it computes, but only of what begins with a tensor that has requires_grad=True. A tensor is
tracked if it was marked so, or if it was computed from one that is tracked.

The record is called the graph. It runs from the result back to the leaves: a leaf is a tensor
that no recorded operation made.

Read more: https://docs.pytorch.org/docs/stable/notes/autograd.html
"""

import contextlib

import torch
from torch import nn

from koans import __


def test_a_tensor_is_tracked_only_on_demand(device):
    """Four tensors of floats are made in four ways; name those that torch tracks."""
    made = {
        "plain": torch.tensor([1.0, 2.0], device=device),
        "random": torch.rand(2, device=device),
        "marked": torch.ones(2, device=device, requires_grad=True),
    }
    made["like marked"] = torch.zeros_like(made["marked"])
    tracked = [name for name, t in made.items() if t.requires_grad]

    assert tracked == __


def test_the_parameters_of_a_layer_come_tracked(device):
    """The layer nn.Linear(3, 2) holds a weight of shape (2, 3) and a bias of shape (2,)."""
    layer = nn.Linear(3, 2, device=device)
    assert isinstance(layer.weight, torch.Tensor)
    tracked = [t.numel() for t in (layer.weight, layer.bias) if t.requires_grad]

    assert sum(tracked) == __


def test_only_what_can_change_a_little_can_be_tracked(device):
    """Five dtypes ask for requires_grad=True and some are refused; list those that pass."""
    accepted = []
    for dtype in (torch.int64, torch.float32, torch.bool, torch.float64, torch.uint8):
        with contextlib.suppress(RuntimeError):
            torch.ones(2, dtype=dtype, device=device, requires_grad=True)
            accepted.append(dtype)

    assert accepted == __


def test_one_tracked_operand_is_enough(device):
    """The tensor w is marked and a is not; name the results that are tracked."""
    w = torch.tensor([1.0], device=device, requires_grad=True)
    a = torch.tensor([2.0], device=device)
    results = {"a + a": a + a, "w * a": w * a, "w * w": w * w, "w * a + a": w * a + a}
    tracked = [name for name, t in results.items() if t.requires_grad]

    assert tracked == __


def test_a_result_notes_the_operation_that_made_it(device):
    """The note is called grad_fn; here y is made in two steps."""
    x = torch.tensor(4.0, device=device, requires_grad=True)
    y = x * 2 + 1
    assert (x - 1).grad_fn.name() == "SubBackward0"

    assert y.grad_fn.name() == __


def test_the_printed_form_shows_the_note():
    """A marked tensor prints its mark; what is computed from it prints something else."""
    x = torch.tensor(4.0, requires_grad=True)
    assert str(x) == "tensor(4., requires_grad=True)"

    assert str((x - 1) * 2) == __


def test_a_leaf_was_made_by_no_recorded_operation(device):
    """Name the leaves; remember that nothing is recorded where nothing is tracked."""
    x = torch.ones(2, device=device, requires_grad=True)
    plain = torch.ones(2, device=device)
    tensors = {"x": x, "x * 2": x * 2, "plain": plain, "plain * 2": plain * 2}
    leaves = [name for name, t in tensors.items() if t.is_leaf]

    assert leaves == __


def test_a_cast_is_recorded_like_any_operation(device):
    """Make a tracked leaf of float64; t.requires_grad_() marks t in place and answers with t."""
    numbers = torch.tensor([1.0, 2.0], device=device)

    x = __
    assert (x.dtype, x.tolist()) == (torch.float64, [1.0, 2.0])
    assert (x.requires_grad, x.is_leaf) == (True, True)


def test_a_marked_tensor_that_moves_stays_behind(accelerator):
    """A leaf at home is moved to another device, and another is made there; name the leaves."""
    home = torch.ones(2, requires_grad=True)
    made = torch.ones(2, device=accelerator, requires_grad=True)
    tensors = {"home": home, "again": home.cpu(), "away": home.to(accelerator), "made": made}
    leaves = [name for name, t in tensors.items() if t.is_leaf]

    assert leaves == __
