"""The devices that koans run on: which are here, which are simulated, and why one is not.

torch is imported when the first question is asked, not before.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

CPU, SIMGPU, CUDA = NAMES = ("cpu", "simgpu", "cuda")
WAITING = "waiting: "  # how the reason of a skip begins where a koan waits for its device
NO_ACCELERATOR = "no-accelerator"
FIXTURES = ("device", "accelerator")  # what a koan asks for to run once on each device


@dataclass(frozen=True)
class Devices:
    """What was found here and what the run was told to use.

    `chosen` is empty where nothing was named: then every device is used that is here.
    """

    no_cuda: str | None  # the reason, or None where CUDA works
    no_simgpu: str | None
    chosen: tuple[str, ...] = ()

    def for_device(self) -> list[tuple[str, str | None]]:
        """(name, reason to wait or None) for the koans that run everywhere."""
        if self.chosen:
            return [(name, None) for name in self.chosen]
        return [(CPU, None), *self._accelerators()]

    def for_accelerator(self) -> list[tuple[str, str | None]]:
        """(name, reason to wait or None) for the koans that need a device that is not the CPU."""
        if self.chosen:
            named = [(name, None) for name in self.chosen if name != CPU]
            alone = f"{WAITING}it needs an accelerator, and --device named only the CPU"
            return [*named] if named else [(NO_ACCELERATOR, alone)]
        return self._accelerators()

    def for_fixture(self, name: str) -> list[tuple[str, str | None]]:
        """(name, reason to wait or None) for the koans that ask for this one of FIXTURES."""
        return self.for_device() if name == "device" else self.for_accelerator()

    def _accelerators(self) -> list[tuple[str, str | None]]:
        if self.no_cuda is None:
            return [(CUDA, None)]
        simgpu = f"{WAITING}{self.no_simgpu}" if self.no_simgpu else None
        return [(SIMGPU, simgpu), (CUDA, f"{WAITING}{self.no_cuda}")]

    def why_not_cuda(self) -> str | None:
        """Why a koan that only CUDA can show has to wait, if it has to."""
        if self.chosen and CUDA not in self.chosen:
            return f"{WAITING}it needs CUDA, and --device did not name it"
        return f"{WAITING}{self.no_cuda}" if self.no_cuda else None

    def uses(self, name: str) -> bool:
        return (name, None) in [*self.for_device(), *self.for_accelerator()]

    def header(self) -> str:
        """The line that says which devices are real."""
        if self.chosen:
            said = [f"{name} (simulated)" if name == SIMGPU else name for name in self.chosen]
            return f"devices: {' · '.join(said)}, as --device says"
        if self.no_cuda is None:
            return f"devices: cpu · cuda ({cuda_name()})"
        simulated = "simgpu ABSENT" if self.no_simgpu else "simgpu (simulated)"
        return f"devices: cpu · {simulated} · cuda ABSENT, its koans wait ({self.no_cuda})"


def find(chosen: Sequence[str] = (), require_cuda: bool = False) -> Devices:
    """Look what is here.

    Raises LookupError, in one sentence, where a device was named or required that is not.
    """
    devices = Devices(why_not_cuda(), why_not_simgpu(), tuple(dict.fromkeys(chosen)))
    missing = {CUDA: devices.no_cuda, SIMGPU: devices.no_simgpu}
    for name in devices.chosen:
        if name not in NAMES:
            raise LookupError(f"--device {name}: the known devices are {', '.join(NAMES)}")
        if missing.get(name):
            raise LookupError(f"--device {name}: {missing[name]}")
    if require_cuda and devices.no_cuda:
        raise LookupError(f"CUDA is required and is not here: {devices.no_cuda}")
    if require_cuda and devices.chosen and CUDA not in devices.chosen:
        raise LookupError("CUDA is required, so --device has to name cuda too")
    return devices


def cuda_is_required() -> bool:
    """Whether the environment asks for it, for where no option can be given."""
    return os.environ.get("REQUIRE_CUDA", "") not in ("", "0")


@cache
def why_not_cuda() -> str | None:
    """Why CUDA cannot be used here, or None where an allocation on it went well."""
    from torchkoans import cuda

    return cuda.why_not()


@cache
def why_not_simgpu() -> str | None:
    """Why the simulated device cannot stand in here, or None."""
    from torchkoans import simgpu

    if why_not_cuda() is None:
        return "a real GPU is here, simgpu never runs beside one"
    reason = simgpu.why_not()
    return reason.rstrip(".") if reason else None


def cuda_name() -> str:
    """Name of the first GPU as its driver gives it, and how many there are."""
    from torchkoans import cuda

    return cuda.name()
