"""First uses, made before a learner has to wait for them: imports that torch puts off, and ops.

Each step is a few milliseconds of work that a process and those forked from it need only once. In
a process that is going to fork, no step may run backward() (its autograd thread would be missing
in the child) and torch must be told to use one thread before the first.
"""

from __future__ import annotations

import copy
import importlib
import io
import warnings
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from typing import Any

Step = Callable[[], object]
LATE = (  # what torch, numpy and Python import when first used
    "torch.testing",
    "torch.optim",
    "torch.func",
    "torch.utils.data",
    "torch.nn.functional",
    "torch.autograd.gradcheck",
    "torch._tensor_str",
    "numpy.testing",
    "numpy.random",
    "unittest.mock",
    "decimal",
    "fractions",
    "difflib",
    "pprint",
    # what torch.testing needs to say that two tensors differ, and an optimizer for its first step
    "mpmath",
    "sympy",
    "torch.fx.experimental.symbolic_shapes",
    "torch.distributed._functional_collectives",
    "torch._dynamo",
)


def steps(devices: list[str]) -> Iterator[Step]:
    """What can be done before a fork, in small steps; `devices` are those that koans run on."""
    yield from imports()
    for device in devices:
        for step in (_make, _combine, _index, _shape, _reduce, _print, _convert, _refuse, _model):
            yield partial(quietly, step, device)


def imports() -> Iterator[Step]:
    """What torch, NumPy and Python put off until it is used."""
    for name in LATE:
        yield partial(_import, name)


def _import(name: str) -> None:
    with suppress(Exception):  # another torch has other modules, and will do without
        importlib.import_module(name)


def backward(devices: list[str]) -> None:
    """What a process that never forks can do as well."""
    for device in devices:
        quietly(_backward, device)


def quietly(step: Callable[[str], object], device: str) -> None:
    """Nothing that a first use says or raises is of interest, and no random number is used up."""
    import torch

    state = torch.get_rng_state()
    with warnings.catch_warnings(), suppress(Exception):
        warnings.simplefilter("ignore")
        step(device)
    torch.set_rng_state(state)


def _make(device: str) -> None:
    import torch

    torch.tensor([[1.0, 2.0], [3.0, 4.0]], device=device).to(torch.float64)
    torch.tensor([True, False], device=device).int()
    for make in (torch.zeros, torch.ones, torch.rand, torch.randn, torch.empty):
        make(2, 3, device=device)
    torch.full((2,), 7, device=device)
    torch.arange(6, device=device)
    torch.linspace(0, 1, 5, device=device)
    torch.eye(3, device=device)
    torch.zeros_like(torch.ones(2, device=device))
    torch.randint(0, 9, (3,), device=device)
    torch.randperm(4, device=device)


def _combine(device: str) -> None:
    import torch

    a, b = torch.ones(2, 3, device=device), torch.arange(3, device=device)
    _ = a + b, a - 1, a * b, a / 2, b // 2, b % 2, a**2, -a, a == b, a < b, a != 1, ~(a > 0)
    _ = a @ a.T, torch.matmul(a, a.T), a.exp(), a.sqrt(), a.log(), a.abs(), a.round()
    _ = torch.where(a > 0, a, 0.0), a.clamp(0, 1), torch.equal(a, a), torch.allclose(a, a)
    _ = a.isnan(), torch.isclose(a, a), a.logical_and(a), torch.relu(a), torch.sigmoid(a)
    a += 1
    a.mul_(2).add_(1)
    a.fill_(0)


def _index(device: str) -> None:
    import torch

    t = torch.arange(12, device=device).reshape(3, 4)
    _ = t[0], t[:, 1], t[1:, ::2], t[..., -1], t[None], t[t > 3], t[[0, 2]], t[torch.tensor([0])]
    t[0] = 1
    t[t > 5] = 0
    t[:, 1] += 1
    _ = t.masked_fill(t > 1, 0), t.gather(1, t * 0), t.index_select(0, torch.tensor([0]))
    _ = t.nonzero(), torch.nonzero(t, as_tuple=True), t.take_along_dim(t * 0, 1)


