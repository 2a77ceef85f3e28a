"""What happens to a koan before it runs: its devices, its waiting, its blanks."""

from __future__ import annotations

from collections import Counter
from math import prod
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
_runs = pytest.StashKey[Counter[str]]()  # of each koan in this session, by its node id
given = pytest.StashKey[standing.Standing]()  # of the one koan in hand, where it is known


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


def standing_of(item: pytest.Item) -> standing.Standing | None:
    """How the text of a koan stands, before it runs."""
    name, sent = getattr(item, "originalname", item.name), item.config.stash.get(given, None)
    if sent and sent.test == name:
        return sent
    found = standing.in_file(item.config.rootpath, item.path)
    return found.get(name) if found else None


def text_of(item: pytest.Item) -> str:
    """A hash of what the verdict on a koan depends on.

    Empty where the run does not take the koan to all devices, and so is no verdict on it.
    """
    if given in item.config.stash or not _runs_everywhere(item):
        return ""
    found = standing.in_file(item.config.rootpath, item.path)
    text = found.texts.get(getattr(item, "originalname", item.name)) if found else None
    return text.hash if text else ""


def _runs_everywhere(item: pytest.Item) -> bool:
    stash = item.config.stash
    if _runs not in stash:
        stash[_runs] = Counter(other.nodeid.partition("[")[0] for other in item.session.items)
    devices_here = [
        len(devices_of(item.config).for_fixture(name))
        for name in devices.FIXTURES
        if name in getattr(item, "fixturenames", ())
    ]
    chosen = item.config.getoption("--device")
    return not chosen and stash[_runs][item.nodeid.partition("[")[0]] == prod(devices_here)


def refuse_unfilled(item: pytest.Item) -> None:
    """Fail a koan that has a blank left, in one line, before Python can make something of it."""
    if not is_koan(item):
        return
    stands = standing_of(item)
    if stands and stands.verdict:
        item.stash[unfilled] = stands
        line = f":{stands.line}" if stands.line else ""
        file = item.path.relative_to(item.config.rootpath).as_posix()
        said = {Verdict.BLANK: "fill in the blank"}.get(stands.verdict, stands.verdict.value)
        pytest.fail(f"{file}{line}: {said}: {stands.what}", pytrace=False)
