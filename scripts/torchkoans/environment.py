"""The .venv in the checkout: made once, with the pins of constraints.txt.

Half-made ones are made anew.

Standard library only. Plain pip takes a CUDA build of several GB on every Linux machine, GPU or
not, so uv is asked first: it knows which build of torch fits the machine. Where PyTorch's own index
cannot be reached, pip installs the pins as they are.
"""

import contextlib
import os
import re
import shutil
import subprocess
import sys
import threading
from typing import IO, Iterator

from torchkoans import locking
from torchkoans.bootstrap import SetUpError, requirements, say

BEGUN = "torch-koans-begun"  # in .venv: we made it
READY = "torch-koans-ready"  # in .venv: it is whole; holds what was asked for
SMALLEST = 2 * 1000**3  # bytes of disk for the CPU build and the rest
CUDA_BUILD = 9 * 1000**3  # bytes of disk for a CUDA build
PROBE = {"UV_HTTP_TIMEOUT": "5", "UV_HTTP_RETRIES": "0"}  # an index that is not there fails at once


def ready(root: str, extra: str = "") -> str:
    """Path of the .venv's interpreter, once everything is in it.

    Raises SetUpError, in one sentence, for whatever stands in the way.
    """
    venv = os.path.join(root, ".venv")
    python = interpreter(venv)
    if _is_ready(venv, extra):
        return python
    if os.path.isdir(venv) and not os.path.exists(os.path.join(venv, BEGUN)):
        return _somebody_elses(venv, extra)
    with _alone(os.path.join(root, ".venv.lock")):
        if not _is_ready(venv, extra):  # another start may have made it while this one waited
            _make(root, venv, extra)
    return python


def interpreter(venv: str) -> str:
    """Path of a virtual environment's Python."""
    folder, name = ("Scripts", "python.exe") if os.name == "nt" else ("bin", "python")
    return os.path.join(venv, folder, name)


def _is_ready(venv: str, extra: str) -> bool:
    return os.path.exists(interpreter(venv)) and set(_names(extra)) <= _noted(venv)


def _noted(venv: str) -> "set[str]":
    """Names of the requirements that were installed; none while the first set-up is not through."""
    try:
        with open(os.path.join(venv, READY), encoding="utf-8") as file:
            return set(file.read().split())
    except OSError:
        return set()


def _names(extra: str) -> "list[str]":
    return [name for name, _ in requirements(extra)]


def _somebody_elses(venv: str, extra: str) -> str:
    """A .venv that this script did not make is used if it has everything, and never changed."""
    python = interpreter(venv)
    code = "import sys; sys.path.insert(0, %r); from torchkoans import bootstrap; " % _scripts()
    code += "sys.exit(bool(bootstrap.missing(%r)))" % extra
    if os.path.exists(python) and subprocess.call([python, "-c", code]) == 0:
        return python
    raise SetUpError(
        "There is a .venv here that Torch Koans did not make and that lacks %s: install them into "
        "it with `%s -m pip install -c constraints.txt %s`, or move it away and start again."
        % (_listed(_names(extra)), python, " ".join(_names(extra)))
    )


def _scripts() -> str:
    return os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def _listed(names: "list[str]", word: str = "or") -> str:
    return " ".join([", ".join(names[:-1]), word, names[-1]]) if names[1:] else names[0]


@contextlib.contextmanager
def _alone(path: str) -> "Iterator[None]":
    """One set-up at a time. The operating system frees the lock of a process that dies."""
    try:
        lock = open(path, "a+")
    except OSError as error:
        raise SetUpError("%s cannot be written: %s." % (path, error.strerror)) from None
    with lock:
        if not locking.lock(lock, wait=False):
            say("Another start is setting up .venv already; waiting for it.")
            try:
                locking.lock(lock)
            except OSError as error:
                raise SetUpError("%s cannot be locked: %s." % (path, error.strerror)) from None
        yield


