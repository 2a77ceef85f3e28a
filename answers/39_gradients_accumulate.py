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

    # claims: A093 B113
    # hint: what is in grad after the first line, and what does the second one find?
    # trap: 3.0 -> backward() does not begin by clearing grad, so the last one does not win
    # trap: 2.0 -> grad does not close once it has been filled
    # trap: 2.5 -> no mean is taken
    # trap: 6.0 -> the slopes of steps that follow each other are multiplied; these two stand side
    #     by side
    # trap: 20.0 -> these are the values, 8 and 12, added; grad holds slopes
    assert x.grad.item() == __(5.0)
    # why: backward() does `grad += slope`. Call it twice without clearing and you hold the sum of
    #     both.


def test_a_fresh_start_must_be_made_by_hand(device):
    """Between the two backward() calls, put into grad what makes it forget the first."""
    x = torch.tensor(4.0, device=device, requires_grad=True)
    (2 * x).backward()

    # claims: B113
    # hint: what was in grad before any backward()?
    # trap: x.grad -> this puts back what is there, and the sum of both comes out
    # trap: torch.ones_like(x) -> a start at one ends one too high
    # trap: 0.0 -> the thought is good, but torch takes no plain number here
    # trap: torch.zeros(1, device=device) -> grad must have the shape of x, and x has no dims
    x.grad = __(None)
    (3 * x).backward()
    assert x.grad.item() == 3.0
    # why: `t.grad = None` clears one gradient and frees its memory. A tensor of zeros would do as
    #     well, but then "nothing yet" cannot be told from "a slope of zero".


def test_zero_grad_clears_the_parameters_of_one_module(device):
    """A layer and a tensor outside it got their gradients; then the layer is asked to clear."""
    layer = nn.Linear(2, 1, device=device)
    outside = torch.tensor(4.0, device=device, requires_grad=True)
    loss = layer(torch.ones(1, 2, device=device)).sum() + 3 * outside
    loss.backward()
    layer.zero_grad()

    # claims: B113
    # hint: whose tensors can the layer know of?
    # hint: the name speaks of zero; is that a number here, or is it "nothing yet"?
    # trap: ([[0.0, 0.0]], 3.0) -> the name is older than the way it works: no zeros are filled in
    #     nowadays
    # trap: (0.0, 3.0) -> grad holds a tensor or nothing, and never a plain number
    # trap: (None, None) -> the layer does not know what else was in the computation
    # trap: ([[1.0, 1.0]], 3.0) -> that was the gradient of the weight before it was cleared
    # trap: (None, 4.0) -> 4 is the value of the tensor outside, not its slope
    assert (layer.weight.grad, outside.grad.item()) == __((None, 3.0))
    # why: zero_grad() of a module reaches its own parameters, and that of an optimizer those it was
    #     given. A tensor that is in neither goes on adding up.
    # picture: graph of layer, outside, loss


def test_a_graph_can_be_used_once(device):
    """backward() is called twice on the same z: which error comes, and what is in grad after it?"""
    x = torch.tensor(3.0, device=device, requires_grad=True)
    z = x * x
    z.backward()
    with pytest.raises(Exception) as caught:
        z.backward()

    # claims: B004 B113
    # hint: the record is thrown away as it is used, to free its memory
    # hint: the first backward() did its work; did the second get as far as x?
    # trap: (RuntimeError, 12.0) -> the second one failed before it reached x
    # trap: (ValueError, 6.0) -> the right grad; and no value is at fault, torch found out while it
    #     ran
    # trap: (AttributeError, 6.0) -> the right grad; but z has its backward() and grad_fn still, it
    #     is the stored values that are gone
    # trap: (None, 12.0) -> grad would add up, if there were a graph left to go through
    # trap: (RuntimeError, 0.0) -> the error takes nothing back
    assert (caught.type, x.grad.item()) == __((RuntimeError, 6.0))
    # why: backward() frees what the graph has stored, here both factors. A graph that stored
    #     nothing, as that of x + 1, can be used again, but do not rely on it: to go back again,
    #     compute again, as each round of a training does.
    # picture: graph of x, z


def test_a_tensor_used_in_several_places_collects_from_each(device):
    """Here x stands in three spots of one formula, and there is one backward()."""
    x = torch.tensor(5.0, device=device, requires_grad=True)
    (x * x + 3 * x).backward()

    # claims: B113
    # hint: take the two parts of the sum one after the other
    # hint: if x grows by a little, both parts grow
    # trap: 10.0 -> that is the slope of x * x alone
    # trap: 3.0 -> the last use of x does not replace the others
    # trap: 40.0 -> that is the value of the formula
    # trap: 8.0 -> the slope of x * x counts both factors: each is x
    # trap: 30.0 -> two parts of a sum: their slopes are added, not multiplied
    assert x.grad.item() == __(13.0)
    # why: each use of a leaf sends its slope back, and grad is the sum of them all. This is why
    #     torch adds and does not replace.


