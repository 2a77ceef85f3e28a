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

    # claims: A005 A032 A035 B007
    # hint: which line here gives w another value?
    # hint: the slope is 2 * (w - 3); does the loss grow or shrink as w grows towards 3?
    # trap: (3.0, -4.0) -> 3 would be the best w; backward() does not search for it
    # trap: (5.0, -4.0) -> nothing was subtracted from w; nobody made a step
    # trap: (1.0, 4.0) -> 4 is the loss; its slope has another sign, for it falls as w grows
    # trap: (1.0, -2.0) -> that is w - 3; a square has a slope of twice that
    # trap: (1.0, None) -> w is a tracked leaf and backward() was called
    assert (w.item(), w.grad.item()) == __((1.0, -4.0))
    # why: a call of backward() learns nothing. It tells for each weight how the loss would change,
    #     and what to do with that is another line of the program.
    # picture: graph of w, loss


def test_the_step_goes_against_the_slope(device):
    """Two weights, one on each side of the best; add to both what brings them nearer to 3."""
    lr = 0.25
    w = torch.tensor([1.0, 9.0], device=device, requires_grad=True)
    ((w - 3) ** 2).sum().backward()
    with torch.no_grad():
        # claims: A035 B007
        # hint: w.grad is [-4.0, 12.0]; which way must each of the two weights go?
        # hint: the step is lr times as long as the slope
        # trap: lr * w.grad -> this goes uphill: the gradient points to where the loss grows
        # trap: -w.grad -> the right way, but four times too far
        # trap: -lr * w -> the step depends on the slope, not on the weight
        # trap: -lr -> both would go the same way, but one is too large and the other too small
        # trap: w - lr * w.grad -> that is where w shall arrive; what must be added to get there?
        w += __(-lr * w.grad)
    assert w.tolist() == [2.0, 6.0]
    # why: a positive slope means that the loss falls to the left, so the weight is made smaller; a
    #     negative one, larger. `w -= lr * w.grad` does both.
    # picture: graph of w


def test_an_optimizer_makes_the_step(device):
    """SGD makes plain steps down the slope (gradient descent); let it change its one weight."""
    w = torch.tensor(1.0, device=device, requires_grad=True)
    opt = torch.optim.SGD([w], lr=0.25)
    ((w - 3) ** 2).backward()

    # claims: A032 B007
    # hint: one method of opt changes the weights
    # trap: opt.zero_grad() -> this clears the gradient before it was of any use
    # trap: opt.state_dict() -> this only tells what the optimizer has noted
    # trap: opt.step -> without parentheses the method is not called
    # trap: opt -> the optimizer does not act by being named
    # trap: w.grad -> the slope is there; somebody has to go down it
    __(opt.step())
    assert w.item() == 2.0
    # why: SGD's step is `w -= lr * w.grad` under no_grad(), for each weight it was given. It knows
    #     nothing of the loss; it reads grad.
    # picture: graph of w


def test_without_clearing_each_step_repeats_the_old_ones(device):
    """The slope of 2 * w is 2 everywhere, and the learning rate is 1."""
    w = torch.tensor(0.0, device=device, requires_grad=True)
    opt = torch.optim.SGD([w], lr=1.0)
    for _ in range(3):
        (2 * w).backward()
        opt.step()

    # claims: A093 B113
    # hint: write down grad after each backward(); nobody clears it
    # hint: w goes down by grad in each round
    # trap: -6.0 -> three steps of 2, if grad were cleared between them
    # trap: -2.0 -> that is the first step alone
    # trap: 12.0 -> as far as that, but the step goes against the slope
    # trap: -14.0 -> grad does not double, it grows by 2 each time
    # trap: -4.0 -> the second step alone
    assert w.item() == __(-12.0)
    # why: grad adds up, so step number n makes all the steps before it once more. A training
    #     without zero_grad() throws no error; it only goes astray.
    # picture: graph of w


