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

    # claims: A006 A093 B104 B111
    # hint: nobody has worked out a slope before backward(); how does Python write "nothing yet"?
    # hint: if x grows by 0.1, by how much does 2 * x + 1 grow, and how many times 0.1 is that?
    # trap: (0.0, 2.0) -> a slope of zero would be an answer; before backward() there is none
    # trap: (None, 9.0) -> 9 is the value of y at 4; grad is about its growth
    # trap: (None, 8.0) -> 8 is the share of y that 2 * x makes up; the slope does not ask how much
    #     there is, but how fast it grows
    # trap: (None, 3.0) -> the 1 stays the same when x grows
    # trap: (4.0, 2.0) -> grad is another tensor beside x and does not begin as x
    assert (before, x.grad.item()) == __((None, 2.0))
    # why: grad is None, then backward() puts a tensor there. For a straight line it holds the
    #     factor of x, whatever x is.
    # picture: graph of x, y


def test_the_gradient_foretells_what_a_nudge_will_do(device):
    """After backward(), predict from x.grad by how much x * x grows if x grows by 0.001."""
    x = torch.tensor(3.0, dtype=torch.float64, device=device, requires_grad=True)
    (x * x).backward()
    nudge = 0.001

    # claims: A006 B104
    # hint: grad is the growth for each unit of x; how many units is the nudge?
    # hint: item() takes the number out of x.grad
    # trap: x.grad.item() -> that would be right for a nudge of 1, if the slope stayed the same
    # trap: nudge -> x grows by that much; x * x grows faster
    # trap: nudge ** 2 -> the nudge is not squared alone; 3.001 is
    # trap: x.grad.item() / nudge -> a small nudge has a small effect
    # trap: 3.0 * nudge -> at 3, x * x does not grow three times as fast as x
    predicted = __(x.grad.item() * nudge)
    growth = (3.0 + nudge) ** 2 - 3.0**2
    assert abs(growth - predicted) < 0.00001
    # why: growth is nearly nudge times gradient, the more exactly the smaller the nudge. This is
    #     all that a gradient says: how steep it is here, and nothing about far away.
    # picture: graph of x


def test_each_element_gets_a_slope_of_its_own(device):
    """All squares are added up to one number, and each element of x is asked how it matters."""
    x = torch.tensor([[1.0, 5.0, -2.0]], device=device, requires_grad=True)
    (x**2).sum().backward()

    # claims: A006 A037 A093
    # hint: nudge one element and leave the others alone: only its own square changes
    # hint: the slope of x * x is 2 * x; and how many brackets has x?
    # trap: [[1.0, 25.0, 4.0]] -> these are the squares; what are their slopes?
    # trap: [[2.0, 2.0, 2.0]] -> the slope of a square depends on where you are
    # trap: [[2.0, 10.0, 4.0]] -> at -2 the square shrinks as x grows
    # trap: [2.0, 10.0, -4.0] -> the right numbers, but grad has the shape of x
    # trap: 8.0 -> the sum has no dims, but grad belongs to x
    assert x.grad.tolist() == __([[2.0, 10.0, -4.0]])
    # why: grad has the shape of its leaf: one slope for each element. A million weights get a
    #     million slopes from a single backward().
    # picture: graph of x


def test_a_mean_gives_each_element_an_equal_share(device):
    """Four different numbers go into one mean of two sums."""
    x = torch.tensor([3.0, 4.0], device=device, requires_grad=True)
    y = torch.tensor([1.0, 2.0], device=device, requires_grad=True)
    (x + y).mean().backward()

    # claims: B024 B103 B104 B105 B106 B110
    # hint: nudge one of the four by 0.1; by how much does the sum grow, and then the mean?
    # trap: [[0.3, 0.4], [0.1, 0.2]] -> that is how much of the total each one is; the slope asks
    #     what happens if it grows
    # trap: [[1.0, 1.0], [1.0, 1.0]] -> so it would be with sum(); the mean divides by something
    # trap: [[0.25, 0.25], [0.25, 0.25]] -> four numbers go in, but the mean is taken of x + y
    # trap: [[1.5, 2.0], [0.5, 1.0]] -> these are halves of the values; the value does not matter
    # trap: [0.5, 0.5] -> the left side lists the gradients of both, x and y
    assert [x.grad.tolist(), y.grad.tolist()] == __([[0.5, 0.5], [0.5, 0.5]])
    # why: a gradient is a rate of change, not a contribution: 4.0 and 1.0 get the same. A mean over
    #     n elements passes 1/n back to each.
    # picture: graph of x, y


