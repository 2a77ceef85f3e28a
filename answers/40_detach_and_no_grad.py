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

    # claims: A118
    # hint: is it the tensors that change inside the block, or what torch writes down?
    # hint: which of the three were there before the block began?
    # trap: ["w", "before", "inside"] -> w is tracked, but nobody takes notes inside the block
    # trap: ["before"] -> no_grad() does not take away the mark of w, not even for the time being
    # trap: [] -> a record that was made earlier stays
    # trap: ["w"] -> before was recorded when it was computed
    assert tracked == __(["w", "before"])
    # why: no_grad() decides about the results that are computed in its block, and touches no
    #     tensor. To measure a model and not to train it, put it into such a block: it saves memory.
    # picture: graph of w, before, inside


def test_a_tracked_leaf_must_not_be_written_to(device):
    """w is a leaf, += writes into w itself, and outside of any block it would be recorded."""
    w = torch.tensor([1.0], device=device, requires_grad=True)
    with pytest.raises(Exception) as caught:
        w += 1

    # claims: A118
    # hint: a tensor without the mark would take it; so what was wrong shows up as it runs
    # trap: TypeError -> numbers can be added to w; it is the writing that is refused
    # trap: ValueError -> any other number would be refused as well
    # trap: AttributeError -> nothing is missing; w.add_() is there too, and is refused too
    # trap: None -> w = w + 1 would pass, for it makes a new tensor; += writes into this one
    assert caught.type is __(RuntimeError)
    # why: no recorded operation made a leaf, so none may write to it: w would have to be a leaf and
    #     a result at once. w[0] = 5 and w.add_(1) are refused for the same reason.


def test_inside_the_right_block_a_leaf_may_be_written_to(device):
    """Choose the block in which w can be changed in place, and stays marked."""
    w = torch.tensor([1.0], device=device, requires_grad=True)

    # claims: A118 B007
    # hint: the writing must not be recorded
    # hint: a block is begun with a call
    # trap: torch.enable_grad() -> that switches the recording on, where it was on already
    # trap: torch.no_grad -> without parentheses it is not called
    # trap: device -> where w lives is not the obstacle
    # trap: w.detach() -> a tensor is no block; it can't stand behind with
    # trap: w.requires_grad_(False) -> this is no block either, and w would lose its mark
    with __(torch.no_grad()):
        w += 1
    assert (w.tolist(), w.requires_grad) == ([2.0], True)
    # why: every training writes to its weights in such a block, whether you write it or the
    #     optimizer does. What happens there is no part of the function that is differentiated.


def test_detach_gives_another_tensor_over_the_same_memory(device):
    """Something is written to what detach() gave, and w is looked at."""
    w = torch.tensor([1.0, 2.0], device=device, requires_grad=True)
    d = w.detach()
    d[0] = 100

    # claims: A072 A118
    # hint: d is a new tensor; has it numbers of its own?
    # hint: w.data_ptr() == d.data_ptr() says whether they begin at one address
    # trap: [1.0, 2.0] -> detach() leaves the graph, not the memory
    # trap: [100.0, 100.0] -> one element was written
    # trap: [101.0, 2.0] -> it was written over, not added
    assert w.tolist() == __([100.0, 2.0])
    # why: detach() is a view without a record. Nobody refuses a write to it, so it reaches the
    #     weight unseen; clone() what you want to keep or change.
    # picture: storage of w, d


def test_a_detached_value_counts_as_a_constant(device):
    """One of the two factors is x, the other has the same value and has left the graph."""
    x = torch.tensor(5.0, device=device, requires_grad=True)
    (x * x.detach()).backward()

    # claims: A118
    # hint: as far as the record goes, the second factor might be any number that is 5
    # hint: what is the slope of x * 7?
    # trap: 10.0 -> that is the slope of x * x, with both factors moving; here one stands still
    # trap: 0.0 -> one way is cut, the other still leads back to x
    # trap: 25.0 -> that is the value of the product
    # trap: None -> the first factor is x itself and is tracked
    # trap: 1.0 -> so it would be if the other factor were 1
    assert x.grad.item() == __(5.0)
    # why: through a detached tensor no slope comes back, as if its value had been written down
    #     by hand. Use it where a value is used but must not be trained through.


def test_frozen_parameters_are_passed_through_and_get_nothing(device):
    """nn.Sequential applies model[0], then model[1] to its result; the second layer is frozen.

    named_parameters() gives each parameter with its name: 0.weight, 0.bias, 1.weight, 1.bias.
    """
    model = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 1)).to(device)
    model[1].requires_grad_(False)
    model(torch.ones(1, 2, device=device)).sum().backward()
    trained = [name for name, p in model.named_parameters() if p.grad is not None]

    # claims: A092 A119
    # hint: the number in a name is that of the layer; which of them was
    #     told requires_grad_(False)?
    # hint: w * frozen: does w get a slope if the other factor is a constant?
    # trap: [] -> frozen numbers stand still, but slopes go through them to what lies before
    # trap: ["0.weight", "0.bias", "1.weight", "1.bias"] -> for a frozen parameter no gradient is
    #     worked out at all, used or not
    # trap: ["1.weight", "1.bias"] -> those are the frozen ones
    # trap: ["0.weight"] -> the bias of the first layer is a parameter too
    assert trained == __(["0.weight", "0.bias"])
    # why: to freeze is to treat a parameter as data. So one trains a part of a finished model. If
    #     you freeze by mistake what should learn, it stays as it is, and nothing tells you.
    # picture: graph of model


