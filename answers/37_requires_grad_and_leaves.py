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

    # claims: A037 A091 B037
    # hint: which of the four lines say that they want it?
    # hint: zeros_like() copies three properties: the shape, the dtype and the device
    # trap: ["plain", "random", "marked", "like marked"] -> "tensors can differentiate" is true, but
    #     they do it on demand
    # trap: ["marked", "like marked"] -> a mark is not among the things that zeros_like() copies
    # trap: [] -> one of the four was marked
    # trap: "marked" -> the right name, but tracked is a list
    assert tracked == __(["marked"])
    # why: a record costs memory and time, so torch keeps none unasked. Data stays unmarked; mark
    #     what is to be learned.
    # picture: graph of made


def test_the_parameters_of_a_layer_come_tracked(device):
    """The layer nn.Linear(3, 2) holds a weight of shape (2, 3) and a bias of shape (2,)."""
    layer = nn.Linear(3, 2, device=device)
    assert isinstance(layer.weight, torch.Tensor)
    tracked = [t.numel() for t in (layer.weight, layer.bias) if t.requires_grad]

    # claims: A018 A092 B037
    # hint: what is a layer made for, and who would have to mark its tensors?
    # hint: sum() adds up how many numbers the tracked tensors hold
    # trap: 0 -> that is the default of the tensors that you make; nn.Linear marks its own
    # trap: 6 -> the weight alone; a layer learns its bias too
    # trap: 2 -> this counts two tensors, or the bias alone; how many numbers are in both?
    # trap: 5 -> 3 + 2 are the features that go in and out; the weight is a matrix
    assert sum(tracked) == __(8)
    # why: a parameter is a tensor that is tracked from the start. To train only a part of a model,
    #     one switches requires_grad off for the rest.
    # picture: graph of layer


def test_only_what_can_change_a_little_can_be_tracked(device):
    """Five dtypes ask for requires_grad=True and some are refused; list those that pass."""
    accepted = []
    for dtype in (torch.int64, torch.float32, torch.bool, torch.float64, torch.uint8):
        with contextlib.suppress(RuntimeError):
            torch.ones(2, dtype=dtype, device=device, requires_grad=True)
            accepted.append(dtype)

    # claims: A091 B102
    # hint: a derivative asks what happens if a number grows by a tiny bit
    # hint: which of the five could hold 1.001?
    # trap: [torch.float32] -> more digits are no hindrance
    # trap: [torch.int64, torch.float32, torch.float64] -> the next number after 1 is 2 here; there
    #     is no tiny bit more
    # trap: [torch.int64, torch.float32, torch.bool, torch.float64, torch.uint8] -> True cannot
    #     grow a little, and 255 is followed by nothing
    # trap: (torch.float32, torch.float64) -> the right two; accepted is a list, in square brackets
    assert accepted == __([torch.float32, torch.float64])
    # why: only floating point numbers (and complex ones) can be tracked. The error often means that
    #     somebody wrote 3 for 3.0.


def test_one_tracked_operand_is_enough(device):
    """The tensor w is marked and a is not; name the results that are tracked."""
    w = torch.tensor([1.0], device=device, requires_grad=True)
    a = torch.tensor([2.0], device=device)
    results = {"a + a": a + a, "w * a": w * a, "w * w": w * w, "w * a + a": w * a + a}
    tracked = [name for name, t in results.items() if t.requires_grad]

    # claims: A091 A094
    # hint: would this result change if w changed?
    # trap: [] -> untracked is the default for new data; these are computed from something
    # trap: ["w * w"] -> the operands do not have to agree
    # trap: ["w * a", "w * w"] -> it does not end after one step: the last one still depends on w
    # trap: ["a + a", "w * a", "w * w", "w * a + a"] -> no w went into the first
    assert tracked == __(["w * a", "w * w", "w * a + a"])
    # why: what depends on a tracked tensor is tracked, through as many steps as you like. So the
    #     weights are marked, and the loss is tracked on its own.
    # picture: graph of w, a, results


def test_a_result_notes_the_operation_that_made_it(device):
    """The note is called grad_fn; here y is made in two steps."""
    x = torch.tensor(4.0, device=device, requires_grad=True)
    y = x * 2 + 1
    assert (x - 1).grad_fn.name() == "SubBackward0"

    # claims: A094
    # hint: which of the two operations had y for its result?
    # trap: "MulBackward0" -> that is the note on x * 2, the tensor in between
    # trap: None -> the note is taken while y is computed, not later
    # trap: "add" -> the names begin with a capital letter and go on
    # trap: "AddBackward" -> something stands behind it; look at the name of the other note
    # trap: "x * 2 + 1" -> each result notes one operation only
    assert y.grad_fn.name() == __("AddBackward0")
    # why: each result notes its own operation and knows the notes of its operands. That chain,
    #     from the result back to the leaves, is the graph.
    # picture: graph of x, y


