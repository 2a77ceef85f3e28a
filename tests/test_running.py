"""Koans run in a process of their own: whatever one does to it, the caller hears what it was."""

import os
import signal
import subprocess
import sys
import time

import pytest

from torchkoans import running
from torchkoans.verdicts import Verdict

posix = pytest.mark.skipif(os.name != "posix", reason="signals and process groups")
INDEX = "koans/01_numbers.py::test_an_index_may_be_the_blank"
SUM = "koans/01_numbers.py::test_a_sum_is_a_tensor"


@pytest.fixture
def run(toy, monkeypatch):
    """Run koans of the toy course on the CPU with a short limit."""
    monkeypatch.setattr(running, "GRACE", 1.0)

    def on_cpu(*targets, limit=20.0):
        return running.run(toy.root, targets, ["--device", "cpu"], limit)

    return on_cpu


@pytest.fixture
def instead(edit):
    """Let a line stand in the koan about an index, before its assertion."""

    def put(*lines):
        text = "".join(f"    {line}\n" for line in lines)
        edit("01", "    assert t[__]", f"{text}    assert t[:, 1]")

    return put


def test_green_and_red_and_blank_are_told_apart(run, edit):
    edit("01", "t[__]", "t[:, 1]")
    edit("01", "== __", "== 8")
    found = {result.koan: result for result in run("koans").results}
    assert found[INDEX].verdict is Verdict.PASSED
    assert found[SUM].verdict is Verdict.WRONG
    assert found[SUM].line == 15
    assert found[SUM].device == "cpu"
    assert found[SUM].what == "torch says   7\nyou wrote    8"
    assert (
        found["koans/02_doubling.py::test_double_gives_twice_as_much"].verdict is Verdict.UNWRITTEN
    )
    assert found["koans/01_numbers.py::test_a_device_is_not_the_cpu"].verdict is Verdict.WAITING


def test_what_a_koan_prints_comes_along(run, instead):
    instead("print('여기')")
    (result,) = run(INDEX).results
    assert result.printed == "여기\n"


def test_an_exception_is_broken_and_says_where(run, instead):
    instead("t.nothing_of_that_name")
    (result,) = run(INDEX).results
    assert (result.verdict, result.line) == (Verdict.BROKEN, 22)
    assert result.what.startswith("AttributeError: 'Tensor' object has no attribute")


def test_an_answer_that_torch_refuses_is_wrong_and_not_broken(run, edit):
    edit("01", "t[__]", "t[:, 5]")
    (result,) = run(INDEX).results
    assert result.verdict is Verdict.WRONG
    assert result.what.startswith("IndexError: index 5 is out of bounds")


def test_a_slip_of_the_pen_in_an_answer_is_broken(run, edit):
    edit("01", "t[__]", "t[:, l]")
    (result,) = run(INDEX).results
    assert result.verdict is Verdict.BROKEN


def test_a_missing_error_is_wrong_and_not_broken(run, instead):
    instead("import pytest", "with pytest.raises(ValueError):", "    t.sum()")
    (result,) = run(INDEX).results
    assert result.verdict is Verdict.WRONG


def test_an_assertion_of_torchs_own_is_broken_and_not_wrong(run, instead):
    instead("import torch.nn.init", "exec(\"raise AssertionError('no')\", vars(torch.nn.init))")
    (result,) = run(INDEX).results
    assert result.verdict is Verdict.BROKEN


def test_an_assertion_of_torch_testing_is_wrong(run, instead):
    instead("torch.testing.assert_close(t, t + 1)")
    (result,) = run(INDEX).results
    assert result.verdict is Verdict.WRONG


@posix
def test_an_endless_loop_is_a_timeout_and_the_others_still_run(run, instead, edit):
    instead("while True: pass")
    edit("01", "== __", "== 7")
    found = {result.koan: result.verdict for result in run(INDEX, SUM, limit=1.0).results}
    assert found == {INDEX: Verdict.TIMEOUT, SUM: Verdict.PASSED}


@posix
def test_a_loop_that_swallows_everything_is_killed(run, instead):
    instead(
        "import time", "while True:", "    try: time.sleep(9)", "    except BaseException: pass"
    )
    begun = time.monotonic()
    (result,) = run(INDEX, limit=1.0).results
    assert result.verdict is Verdict.TIMEOUT
    assert result.what == "it took longer than 1 seconds; an endless loop?"
    assert time.monotonic() - begun < 60


