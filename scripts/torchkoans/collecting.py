"""What happens to a koan before it runs: its devices, its waiting, its blanks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from torchkoans import devices, standing
from torchkoans.lesson import FILE_NAME
from torchkoans.verdicts import Verdict

if TYPE_CHECKING:
    import torch

_devices = pytest.StashKey[devices.Devices]()
unfilled = pytest.StashKey[standing.Standing]()


def devices_of(config: pytest.Config) -> devices.Devices:
    """The devices of this run, found once.

    Raises pytest.UsageError where one was named or required that is not here.
    """
    if _devices not in config.stash:
        named, required = config.getoption("--device"), config.getoption("--require-cuda")
        try:
            config.stash[_devices] = devices.find(named, required)
        except LookupError as error:
            raise pytest.UsageError(str(error)) from None
    return config.stash[_devices]


def header(config: pytest.Config) -> str:
    """The line of the report's header that says which devices are real."""
    return devices_of(config).header()


def is_koan(item: pytest.Item) -> bool:
    """Whether an item belongs to a lesson, and not to the project's own tests."""
    return bool(FILE_NAME.fullmatch(item.path.name))


def parametrize(metafunc: pytest.Metafunc) -> None:
    """Give a koan one run a device; a device that is not here makes its run wait."""
    wanted = [name for name in devices.FIXTURES if name in metafunc.fixturenames]
    if not wanted or not FILE_NAME.fullmatch(Path(metafunc.module.__file__ or "").name):
        return
    found = devices_of(metafunc.config)
    if found.uses(devices.SIMGPU):
        from torchkoans import simgpu

        simgpu.enable()  # before any koan runs: after a first backward() it would be too late
    for name in wanted:
        values = found.for_fixture(name)
        params = [pytest.param(value, marks=_waits(reason), id=value) for value, reason in values]
        metafunc.parametrize(name, params, indirect=True)


def _waits(reason: str | None) -> list[pytest.MarkDecorator]:
    return [pytest.mark.skip(reason=reason)] if reason else []


def let_wait(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Let the koans wait that only CUDA can show, where it cannot be used."""
    marked = [item for item in items if item.get_closest_marker("needs_cuda")]
    reason = devices_of(config).why_not_cuda() if marked else None
    for item in marked:
        for wait in _waits(reason):
            item.add_marker(wait)


def as_device(name: str) -> torch.device:
    """The torch.device of a name."""
    import torch

    return torch.device(name)


def refuse_unfilled(item: pytest.Item) -> None:
    """Fail a koan that has a blank left, in one line, before Python can make something of it."""
    if not is_koan(item):
        return
    found = standing.in_file(item.config.rootpath, item.path)
    stands = found.get(getattr(item, "originalname", item.name))
    if stands and stands.verdict:
        item.stash[unfilled] = stands
        line = f":{stands.line}" if stands.line else ""
        file = item.path.relative_to(item.config.rootpath).as_posix()
        said = {Verdict.BLANK: "fill in the blank"}.get(stands.verdict, stands.verdict.value)
        pytest.fail(f"{file}{line}: {said}: {stands.what}", pytrace=False)