def test_a_stretched_tensor_collects_from_every_copy(device):
    """The bias, of shape (3,), is added to each of four rows before all is summed up."""
    rows = torch.ones(4, 3, device=device)
    bias = torch.tensor([10.0, 20.0, 30.0], device=device, requires_grad=True)
    (rows + bias).sum().backward()

    # claims: A093
    # hint: into how many elements of the sum does bias[0] go?
    # hint: grad has the shape of the tensor that it belongs to
    # trap: [1.0, 1.0, 1.0] -> so it would be with a single row
    # trap: [[1.0, 1.0, 1.0]] * 4 -> that is what comes back for the rows; bias is there once
    # trap: [40.0, 80.0, 120.0] -> four times the values; the slope of what is only added does not
    #     depend on them
    # trap: [12.0, 12.0, 12.0] -> each element of bias meets one column, not the whole table
    # trap: [0.25, 0.25, 0.25] -> a mean over the rows would divide; sum() does not
    assert bias.grad.tolist() == __([4.0, 4.0, 4.0])
    # why: broadcasting uses one element in many places, so its gradient is the sum over them. The
    #     larger the batch, the larger the gradient of a summed loss; a mean evens that out.
    # picture: graph of rows, bias


def test_an_element_that_took_no_part_gets_zero(device):
    """Only a slice of x goes into the result."""
    x = torch.tensor([1.0, 2.0, 3.0], device=device, requires_grad=True)
    (x[1:] * 4).sum().backward()

    # claims: A093
    # hint: the leaf is x with three elements, and the slice is a result in between
    # hint: nudge x[0]: what happens to the sum?
    # trap: [4.0, 4.0] -> grad belongs to x and not to the slice
    # trap: [4.0, 4.0, 4.0] -> the first element changes nothing in the result
    # trap: [None, 4.0, 4.0] -> a tensor has no gap: each element is a number
    # trap: [0.0, 8.0, 12.0] -> these are the values that were summed
    assert x.grad.tolist() == __([0.0, 4.0, 4.0])
    # why: after backward(), grad is None only if the whole tensor took no part. As soon as one
    #     element did, the others get 0: changing them changes nothing.
    # picture: graph of x


def test_a_result_in_between_keeps_no_gradient(device):
    """Three grads are read after backward(): which are filled, and how often did torch warn?"""
    x = torch.tensor([3.0, 4.0], device=device, requires_grad=True)
    z = x * 2
    y = z.sum()
    y.backward()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        filled = [n for n, t in {"x": x, "z": z, "y": y}.items() if t.grad is not None]

    # claims: B107 B108 B109
    # hint: the slopes of z were needed to get to x; were they kept?
    # hint: torch warns whoever asks a result for what only leaves keep
    # trap: (["x", "z", "y"], 0) -> the slopes went through y and z on the way to x, and
    #     were let go
    # trap: (["x"], 0) -> the right name; but None is easily taken for "no slope", so torch warns
    # trap: (["x"], 3) -> the right name; and of x, which is a leaf, one may ask
    # trap: (["x"], 1) -> the right name; but z and y are results both
    # trap: (["z", "y"], 1) -> these two were computed; grad stays with the leaves
    assert (filled, len(caught)) == __((["x"], 2))
    # why: leaves are what you train, so their gradients stay; the rest would only fill the memory.
    #     The warning, a UserWarning, means that you asked a result where you may have meant a leaf.
    # picture: graph of x, z, y


def test_a_result_keeps_its_gradient_if_it_is_asked_to(device):
    """Call a method of z before backward(), so that the grad of z can be read afterwards."""
    x = torch.tensor([3.0, 4.0], device=device, requires_grad=True)
    z = x * 2

    # claims: B107
    # hint: z shall retain something
    # hint: torch names the method in its warning: print(caught[0].message) in the koan before
    # trap: z.requires_grad_() -> z is tracked already, and still no leaf
    # trap: z.detach() -> this makes another tensor and leaves z as it was
    # trap: z.requires_grad -> this only asks whether z is tracked
    # trap: x.retain_grad() -> x is a leaf and keeps its gradient anyway
    # trap: z.retain_grad -> without parentheses the method is not called
    __(z.retain_grad())
    z.mean().backward()
    assert (z.grad.tolist(), x.grad.tolist()) == ([0.5, 0.5], [1.0, 1.0])
    # why: to look into the middle of a computation, ask beforehand: afterwards the slopes are gone.
    # picture: graph of x, z
