"""What would end CUDA for a whole process is seen on the CPU, and the course has nothing of it."""

import dataclasses

import pytest
import torch
from torch.nn import functional as F  # noqa: N812  its usual name

from torchkoans import lesson
from torchkoans.course import Course
from torchkoans.devices import CPU, Devices
from torchkoans.verdicts import Verdict
from torchkoans.verifying import kernels, poison
from torchkoans.verifying.planning import ANSWER, JUNK, Plan
from torchkoans.verifying.trying import Trial

LESSONS = {path.stem: path for path in Course().answer_files}
ANYWHERE = Devices("no GPU is asked for", None)  # every koan is planned that needs no CUDA


def grid():
    return torch.arange(12.0).reshape(3, 4)


def whole(*numbers):
    return torch.tensor(numbers)


ENDS_CUDA = {
    "index": [
        lambda: grid()[[5]],
        lambda: grid()[whole(-9)],
        lambda: grid()[0, [7]],
        lambda: grid()[..., [4]],
        lambda: grid()[torch.tensor([True, False, False]), [4]],
    ],
    "index_put_": [
        lambda: grid().__setitem__([5], 0.0),
        lambda: grid().__setitem__((slice(None), whole(4)), 0.0),
        lambda: grid().index_put_((whole(5),), torch.tensor(1.0), accumulate=True),
    ],
    "gather": [lambda: grid().gather(1, whole([4])), lambda: grid().gather(1, whole([-1]))],
    "scatter": [lambda: grid().scatter(1, whole([4]), 1.0)],
    "scatter_": [lambda: grid().scatter_(0, whole([3, 0, 0, 0]), 1.0)],
    "scatter_add": [lambda: grid().scatter_add(1, whole([4]), grid())],
    "index_select": [lambda: grid().index_select(0, whole(-1))],
    "index_add": [lambda: grid().index_add(0, whole(-1), grid()[:1])],
    "index_copy": [lambda: grid().index_copy(0, whole(3), grid()[:1])],
    "index_fill": [lambda: grid().index_fill(1, whole(4), 1.0)],
    "take": [lambda: grid().take(whole(12))],
    "put": [lambda: grid().put(whole(-13), torch.ones(1))],
    "masked_scatter": [lambda: grid().masked_scatter(grid() > 0, torch.ones(3))],
    "embedding": [lambda: F.embedding(whole(3), grid()), lambda: F.embedding(whole(-1), grid())],
    "_embedding_bag_forward_only": [lambda: F.embedding_bag(whole([3]), grid())],
    "nll_loss_forward": [
        lambda: F.cross_entropy(grid(), whole(0, 1, 4)),
        lambda: F.cross_entropy(grid(), whole(0, 1, -1)),
        lambda: F.nll_loss(grid()[0], torch.tensor(4)),
    ],
    "nll_loss2d_forward": [
        lambda: F.cross_entropy(torch.zeros(1, 3, 4), whole([0, 1, 2, 3])),
    ],
    "binary_cross_entropy": [lambda: F.binary_cross_entropy(whole(2.0), whole(1.0))],
    "bernoulli": [lambda: torch.bernoulli(whole(1.5))],
    "multinomial": [
        lambda: torch.multinomial(whole(-1.0, 2.0), 1),
        lambda: torch.multinomial(whole(0.0, 0.0), 2, replacement=True),
    ],
    "repeat_interleave": [lambda: grid().repeat_interleave(whole(1, -1, 1), 0)],
}


@pytest.mark.parametrize(
    ("name", "call"), [(name, call) for name, calls in ENDS_CUDA.items() for call in calls]
)
def test_a_value_that_a_kernel_refuses_is_seen(name, call):
    with poison.watch() as seen, pytest.raises((IndexError, RuntimeError)):
        call()
    assert seen.op.split(".")[:2] == ["aten", name]


REFUSED_BY_THE_HOST = [
    lambda: grid()[5],
    lambda: grid()[0, 7],
    lambda: grid()[torch.tensor(5)],
    lambda: grid()[:, :, 0],
    lambda: grid()[whole(0.5)],
    lambda: grid()[whole(True)],
    lambda: grid()[[0, 1], [0, 1, 2]],
    lambda: grid().gather(1, whole(0)),
    lambda: grid().gather(2, whole([9])),
    lambda: grid().index_select(7, whole(9)),
    lambda: grid() + torch.ones(3),
    lambda: grid() @ grid(),
    lambda: grid().view(5),
    lambda: F.cross_entropy(grid(), whole(0, 1)),
    lambda: F.embedding(whole(0.5), grid()),
    lambda: torch.bernoulli(grid(), 2.0),
    lambda: torch.bincount(whole(-1)),
    lambda: F.one_hot(whole(0.5)),
    lambda: torch.linalg.inv(torch.zeros(2, 2)),
    lambda: 1 / 0,
    lambda: [][3],
]