def _make(root: str, venv: str, extra: str) -> None:
    has = _noted(venv)
    wanted = ["%s>=%s" % pair for pair in requirements(extra) if pair[0] not in has]
    try:
        if not has:
            _make_venv(venv)
        _refuse_a_full_disk(root, SMALLEST if not has else SMALLEST // 10)
        _install(root, interpreter(venv), wanted)
        _note(os.path.join(venv, READY), " ".join(sorted(has | set(_names(extra)))))
    except OSError as error:
        raise SetUpError(
            "Setting up .venv failed: %s. Start again once that is mended." % error
        ) from None


def _note(path: str, text: str) -> None:
    with open(path + ".new", "w", encoding="utf-8") as file:
        file.write(text + "\n")
    os.replace(path + ".new", path)


def _make_venv(venv: str) -> None:
    try:
        import ensurepip  # noqa: F401
        import venv as module
    except ImportError:
        raise SetUpError(
            "This Python has no venv module: install it (on Debian and Ubuntu: sudo apt install "
            "python3-venv) and start again."
        ) from None
    if os.path.isdir(venv):
        say("The last set-up was interrupted; .venv is made anew.")
        shutil.rmtree(venv)
    os.mkdir(venv)
    _note(os.path.join(venv, BEGUN), "made by Torch Koans; may be deleted at any time")
    say("Making a virtual environment in .venv ...")
    try:
        module.EnvBuilder(with_pip=True, symlinks=os.name != "nt").create(venv)
    except subprocess.CalledProcessError as error:
        raise SetUpError("Python could not make a virtual environment: %s." % error) from None


def _refuse_a_full_disk(folder: str, needed: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise SetUpError(
            "The disk has %.1f GB left and the set-up needs %.1f GB: make room, then start again."
            % (free / 1000**3, needed / 1000**3)
        )


def _install(root: str, python: str, wanted: "list[str]") -> None:
    pins = ["-c", os.path.join(root, "constraints.txt")]
    pip = [python, "-m", "pip", "install", "--disable-pip-version-check", *pins]
    if not any(name.startswith("torch>") for name in wanted):
        say("Downloading %s (30 to 100 MB) ..." % _listed(wanted, "and"))
        _call([*pip, "--retries", "2", *wanted])
        return
    _call([*pip, "--quiet", "--retries", "1", "uv"])
    uv = [python, "-m", "uv", "pip", "install", "--python", python, *pins]
    with_backend = [*uv, "--torch-backend=auto", *wanted]
    plan = subprocess.run(
        [*with_backend, "--dry-run"],
        env={**os.environ, **PROBE},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        check=False,
    )
    if plan.returncode == 0:
        planned = plan.stderr.decode(errors="replace")
        say(_announced(planned))
        if " + nvidia-" in planned:
            _refuse_a_full_disk(root, CUDA_BUILD)
        if subprocess.call(with_backend) == 0:
            return
        _refuse_a_full_disk(root, SMALLEST // 4)
        raise SetUpError("The installation broke off; start again, it goes on with what it has.")
    if sys.platform.startswith("linux"):
        size = "up to 3 GB, for pip may have only the CUDA build; 200 MB where it has the CPU build"
    else:
        size = "about 200 MB"
    say("PyTorch's own index cannot be reached, so pip installs the pinned set (%s)." % size)
    _call([*pip, "--retries", "2", *wanted])


def _announced(plan: str) -> str:
    """One line: what uv is going to download and how big it is."""
    torch = re.search(r"^ \+ torch==(\S+)", plan, re.MULTILINE)
    version = torch.group(1) if torch else ""
    size = "about 3 GB" if " + nvidia-" in plan else "about 200 MB"
    return "Downloading torch %s and what the course needs with it (%s) ..." % (version, size)


def _call(command: "list[str]") -> None:
    """Run an installer with its own progress on the screen; say in a sentence why it failed."""
    heard: "list[bytes]" = []
    with subprocess.Popen(command, stderr=subprocess.PIPE) as process:
        listener = threading.Thread(target=_pass_on, args=(process.stderr, heard))
        listener.start()
        try:
            code = process.wait()
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait()
            listener.join()
    if code != 0:
        raise SetUpError(_why(b"".join(heard).decode(errors="replace")))


def _pass_on(stream: "IO[bytes]", heard: "list[bytes]") -> None:
    """Keep what the installer complains of; only warnings of no use to anyone are kept back."""
    for line in stream:
        heard.append(line)
        if b"is ignored: it is neither a file nor a directory" not in line:
            sys.stderr.buffer.write(line)
            sys.stderr.flush()


def _why(complaint: str) -> str:
    if "No space left" in complaint:
        return "The disk is full: make room, then start again."
    network = (
        "NewConnectionError",
        "Connection",
        "name resolution",
        "ProxyError",
        "SSLError",
        "timed out",
    )
    if any(sign in complaint for sign in network):
        return "The package index cannot be reached: check the network, then start again."
    return "The installation failed for the reason above; mend it, then start again."