def test_an_update_must_keep_the_leaf(device):
    """Three equal weights are made smaller in three ways; name those that can be trained on."""
    a, b, c = (torch.ones(1, device=device, requires_grad=True) for _ in range(3))
    a = a - 0.1
    with torch.no_grad():
        b = b - 0.1
        c -= 0.1
    weights = {"a": a, "b": b, "c": c}
    good = [name for name, t in weights.items() if t.is_leaf and t.requires_grad]

    # claims: A095 B007
    # hint: where does = put a new tensor behind an old name, and where is the old tensor changed?
    # hint: was the new tensor recorded? then it is no leaf; if not, it is not tracked
    # trap: ["a", "b", "c"] -> the same name is not the same tensor: after = it belongs to a result
    # trap: ["a"] -> a was computed outside the block and recorded; backward() would not fill its
    #     grad
    # trap: ["a", "c"] -> a is tracked, but as the result of a subtraction; what is its leaf now?
    # trap: ["b", "c"] -> b is a new tensor from a block without recording: nobody marked it
    # trap: [] -> writing in place is allowed in the block, and the tensor stays the same
    assert good == __(["c"])
    # why: change a weight in place and under no_grad(). `w = w - ...` gives the name to a new
    #     tensor, and the leaf with its mark is gone.
    # picture: graph of a, b, c


def test_a_clone_stays_in_the_graph(device):
    """A clone has memory of its own; does backward() find the way from the clone back to x?"""
    x = torch.tensor(3.0, device=device, requires_grad=True)
    (7 * x.clone()).backward()

    # claims: A095
    # hint: is copying an operation that can be recorded?
    # hint: if x had been larger by a bit, would the clone be larger as well?
    # trap: 0.0 -> new memory does not cut the graph
    # trap: None -> it is detach() that leaves the graph; clone() leaves the memory
    # trap: 21.0 -> that is the value
    # trap: 1.0 -> that is what comes through clone(); the 7 comes on top
    assert x.grad.item() == __(7.0)
    # why: clone() shares the graph and not the memory, detach() shares the memory and not the
    #     graph.


def test_leaving_the_graph_and_the_memory_takes_two_calls(device):
    """Make a copy of w for later: no record leads to it, and no write to it reaches w."""
    w = torch.tensor([1.0, 2.0], device=device, requires_grad=True)

    # claims: A072 A118 B092
    # hint: one method leaves the graph, another one the memory
    # trap: w.clone() -> memory of its own, but tracked
    # trap: w.detach() -> not tracked, but 100 was written into w as well
    # trap: w -> a second name for the same tensor
    # trap: w.detach -> without parentheses the method is not called
    # trap: w.clone().requires_grad_() -> the mark is what it should not have
    copy = __(w.detach().clone())
    assert (copy.tolist(), copy.requires_grad) == ([1.0, 2.0], False)
    copy[0] = 100
    assert w.tolist() == [1.0, 2.0]
    # why: w.detach().clone() is the way to keep weights for a comparison. The other order gives the
    #     same, but records a copy first and then throws the record away.
    # picture: storage of w, copy


@kata
def gradient(fn: Callable[[torch.Tensor], torch.Tensor], x: torch.Tensor) -> torch.Tensor:
    """Return the derivative of `fn(x)` with respect to `x`, exactly, with the shape of `x`.

    `fn` takes a tensor like `x`, computes with torch and returns a tensor of no dims that depends
    on it. `x` holds floats; it may be a leaf or a result, tracked or not, and it may have a
    gradient already. The answer has the dtype and the device of `x` and is not tracked. Nothing
    about `x` changes: neither its numbers, nor `x.requires_grad`, nor `x.grad`.
    """
    leaf = x.detach().clone().requires_grad_()
    fn(leaf).backward()
    return leaf.grad


# hint: backward() fills the grad of leaves, so call fn with a leaf that is yours alone
# hint: x outside the graph, then marked; the koan before this one shows the first half
# wrong: return fn(x) -> this is the value of fn, not its derivative
# wrong: x.requires_grad_()
#     fn(x).backward()
#     return x.grad -> x gets a mark and a gradient that it did not have, and a second call adds
#     to it
# wrong: leaf = x.clone().requires_grad_()
#     fn(leaf).backward()
#     return leaf.grad -> the clone of a tracked x is a result, and its gradient goes to x
# wrong: leaf = x.detach().clone()
#     fn(leaf).backward()
#     return leaf.grad -> nobody marked the copy
# wrong: leaf = torch.tensor(x.tolist(), requires_grad=True)
#     fn(leaf).backward()
#     return leaf.grad -> a list has forgotten the dtype and the device
# wrong: with torch.no_grad():
#         return (fn(x + 0.001) - fn(x)) / 0.001 -> all elements were nudged at once, and a nudge
#     gives the slope only nearly
# also: leaf = x.detach().clone().requires_grad_()
#     return torch.autograd.grad(fn(leaf), leaf)[0] -> without backward()
# also: return torch.autograd.functional.jacobian(fn, x.detach().clone()) -> in one expression
# why: never train through somebody else's tensor. A leaf of your own costs one copy and leaves x
#     alone. If fn used other tracked tensors, they would get a gradient still:
#     `torch.autograd.grad(fn(leaf), leaf)` answers with the slope, in a tuple, and fills no grad.


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
