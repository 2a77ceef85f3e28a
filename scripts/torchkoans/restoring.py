"""What a koan may change and the next one must not see.

Random state, default dtype, device, grad mode.
"""

from __future__ import annotations

import os
import random
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

SEED = 0


def _seed_torch() -> None:
    """torch.manual_seed(SEED), without the milliseconds that it spends on devices not here.

    For each kind of device that was not started it notes down a whole traceback (torch 2.13,
    torch/cuda/__init__.py, _lazy_call), and keeps it.
    """
    import torch

    if _has_other_generators():
        torch.manual_seed(SEED)
        return
    torch.default_generator.manual_seed(SEED)
    simulated = sys.modules.get("torchkoans.simgpu.stream")
    if simulated:
        simulated.seed(SEED)


@cache
def _has_other_generators() -> bool:
    import torch

    return (
        torch.cuda.is_available() or torch.backends.mps.is_available() or torch.xpu.is_available()
    )


def _set_default_device(device: torch.device) -> None:
    import torch

    # None, not "cpu": the latter would leave a mode behind that looks at every call
    torch.set_default_device(None if device.type == "cpu" else device)
    try:
        torch.get_default_device()
    except AttributeError:  # torch 2.3 trips over its own None
        torch.set_default_device(device)


@contextmanager
def everything() -> Iterator[None]:
    """Seed all generators, then put everything back as it was before, also after an exception.

    A process that the koan has forked ends here, and does not run what comes after it once more.
    """
    import numpy as np
    import torch

    states = random.getstate(), np.random.get_state(), torch.get_rng_state()
    dtype, device = torch.get_default_dtype(), torch.get_default_device()
    grad, anomaly = torch.is_grad_enabled(), torch.is_anomaly_enabled()
    here = os.getpid()
    random.seed(SEED)
    np.random.seed(SEED)
    _seed_torch()
    try:
        yield
    finally:
        if os.getpid() != here:
            os._exit(0)
        torch.set_default_dtype(dtype)
        if torch.get_default_device() != device:
            _set_default_device(device)
        torch.set_grad_enabled(grad)
        torch.autograd.set_detect_anomaly(anomaly)
        random.setstate(states[0])
        np.random.set_state(states[1])
        torch.set_rng_state(states[2])
