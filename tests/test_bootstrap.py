"""The set-up: what is found is used, what is half-made is made anew, what fails is one sentence."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from torchkoans import bootstrap, environment
from torchkoans.bootstrap import SetUpError

COURSE = ["torch", "numpy", "pytest", "pytest-xdist", "pytest-timeout", "rich", "watchdog"]


@pytest.fixture
def installs(monkeypatch, tmp_path):
    """Pretended venvs and installers: what was called is noted, and .venv gets an interpreter."""
    calls = []

    class Builder:
        def __init__(self, **options):
            pass

        def create(self, venv):
            calls.append("venv")
            python = Path(environment.interpreter(venv))
            python.parent.mkdir(parents=True)
            python.touch()

    monkeypatch.setattr("venv.EnvBuilder", Builder)
    monkeypatch.setattr(environment, "_install", lambda *_: calls.append("install"))
    monkeypatch.delenv(bootstrap.AGAIN, raising=False)
    return calls


# -- what is here ----------------------------------------------------------------------------------


def test_the_requirements_are_those_of_pyproject():
    assert [name for name, _ in bootstrap.requirements()] == COURSE
    assert {"ruff", "mypy"} < {name for name, _ in bootstrap.requirements("check")}
    assert ("torch", "2.3.1") in bootstrap.requirements()


def test_an_interpreter_that_has_everything_is_used_as_it_is(monkeypatch):
    monkeypatch.setattr(bootstrap, "_go_on_in", pytest.fail)
    bootstrap.enter()


def test_what_is_absent_or_too_old_is_missing(monkeypatch):
    wanted = [("pytest", "8.2"), ("rich", "999.0"), ("no-such-thing", "1.0")]
    monkeypatch.setattr(bootstrap, "requirements", lambda extra="": wanted)
    assert bootstrap.missing() == ["rich", "no-such-thing"]


def test_a_local_version_counts_by_its_number(monkeypatch):
    monkeypatch.setattr(bootstrap, "requirements", lambda extra="": [("torch", "2.3.1")])
    monkeypatch.setattr("importlib.metadata.version", lambda name: "2.10.0+cu128")
    assert bootstrap.missing() == []


def test_a_setup_that_did_not_help_does_not_go_round_in_circles(monkeypatch, capsys):
    monkeypatch.setattr(bootstrap, "missing", lambda extra="": ["torch"])
    monkeypatch.setenv(bootstrap.AGAIN, "1")
    with pytest.raises(SystemExit) as stopped:
        bootstrap.enter()
    assert stopped.value.code == 2
    assert "still lacks torch after the set-up: delete .venv" in capsys.readouterr().err


# -- an old Python ---------------------------------------------------------------------------------


@pytest.mark.parametrize("newer", [None, "python3.12"])
def test_an_old_python_is_one_sentence(monkeypatch, capsys, newer):
    monkeypatch.setattr(sys, "version_info", (3, 8, 18))
    monkeypatch.setattr(bootstrap, "newer_python", lambda: newer)
    monkeypatch.setattr(sys, "argv", ["scripts/walk.py"])
    with pytest.raises(SystemExit) as stopped:
        bootstrap.enter()
    said = capsys.readouterr().err
    assert stopped.value.code == 2
    assert said.startswith("Torch Koans needs Python 3.10 or newer and this is ")
    assert len(said.splitlines()) == 1
    assert ("python3.12 scripts/walk.py" if newer else "python.org") in said


OLD = [name for name in ("python3.6", "python3.7", "python3.8", "python3.9") if shutil.which(name)]


def _starts(name):
    return subprocess.run([name, "--version"], capture_output=True).returncode == 0


@pytest.mark.parametrize("verb", ["walk", "check", "fill", "blank"])
def test_a_really_old_python_can_read_the_doors(toy, verb):
    old = [name for name in OLD if _starts(name)]
    if not old:
        pytest.skip("there is no Python older than 3.10 here")
    done = subprocess.run(
        [old[0], str(toy.root / "scripts" / f"{verb}.py")], capture_output=True, text=True
    )
    assert done.returncode == 2
    assert done.stderr.startswith("Torch Koans needs Python 3.10 or newer")
    assert len(done.stderr.splitlines()) == 1


# -- the .venv -------------------------------------------------------------------------------------


def test_a_venv_is_made_once(tmp_path, installs):
    root = str(tmp_path)
    python = environment.ready(root)
    assert python == environment.interpreter(str(tmp_path / ".venv"))
    assert installs == ["venv", "install"]
    assert environment.ready(root) == python
    assert installs == ["venv", "install"]


def test_what_check_needs_more_is_added_to_it(tmp_path, installs):
    environment.ready(str(tmp_path))
    environment.ready(str(tmp_path), "check")
    assert installs == ["venv", "install", "install"]
    environment.ready(str(tmp_path))
    assert installs == ["venv", "install", "install"]


def test_a_half_made_venv_is_made_anew(tmp_path, installs, monkeypatch, capsys):
    def dies(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(environment, "_install", dies)
        with pytest.raises(KeyboardInterrupt):
            environment.ready(str(tmp_path))
    environment.ready(str(tmp_path))
    assert installs == ["venv", "venv", "install"]
    assert "The last set-up was interrupted; .venv is made anew." in capsys.readouterr().err


def test_a_venv_of_somebody_else_is_never_touched(tmp_path, installs):
    mine = tmp_path / ".venv" / "precious.txt"
    mine.parent.mkdir()
    mine.write_text("mine")
    with pytest.raises(SetUpError, match=r"There is a \.venv here that Torch Koans did not make"):
        environment.ready(str(tmp_path))
    assert mine.read_text() == "mine"
    assert installs == []


def test_a_venv_of_somebody_else_is_used_where_it_has_everything(tmp_path, installs):
    python = Path(environment.interpreter(str(tmp_path / ".venv")))
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    python.chmod(0o755)
    assert environment.ready(str(tmp_path)) == str(python)
    assert installs == []


def test_a_python_without_venv_is_one_sentence(tmp_path, installs, monkeypatch):
    monkeypatch.setitem(sys.modules, "ensurepip", None)
    with pytest.raises(SetUpError, match="apt install python3-venv"):
        environment.ready(str(tmp_path))
    monkeypatch.delitem(sys.modules, "ensurepip")
    environment.ready(str(tmp_path))
    assert installs == ["venv", "install"]


def test_a_full_disk_is_said_before_anything_is_downloaded(tmp_path, installs, monkeypatch):
    usage = shutil.disk_usage(tmp_path)._replace(free=10**8)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    with pytest.raises(SetUpError, match=r"The disk has 0\.1 GB left and the set-up needs 2\.0 GB"):
        environment.ready(str(tmp_path))
    assert "install" not in installs


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path, installs, monkeypatch):
    (tmp_path / ".venv.lock").mkdir()
    with pytest.raises(SetUpError, match="cannot be written"):
        environment.ready(str(tmp_path))


HOLDS = """
import sys, time
sys.path.insert(0, sys.argv[1])
from torchkoans import environment
with environment._alone(sys.argv[2]):
    print("held", flush=True)
    time.sleep(float(sys.argv[3]))
