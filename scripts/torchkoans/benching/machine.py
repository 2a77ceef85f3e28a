"""What was measured on: a figure without its machine says nothing."""

from __future__ import annotations

import contextlib
import os
import platform
from dataclasses import asdict, dataclass

from torchkoans import host, installed
from torchkoans.warm import engine

BUSY = 0.25  # of each core, in the minute before the run; then the figures are too high


@dataclass(frozen=True)
class Machine:
    """Plain facts; `load` is the load average of the last minute, None where it is not known."""

    cpu: str
    cores: int
    load: float | None
    system: str
    python: str
    torch: str
    pytest: str
    koans_run_in: str  # "fork" or "spare": how the walk keeps them apart

    @property
    def is_busy(self) -> bool:
        """Whether others were at work here before the run."""
        return self.load is not None and self.load > BUSY * self.cores

    def as_json(self) -> dict[str, object]:
        return asdict(self)

    def lines(self) -> list[str]:
        load = "not known" if self.load is None else f"{self.load:.2f}"
        return [
            f"{self.cpu}, {self.cores} cores, load average {load} before the run",
            f"{self.system}, Python {self.python}, torch {self.torch}, pytest {self.pytest}, "
            f"koans run in a {self.koans_run_in}",
        ]


def here() -> Machine:
    """The machine as it is now."""
    versions = installed.versions()
    return Machine(
        host.processor(),
        host.cores(),
        _load(),
        _system(),
        platform.python_version(),
        versions.get("torch", "?"),
        versions.get("pytest", "?"),
        engine.mode(),
    )


def _load() -> float | None:
    with contextlib.suppress(OSError, AttributeError):  # Windows knows no such thing
        return round(os.getloadavg()[0], 2)
    return None


def _system() -> str:
    with contextlib.suppress(OSError, AttributeError):
        name = platform.freedesktop_os_release()["PRETTY_NAME"]
        return f"{name} ({platform.system()} {platform.release()})"
    return platform.platform()