def _shape(device: str) -> None:
    import torch

    t = torch.arange(6.0, device=device)
    m = t.view(2, 3)
    _ = t.reshape(3, 2), m.T, m.t(), m.permute(1, 0), m.transpose(0, 1), m.contiguous(), m.clone()
    _ = m.unsqueeze(0).squeeze(0), m.flatten(), m.expand(2, 3), t[:1].expand(4), m.repeat(2, 1)
    _ = torch.cat([m, m]), torch.stack([m, m]), m.split(1), m.chunk(2), m.unbind(0)
    _ = (
        m.is_contiguous(),
        m.stride(),
        m.storage_offset(),
        m.untyped_storage().data_ptr(),
        m.data_ptr(),
        m.numel(),
    )
    _ = list(m), len(m), m.shape == (2, 3), m.ndim, m.size(), m.element_size(), m._base


def _reduce(device: str) -> None:
    import torch

    t = torch.arange(6.0, device=device).view(2, 3)
    for name in ("sum", "mean", "max", "min", "argmax", "argmin", "prod", "std", "var", "cumsum"):
        with suppress(TypeError, RuntimeError):
            getattr(t, name)()
        with suppress(TypeError, RuntimeError):
            getattr(t, name)(dim=1)
    _ = t.sum(dim=0, keepdim=True), t.any(), t.all(), t.sort(), t.topk(2), t.unique(), t.norm()
    _ = torch.softmax(t, dim=1), t.softmax(-1), t.nanmean(), t.bool().sum(), t.median()


def _print(device: str) -> None:
    import torch

    for dtype in (torch.float32, torch.int64, torch.bool, torch.float64):
        t = torch.ones(2, 3, device=device).to(dtype)
        _ = repr(t), str(t[0]), f"{t[0, 0]}", repr(t[0, 0]), repr(t.dtype), repr(t.device)
    _ = repr(torch.tensor([1.5, float("nan"), 1e-8], device=device)), repr(torch.Size([2]))


def _convert(device: str) -> None:
    import numpy as np
    import torch

    t = torch.ones(2, 2, device=device)
    _ = t.tolist(), t.sum().item(), float(t[0, 0]), int(t[0, 0]), bool(t[0, 0])
    _ = t.cpu().numpy(), t.to("cpu"), t.cpu().to(device), t.double(), t.long(), t.half(), t.bool()
    _ = torch.from_numpy(np.ones(3)), torch.as_tensor(np.ones(3)), torch.tensor(np.ones(3))
    _ = np.asarray(t.cpu()), copy.deepcopy(t), t.type(torch.int32), t.to(torch.float16)
    file = io.BytesIO()
    torch.save(t, file)
    file.seek(0)
    torch.load(file)


def _refuse(device: str) -> None:
    """Errors build their messages when first raised."""
    import torch

    a = torch.ones(2, 3, device=device)
    wrong: list[Callable[[], Any]] = [
        lambda: a + torch.ones(4, device=device),
        lambda: a @ a,
        lambda: a.view(5),
        lambda: a[9],
        lambda: a.item(),
        lambda: bool(a),
        lambda: torch.cat([a, torch.ones(2, device=device)]),
        lambda: torch.tensor([[1], [1, 2]], device=device),
        lambda: a.permute(1, 0).view(6),
        lambda: a.long().mean(),
        lambda: torch.ones(2, requires_grad=True).numpy(),
        lambda: a + torch.ones(2, 3),
        lambda: torch.testing.assert_close(a, a + 1),
    ]
    for attempt in wrong:
        with suppress(Exception):
            attempt()


def _model(device: str) -> None:
    import torch
    from torch import nn

    model = nn.Sequential(nn.Flatten(), nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 2)).to(device)
    x = torch.rand(5, 4, device=device, requires_grad=True)
    y = model(x)
    _ = nn.functional.cross_entropy(y, torch.zeros(5, dtype=torch.long, device=device))
    _ = nn.functional.mse_loss(y, y.detach()), nn.functional.one_hot(torch.tensor([0, 1]))
    _ = repr(y), repr(model), y.grad_fn, x.is_leaf, x.detach(), list(model.parameters())
    with torch.no_grad():
        model(x)
    _ = model.state_dict(), nn.Conv2d(1, 2, 3).to(device)(torch.rand(1, 1, 5, 5, device=device))
    torch.optim.SGD(model.parameters(), lr=0.1).zero_grad()


def _backward(device: str) -> None:
    import torch
    from torch import nn

    model = nn.Linear(3, 1).to(device)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    loss = (model(torch.ones(2, 3, device=device)) ** 2).mean()
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
    x = torch.ones(2, device=device, requires_grad=True)
    torch.autograd.grad((x * x).sum(), x)
    y = (x * 2).sum()
    y.backward()
    with suppress(RuntimeError):
        y.backward()
    _ = x.grad, repr(x.grad), repr(x)
