"""Set-up on a machine that has nothing but Python and git.

Find what is needed, or make a .venv with it.

Standard library only, and in the Python of ten years ago, so that an old one can still say that it
is too old. This module prints, because nothing else is there yet that could.
"""

import os
import re
import signal
import sys

OLDEST = (3, 10)
HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
PENDING = os.path.join(".torch-koans", "kept", ".pending")  # there while files are exchanged
AGAIN = "TORCHKOANS_INSIDE"  # set for the process inside the .venv, so that it cannot loop


class SetUpError(Exception):
    """Why the course cannot be set up, in one sentence with what to do next."""


def say(sentence: str) -> None:
    """Write a line for the person who waits."""
    sys.stderr.write(sentence + "\n")
    sys.stderr.flush()


def enter(extra: str = "") -> None:
    """Come back only in an interpreter that has what is needed; otherwise go on in the .venv.

    `extra` names groups of optional dependencies in pyproject.toml ("check dojo") that are needed
    too.
    """
    try:
        _refuse_old_python()
        _refuse_half_an_update()
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C during the imports: no traceback
        inside = os.environ.pop(AGAIN, "")  # meant for this process, not for those that it starts
        if not missing(extra):
            return
        if inside:
            wanted = ", ".join(missing(extra))
            raise SetUpError(
                "%s still lacks %s after the set-up: delete .venv and start again."
                % (sys.executable, wanted)
            )
        imported()
        from torchkoans import environment

        python = environment.ready(ROOT, extra)
    except SetUpError as error:
        say(str(error))
        sys.exit(2)
    except KeyboardInterrupt:
        say("\nStopped. Nothing is lost: the next start goes on from here.")
        sys.exit(130)
    _go_on_in(python)


def imported() -> None:
    """Ctrl-C is a KeyboardInterrupt again: from here on somebody catches it."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def _refuse_old_python() -> None:
    if sys.version_info[:2] >= OLDEST:
        return
    found = newer_python()
    script = os.path.relpath(sys.argv[0]) if sys.argv[0] else "scripts/walk.py"
    then = (
        "start it with the one that you have: %s %s" % (found, script)
        if found
        else "install a newer one from python.org or your package manager"
    )
    raise SetUpError(
        "Torch Koans needs Python %d.%d or newer and this is %s; %s."
        % (*OLDEST, sys.version.split()[0], then)
    )


def _refuse_half_an_update() -> None:
    """Some files here are newer than others; what starts now may not even be imported."""
    if os.path.exists(os.path.join(ROOT, PENDING)):
        python = "python" if os.name == "nt" else "python3"
        raise SetUpError("An update was interrupted: %s scripts/update.py finishes it." % python)


def newer_python() -> "str | None":
    """The name of a Python on the PATH that is new enough and starts, or None."""
    import shutil
    import subprocess

    for minor in range(14, OLDEST[1] - 1, -1):
        name = "python3.%d" % minor
        if not shutil.which(name):
            continue
        try:
            subprocess.check_output([name, "--version"], stderr=subprocess.STDOUT)
        except (OSError, subprocess.CalledProcessError):
            continue
        return name
    return None


def requirements(extra: str = "") -> "list[tuple[str, str]]":
    """Requirements in pyproject.toml as (name, oldest version), those of `extra` included."""
    with open(os.path.join(ROOT, "pyproject.toml"), encoding="utf-8") as file:
        text = file.read()
    blocks = re.findall(r"^dependencies = \[(.*?)\]", text, re.MULTILINE | re.DOTALL)
    for group in extra.split():
        blocks += re.findall(r"^%s = \[(.*?)\]" % re.escape(group), text, re.MULTILINE | re.DOTALL)
    return [found for block in blocks for found in re.findall(r'"([\w-]+)>=([\d.]+)', block)]


def missing(extra: str = "") -> "list[str]":
    """Names of the requirements that the running interpreter lacks, or has too old."""
    from torchkoans import installed

    found = installed.versions()
    absent = []
    for name, oldest in requirements(extra):
        version = found.get(name) or _version(name)
        if version is None or (version and _numbers(version) < _numbers(oldest)):
            absent.append(name)
    return absent


def _version(name: str) -> "str | None":
    """The version of what is installed in some other way than in a folder that tells it."""
    from importlib import metadata

    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _numbers(version: str) -> "list[int]":
    return [int(number) for number in re.findall(r"\d+", version.split("+")[0])[:3]]


def _go_on_in(python: str) -> None:
    """Run the same command in another interpreter; this process becomes it, or waits for it."""
    environment = dict(os.environ)
    environment[AGAIN] = "1"
    command = [python, *sys.argv]
    if os.name == "posix":
        sys.stdout.flush()
        sys.stderr.flush()
        os.execve(python, command, environment)
    import subprocess

    try:
        sys.exit(subprocess.call(command, env=environment))
    except KeyboardInterrupt:  # the other process has had it too, and has said what there is to say
        sys.exit(130)
