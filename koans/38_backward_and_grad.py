"""Backward brings each leaf its slope.

The derivative of y at x says how fast y grows there: nudge x up by a tiny bit, and y grows by that
bit times the derivative. For a straight line it is the slope, and it often goes by that name. It
can be negative: then y shrinks.

`y.backward()` goes through the graph from y back to the leaves, and puts the derivative of y into
the `grad` of each tracked leaf. You need no rules to get it from torch, but to follow the koans,
know these few: the slope of 3 * x is 3; a number that is only added has slope 0; the slope of
x * x, also written x ** 2, is 2 * x; the slope of a sum is the sum of the slopes.

Read more: https://docs.pytorch.org/docs/stable/generated/torch.Tensor.backward.html
"""

import contextlib

import pytest
import torch

from koans import __


def test_grad_is_empty_until_backward_fills_it(device):
    """The grad of x is read twice: before backward() and after it."""
    x = torch.tensor(4.0, device=device, requires_grad=True)
    y = 2 * x + 1
    before = x.grad
    y.backward()

    assert (before, x.grad.item()) == __


def test_the_gradient_foretells_what_a_nudge_will_do(device):
    """After backward(), predict from x.grad by how much x * x grows if x grows by 0.001."""
    x = torch.tensor(3.0, dtype=torch.float64, device=device, requires_grad=True)
    (x * x).backward()
    nudge = 0.001

    predicted = __
    growth = (3.0 + nudge) ** 2 - 3.0**2
    assert abs(growth - predicted) < 0.00001


def test_each_element_gets_a_slope_of_its_own(device):
    """All squares are added up to one number, and each element of x is asked how it matters."""
    x = torch.tensor([[1.0, 5.0, -2.0]], device=device, requires_grad=True)
    (x**2).sum().backward()

    assert x.grad.tolist() == __


def test_a_mean_gives_each_element_an_equal_share(device):
    """Four different numbers go into one mean of two sums."""
    x = torch.tensor([3.0, 4.0], device=device, requires_grad=True)
    y = torch.tensor([1.0, 2.0], device=device, requires_grad=True)
    (x + y).mean().backward()

    assert [x.grad.tolist(), y.grad.tolist()] == __


def test_the_slope_of_a_product_is_the_other_factor(device):
    """The weights w are tracked and the data are not, as in every training."""
    w = torch.tensor([2.0, 5.0], device=device, requires_grad=True)
    data = torch.tensor([30.0, 40.0], device=device)
    (w * data).sum().backward()

    assert (w.grad.tolist(), data.grad) == __


def test_backward_starts_from_a_single_number(device):
    """A y of two numbers is refused; make one number of them, so that x gets the grad below."""
    x = torch.tensor([3.0, 4.0], device=device, requires_grad=True)
    y = x * 2
    with pytest.raises(RuntimeError):
        y.backward()

    loss = __
    loss.backward()
    assert x.grad.tolist() == [2.0, 2.0]


def test_without_a_record_there_is_no_way_back(device):
    """Only w was marked; backward() is called on four scalars, and suppress() goes past errors."""
    w = torch.tensor(3.0, device=device, requires_grad=True)
    a = torch.tensor(2.0, device=device)
    started = []
    for name, t in {"a": a, "w": w, "a * a": a * a, "w * a": w * a}.items():
        with contextlib.suppress(RuntimeError):
            t.backward()
            started.append(name)

    assert started == __


def test_only_the_branch_that_ran_is_recorded(device):
    """The function doubles or triples, and is called for one number of each kind."""

    def f(x):
        return x * 2 if x > 0 else x * 3

    x = torch.tensor(7.0, device=device, requires_grad=True)
    y = torch.tensor(-1.0, device=device, requires_grad=True)
    (f(x) + f(y)).backward()

    assert [x.grad.item(), y.grad.item()] == __


def test_a_loop_is_recorded_as_often_as_it_ran(device):
    """How many rounds there are depends on the number itself: it doubles until it reaches 10."""
    x = torch.tensor(3.0, device=device, requires_grad=True)
    y = x
    while y < 10:
        y = y * 2
    y.backward()

    assert x.grad.item() == __