def test_each_round_begins_with_cleared_gradients(device):
    """Three such rounds from 10; call the method of opt that was missing: each step is 2 long."""
    w = torch.tensor(10.0, device=device, requires_grad=True)
    opt = torch.optim.SGD([w], lr=1.0)
    for _ in range(3):
        # claims: B113
        # hint: the optimizer can do this for all its weights at once
        # hint: backward() fills grad; what must happen before that?
        # trap: opt.step() -> one more step with the old gradient makes it worse
        # trap: w.detach().zero_() -> this sets the weight to zero, and all that was learned is lost
        # trap: w.grad.zero_() -> the right idea, but in the first round grad is None
        # trap: w.grad -> looking at it does not clear it
        # trap: opt.zero_grad -> without parentheses the method is not called
        __(opt.zero_grad())
        (2 * w).backward()
        opt.step()
    assert w.item() == 4.0
    # why: the round is zero_grad(), backward(), step(). Clearing may also stand at the end, only
    #     not between backward() and step(). For one weight, the line `w.grad = None` does the same.
    # picture: graph of w


def test_many_small_steps_approach_the_best(device):
    """Three rounds with lr = 0.25, from a w that is 16 away from the best."""
    w = torch.tensor(19.0, device=device, requires_grad=True)
    opt = torch.optim.SGD([w], lr=0.25)
    for _ in range(3):
        opt.zero_grad()
        ((w - 3) ** 2).backward()
        opt.step()

    # claims: A032 A035
    # hint: the slope in the first round is 2 * 16; how far does the step go?
    # hint: what part of the way to 3 is left after a round?
    # trap: 3.0 -> each step goes a part of the way; it does not know where the best is
    # trap: 11.0 -> that is w after the first round
    # trap: -5.0 -> the steps are not all as long as the first: it gets flatter near the bottom
    # trap: 7.0 -> that is w after the second round
    # trap: 1.0 -> w comes from above and does not pass 3
    assert w.item() == __(5.0)
    # why: a step sees the slope under its feet and nothing else, so a training takes many of them.
    #     Where the ground is flat it ends, in the deepest valley or in another one.


def test_a_step_that_is_too_large_climbs(device):
    """One step with lr = 1.5, in the right direction: what is the loss before it and after it?"""
    w = torch.tensor(1.0, device=device, requires_grad=True)
    loss = (w - 3) ** 2
    loss.backward()
    with torch.no_grad():
        w -= 1.5 * w.grad

    # claims: A035
    # hint: the slope at 1 is -4; where does w land?
    # hint: the loss is (w - 3) ** 2, on either side of 3
    # trap: (4.0, 0.0) -> the step does not stop at the best; it goes as far as lr and the slope say
    # trap: (4.0, 4.0) -> that would be the other side at the same height, with lr = 1.0
    # trap: (4.0, 64.0) -> that would be a step to -5, up the slope
    # trap: (1.0, 7.0) -> this is w before and after; the loss is asked for
    # trap: (4.0, 1.0) -> so it would be with lr = 0.25, as in an earlier koan
    assert (loss.item(), ((w - 3) ** 2).item()) == __((4.0, 16.0))
    # why: the slope holds only nearby. If a loss grows from round to round, or turns to nan, try a
    #     smaller learning rate first.
    # picture: graph of w, loss


