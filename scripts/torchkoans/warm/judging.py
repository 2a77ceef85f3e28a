"""A job, run by a pytest session that is configured already. Real nodes, fixtures, hooks, asserts.

A koan is run on all its devices first as plain Python runs it, which is enough for the verdict and
quick; a red one then again with pytest's rewritten asserts, which is where the explanation comes
from. Only the text that came with the job counts, whatever the file holds by now.
"""

from __future__ import annotations

import ast
import contextlib
import importlib
import importlib.machinery
import importlib.util
import re
import sys
from collections.abc import Callable, Sequence
from types import CodeType, ModuleType
from typing import Any

import pytest
from _pytest.assertion.rewrite import rewrite_asserts
from _pytest.capture import CaptureIO

from torchkoans import collecting, marks, progress, reporting, standing
from torchkoans.devices import WAITING
from torchkoans.source import Source
from torchkoans.standing import Standing
from torchkoans.verdicts import Result, Verdict
from torchkoans.warm import limits
from torchkoans.warm.job import Job, Message, Picture, Task, plain

ENDED = "@koan_ended"  # called with the local variables of a koan when it ends; no name of Python's
LOOKS_AROUND = {"globals", "locals", "vars", "dir", "eval", "exec", "sys", "inspect", "importlib"}

PRINTED = 100_000  # characters that are kept of what a koan prints; the last ones
FULL = 10 * PRINTED  # bytes after which the others are let go

LISTENER = "logging-plugin"
REHEARSAL = "koans/00_rehearsal.py"  # a file that is not there
REHEARSED = """
import torch

def test_green(device):
    t = torch.arange(6, device=device).reshape(2, 3)
    assert (t + 1).sum().item() == 21
    assert t.shape == (2, 3)

def test_red(device):
    t = torch.tensor([1.0, 2.0], device=device)
    assert t.tolist() == [1.0, 3.0]
"""

Say = Callable[..., None]


