"""The door: may simgpu be enabled in this process, and enabling it.

Imports nothing of the package at the top: the other modules use what old versions of torch do
not have, and this one must say so on them instead of failing.
"""

from __future__ import annotations

import re

import torch

NAME = "simgpu"
_OLDEST = (2, 10)  # the first torch with the hook
_HOOK = "_setup_privateuseone_for_python_backend"

_registrations: list[torch.library.Library] = []  # they live as long as this list
_failure: str | None = None  # the slot can be filled once a process: a failure is final


def why_not() -> str | None:
    """Why simgpu cannot be enabled here, in one sentence, or None if it can (or is).

    Asks ``torch.cuda.is_available()``, which on a machine with a GPU may start CUDA in this
    process; nothing else is touched.
    """
    if _version() < _OLDEST:
        return f"{NAME} needs torch 2.10 or newer, and this is torch {torch.__version__}."
    if torch.cuda.is_available():
        return f"{NAME} is for machines without a GPU, and a real CUDA device is present."
    from torch.utils import backend_registration

    if not hasattr(backend_registration, _HOOK):
        return f"{NAME} needs {_HOOK}, which torch {torch.__version__} does not have."
    holder = torch._C._get_privateuse1_backend_name()
    if holder not in (NAME, "privateuseone"):
        return f"{NAME} needs the slot for an outside device, and {holder} holds it already."
    return _failure


def enable() -> None:
    """Make ``torch.device("simgpu")`` work, for this whole process and for good.

    To be called before the first ``backward()`` of the process: PyTorch starts autograd's
    threads then, and only for the devices it knows (torch/csrc/autograd/engine.cpp). A second
    call does nothing. Raises RuntimeError with the sentence of ``why_not()`` where it cannot be
    done.
    """
    global _failure
    if _registrations:
        return
    reason = why_not()
    if reason:
        raise RuntimeError(reason)
    try:
        _open()
    except Exception as error:
        what = f"{type(error).__name__}: {error}".splitlines()[0]
        _failure = f"{NAME} could not be set up with torch {torch.__version__} ({what})."
        raise RuntimeError(_failure) from error


def _version() -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", torch.__version__)[:2])


def _open() -> None:
    from torch.utils import backend_registration

    from torchkoans.simgpu import backend, memory, operators, printing

    getattr(backend_registration, _HOOK)(NAME, backend_module=backend)
    _registrations.extend(operators.register())
    backend.manual_seed_all(torch.initial_seed())
    memory.guard_storages()
    printing.print_from_memory()
    backend.serve_torch_accelerator()
    # module.to() keeps its Parameter objects, as it does on cuda; an outside backend would
    # get new ones, and an optimizer made before would be left holding the old.
    torch.__future__.set_swap_module_params_on_conversion(True)
