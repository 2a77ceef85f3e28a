"""What PyTorch finds as ``torch.simgpu``: the functions it asks of any device's module.

Their names and meanings are PyTorch's (torch/utils/backend_registration.py, torch/random.py,
torch/_utils.py); compare ``torch.cuda``.
"""

from __future__ import annotations

from typing import Any

import torch

from torchkoans.simgpu import rules, stream
from torchkoans.simgpu.door import NAME

_initialized = True  # torch.utils.checkpoint asks: is there a random state to keep?


def is_available() -> bool:
    """True: there is no simgpu module before the device is there."""
    return True


def is_initialized() -> bool:
    """True: there is nothing to start."""
    return True


def device_count() -> int:
    """1: PyTorch's hook for backends in Python knows one index (torch/csrc/acc/Module.cpp)."""
    return 1


def current_device() -> int:
    """0, the only index."""
    return 0


def get_device_name(device: Any = None) -> str:
    """A name that cannot be taken for a GPU's."""
    return "simulated device in host memory"


def synchronize(device: Any = None) -> None:
    """Return at once: every op is finished when it returns."""


class _Device:
    """``with torch.simgpu.device(0):``, which has nothing to change.

    Raises RuntimeError at entry for any other index.
    """

    def __init__(self, device: Any) -> None:
        self._device = torch.device(NAME, device) if isinstance(device, int) else device

    def __enter__(self) -> None:
        rules.check_index(torch.device(self._device))

    def __exit__(self, *_: object) -> None:
        return None


device = _Device


def manual_seed(seed: int) -> None:
    """Seed this device alone; ``torch.manual_seed`` seeds it and the CPU."""
    stream.seed(int(seed))


manual_seed_all = manual_seed


def get_rng_state(device: Any = NAME) -> torch.Tensor:
    """The state of this device's random stream: a uint8 tensor on the cpu."""
    return stream.generator.get_state()


def set_rng_state(state: torch.Tensor, device: Any = NAME) -> None:
    """Go back to a state that ``get_rng_state`` gave."""
    stream.generator.set_state(state)


def get_amp_supported_dtype() -> list[torch.dtype]:
    """None: autocast warns and does nothing. torch.utils.checkpoint needs the answer."""
    return []


def _is_in_bad_fork() -> bool:
    return False  # a forked child may use this device, unlike CUDA


def serve_torch_accelerator() -> None:
    """Let ``torch.accelerator.synchronize()`` return at once instead of raising.

    The C++ side of PyTorch's hook has no synchronizing, and code that is written for any
    accelerator calls it.
    """
    torch.accelerator.synchronize = synchronize