@pytest.mark.parametrize("call", REFUSED_BY_THE_HOST)
def test_what_the_host_refuses_is_no_danger(call):
    with poison.watch() as seen, pytest.raises(Exception):  # noqa: B017, PT011  any of them
        call()
    assert not seen.op


HARMLESS = [
    lambda: grid()[[0, -3]],
    lambda: grid()[whole(2), whole(-4)],
    lambda: grid()[grid() > 5],
    lambda: grid()[None, [0, 1], ..., torch.arange(4) > 1],
    lambda: grid()[torch.zeros(0, dtype=torch.int64)],
    lambda: torch.zeros(2, 3, 4)[torch.ones(2, 3, dtype=torch.bool), [3]],
    lambda: grid().take(whole(-12, 11)),
    lambda: grid().index_fill(0, whole(-1), 1.0),
    lambda: torch.tensor(3.0).gather(0, torch.tensor(0)),
    lambda: F.cross_entropy(grid(), whole(0, 3, -100)),
    lambda: F.one_hot(whole(0, 3)),
    lambda: F.one_hot(whole(0, 3), 4),
    lambda: torch.multinomial(whole(0.0, 2.0), 2),
    lambda: torch.bernoulli(whole(0.0, 1.0)),
]


@pytest.mark.parametrize("call", HARMLESS)
def test_what_is_in_range_is_no_danger(call):
    with poison.watch() as seen:
        call()
    assert not seen.op


@pytest.mark.parametrize("call", [lambda: F.one_hot(whole(0, 3), 3), lambda: F.one_hot(whole(-1))])
def test_one_hot_is_seen_though_it_refuses_before_any_operator_does(call):
    with poison.watch() as seen, pytest.raises(RuntimeError, match="Class values"):
        call()
    assert seen.op == "torch.nn.functional.one_hot"


def test_the_first_of_several_is_named():
    with poison.watch() as seen:
        for call in (ENDS_CUDA["take"][0], ENDS_CUDA["gather"][0]):
            with pytest.raises((IndexError, RuntimeError)):
                call()
    assert seen.op == "aten.take.default"


def test_backward_and_a_default_device_go_on_as_ever():
    x = torch.arange(4.0, requires_grad=True)
    with poison.watch() as seen, torch.device("cpu"):
        x[[0, 2]].sum().backward()
        assert not seen.op
        with pytest.raises(IndexError):
            torch.zeros(3)[[7]]
    assert x.grad.tolist() == [1, 0, 1, 0]
    assert seen.op == "aten.index.Tensor"


def test_nothing_is_watched_afterwards():
    one_hot = F.one_hot
    with poison.watch() as seen:
        pass
    with pytest.raises(IndexError):
        grid()[[5]]
    assert not seen.op
    assert F.one_hot is one_hot


def test_anywhere_but_on_the_cpu_the_operator_is_not_even_run(monkeypatch):
    """Without a GPU: the index is on meta, and `kernels` is told that it is out of range."""
    monkeypatch.setattr(kernels, "_outside", lambda *_: True)
    t = torch.zeros(3, 4, device="meta")
    with poison.watch() as seen, pytest.raises(poison.RefusedError, match="index_put_"):
        t[torch.zeros(2, dtype=torch.long, device="meta")] = 9.0
    assert seen.op == "aten.index_put_.default"


def dangers(one):
    """What of a lesson would end CUDA: answers, traps, wrong katas; junk is kept off a GPU."""
    trial, known = Trial(one), set()
    for unit in Plan(one, ANYWHERE).units:
        for check in unit.checks:
            if check.variant.kind == JUNK or (check.test, check.variant) in known:
                continue
            known.add((check.test, check.variant))
            here = tuple((fixture, CPU) for fixture, _ in check.given)
            with poison.watch() as seen:
                outcome = trial.outcome(dataclasses.replace(check, given=here, device=CPU))
            if check.variant.kind == ANSWER and "accelerator" not in dict(here):
                assert seen.op or outcome.verdict is Verdict.PASSED, outcome.what
            if seen.op:
                yield f"{check.test}: {check.variant}: {seen.op}"


@pytest.mark.parametrize("name", LESSONS)
def test_no_answer_and_no_trap_would_end_cuda(name):
    assert list(dangers(lesson.load(LESSONS[name]))) == []


def test_an_answer_or_a_trap_that_would_end_cuda_is_named(lean):
    path = lean.answer_files[0]
    text = path.read_text(encoding="utf-8")
    text = text.replace("# trap: 1 ->", "# trap: [7] ->").replace("t.to(accelerator)", "t[[2]]")
    path.write_text(text, encoding="utf-8")
    assert list(dangers(lesson.load(path))) == [
        "test_an_index_may_be_the_blank: trap [7]: aten.index.Tensor",
        "test_a_device_is_not_the_cpu: answer: aten.index.Tensor",
    ]
