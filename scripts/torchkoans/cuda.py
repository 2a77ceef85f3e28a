"""Whether CUDA works here, why not, and what its errors mean.

No GPU was at hand when this was written. The texts of the errors are those in the source code and
the libraries of torch 2.3 and 2.14 (c10/cuda/CUDAFunctions.cpp) and of the CUDA runtime
(cudaGetErrorString); only what both say where there is no driver has been seen.
"""

from __future__ import annotations

import os
import re
import warnings

VISIBLE = "CUDA_VISIBLE_DEVICES"
_VISIBLE_TO_ROCM = (VISIBLE, "HIP_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES")
_DRIVERS = (
    "/proc/driver/nvidia/version",
    "/usr/lib/wsl/lib/libcuda.so.1",
    r"C:\Windows\System32\nvcuda.dll",
)
_BUILDS = "https://pytorch.org/get-started/locally"

_REASONS = (
    (r"no NVIDIA driver", "no {maker} driver was found: if there is a GPU here, install one"),
    (
        r"too old \(found version (\d+)",
        "the NVIDIA driver is too old for this build of torch{versions}: update the driver, or "
        f"install a build for an older CUDA ({_BUILDS})",
    ),
    (r"No \w+ GPUs are available", "no GPU was found{hidden}"),
    (
        r"no kernel image|invalid device function",
        f"this build of torch has no code for this GPU{{capability}}: another may ({_BUILDS})",
    ),
    (
        r"busy or unavailable",
        "the GPU is not to be had: another process may have it for itself alone (nvidia-smi "
        "lists them)",
    ),
    (
        r"in forked subprocess",
        "this process was forked from one that had started CUDA, and cannot use it",
    ),
    (
        r"initialization (failed|error)|CUDA unknown error|system not yet initialized",
        "the {maker} driver does not start: see what nvidia-smi says, and start the machine anew",
    ),
)

_NO_MEMORY = re.compile(r"(CUDA|HIP) error: out of memory|(CU|HIP)\w+_STATUS_ALLOC_FAILED")

# What ends CUDA for a process: the words of the errors that the runtime calls sticky.
_FATAL = re.compile(
    r"device-side assert triggered|illegal memory access was encountered|"
    r"illegal instruction was encountered|misaligned address|"
    r"operation not supported on global/shared address space|invalid program counter|"
    r"unspecified launch failure|hardware stack error|launch timed out and was terminated|"
    r"uncorrectable ECC error"
)


def why_not() -> str | None:
    """Why CUDA cannot be used here, in one sentence, or None where an allocation on it went well.

    `is_available()` alone is not enough: it can say True where no device can be used. CUDA is
    started in this process, which must not be forked after that, unless the build or the
    environment rules it out.
    """
    ruled_out = _ruled_out()
    if ruled_out:
        return ruled_out
    import torch

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch warns of drivers, and of GPUs that are too old
        try:
            if not torch.cuda.is_available():
                torch.cuda.init()  # raises what is_available() keeps to itself
                return "torch says that CUDA is not available, and does not say why"
            if torch.cuda.device_count() == 0:
                return "torch says that CUDA is available, and counts no device"
            torch.zeros(1, device="cuda").item()
        except Exception as error:  # RuntimeError, AssertionError, DeferredCudaCallError
            return _in_words(error)
    return None


def _ruled_out() -> str:
    """What can be said without asking for a GPU; empty where nothing speaks against one."""
    import torch

    if torch.version.cuda is None and torch.version.hip is None:
        said = f"torch {torch.__version__} is a build without CUDA"
        if any(map(os.path.exists, _DRIVERS)):
            said += f", though an NVIDIA driver is here: install one with CUDA ({_BUILDS})"
        return said
    for name in _variables():
        value = os.environ.get(name)
        if value is not None and _hides_all(value):
            said = f"{name} is {value}" if value else f"{name} is empty"
            return f"{said} and hides every GPU: unset it to use them"
    return ""


def _variables() -> tuple[str, ...]:
    import torch

    return _VISIBLE_TO_ROCM if torch.version.hip else (VISIBLE,)


def _hides_all(value: str) -> bool:
    """Whether CUDA stops at the first entry: it takes GPUs up to one that it does not know."""
    first = value.split(",")[0].strip()
    return first in ("", "NoDevFiles") or first.startswith("-")


def _in_words(error: Exception) -> str:
    import torch

    text = str(error)
    if is_out_of_memory(error):
        return f"the GPU is out of memory{_left()}: another process may be using it"
    for pattern, said in _REASONS:
        found = re.search(pattern, text)
        if found and "{versions}" in said:
            return said.format(versions=_versions(int(found.group(1))))
        if found:
            maker = "AMD" if torch.version.hip else "NVIDIA"
            return said.format(hidden=_hidden(), capability=_capability(), maker=maker)
    first = (text.splitlines() or [type(error).__name__])[0]
    return f"an allocation on it failed ({first})"


def _versions(driver: int) -> str:
    """`driver` is the newest CUDA that it knows: 12040 for 12.4."""
    import torch

    known = f"{driver // 1000}.{driver % 1000 // 10}"
    return f" (it knows CUDA up to {known}, torch was built for {torch.version.cuda})"


def _hidden() -> str:
    said = [f"{name} is {os.environ[name]}" for name in _variables() if name in os.environ]
    return f": {' and '.join(said)}, which may name none that is here" if said else ""


def _capability() -> str:
    import torch

    try:
        return " ({}, compute capability {}.{})".format(
            torch.cuda.get_device_name(0), *torch.cuda.get_device_capability(0)
        )
    except Exception:
        return ""


def _left() -> str:
    import torch

    try:
        free, total = (size // 2**20 for size in torch.cuda.mem_get_info())
    except Exception:  # it wants memory of its own
        return ""
    return f" ({free:,} of {total:,} MiB are free)"


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error says that a GPU has no memory left.

    By name: torch 2.3 has torch.cuda.OutOfMemoryError, later ones torch.OutOfMemoryError.
    """
    said = type(error).__name__ == "OutOfMemoryError" or _NO_MEMORY.search(str(error))
    return isinstance(error, RuntimeError) and bool(said)


def is_fatal(error: BaseException) -> bool:
    """Whether CUDA can no longer be used in this process after an error.

    By its text: 2.3 raises RuntimeError, and the AcceleratorError of later ones may be as harmless
    as a device that is not there.
    """
    return isinstance(error, RuntimeError) and bool(_FATAL.search(str(error)))


def is_failed_assertion(error: BaseException) -> bool:
    """Whether it was a check in a kernel that failed: an index or a value out of range."""
    return "device-side assert" in str(error)


def name() -> str:
    """Name of the first GPU as its driver gives it, and how many there are."""
    import torch

    count = torch.cuda.device_count()
    return torch.cuda.get_device_name(0) + (f", {count} of them" if count > 1 else "")