def test_the_slope_of_a_product_is_the_other_factor(device):
    """The weights w are tracked and the data are not, as in every training."""
    w = torch.tensor([2.0, 5.0], device=device, requires_grad=True)
    data = torch.tensor([30.0, 40.0], device=device)
    (w * data).sum().backward()

    # claims: A037 A093 A119
    # hint: data[0] is 30: what is the slope of w[0] * 30?
    # hint: what was in grad before backward(), and was data asked to be tracked?
    # trap: ([2.0, 5.0], None) -> the slope of 30 * w is 30 and not w
    # trap: ([30.0, 40.0], [2.0, 5.0]) -> data would get the weights, if it were tracked
    # trap: ([60.0, 200.0], None) -> these are the products themselves
    # trap: ([30.0, 40.0], [0.0, 0.0]) -> nothing was worked out for data, not even zeros
    # trap: ([1.0, 1.0], None) -> that is what sum() passes back to the products; it goes on from
    #     there
    assert (w.grad.tolist(), data.grad) == __(([30.0, 40.0], None))
    # why: a weight whose input is large moves the result a lot, so its slope is large. What is not
    #     tracked gets no gradient, and nobody warns you.
    # picture: graph of w, data


def test_backward_starts_from_a_single_number(device):
    """A y of two numbers is refused; make one number of them, so that x gets the grad below."""
    x = torch.tensor([3.0, 4.0], device=device, requires_grad=True)
    y = x * 2
    with pytest.raises(RuntimeError):
        y.backward()

    # claims: B103
    # hint: which reductions make one number out of many?
    # hint: with one of them each element counts fully, with another only its share
    # trap: y -> "how fast does it grow?" has no single answer for two numbers
    # trap: y.mean() -> one number it is, and each element has half a say
    # trap: y[0] -> then the second element has no say
    # trap: y.tolist()[0] -> a number of Python has no record of where it came from
    # trap: x.sum() -> this leaves y out, and its factor with it
    loss = __(y.sum())
    loss.backward()
    assert x.grad.tolist() == [2.0, 2.0]
    # why: a training ends in one number, the loss, so that there is one thing to make smaller. With
    #     many numbers, sum() or mean() makes one of them first.
    # picture: graph of x, y, loss


def test_without_a_record_there_is_no_way_back(device):
    """Only w was marked; backward() is called on four scalars, and suppress() goes past errors."""
    w = torch.tensor(3.0, device=device, requires_grad=True)
    a = torch.tensor(2.0, device=device)
    started = []
    for name, t in {"a": a, "w": w, "a * a": a * a, "w * a": w * a}.items():
        with contextlib.suppress(RuntimeError):
            t.backward()
            started.append(name)

    # claims: A119
    # hint: for which of the four can torch say how it grows as w grows?
    # hint: backward() needs something tracked to start from; a marked leaf is tracked too
    # trap: ["w * a"] -> w is at the beginning and at the end of its own record; that is enough
    # trap: ["a * a", "w * a"] -> a * a was computed, but nobody recorded it
    # trap: ["a", "w", "a * a", "w * a"] -> backward() does not pass over it in silence if nothing
    #     is tracked
    # trap: ["w"] -> a result is tracked if one of its operands is
    assert started == __(["w", "w * a"])
    # why: "does not require grad and does not have a grad_fn" is a RuntimeError: nothing tracked
    #     went into it, or the recording was off. If only some weights were forgotten there is no
    #     error: their grad stays None.


def test_only_the_branch_that_ran_is_recorded(device):
    """The function doubles or triples, and is called for one number of each kind."""

    def f(x):
        return x * 2 if x > 0 else x * 3

    x = torch.tensor(7.0, device=device, requires_grad=True)
    y = torch.tensor(-1.0, device=device, requires_grad=True)
    (f(x) + f(y)).backward()

    # claims: B002 B005
    # hint: take the two one after the other: which branch does Python go into?
    # trap: [2.0, 2.0] -> -1 is not above 0
    # trap: [5.0, 5.0] -> the other branch never ran, so nothing of it could be recorded
    # trap: [14.0, -3.0] -> these are the values of f
    # trap: [2.0, -3.0] -> at -1 the line x * 3 rises as everywhere else
    assert [x.grad.item(), y.grad.item()] == __([2.0, 3.0])
    # why: the graph is no plan of the program. It is the record of one run, and Python's own if
    #     decides what is in it.
    # picture: graph of x, y


def test_a_loop_is_recorded_as_often_as_it_ran(device):
    """How many rounds there are depends on the number itself: it doubles until it reaches 10."""
    x = torch.tensor(3.0, device=device, requires_grad=True)
    y = x
    while y < 10:
        y = y * 2
    y.backward()

    # claims: B002 B005
    # hint: write down y after each round until the loop ends
    # hint: what is y in the end, written as a number times x?
    # trap: 2.0 -> one round; after it y is 6, and the loop goes on
    # trap: 12.0 -> that is the value that y reaches
    # trap: 8.0 -> three rounds; when y is above 10 the loop has ended
    # trap: 1.0 -> y was x at first, then it was computed anew
    assert x.grad.item() == __(4.0)
    # why: each round adds its operation to the graph, and backward() goes through all of them. The
    #     slopes of steps that follow each other are multiplied.
    # picture: graph of x, y
