"""One block of memory, two labels: tensors that share it, one called cpu and one simgpu.

DLPack carries a tensor between libraries as a pointer with a label that says where the memory
is. Changing that label is all it takes to get a genuine ``torch.Tensor`` on another device.
The struct and the device numbers are those of DLPack's header,
https://github.com/dmlc/dlpack/blob/main/include/dlpack/dlpack.h
"""

from __future__ import annotations

import ctypes
from typing import Any, TypeGuard

import torch

from torchkoans.simgpu.door import NAME

_LABEL_CPU = 1  # kDLCPU
_LABEL_SIM = 12  # kDLExtDev, which PyTorch reads as PrivateUse1


class _Head(ctypes.Structure):
    """The head of DLPack's DLTensor; the rest of it stays as it is."""

    _fields_ = [
        ("data", ctypes.c_void_p),
        ("device_type", ctypes.c_int32),
        ("device_id", ctypes.c_int32),
    ]


_pointer = ctypes.pythonapi.PyCapsule_GetPointer
_pointer.restype = ctypes.c_void_p
_pointer.argtypes = [ctypes.py_object, ctypes.c_char_p]


def is_sim(value: object) -> TypeGuard[torch.Tensor]:
    """Whether ``value`` is a tensor on the simulated device."""
    return isinstance(value, torch.Tensor) and value.device.type == NAME


def as_sim(cpu: torch.Tensor) -> torch.Tensor:
    """A simgpu tensor of the same shape, strides and dtype on the cpu tensor's memory.

    Either keeps the memory alive. Raises NotImplementedError for what has no plain block of
    memory: sparse and quantized tensors.
    """
    if cpu.layout != torch.strided or cpu.is_quantized:
        raise NotImplementedError(f"{NAME} has dense tensors only")
    return _relabel(cpu.detach().resolve_conj().resolve_neg(), _LABEL_SIM)


def as_cpu(sim: torch.Tensor) -> torch.Tensor:
    """A cpu tensor of the same shape, strides and dtype on the simgpu tensor's memory.

    Either keeps the memory alive. A lazy conjugation or negation (see ``Tensor.is_conj``) is a
    mark on the tensor and not in its memory: it is carried over.
    """
    if sim.layout != torch.strided:
        raise NotImplementedError(f"{NAME} has dense tensors only")
    bare, conj, neg = sim.detach(), sim.is_conj(), sim.is_neg()
    if conj:
        torch._C._set_conj(bare, False)
    if neg:
        torch._C._set_neg(bare, False)
    cpu = _relabel(bare, _LABEL_CPU)
    if conj:
        torch._C._set_conj(cpu, True)
    if neg:
        torch._C._set_neg(cpu, True)
    return cpu


def _relabel(tensor: torch.Tensor, label: int) -> torch.Tensor:
    capsule = torch._C._to_dlpack(tensor)
    head = _Head.from_address(_pointer(capsule, b"dltensor"))
    head.device_type, head.device_id = label, 0
    return torch._C._from_dlpack(capsule)


_plain_new: Any = torch.UntypedStorage.__new__


def guard_storages() -> None:
    """Give ``torch.UntypedStorage(n, device="simgpu")`` memory: deepcopy and load make such.

    PyTorch has no allocator for this device, and without this the process dies (seen: a
    segmentation fault, torch 2.13).
    """
    torch.UntypedStorage.__new__ = _new_storage  # type: ignore[method-assign]


def _new_storage(cls: type, *args: Any, device: Any = None, **kwargs: Any) -> Any:
    if device is None or torch.device(device).type != NAME:
        return _plain_new(cls, *args, device=device, **kwargs)
    size = args[0] if args else 0
    return torch.empty(size, dtype=torch.uint8, device=device).untyped_storage()
