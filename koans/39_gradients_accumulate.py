"""Gradients add up.

What backward() finds is added to what grad holds already. That is how the slopes of one tensor
come together when it is used in several places, and the reason why grad must be cleared before
each new step of a training.

Each computation makes a graph of its own, and backward() frees what the graph has stored. Only
tracked leaves keep their gradient; for the results in between it is worked out on the way and let
go.

Read more: https://docs.pytorch.org/docs/stable/generated/torch.Tensor.retain_grad.html
"""

import warnings

import pytest
import torch
from torch import nn

from koans import __


def test_a_second_backward_adds_to_the_first(device):
    """Two computations with the same x, and a backward() for each."""
    x = torch.tensor(4.0, device=device, requires_grad=True)
    (2 * x).backward()
    (3 * x).backward()

    assert x.grad.item() == __


def test_a_fresh_start_must_be_made_by_hand(device):
    """Between the two backward() calls, put into grad what makes it forget the first."""
    x = torch.tensor(4.0, device=device, requires_grad=True)
    (2 * x).backward()

    x.grad = __
    (3 * x).backward()
    assert x.grad.item() == 3.0


def test_zero_grad_clears_the_parameters_of_one_module(device):
    """A layer and a tensor outside it got their gradients; then the layer is asked to clear."""
    layer = nn.Linear(2, 1, device=device)
    outside = torch.tensor(4.0, device=device, requires_grad=True)
    loss = layer(torch.ones(1, 2, device=device)).sum() + 3 * outside
    loss.backward()
    layer.zero_grad()

    assert (layer.weight.grad, outside.grad.item()) == __


def test_a_graph_can_be_used_once(device):
    """backward() is called twice on the same z: which error comes, and what is in grad after it?"""
    x = torch.tensor(3.0, device=device, requires_grad=True)
    z = x * x
    z.backward()
    with pytest.raises(Exception) as caught:
        z.backward()

    assert (caught.type, x.grad.item()) == __


def test_a_tensor_used_in_several_places_collects_from_each(device):
    """Here x stands in three spots of one formula, and there is one backward()."""
    x = torch.tensor(5.0, device=device, requires_grad=True)
    (x * x + 3 * x).backward()

    assert x.grad.item() == __


def test_a_stretched_tensor_collects_from_every_copy(device):
    """The bias, of shape (3,), is added to each of four rows before all is summed up."""
    rows = torch.ones(4, 3, device=device)
    bias = torch.tensor([10.0, 20.0, 30.0], device=device, requires_grad=True)
    (rows + bias).sum().backward()

    assert bias.grad.tolist() == __


def test_an_element_that_took_no_part_gets_zero(device):
    """Only a slice of x goes into the result."""
    x = torch.tensor([1.0, 2.0, 3.0], device=device, requires_grad=True)
    (x[1:] * 4).sum().backward()

    assert x.grad.tolist() == __


def test_a_result_in_between_keeps_no_gradient(device):
    """Three grads are read after backward(): which are filled, and how often did torch warn?"""
    x = torch.tensor([3.0, 4.0], device=device, requires_grad=True)
    z = x * 2
    y = z.sum()
    y.backward()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        filled = [n for n, t in {"x": x, "z": z, "y": y}.items() if t.grad is not None]

    assert (filled, len(caught)) == __


def test_a_result_keeps_its_gradient_if_it_is_asked_to(device):
    """Call a method of z before backward(), so that the grad of z can be read afterwards."""
    x = torch.tensor([3.0, 4.0], device=device, requires_grad=True)
    z = x * 2

    __
    z.mean().backward()
    assert (z.grad.tolist(), x.grad.tolist()) == ([0.5, 0.5], [1.0, 1.0])