"""


def test_a_second_start_waits_for_the_first_and_says_so(tmp_path, capsys):
    lock = str(tmp_path / "lock")
    command = [sys.executable, "-c", HOLDS, environment._scripts(), lock, "1.0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as first:
        assert first.stdout.readline() == "held\n"
        begun = time.monotonic()
        with environment._alone(lock):
            waited = time.monotonic() - begun
    assert waited > 0.5
    assert "Another start is setting up .venv already; waiting for it." in capsys.readouterr().err


def test_a_start_that_was_killed_holds_no_lock(tmp_path, capsys):
    lock = str(tmp_path / "lock")
    command = [sys.executable, "-c", HOLDS, environment._scripts(), lock, "600"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as first:
        first.stdout.readline()
        first.kill()
        first.wait()
        with environment._alone(lock):
            pass
    assert capsys.readouterr().err == ""


# -- the installers --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("complaint", "sentence"),
    [
        ("OSError: [Errno 28] No space left on device", "The disk is full"),
        ("Failed to establish a new connection: NewConnectionError(...)", "check the network"),
        ("Temporary failure in name resolution", "check the network"),
        ("ERROR: ResolutionImpossible", "for the reason above"),
    ],
)
def test_why_an_installer_failed_is_one_sentence(complaint, sentence):
    command = [sys.executable, "-c", f"import sys; sys.stderr.write({complaint!r}); sys.exit(1)"]
    with pytest.raises(SetUpError, match=sentence):
        environment._call(command)


PLAN = """Resolved 30 packages in 210ms
Would download 30 packages
 + numpy==2.4.6
 + torch==2.13.0+cpu
"""


def test_what_will_be_downloaded_is_said_with_its_size():
    assert environment._announced(PLAN) == (
        "Downloading torch 2.13.0+cpu and what the course needs with it (about 200 MB) ..."
    )
    assert "(about 3 GB)" in environment._announced(PLAN + " + nvidia-cublas==13.1.0\n")


def test_what_is_there_already_is_not_asked_for_again(monkeypatch, capsys):
    calls = []
    monkeypatch.setattr(environment, "_call", calls.append)
    environment._install("course", "python", ["ruff>=0.9", "mypy>=1.13"])
    assert [call[-2:] for call in calls] == [["ruff>=0.9", "mypy>=1.13"]]
    assert capsys.readouterr().err == "Downloading ruff>=0.9 and mypy>=1.13 (30 to 100 MB) ...\n"


def test_no_network_is_one_sentence_and_the_next_start_recovers(toy):
    """The real thing, up to the first download: an index on a port where nobody listens."""
    nobody = "http://127.0.0.1:9/simple"
    settings = {"PIP_INDEX_URL": nobody, "PIP_EXTRA_INDEX_URL": nobody, "PIP_NO_CACHE_DIR": "1"}
    settings |= {"PIP_CONFIG_FILE": os.devnull, "PIP_FIND_LINKS": "", "UV_INDEX_URL": nobody}
    code = "import sys; sys.path.insert(0, 'scripts'); from torchkoans import bootstrap; "
    code += "bootstrap.missing = lambda extra='': ['torch']; bootstrap.enter()"
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, "-c", code],
            cwd=toy.root,
            env={**os.environ, **settings, bootstrap.AGAIN: ""},
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 2
        last = done.stderr.splitlines()[-1]
        assert last == "The package index cannot be reached: check the network, then start again."
        assert "Traceback" not in done.stderr
    assert "The last set-up was interrupted; .venv is made anew." in done.stderr


def test_half_an_update_is_finished_before_anything_else(tmp_path, monkeypatch, capsys):
    pending = tmp_path / bootstrap.PENDING
    pending.parent.mkdir(parents=True)
    pending.touch()
    monkeypatch.setattr(bootstrap, "ROOT", str(tmp_path))
    with pytest.raises(SystemExit) as stopped:
        bootstrap.enter()
    assert stopped.value.code == 2
    assert "scripts/update.py finishes it." in capsys.readouterr().err