@pytest.mark.parametrize(
    ("line", "how"),
    [
        ("import os; os._exit(0)", "exit code 0"),
        ("import os; os._exit(7)", "exit code 7"),
        pytest.param("import os; os.abort()", "SIGABRT", marks=posix),
        pytest.param("import ctypes; ctypes.string_at(0)", "SIGSEGV", marks=posix),
    ],
)
def test_a_dead_process_is_crashed_and_names_the_koan(run, instead, line, how):
    instead(line)
    (result,) = run(INDEX).results
    assert (result.koan, result.verdict) == (INDEX, Verdict.CRASHED)
    assert how in result.what


def test_a_file_that_kills_its_import_is_crashed(run, edit):
    edit("01", "import torch\n", "import torch, os; os._exit(3)\n")
    (result,) = run(INDEX).results
    assert (result.koan, result.verdict) == ("koans/01_numbers.py", Verdict.CRASHED)
    assert "while the file was imported" in result.what


@posix
def test_a_thread_that_never_ends_does_not_keep_the_verdict_back(run, instead):
    instead("import threading, time", "threading.Thread(target=time.sleep, args=(600,)).start()")
    begun = time.monotonic()
    (result,) = run(INDEX).results
    assert result.verdict is Verdict.PASSED
    assert time.monotonic() - begun < 60


@posix
def test_a_file_whose_import_never_ends_is_a_timeout(run, edit, monkeypatch):
    monkeypatch.setattr(running, "IMPORT", 3.0)
    edit("01", "import torch\n", "import torch\nwhile True: pass\n")
    (result,) = run(INDEX).results
    assert (result.koan, result.verdict) == ("koans/01_numbers.py", Verdict.TIMEOUT)
    assert "3 seconds while the file was imported" in result.what


HANGS_UP = """
import sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from torchkoans import running
print("begun", flush=True)
running.run(Path(sys.argv[2]), [sys.argv[3]], limit=60)
"""


@posix
@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_a_closed_terminal_leaves_no_koan_running(toy, instead, tmp_path, name):
    note = tmp_path / "pid"
    instead("import os", f"open({str(note)!r}, 'w').write(str(os.getpid()))", "while True: pass")
    command = [sys.executable, "-c", HANGS_UP, str(toy.root / "scripts"), str(toy.root), INDEX]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as caller:
        ends = time.monotonic() + 60
        while not (note.exists() and note.read_text()) and time.monotonic() < ends:
            time.sleep(0.05)
        caller.send_signal(getattr(signal, name))
    ends = time.monotonic() + 10
    while _is_alive(int(note.read_text())) and time.monotonic() < ends:
        time.sleep(0.05)
    assert not _is_alive(int(note.read_text()))


def test_sys_exit_in_a_koan_is_broken(run, instead):
    instead("raise SystemExit(0)")
    (result,) = run(INDEX).results
    assert result.verdict is Verdict.BROKEN


@posix
def test_processes_that_a_koan_leaves_behind_are_ended(run, instead, tmp_path):
    note = tmp_path / "pid"
    instead(
        "import subprocess",
        "child = subprocess.Popen(['sleep', '600'])",
        f"open({str(note)!r}, 'w').write(str(child.pid))",
    )
    (result,) = run(INDEX).results
    assert result.verdict is Verdict.PASSED
    pid = int(note.read_text())
    ends = time.monotonic() + 10
    while _is_alive(pid) and time.monotonic() < ends:
        time.sleep(0.05)
    assert not _is_alive(pid)


def _is_alive(pid):
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True)
    return bool(state.stdout.strip()) and not state.stdout.startswith("Z")


def test_where_pytest_cannot_work_its_last_words_are_kept(toy, run):
    (toy.root / "conftest.py").write_text("import nothing_of_that_name\n")
    found = run(INDEX)
    assert found.results == ()
    assert "nothing_of_that_name" in found.trouble


def test_options_in_the_learners_shell_change_no_verdict(run, edit, monkeypatch):
    monkeypatch.setenv("PYTEST_ADDOPTS", "--no-such-option")
    edit("01", "t[__]", "t[:, 1]")
    assert [result.verdict for result in run(INDEX).results] == [Verdict.PASSED]


def test_the_limit_is_that_of_pytest_ini(toy):
    assert running.seconds_for_a_koan(toy.root) == 10.0