def test_a_loss_is_kept_as_a_number(device):
    """For the report at the end, keep the losses of three rounds as numbers of Python."""
    history = []
    for start in (1.0, 2.0, 3.0):
        w = torch.tensor(start, device=device, requires_grad=True)
        loss = (w - 3) ** 2
        # claims: A118 B015
        # hint: a tensor in the list would keep its graph alive
        # hint: one method takes a single number out of its tensor
        # trap: loss -> the tensor, with all that was recorded on the way to it
        # trap: loss.detach() -> the graph can go, but this is a tensor still
        # trap: loss.sum() -> the sum of one number is a tensor, graph and all
        # trap: w.item() -> a number it is, but that of the weight
        # trap: int(loss.item()) -> a loss may be 0.5; this cuts off what is behind the point
        history.append(__(loss.item()))
    assert str(history) == "[4.0, 1.0, 0.0]"
    # why: `history.append(loss)` keeps a graph for each round, and the memory fills up. item()
    #     keeps one number and lets the rest go.


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
    y = y.reshape(x.shape)
    w = torch.zeros((), dtype=x.dtype, device=x.device, requires_grad=True)
    b = torch.zeros((), dtype=x.dtype, device=x.device, requires_grad=True)
    for _ in range(steps):
        w.grad = b.grad = None
        loss = ((w * x + b - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
    return w.item(), b.item()


# hint: make w and b tracked leaves on the device of x; the loop is the round of the koans above
# hint: (N,) minus (N, 1) is a table of N times N; give y the shape of x first
# wrong: w = torch.zeros((), device=x.device, requires_grad=True)
#     b = torch.zeros((), device=x.device, requires_grad=True)
#     opt = torch.optim.SGD([w, b], lr=lr)
#     for _ in range(steps):
#         opt.zero_grad()
#         ((w * x + b - y) ** 2).mean().backward()
#         opt.step()
#     return w.item(), b.item() -> (N,) minus (N, 1) is (N, N): each point is compared with each
#     other one, and the line comes out flat
# wrong: y.resize_(x.shape)
#     w = torch.zeros((), device=x.device, requires_grad=True)
#     b = torch.zeros((), device=x.device, requires_grad=True)
#     opt = torch.optim.SGD([w, b], lr=lr)
#     for _ in range(steps):
#         opt.zero_grad()
#         ((w * x + b - y) ** 2).mean().backward()
#         opt.step()
#     return w.item(), b.item() -> the column of the caller has become a vector
# wrong: y = y.reshape(x.shape)
#     w = torch.zeros((), device=x.device, requires_grad=True)
#     b = torch.zeros((), device=x.device, requires_grad=True)
#     opt = torch.optim.SGD([w, b], lr=lr)
#     for _ in range(steps):
#         ((w * x + b - y) ** 2).mean().backward()
#         opt.step()
#     return w.item(), b.item() -> nobody clears the gradients, so every step repeats the old ones
# wrong: y = y.reshape(x.shape)
#     w = torch.zeros((), device=x.device, requires_grad=True)
#     b = torch.zeros((), device=x.device, requires_grad=True)
#     for _ in range(steps):
#         ((w * x + b - y) ** 2).mean().backward()
#     return w.item(), b.item() -> backward() makes no step
# wrong: y = y.reshape(x.shape)
#     w = torch.zeros((), device=x.device, requires_grad=True)
#     b = torch.zeros((), device=x.device, requires_grad=True)
#     opt = torch.optim.SGD([w, b], lr=lr)
#     for _ in range(steps):
#         opt.zero_grad()
#         ((w * x + b - y) ** 2).sum().backward()
#         opt.step()
#     return w.item(), b.item() -> a sum is N times the mean, and so are its steps
# wrong: y = y.reshape(x.shape)
#     w = torch.zeros((), device=x.device, requires_grad=True)
#     b = torch.zeros((), device=x.device, requires_grad=True)
#     for _ in range(steps):
#         ((w * x + b - y) ** 2).mean().backward()
#         with torch.no_grad():
#             w = w - lr * w.grad
#             b = b - lr * b.grad
#     return w.item(), b.item() -> after the first step w and b are new tensors that nobody marked
# wrong: y = y.reshape(x.shape)
#     w = torch.zeros((), device=x.device, requires_grad=True)
#     b = torch.zeros((), device=x.device, requires_grad=True)
#     opt = torch.optim.SGD([w, b], lr=lr)
#     for _ in range(steps):
#         opt.zero_grad()
#         ((w * x + b - y) ** 2).mean().backward()
#         opt.step()
#     return w.detach(), b.detach() -> these are tensors, not floats
# also: y = y.reshape(x.shape)
#     w = b = torch.zeros((), dtype=x.dtype, device=x.device)
#     for _ in range(steps):
#         off = w * x + b - y
#         w, b = w - lr * 2 * (off * x).mean(), b - lr * 2 * off.mean()
#     return w.item(), b.item() -> without backward()
# also: y = y.reshape(x.shape)
#     xx, xy = (x * x).mean().item(), (x * y).mean().item()
#     mx, my = x.mean().item(), y.mean().item()
#     row_w = [1 - 2 * lr * xx, -2 * lr * mx, 2 * lr * xy]
#     row_b = [-2 * lr * mx, 1 - 2 * lr, 2 * lr * my]
#     step = torch.tensor([row_w, row_b, [0, 0, 1]], dtype=torch.float64)
#     w, b, _ = torch.linalg.matrix_power(step, steps)[:, 2].tolist()
#     return w, b -> without a loop
# why: what trains a line trains a network: a loss, cleared gradients, backward(), a step. Only the
#     formula in the middle grows.


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