class Judge:
    """Holds the session; `judge` runs jobs in it. One job a process: nothing is cleaned up."""

    def __init__(self, session: pytest.Session) -> None:
        self.session, self.config = session, session.config
        self.root = self.config.rootpath
        top = pytest.Dir.from_parent(session, path=self.root)
        self.package = pytest.Package.from_parent(top, path=self.root / "koans")
        hooks = session.gethookproxy(self.package.path)  # those for a file that is gone, too
        session.gethookproxy = lambda fspath: hooks  # type: ignore[method-assign]  # noqa: ARG005
        self.whole = True  # whether all of a file has to compile
        self.reports = _Reports()
        self._listener: object = None  # pytest's plugin for logs, while it is set aside
        self.config.pluginmanager.register(self.reports)
        _keep_little_of_what_is_printed(self.config)

    def judge(self, job: Job, say: Say) -> None:
        """Run the tests of a job, saying of each what came of it."""
        source = Source(self.root / job.file, job.text)
        standing.send(source)
        self.whole = job.whole
        self._leave_logs_alone(job.text)
        for task in job.tasks:
            test, ended = task.test, dict[str, Any]()
            self.config.stash[collecting.given] = task.standing
            results = self._run(source, test, rewritten=False, ended=ended, say=say)
            again = _wants_explaining(results)
            drawn = task.picture if ended else None
            said = {"file": job.file, "koan": test}
            say(**said, results=plain(results), explained=not (again or drawn))
            if again and job.explain:
                results = self._run(source, test, rewritten=True, ended={}, say=say)
            if (again or drawn) and job.explain:
                picture = _captured(drawn, ended, results) if drawn else None
                say(**said, results=plain(results), explained=True, picture=picture)

    def rehearse(self) -> None:
        """Do a job that nobody hears of, so that the next one finds its way prepared.

        Half of the time of a first job goes into memory that is touched for the first time.
        """
        source = Source(self.root / REHEARSAL, REHEARSED)
        tasks = tuple(Task(Standing(test, None)) for test in ("test_green", "test_red"))
        with contextlib.suppress(Exception):
            self.judge(Job(0, REHEARSAL, source.text, tasks), _unheard)
        for name in (self._module_name(source), self.package.path.name):
            sys.modules.pop(name, None)
        standing.forget(source)
        self.reports.results.clear()

    def _leave_logs_alone(self, text: str) -> None:
        """Spare each koan the milliseconds in which pytest listens to all loggers of torch."""
        plugins = self.config.pluginmanager
        if re.search(r"\b(caplog|logging)\b", text):
            if self._listener:
                plugins.register(self._listener, LISTENER)
                self._listener = None
        elif plugins.has_plugin(LISTENER):
            self._listener = plugins.unregister(name=LISTENER)

    def _run(
        self, source: Source, test: str, rewritten: bool, ended: dict[str, Any], say: Say
    ) -> list[Result]:
        """The results of one test on all its devices, as the hooks in conftest.py see them."""
        self.config.stash[reporting.brief] = not rewritten
        self.reports.results.clear()
        file = source.path.relative_to(self.root).as_posix()
        say(begin=f"{file}::{test}", importing=True)
        name = self._module_name(source)
        finder = _Given(name, source, test, self.config if rewritten else None, ended)
        finder.whole = self.whole and not rewritten
        sys.meta_path.insert(0, finder)
        sys.modules.pop(name, None)
        try:
            module = _Module.from_parent(self.package, path=source.path)
            module.named = name
            for item in self._items(module, test):
                if self._waits(item):
                    continue
                say(begin=item.nodeid)
                item.repr_failure = _untold  # type: ignore[method-assign]
                finder.device = reporting.device_of(item)
                self.config.hook.pytest_runtest_protocol(item=item, nextitem=None)
        except (pytest.exit.Exception, KeyboardInterrupt) as error:
            self._note(file, test, f"the koan stopped pytest: {type(error).__name__}: {error}")
            self._tear_down()
        except Exception as error:  # the koan has closed sys.stdout, say, or used up the memory
            limits.be_generous()
            self._note(file, test, f"pytest stumbled over it: {type(error).__name__}: {error}")
            self._tear_down()
        finally:
            with contextlib.suppress(ValueError):  # the koan may have been there
                sys.meta_path.remove(finder)
        if not self.reports.results:
            self._note(file, test, "pytest finds no test of this name in the file")
        return list(self.reports.results)

    def _module_name(self, source: Source) -> str:
        return ".".join(source.path.relative_to(self.root).with_suffix("").parts)

    def _items(self, module: _Module, test: str) -> list[pytest.Item]:
        found = [
            item
            for item in self.session.genitems(module)
            if getattr(item, "originalname", item.name) == test
        ]
        self.session.items = found
        hook = self.config.hook
        hook.pytest_collection_modifyitems(session=self.session, config=self.config, items=found)
        return found

    def _waits(self, item: pytest.Item) -> bool:
        """Note what a mark for a device that is not here comes to, without going through it."""
        reasons = [str(mark.kwargs.get("reason")) for mark in item.iter_markers("skip")]
        reason = next((one for one in reasons if one.startswith(WAITING)), None)
        if reason:
            result = reporting.waiting(item, reason)
            self.reports.results.append(result)
        return bool(reason)

    def _tear_down(self) -> None:
        """End what fixtures have begun where a run was cut short."""
        with contextlib.suppress(BaseException):
            self.session._setupstate.teardown_exact(None)
        self.session._setupstate = type(self.session._setupstate)()

    def _note(self, file: str, test: str, what: str) -> None:
        self.reports.results.append(Result(file, test, "", Verdict.BROKEN, None, what))


def _unheard(**_: Any) -> None:
    """In place of a channel."""


def _untold(*_: object, **__: object) -> str:
    """In place of a traceback, which takes milliseconds and which nobody here will read."""
    return ""


def _wants_explaining(results: Sequence[Result]) -> bool:
    """Whether a koan is red, and a second run would not only cost the limit again."""
    verdict = progress.worst(results)
    return verdict is not None and verdict.is_red and verdict is not Verdict.TIMEOUT


class _End(CaptureIO):
    """Takes whatever is printed, and keeps the end of it."""

    def write(self, text: str) -> int:
        written = super().write(text)
        if self.tell() > FULL:
            end = self.getvalue()[-PRINTED:]
            self.seek(0)
            self.truncate()
            super().write(end)
        return written


def _keep_little_of_what_is_printed(config: pytest.Config) -> None:
    manager = config.pluginmanager.getplugin("capturemanager")
    capturing = getattr(manager, "_global_capturing", None)
    for name in ("out", "err"):
        if hasattr(getattr(capturing, name, None), "tmpfile"):
            getattr(capturing, name).tmpfile = _End()  # it takes over when a koan begins


class _Reports:
    """Keeps what the hooks attach to each report."""

    def __init__(self) -> None:
        self.results: list[Result] = []

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        self._keep(report)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._keep(report)

    def _keep(self, report: object) -> None:
        result = reporting.result_of(report)
        if result and result not in self.results:
            self.results.append(result)


