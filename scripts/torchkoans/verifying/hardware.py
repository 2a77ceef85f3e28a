"""What a proof was made on: the facts about each device, and the versions of everything."""

from __future__ import annotations

import contextlib
import platform
import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from torchkoans import host, nvml
from torchkoans.devices import CPU, CUDA, SIMGPU
from torchkoans.host import MIB

Facts = dict[str, str | int]
READ_BACK = "1 MiB written and read back"
_DRIVER = Path("/proc/driver/nvidia/version")


def versions() -> dict[str, str]:
    """Of torch (with its build), numpy, python, pytest and the system."""
    import numpy as np
    import pytest
    import torch

    return {
        "torch": str(torch.__version__),
        "numpy": np.__version__,
        "python": platform.python_version(),
        "pytest": pytest.__version__,
        "system": host.system(),
    }


def facts(name: str) -> Facts:
    """What this machine says of a device that is here, in the order of the screen; memory in MiB.

    What nobody can say is left out. 1 MiB is written to the device and read back, so CUDA is
    started by its own facts: a process must not be forked after that. Asking for simgpu enables it
    for good. On the CPU, too, torch may start its threads, and a process forked after that would
    wait for them, unless torch.set_num_threads(1) was called before.
    """
    found = {CPU: _cpu, SIMGPU: _simgpu, CUDA: _cuda}[name]()
    return {key: value for key, value in found.items() if value not in ("", None)}


def trouble(found: Facts) -> str:
    """What came of the attempt to write 1 MiB and to read it back; empty where it went well."""
    said = str(found.get("allocation", READ_BACK))
    return "" if said.startswith(READ_BACK) else f"the allocation: {said}"


def _cpu() -> dict[str, str | int | None]:
    return {
        "name": host.processor(),
        "cores": host.cores(),
        "memory_mb": host.memory_mb(),
        "build": _torch(),
        "allocation": _allocation([CPU]),
    }


def _simgpu() -> dict[str, str | int | None]:
    from torchkoans import simgpu

    simgpu.enable()
    return {
        "name": "simulated: the CPU does the work, in the CPU's memory",
        "build": _torch(),
        "allocation": _allocation([SIMGPU]),
    }


def _cuda() -> dict[str, str | int | None]:
    import torch

    count = torch.cuda.device_count()
    properties = [torch.cuda.get_device_properties(number) for number in range(count)]
    allocation = _allocation([f"{CUDA}:{number}" for number in range(count)])
    return {
        "name": _counted(one.name for one in properties),
        "count": count,
        "memory_mb": sum(one.total_memory for one in properties) // MIB,
        "memory_free_mb": _free(count),
        "capability": _counted(f"{one.major}.{one.minor}" for one in properties),
        "driver": _driver(),
        "build": _build(),
        "allocation": allocation,
    }


def _counted(names: Iterable[str]) -> str:
    """Just the name where all have the same, else each with its number: "2 A, 1 B"."""
    counts = Counter(names)
    if len(counts) < 2:
        return "".join(counts)
    return ", ".join(f"{times} {name}" for name, times in counts.items())


def _free(count: int) -> int | None:
    import torch

    with contextlib.suppress(RuntimeError):
        return sum(torch.cuda.mem_get_info(number)[0] for number in range(count)) // MIB
    return None


def _driver() -> str:
    """The version of NVIDIA's driver, from its library, else from the kernel's own words."""
    if said := nvml.driver():
        return said
    with contextlib.suppress(OSError):
        found = re.search(r"Module.*? (\d+[.\d]+) ", _DRIVER.read_text(encoding="utf-8"))
        return found.group(1) if found else ""
    return ""


def _torch() -> str:
    import torch

    return f"torch {torch.__version__}"


def _build() -> str:
    import torch

    kinds = {"CUDA": torch.version.cuda, "ROCm": torch.version.hip, "cuDNN": _cudnn()}
    return ", ".join([_torch(), *(f"{kind} {said}" for kind, said in kinds.items() if said)])


def _cudnn() -> str:
    """9.1.0 for the number 90100; before 9, thousands: 8.9.2 for 8902."""
    import torch

    number = torch.backends.cudnn.version()
    if not number:
        return ""
    first = 10_000 if number >= 90_000 else 1000
    return f"{number // first}.{number % first // 100}.{number % 100}"


def _allocation(devices: list[str]) -> str:
    """What was really written to devices and read back, or what came of the attempt."""
    import torch

    numbers = torch.arange(MIB // 4, dtype=torch.int32, device=CPU)
    for device in devices:
        try:
            there = torch.empty_like(numbers, device=device)
            there.copy_(numbers)
            if not torch.equal(there.to(CPU, copy=True), numbers):
                return f"1 MiB was written to {device}, and something else was read back"
        except Exception as error:
            return f"failed on {device}: {(str(error).splitlines() or [''])[0]}"
    on_each = f" on each of {len(devices)}" if len(devices) > 1 else ""
    return f"{READ_BACK}{on_each}"
