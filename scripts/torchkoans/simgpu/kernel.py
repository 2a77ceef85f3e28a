"""The one kernel of the device: it runs every op on the same memory with the CPU's kernels.

PyTorch calls ``run`` below autograd, for any op with a simgpu tensor or ``device="simgpu"``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch._ops import OpOverload

from torchkoans.simgpu import rules, stream
from torchkoans.simgpu.door import NAME
from torchkoans.simgpu.memory import as_cpu, as_sim, is_sim

_CPU = torch.device("cpu")
_ON_CPU = torch._C.DispatchKeySet(torch._C.DispatchKey.CPU)
_METADATA_ONLY = {  # these touch no data: the CPU's kernel serves as it is
    "as_strided",
    "view",
    "_reshape_alias",
    "unfold",
    "view_as_real",
    "view_as_complex",
}
_set_storage = torch.ops.aten.set_.source_Storage_storage_offset


def run(op: OpOverload, *args: Any, **kwargs: Any) -> Any:
    """Run ``op``; simgpu tensors in, simgpu tensors out."""
    name = op._schema.name.split("::")[1]
    if name in _METADATA_ONLY:
        return op.redispatch(_ON_CPU, *args, **kwargs)
    if name in _OWN_WAY:
        return _OWN_WAY[name](*args, **kwargs)
    rules.check(op, name, args, kwargs)
    stand_ins = _StandIns(op, args, kwargs)
    cpu_args, cpu_kwargs = _map(stand_ins.lower, (args, kwargs))
    callee = op.overloadpacket if _has_number_for_tensor(op, args) else op
    with stream.swapped_for(op):
        result = callee(*cpu_args, **cpu_kwargs)
    return _map(stand_ins.lift, result)


def _has_number_for_tensor(op: OpOverload, args: tuple[Any, ...]) -> bool:
    """Whether a number sits where this overload of the op wants a tensor.

    In ``t % 2`` PyTorch wraps the 2 in a tensor and unwraps it for a kernel in Python. Then
    another overload of the op is the right one, and PyTorch finds it.
    """
    return any(
        isinstance(x, (bool, int, float, complex)) and isinstance(argument.type, torch.TensorType)
        for argument, x in zip(op._schema.arguments, args, strict=False)
    )


class _StandIns:
    """The CPU tensors that stand in for simgpu tensors during one call of an op."""

    def __init__(self, op: OpOverload, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        names = [a.name for a in op._schema.arguments if a.is_out and a.name in kwargs]
        inputs = {id(x) for x in args}  # x.add_(1) arrives here as add.out(x, 1, out=x)
        self._outs = {id(kwargs[name]) for name in names} - inputs
        self._sim_of: dict[int, tuple[torch.Tensor, torch.Tensor]] = {}  # keeps the ids valid
        device = kwargs.get("device")
        self._sim_result = device is None or device.type == NAME

    def lower(self, value: Any) -> Any:
        """What the CPU's kernel gets for an argument."""
        if isinstance(value, torch.device):
            return _CPU if value.type == NAME else value
        if not is_sim(value):
            return value
        # out= may be resized, which borrowed memory cannot be.
        fresh = id(value) in self._outs
        cpu = torch.empty(0, dtype=value.dtype) if fresh else as_cpu(value)
        self._sim_of[id(cpu)] = (value, cpu)
        return cpu

    def lift(self, value: Any) -> Any:
        """What the caller gets for a result."""
        if not isinstance(value, torch.Tensor):
            return value
        if id(value) not in self._sim_of:
            return as_sim(value) if self._sim_result else value
        sim, cpu = self._sim_of[id(value)]
        if id(sim) in self._outs:
            _write_out(sim, cpu)
        return sim  # written in place


def _map(function: Callable[[Any], Any], value: Any) -> Any:
    """``function`` of everything inside nested tuples, lists and dicts."""
    if isinstance(value, dict):
        return {key: _map(function, x) for key, x in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)([_map(function, x) for x in value])
    return function(value)


def _write_out(sim: torch.Tensor, cpu: torch.Tensor) -> None:
    if cpu.shape == sim.shape:
        as_cpu(sim).copy_(cpu)
    else:
        _take_over(sim, cpu)


def _take_over(sim: torch.Tensor, cpu: torch.Tensor) -> torch.Tensor:
    """Let the tensor ``sim`` describe the memory of ``cpu`` from now on."""
    new = as_sim(cpu)
    where = (new.untyped_storage(), 0, new.shape, new.stride())
    _set_storage.redispatch(_ON_CPU, sim, *where)
    return sim


# -- ops that move memory itself ----------------------------------------------------------------


def _copy_from(src: torch.Tensor, dst: torch.Tensor, non_blocking: bool = False) -> torch.Tensor:
    """The backend's half of ``dst.copy_(src)``: at least one of them is on simgpu."""
    target = as_cpu(dst) if is_sim(dst) else dst
    target.copy_(as_cpu(src) if is_sim(src) else src)
    return dst


def _copy_from_and_resize(src: torch.Tensor, dst: torch.Tensor) -> torch.Tensor:
    return _copy_from(src, dst.resize_(src.shape))


def _resize(sim: torch.Tensor, size: list[int], **_: Any) -> torch.Tensor:
    return _take_over(sim, as_cpu(sim).clone().resize_(size))


def _set(sim: torch.Tensor, source: Any = None, *where: Any) -> torch.Tensor:
    """``Tensor.set_``, whose source is nothing, a tensor, or a storage (and where in it)."""
    if source is None:
        source = torch.empty(0, dtype=sim.dtype, device=sim.device)
    if isinstance(source, torch.Tensor):
        where = (source.storage_offset(), source.shape, source.stride())
        source = source.untyped_storage()
    elif not where:
        where = (0, (source.nbytes() // sim.dtype.itemsize,), (1,))
    _set_storage.redispatch(_ON_CPU, sim, source, *where)
    return sim


_OWN_WAY: dict[str, Callable[..., Any]] = {
    "_copy_from": _copy_from,
    "_copy_from_and_resize": _copy_from_and_resize,
    "is_pinned": lambda sim, device=None: False,
    "resize_": _resize,
    "set_": _set,
}
