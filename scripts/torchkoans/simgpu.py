"""A second device for machines that have none: torch.device("simgpu").

SIMULATED: the data stays in host memory and the CPU's kernels do the work.
Only the device rules are real.  ``enable()`` fills the slot PyTorch keeps for
outside backends (PrivateUse1), so a simgpu tensor is an ordinary torch.Tensor
that PyTorch's own C++ believes to be on another device.  Refusing .numpy(),
copying in .to() and .cpu(), autograd across devices and "found at least two
devices" in elementwise ops are PyTorch's own code, not imitations.  What is
imitated is in ``_check_devices``.  Needs torch >= 2.10.
"""

import ctypes
import types

import torch
from torch.utils import _pytree as pytree

NAME = "simgpu"
_SIM, _CPU = torch.device("privateuseone", 0), torch.device("cpu")
_libraries = []  # registrations live as long as this list


# -- one block of memory, two labels ------------------------------------------


class _DLTensor(ctypes.Structure):  # the head of DLPack's DLTensor
    _fields_ = [
        ("data", ctypes.c_void_p),
        ("device_type", ctypes.c_int32),
        ("device_id", ctypes.c_int32),
    ]


_pointer = ctypes.pythonapi.PyCapsule_GetPointer
_pointer.restype, _pointer.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]


def _as_sim(cpu):
    """A simgpu tensor on the cpu tensor's memory (and keeping it alive)."""
    if cpu.is_complex():  # lazy conj() would recurse without end
        raise NotImplementedError(f"{NAME} has no complex numbers")
    capsule = torch._C._to_dlpack(cpu.detach())
    head = _DLTensor.from_address(_pointer(capsule, b"dltensor"))
    head.device_type, head.device_id = 12, 0  # 12: kDLExtDev, PyTorch's PrivateUse1
    return torch._C._from_dlpack(capsule)


def _as_cpu(sim):
    """A cpu tensor on the simgpu tensor's memory (and keeping it alive)."""
    storage, item = sim.untyped_storage(), sim.dtype.itemsize
    n = storage.nbytes() // item * item
    if n == 0:
        return torch.empty(sim.shape, dtype=sim.dtype)
    block = (ctypes.c_ubyte * n).from_address(storage.data_ptr())
    block.owner = storage
    return (
        torch.frombuffer(block, dtype=torch.uint8)
        .view(sim.dtype)
        .as_strided(sim.shape, sim.stride(), sim.storage_offset())
    )


# -- every kernel of the device -----------------------------------------------

_ON_CPU = torch._C.DispatchKeySet(torch._C.DispatchKey.CPU)
_METADATA_ONLY = {
    "as_strided",
    "view",
    "_reshape_alias",
    "unfold",
    "view_as_real",
    "view_as_complex",
}
_MIXES_SCALARS = {"fill_", "masked_fill", "masked_fill_", "where", "index_put_", "_index_put_impl_"}
_set = torch.ops.aten.set_.source_Storage_storage_offset


def _is_sim(x):
    return isinstance(x, torch.Tensor) and x.device.type == NAME


def _take_over(sim, cpu):
    """Let the tensor ``sim`` describe the memory of ``cpu`` from now on."""
    new = _as_sim(cpu)
    return _set.redispatch(_ON_CPU, sim, new.untyped_storage(), 0, new.shape, new.stride())