class _Module(pytest.Module):
    """A koan file whose text is given; what cannot be imported fails as in any other module."""

    named = ""

    def _getobj(self) -> ModuleType:
        try:
            module = importlib.import_module(self.named)
        except (SyntaxError, ImportError) as error:
            raise self.CollectError(str(error)) from error
        except pytest.skip.Exception as error:
            if error.allow_module_level:
                raise
            raise self.CollectError("pytest.skip outside of a test") from error
        self.config.pluginmanager.consider_module(module)
        return module


class _Given:
    """Finds and loads one module, from the text that is given instead of the file."""

    def __init__(
        self,
        name: str,
        source: Source,
        test: str,
        rewriting: pytest.Config | None,
        ended: dict[str, Any],
    ) -> None:
        self.name, self.source, self.test = name, source, test
        self.rewriting, self.ended, self.device = rewriting, ended, ""
        self.whole = True

    def find_spec(self, name: str, *_: object) -> importlib.machinery.ModuleSpec | None:
        if name != self.name:
            return None
        path = str(self.source.path)
        spec = importlib.util.spec_from_loader(name, self, origin=path)  # type: ignore[arg-type]
        assert spec is not None
        spec.has_location = True  # the module has a __file__
        return spec

    def create_module(self, _: importlib.machinery.ModuleSpec) -> None:
        return None

    def exec_module(self, module: ModuleType) -> None:
        setattr(module, ENDED, self._end)
        exec(self._code(), vars(module))  # noqa: S102  it is what an import does

    def _end(self, variables: dict[str, Any]) -> None:
        self.ended[self.device] = variables

    def _code(self) -> CodeType:
        path, text = str(self.source.path), self.source.text
        tree = ast.parse(text, path)
        if self.whole:
            compile(tree, path, "exec", dont_inherit=True)  # what no test alone would show
        _leave_out_others(tree, self.test)
        _tell_the_end(tree, self.test)
        if self.rewriting is not None:
            rewrite_asserts(tree, text.encode(), path, self.rewriting)
        return compile(tree, path, "exec", dont_inherit=True)


def _leave_out_others(tree: ast.Module, test: str) -> None:
    """Take out the other tests, unless something might see that they are gone."""
    names = {_plain_test(node) for node in tree.body} - {"", test}
    kept = [node for node in tree.body if _plain_test(node) not in names]
    used = {name for node in kept for name in marks.names(node)}
    if not used & (names | LOOKS_AROUND):
        tree.body = kept


def _plain_test(node: ast.stmt) -> str:
    """The name of a test whose `def` does nothing but define it; empty for anything else."""
    if not (isinstance(node, ast.FunctionDef) and marks.is_test(node)):
        return ""
    a = node.args
    arguments = [*a.posonlyargs, *a.args, *a.kwonlyargs, a.vararg, a.kwarg]
    evaluated = [node.returns, *a.defaults, *a.kw_defaults, *node.decorator_list]
    evaluated += [argument.annotation for argument in arguments if argument]
    return "" if any(evaluated) else node.name


def _tell_the_end(tree: ast.Module, test: str) -> None:
    """Let the test hand over its variables when it ends, however it ends."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name == test:
            call = ast.parse("f(locals())", mode="eval").body
            assert isinstance(call, ast.Call)
            call.func = ast.Name(ENDED, ast.Load())
            first, body = _docstring_apart(node)
            around = ast.Try(body=body, handlers=[], orelse=[], finalbody=[ast.Expr(call)])
            last = node.body[-1]
            for new in (around, *ast.walk(around.finalbody[0])):
                ast.copy_location(new, last)
            node.body = [*first, around]


def _docstring_apart(node: ast.FunctionDef) -> tuple[list[ast.stmt], list[ast.stmt]]:
    docstring = marks.docstring_node(node)
    if docstring and len(node.body) > 1:
        return node.body[:1], node.body[1:]
    return [], node.body


def _captured(drawn: Picture, ended: dict[str, Any], results: Sequence[Result]) -> Message | None:
    """The picture's facts, from the run that the verdict is about; of several the last."""
    worst = progress.worst(results)
    devices = [result.device for result in results if result.verdict is worst]
    here = [device for device in devices if device in ended] or list(ended)
    from torchkoans import pictures

    variables = ended[here[-1] if drawn.kind == "devices" else here[0]]
    return pictures.capture(drawn.kind, drawn.names, variables)
