"""A pytest plugin for the audit: a koan that is run for a device is handed that very device.

Loaded with `-p torchkoans.verifying.witness`. Otherwise conftest.py could hand over the CPU under
the name of a GPU, and nearly every koan would be content.
"""

from __future__ import annotations

import pytest

from torchkoans.devices import FIXTURES


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> None:
    """Fail what is not handed what its name says; nothing else is looked at."""
    callspec = getattr(pyfuncitem, "callspec", None)
    for name in FIXTURES:
        if callspec and name in callspec.params:
            asked, given = callspec.params[name], pyfuncitem.funcargs.get(name)
            if getattr(given, "type", None) != asked:
                pytest.fail(f"the fixture {name} hands over {given} for {asked}", pytrace=False)