def _kernel(op, *args, **kwargs):
    name = op._schema.name.split("::")[1]
    if name in _METADATA_ONLY:  # touches no data: the cpu's kernel serves as it is
        return op.redispatch(_ON_CPU, *args, **kwargs)
    if name == "set_":
        src = args[1] if len(args) > 1 else torch.empty(0, dtype=args[0].dtype, device=NAME)
        if isinstance(src, torch.Tensor):
            args = (args[0], src.untyped_storage(), src.storage_offset(), src.shape, src.stride())
        elif len(args) == 2:
            args = (*args, 0, (src.nbytes() // args[0].dtype.itemsize,), (1,))
        return _set.redispatch(_ON_CPU, *args)
    if name == "resize_":
        return _take_over(args[0], _as_cpu(args[0]).clone().resize_(args[1]))
    if name == "is_pinned":
        return False
    if name.startswith("_copy_from"):  # (src, dst): the backend's half of copy_
        src, dst = args[:2]
        if name == "_copy_from_and_resize":
            dst.resize_(src.shape)
        (_as_cpu(dst) if _is_sim(dst) else dst).copy_(_as_cpu(src) if _is_sim(src) else src)
        return dst

    _check_devices(op, name, args, kwargs)
    if kwargs.get("generator") is not None:  # there are no generators of this device
        raise RuntimeError(f"Expected a '{NAME}' device type for generator but found 'cpu'")
    flat, spec = pytree.tree_flatten((args, kwargs))
    home = torch.device(kwargs.get("device") or (NAME if any(map(_is_sim, flat)) else "cpu"))
    outs = {
        id(kwargs[a.name]) for a in op._schema.arguments if a.is_out and a.name in kwargs
    } - set(map(id, args))
    lowered = {}  # id(cpu stand-in) -> (the simgpu tensor, its stand-in)

    def lower(x):
        if _is_sim(x):  # out= may be resized, which borrowed memory can't be
            cpu = torch.empty(0, dtype=x.dtype) if id(x) in outs else _as_cpu(x)
            lowered[id(cpu)] = (x, cpu)
            return cpu
        return _CPU if isinstance(x, torch.device) and x.type == NAME else x

    def lift(x):
        if not isinstance(x, torch.Tensor):
            return x
        sim, cpu = lowered.get(id(x), (None, None))
        if sim is None:
            return _as_sim(x) if home.type == NAME else x
        if id(sim) in outs and cpu.shape == sim.shape:
            _as_cpu(sim).copy_(cpu)
        elif id(sim) in outs:
            _take_over(sim, cpu)
        return sim  # written in place

    cpu_args, cpu_kwargs = pytree.tree_unflatten([lower(x) for x in flat], spec)
    return pytree.tree_map(lift, op(*cpu_args, **cpu_kwargs))


def _check_devices(op, name, args, kwargs):
    """CUDA's rule for kernels that check their own arguments, in its words."""
    named = [(a.name, x) for a, x in zip(op._schema.arguments, args)] + list(kwargs.items())
    tensors = [
        (n, t)
        for n, x in named
        for t in (x if isinstance(x, (list, tuple)) else [x])
        if isinstance(t, torch.Tensor)
    ]
    if len({t.device for _, t in tensors}) < 2:
        return
    owner = tensors[0][1]
    if name in ("index", "index_put_", "_index_put_impl_"):
        if any(n == "indices" and t.device not in (_CPU, owner.device) for n, t in tensors):
            raise RuntimeError(
                "indices should be either on cpu or on the same device as the indexed tensor "
                f"({owner.device})"
            )
        tensors = [(n, t) for n, t in tensors if n != "indices"]
    if torch.Tag.pointwise in op.tags or name in _MIXES_SCALARS:
        tensors = [(n, t) for n, t in tensors if t.dim() or _is_sim(t)]  # 0-dim cpu tensors pass
    for n, t in tensors:
        if t.device != tensors[0][1].device:
            raise RuntimeError(
                f"Expected all tensors to be on the same device, but got {n} is on {t.device}, different from "
                f"other tensors on {tensors[0][1].device} (when checking argument in method wrapper_{NAME}_{name})"
            )


def _storage(cls, *args, device=None, **kwargs):
    """PyTorch has no allocator for this device and would crash without a word."""
    if device is not None and torch.device(device).type == NAME:
        return _as_sim(torch.empty(args[0] if args else 0, dtype=torch.uint8)).untyped_storage()
    return _plain_storage(cls, *args, device=device, **kwargs)


_plain_storage = torch.UntypedStorage.__new__


# -- the door -------------------------------------------------------------------


def enable():
    if _libraries:
        return
    from torch.utils.backend_registration import _setup_privateuseone_for_python_backend

    module = types.ModuleType(f"torch.{NAME}", "A simulated device; see simgpu.py.")
    module.is_available = module.is_initialized = lambda: True
    module.device_count = lambda: 1
    module.current_device = lambda: 0
    module._is_in_bad_fork = lambda: False
    module.manual_seed_all = module.manual_seed = lambda seed: None  # shares the cpu's generator
    module.synchronize = lambda device=None: None
    module.get_device_name = lambda device=None: "simulated device in host memory"
    _setup_privateuseone_for_python_backend(NAME, backend_module=module)
    everything, conv = torch.library.Library("_", "IMPL"), torch.library.Library("aten", "IMPL")
    everything.fallback(_kernel, "PrivateUse1")
    aten = torch.ops.aten  # PyTorch asks outside backends for these two by other names
    conv.impl(
        "convolution_overrideable", lambda *a: _kernel(aten.convolution.default, *a), "PrivateUse1"
    )
    conv.impl(
        "convolution_backward_overrideable",
        lambda grad, x, w, *a: _kernel(
            aten.convolution_backward.default, grad, x, w, [w.shape[0]], *a
        ),
        "PrivateUse1",
    )
    _libraries.extend([everything, conv])
    torch.UntypedStorage.__new__ = _storage
    torch.__future__.set_swap_module_params_on_conversion(
        True
    )  # module.to() keeps its Parameter objects, as on cuda


def why_not():
    return None
