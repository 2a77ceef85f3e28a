"""pytest in a process of its own that has torch already: forked from one that has imported it.

Importing torch takes seconds, and the project's tests start pytest some fifty times.
"""

import multiprocessing
import os
import subprocess
import sys
from functools import cache
from pathlib import Path


@cache
def _context():
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["torch", "numpy", "pytest"])
    return context


def run(arguments, cwd, environment, output, seconds):
    """The exit code of pytest; what it writes goes to the file `output`."""
    if os.name != "posix":
        with output.open("wb") as file:
            command = [sys.executable, "-m", "pytest", *arguments]
            return subprocess.call(
                command, cwd=cwd, env=environment, stdout=file, stderr=file, timeout=seconds
            )
    process = _context().Process(target=_main, args=(arguments, cwd, environment, output))
    process.start()
    process.join(seconds)
    if process.exitcode is None:
        process.kill()
        process.join()
        raise subprocess.TimeoutExpired(["pytest", *arguments], seconds)
    return process.exitcode


def _main(arguments, cwd, environment, output):
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(environment)
    file = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    null = os.open(os.devnull, os.O_RDONLY)
    for source, number in ((null, 0), (file, 1), (file, 2)):
        os.dup2(source, number)
    sys.path[:] = [str(cwd), *(path for path in sys.path if not _is_ours(path))]
    sys.argv = ["pytest", *arguments]

    import pytest

    code = pytest.main(arguments)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(int(code))


def _is_ours(path):
    """Whether a folder of the path is the project's own, and not of the course under test."""
    root, folder = Path(__file__).resolve().parents[1], Path(path or ".").resolve()
    return folder in (root, root / "scripts", root / "tests")
