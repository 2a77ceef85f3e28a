"""What a koan leaves behind in its process, though `restoring` has put back what it knows of.

A picture of the process is taken before and after; what differs is named. There is always more that
could be changed: these are the settings that koans are about, and those that are easily forgotten.
"""

from __future__ import annotations

import builtins
import gc
import os
import random
import signal
import sys
import threading
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from torchkoans.warm import limits

Picture = dict[str, Any]


def picture() -> Picture:
    """What later koans could see: settings of torch, numpy and Python, and what is built in."""
    import numpy as np
    import torch

    printing = torch._tensor_str.PRINT_OPTS
    return {
        "the default dtype": torch.get_default_dtype(),
        "the default device": torch.get_default_device(),
        "grad mode": torch.is_grad_enabled(),
        "inference mode": torch.is_inference_mode_enabled(),
        "anomaly detection": torch.is_anomaly_enabled(),
        "the number of threads": torch.get_num_threads(),
        "deterministic algorithms": torch.are_deterministic_algorithms_enabled(),
        "the precision of float32 products": torch.get_float32_matmul_precision(),
        "torch's print options": tuple(vars(printing).items()),
        "NumPy's print options": str(np.get_printoptions()),
        "NumPy's error handling": tuple(np.geterr().items()),
        "the environment": dict(os.environ),
        "the current folder": _folder(),
        "the limit of recursion": sys.getrecursionlimit(),
        "the garbage collector": gc.isenabled(),
        "what is done on a signal": [signal.getsignal(one) for one in _SIGNALS],
        "torch.backends": _backends(),
        "sys.path": tuple(sys.path),
        "the filters for warnings": len(warnings.filters),
        "a thread": threading.active_count(),
        "a process": len(limits.children()),
        "standard output": (id(sys.stdout), id(sys.stderr)),
        "__builtins__": dict(vars(builtins)),
        "autocast": _is_autocast(),
        **{name: _attributes(owner) for name, owner in _owners().items()},
        "torch.nn": _layers(),
    }


# Modules get attributes when a part of them is imported late; these do not.
_COMPLETE = ("the environment", "__builtins__", "torch.Tensor", "torch.nn.Module")
_SIGNALS = [
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGALRM") if hasattr(signal, name)
]


def _folder() -> str:
    try:
        return str(Path.cwd())
    except OSError:  # it was removed
        return ""


def _backends() -> tuple[object, ...]:
    from torch import backends

    cudnn = [getattr(backends.cudnn, name) for name in ("benchmark", "deterministic", "enabled")]
    others = (backends.cuda.matmul.allow_tf32, getattr(backends.mkldnn, "enabled", None))
    return (*cudnn, backends.cudnn.allow_tf32, *others)


def _is_autocast() -> object:
    import torch

    known = getattr(torch._C, "_is_any_autocast_enabled", torch.is_autocast_enabled)
    return known()


def _owners() -> dict[str, object]:
    import numpy as np
    import torch

    return {
        "random": random,
        "numpy.random": np.random,
        "torch.linalg": torch.linalg,
        "torch": torch,
        "torch.Tensor": torch.Tensor,
        "torch.nn.functional": torch.nn.functional,
        "torch.cuda": torch.cuda,
        "torch.nn.Module": torch.nn.Module,
        "numpy": np,
    }


def _attributes(owner: object) -> dict[str, int]:
    """The attributes by identity; those with one underscore are caches often enough.

    Of a class also what Python itself asks for, __add__ and the like.
    """
    dunders = isinstance(owner, type)
    return {
        name: id(value)
        for name, value in vars(owner).items()
        if not name.startswith("_") or (dunders and name.startswith("__") and callable(value))
    }


def _layers() -> dict[str, int]:
    """Of each class in torch.nn what it can do."""
    from torch import nn

    layers = [layer for layer in vars(nn).values() if isinstance(layer, type)]
    return {
        f"{layer.__name__}.{name}": id(value)
        for layer in layers
        for name, value in vars(layer).items()
        if name[0] != "_" or name == "__init__"
    }


def differences(before: Picture, after: Picture) -> list[str]:
    """What has changed, each in a few words; what came along newly imported is no change."""
    found = []
    for name, old in before.items():
        new = after[name]
        if old == new:
            continue
        if isinstance(old, Mapping):
            added = name in _COMPLETE
            found += [f"{name}: {key}" for key in _changed(old, new, added)]
        else:
            found.append(name)
    return found


def _changed(old: Mapping[str, Any], new: Mapping[str, Any], added: bool) -> list[str]:
    missing = object()
    changed = [key for key, value in old.items() if _differs(value, new.get(key, missing))]
    return changed + [key for key in new if added and key not in old]


def _differs(old: Any, new: Any) -> bool:
    return old is not new and not (isinstance(old, (str, int)) and old == new)
