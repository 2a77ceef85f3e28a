"""What NVIDIA's driver says of itself through its own library, NVML, without starting CUDA.

Nothing of it has to be installed: the library comes with the driver. Where there is none, nobody
can say. Calls go through ctypes, as torch's own (torch/cuda/__init__.py, _raw_device_count_nvml).
"""

from __future__ import annotations

import contextlib
import ctypes
import os
from collections.abc import Iterator
from typing import Any

LIBRARY = "nvml.dll" if os.name == "nt" else "libnvidia-ml.so.1"
_LONGEST = 80  # bytes of a driver's version, NVML_SYSTEM_DRIVER_VERSION_BUFFER_SIZE


def count() -> int | None:
    """How many NVIDIA GPUs there are, whether CUDA is let see them or not; None: not known."""
    found = ctypes.c_uint(0)
    with _library() as library:
        if library and library.nvmlDeviceGetCount_v2(ctypes.byref(found)) == 0:
            return found.value
    return None


def driver() -> str:
    """The version of the driver, such as "550.54.15"; empty: not known."""
    text = ctypes.create_string_buffer(_LONGEST)
    with _library() as library:
        if library and library.nvmlSystemGetDriverVersion(text, ctypes.c_uint(_LONGEST)) == 0:
            return text.value.decode(errors="replace")
    return ""


@contextlib.contextmanager
def _library() -> Iterator[Any]:
    """The library, ready; None where it is not there or does not get ready."""
    with contextlib.ExitStack() as after:
        library = None
        with contextlib.suppress(OSError, AttributeError):
            loaded = ctypes.CDLL(LIBRARY)
            if loaded.nvmlInit_v2() == 0:
                after.callback(loaded.nvmlShutdown)
                library = loaded
        yield library
