"""Which GPU a process of pytest gets, who waits for whom, and what happens once one is lost.

A worker of pytest-xdist gets one of the GPUs that its caller may use. Where workers have to share
one, a koan that runs on it has it for itself, before its time begins to count.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Generator
from itertools import takewhile
from pathlib import Path

import pytest

from torchkoans import collecting, locking, nvml
from torchkoans.cuda import VISIBLE
from torchkoans.devices import CUDA

lost = pytest.StashKey[str]()  # why a koan was kept from a GPU that cannot be used any more
_LOST = "torch-koans-lost-gpu"  # the plugin that keeps it
_AFTER = "CUDA cannot be used in this process since {}; this koan was not run: run again"


# -- which there are -----------------------------------------------------------------------------


def visible() -> list[str]:
    """The GPUs that CUDA would use, as CUDA_VISIBLE_DEVICES names them: numbers, GPU-…, MIG-….

    Empty where there are none, and where nobody can count them without starting CUDA: NVML is
    asked (AMD has none), and torch.cuda.device_count() is not. That falls back on CUDA itself where
    NVML fails, and CUDA looks at the environment once: the driver when it starts (cuInit), torch at
    the first count (`static int count` in c10/cuda/CUDAFunctions.cpp, 2.3 to 2.14; PyTorch's issue
    159641 and pull request 122815). Importing torch does neither.
    """
    count, said = nvml.count(), os.environ.get(VISIBLE)
    if said is None:
        return [str(number) for number in range(count or 0)]
    entries = [entry.strip() for entry in said.split(",")]
    known = list(takewhile(lambda entry: _may_be_a_gpu(entry, count), entries))
    return known if len(set(known)) == len(known) else []  # CUDA takes none if one is named twice


def _may_be_a_gpu(entry: str, count: int | None) -> bool:
    """CUDA takes no entry from the first on that names none."""
    if entry.startswith(("GPU-", "MIG-")):
        return True
    return entry.isdecimal() and (count is None or int(entry) < count)


# -- sharing them --------------------------------------------------------------------------------


def share(config: pytest.Config) -> None:
    """Give a worker of pytest-xdist its GPU, and its turns on it. Nothing is done anywhere else.

    To be called before anything in the process can start CUDA. A worker that replaces one that
    died has a number of its own, so turns are taken even where there seem to be GPUs enough.
    """
    worker = getattr(config, "workerinput", None)
    if worker is None:
        return
    found, place = visible(), 0
    if found:
        place = _number(worker["workerid"]) % len(found)
        os.environ[VISIBLE] = found[place]
    config.pluginmanager.register(Turns(_folder(config) / f"gpu-{place}.lock"))


def _number(worker: str) -> int:
    """3 of "gw3"."""
    digits = re.search(r"\d+$", worker)
    return int(digits.group()) if digits else 0


def _folder(config: pytest.Config) -> Path:
    """Where all workers of this run meet; pytest clears it away."""
    mine = config.getoption("basetemp", None)  # xdist: that of the run / popen-gw3
    return Path(mine).parent if mine else Path(tempfile.gettempdir())


class Turns:
    """One koan at a time on a GPU, whichever worker it is in.

    pytest-timeout starts its clock in this same hook, in a wrapper that does not come first.
    """

    def __init__(self, file: Path) -> None:
        self.file = file

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        if not _is_for_a_gpu(item):
            return (yield)
        with self.file.open("a+", encoding="utf-8") as file:
            locking.lock(file)
            try:
                return (yield)
            finally:
                locking.unlock(file)


def _is_for_a_gpu(item: pytest.Item) -> bool:
    from torchkoans import reporting  # it imports this module

    return reporting.device_of(item) == CUDA and collecting.devices_of(item.config).no_cuda is None


def header(config: pytest.Config) -> list[str]:
    """The line that says that workers have to share, where they do."""
    workers = _workers(config)
    if workers < 2 or not collecting.devices_of(config).uses(CUDA):
        return []
    count = len(visible())
    if not count:
        why = "nobody can count them without starting CUDA"
        return [f"cuda: {workers} workers share the first GPU, one koan on it at a time: {why}"]
    on = "1 GPU, one koan on it" if count == 1 else f"{count} GPUs, one koan on each"
    return [f"cuda: {workers} workers share {on} at a time"] if workers > count else []


def _workers(config: pytest.Config) -> int:
    """How many pytest-xdist is going to start: -n 3 is --tx popen --tx popen --tx popen."""
    if config.getoption("dist", "no") == "no":
        return 0
    said = [re.match(r"(\d+)\*", spec) for spec in config.getoption("tx", None) or ()]
    return sum(int(times.group(1)) if times else 1 for times in said)


# -- losing them ---------------------------------------------------------------------------------


def give_up(item: pytest.Item) -> None:
    """CUDA can no longer be used in this process, since this koan: run no other on it."""
    plugins = item.config.pluginmanager
    if not plugins.has_plugin(_LOST):
        plugins.register(Lost(item.nodeid), _LOST)


class Lost:
    """Keeps other koans from a GPU where every call would fail, or pass for the wrong reason."""

    def __init__(self, since: str) -> None:
        self.since = since

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        if item.nodeid == self.since or not _is_for_a_gpu(item):
            return
        stands = collecting.standing_of(item)
        if not (stands and stands.verdict):  # a blank needs no GPU
            item.stash[lost] = _AFTER.format(self.since)
            pytest.fail(item.stash[lost], pytrace=False)