def test_the_printed_form_shows_the_note():
    """A marked tensor prints its mark; what is computed from it prints something else."""
    x = torch.tensor(4.0, requires_grad=True)
    assert str(x) == "tensor(4., requires_grad=True)"

    # claims: A094 B112
    # hint: work out the number first; then ask which operation came last
    # hint: the note stands behind grad_fn=, between < and >
    # trap: "tensor(6., requires_grad=True)" -> it is tracked, but nobody marked it; it was computed
    # trap: "tensor(6.)" -> so prints a tensor that is not tracked
    # trap: "tensor(6., grad_fn=<SubBackward0>)" -> the operation in brackets came first
    # trap: "tensor(6., grad_fn=MulBackward0)" -> nearly: the note is printed between < and >
    # trap: "tensor(6, grad_fn=<MulBackward0>)" -> only floats are tracked, and they print a point
    assert str((x - 1) * 2) == __("tensor(6., grad_fn=<MulBackward0>)")
    # why: print a tensor and you see which kind it is: requires_grad=True is a leaf that was
    #     marked, grad_fn=... is a result, and neither means untracked.


def test_a_leaf_was_made_by_no_recorded_operation(device):
    """Name the leaves; remember that nothing is recorded where nothing is tracked."""
    x = torch.ones(2, device=device, requires_grad=True)
    plain = torch.ones(2, device=device)
    tensors = {"x": x, "x * 2": x * 2, "plain": plain, "plain * 2": plain * 2}
    leaves = [name for name, t in tensors.items() if t.is_leaf]

    # claims: A094 A095 B109
    # hint: a tensor whose grad_fn is None is a leaf
    # hint: did torch take a note when it computed plain * 2?
    # trap: ["x * 2", "plain * 2"] -> a leaf of the graph is where it begins, not where it ends
    # trap: ["x", "plain"] -> plain * 2 was computed, but who recorded it?
    # trap: ["x"] -> a tensor does not have to be tracked to be a leaf
    # trap: ["x * 2"] -> this is the only one of which torch knows how it was made
    assert leaves == __(["x", "plain", "plain * 2"])
    # why: every tensor that is not tracked is a leaf, computed or not. Of the tracked ones, those
    #     that you marked are leaves and those that were computed are not.
    # picture: graph of tensors


def test_a_cast_is_recorded_like_any_operation(device):
    """Make a tracked leaf of float64; t.requires_grad_() marks t in place and answers with t."""
    numbers = torch.tensor([1.0, 2.0], device=device)

    # claims: A095
    # hint: there are two things to do; does their order matter?
    # hint: is the cast of a tracked tensor a leaf?
    # trap: numbers.requires_grad_().double() -> the cast came last and was recorded, so this is a
    #     result, and numbers is the leaf
    # trap: numbers.double() -> nobody marked it
    # trap: numbers.requires_grad_() -> a leaf it is, but still of float32
    # trap: numbers.double().requires_grad -> without the underscore this asks whether it is marked
    x = __(numbers.double().requires_grad_())
    assert (x.dtype, x.tolist()) == (torch.float64, [1.0, 2.0])
    assert (x.requires_grad, x.is_leaf) == (True, True)
    # why: double(), to() and clone() are operations and are recorded as such. Bring a tensor into
    #     its final form, then mark it.
    # picture: graph of numbers, x


def test_a_marked_tensor_that_moves_stays_behind(accelerator):
    """A leaf at home is moved to another device, and another is made there; name the leaves."""
    home = torch.ones(2, requires_grad=True)
    made = torch.ones(2, device=accelerator, requires_grad=True)
    tensors = {"home": home, "again": home.cpu(), "away": home.to(accelerator), "made": made}
    leaves = [name for name, t in tensors.items() if t.is_leaf]

    # claims: A095
    # hint: which of the four was computed from another one?
    # hint: cpu() of a tensor that is on the CPU already copies nothing
    # trap: ["home", "again", "away", "made"] -> a move to another device is recorded, so what
    #     arrives there is a result
    # trap: ["home", "made"] -> cpu() had nothing to do; what did it answer with?
    # trap: ["away", "made"] -> to() made a copy, and the leaf did not move
    # trap: ["home"] -> a tensor may be made and marked anywhere
    assert leaves == __(["home", "again", "made"])
    # why: `torch.ones(2, requires_grad=True).to(device)` gives you a result whose leaf nobody
    #     holds. Write device= where the tensor is made, or mark it after the move.
    # picture: graph of tensors
