"""A pytest plugin that writes each verdict down as it falls, so that a dead process still tells.

Loaded with `-p torchkoans.recorder`; the file to write is named by the environment variable
TORCHKOANS_RECORD. Each line is a JSON object: {"begin": node id or file, "at": seconds},
{"end": the same}, {"result": a verdict} or, last, {"over": exit status}.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

VARIABLE = "TORCHKOANS_RECORD"


class Recorder:
    """Appends to the record, each line flushed."""

    def __init__(self, path: Path) -> None:
        self.file = path.open("a", encoding="utf-8")
        self.told: list[object] = []

    def write(self, **entry: Any) -> None:
        self.file.write(json.dumps(entry) + "\n")
        self.file.flush()

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_make_collect_report(
        self, collector: pytest.Collector
    ) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
        """Around the import of a file; not pytest_collectreport, which node ids can leave out."""
        if not isinstance(collector, pytest.Module):
            return (yield)
        self.write(begin=collector.nodeid, at=time.monotonic())
        report = yield
        self._told(report)
        self.write(end=collector.nodeid)
        return report

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """What the workers of pytest-xdist could not import."""
        self._told(report)

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self.write(begin=nodeid, at=time.monotonic())

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._told(report)

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        self.write(end=nodeid)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, exitstatus: int) -> None:
        """Everything is said; what still keeps the process alive is a koan's thread."""
        self.write(over=int(exitstatus))

    def _told(self, report: object) -> None:
        result = getattr(report, "koan", None)
        if result and result not in self.told:
            self.told.append(result)
            self.write(result=result)


def pytest_configure(config: pytest.Config) -> None:
    """Record in the one process that sees all reports; the workers of pytest-xdist do not."""
    path = os.environ.get(VARIABLE)
    if path and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Recorder(Path(path)), "koan-recorder")
