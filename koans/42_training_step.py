"""Backward finds the slope, and the step goes down it.

One round of a training: compute the loss, clear the old gradients, call backward(), change the
weights by a small step. backward() only fills grad. The step is yours to make, or that of an
optimizer: an object that holds the weights and changes them in its `step()`.

The koans train one weight w with the loss (w - 3) ** 2, which is smallest where w is 3. Its
derivative, the rate at which it grows as w grows, is 2 * (w - 3). The factor that says how far to
go for a given slope is called the learning rate, lr.

Read more: https://docs.pytorch.org/docs/stable/optim.html
"""

import pytest
import torch

from koans import __, kata


def test_backward_fills_grad_and_leaves_the_weight(device):
    """After backward(), look at both: what is w now, and what is in its grad?"""
    w = torch.tensor(1.0, device=device, requires_grad=True)
    loss = (w - 3) ** 2
    loss.backward()

    assert (w.item(), w.grad.item()) == __


def test_the_step_goes_against_the_slope(device):
    """Two weights, one on each side of the best; add to both what brings them nearer to 3."""
    lr = 0.25
    w = torch.tensor([1.0, 9.0], device=device, requires_grad=True)
    ((w - 3) ** 2).sum().backward()
    with torch.no_grad():
        w += __
    assert w.tolist() == [2.0, 6.0]


def test_an_optimizer_makes_the_step(device):
    """SGD makes plain steps down the slope (gradient descent); let it change its one weight."""
    w = torch.tensor(1.0, device=device, requires_grad=True)
    opt = torch.optim.SGD([w], lr=0.25)
    ((w - 3) ** 2).backward()

    __
    assert w.item() == 2.0


def test_without_clearing_each_step_repeats_the_old_ones(device):
    """The slope of 2 * w is 2 everywhere, and the learning rate is 1."""
    w = torch.tensor(0.0, device=device, requires_grad=True)
    opt = torch.optim.SGD([w], lr=1.0)
    for _ in range(3):
        (2 * w).backward()
        opt.step()

    assert w.item() == __


def test_each_round_begins_with_cleared_gradients(device):
    """Three such rounds from 10; call the method of opt that was missing: each step is 2 long."""
    w = torch.tensor(10.0, device=device, requires_grad=True)
    opt = torch.optim.SGD([w], lr=1.0)
    for _ in range(3):
        __
        (2 * w).backward()
        opt.step()
    assert w.item() == 4.0


def test_many_small_steps_approach_the_best(device):
    """Three rounds with lr = 0.25, from a w that is 16 away from the best."""
    w = torch.tensor(19.0, device=device, requires_grad=True)
    opt = torch.optim.SGD([w], lr=0.25)
    for _ in range(3):
        opt.zero_grad()
        ((w - 3) ** 2).backward()
        opt.step()

    assert w.item() == __


def test_a_step_that_is_too_large_climbs(device):
    """One step with lr = 1.5, in the right direction: what is the loss before it and after it?"""
    w = torch.tensor(1.0, device=device, requires_grad=True)
    loss = (w - 3) ** 2
    loss.backward()
    with torch.no_grad():
        w -= 1.5 * w.grad

    assert (loss.item(), ((w - 3) ** 2).item()) == __


def test_a_loss_is_kept_as_a_number(device):
    """For the report at the end, keep the losses of three rounds as numbers of Python."""
    history = []
    for start in (1.0, 2.0, 3.0):
        w = torch.tensor(start, device=device, requires_grad=True)
        loss = (w - 3) ** 2
        history.append(__)
    assert str(history) == "[4.0, 1.0, 0.0]"


@kata
def fit_line(x: torch.Tensor, y: torch.Tensor, lr: float, steps: int) -> tuple[float, float]:
    """Fit the line w * x + b to points by gradient descent, and return (w, b) as Python floats.

    `x` has the shape (N,), with N at least 1, and `y` has the shape (N,) or (N, 1); both hold
    floats and are on one device. Start with w = 0 and b = 0, and make `steps` steps. In each, the
    loss is the mean of the N squares (w * x[i] + b - y[i]) ** 2, and w and b, both at once, go
    down by `lr` times their slope:

        dw = sum(2 * (w * x[i] + b - y[i]) * x[i] for i in range(N)) / N
        db = sum(2 * (w * x[i] + b - y[i]) for i in range(N)) / N
        w, b = w - lr * dw, b - lr * db

    You need not write these slopes: autograd finds them. `x` and `y` stay as they are.
    """
    raise NotImplementedError


def test_fit_line_makes_steps_that_can_be_checked_by_hand(device):
    """None, one and two steps on two points; y may be a column, and one point is enough."""
    x = torch.tensor([0.0, 1.0], device=device)
    for shape in [(2,), (2, 1)]:
        y = torch.tensor([1.0, 3.0], device=device).reshape(shape)
        assert fit_line(x, y, lr=0.5, steps=0) == (0.0, 0.0)
        assert fit_line(x, y, lr=0.5, steps=1) == (1.5, 2.0)
        assert fit_line(x, y, lr=0.5, steps=2) == (1.25, 1.25)
        assert [type(number) for number in fit_line(x, y, lr=0.5, steps=2)] == [float, float]
        assert (x.tolist(), y.flatten().tolist(), y.shape) == ([0.0, 1.0], [1.0, 3.0], shape)
    assert fit_line(x[1:], y[1:], lr=0.25, steps=1) == (1.5, 1.5)


def test_fit_line_finds_the_line(device):
    """All points lie on 3 * x - 1, in float32 and in float64, and are found to do so."""
    for dtype in (torch.float32, torch.float64):
        x = torch.tensor([-2.0, -1.0, 0.0, 1.0, 2.0], dtype=dtype, device=device)
        for y in (3 * x - 1, (3 * x - 1).reshape(5, 1)):
            assert fit_line(x, y, lr=0.1, steps=100) == pytest.approx((3.0, -1.0), abs=0.001)
            assert (x.requires_grad, y.requires_grad) == (False, False)
