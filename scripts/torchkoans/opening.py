"""Opening a koan in the learner's editor, at its line.

Which editor that is: what TORCH_KOANS_EDITOR says, the editor whose terminal this is, $VISUAL,
$EDITOR, and then one that is found on the PATH.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

SETTING = "TORCH_KOANS_EDITOR"
MOMENT = 0.5  # seconds; what ends within them and is not well has failed at once
SAY_SO = f"set {SETTING} to the command that starts yours"

# How a line is named.
PLUS = ("+{line}", "{file}")
COLON = ("{file}:{line}",)
GOTO = ("-g", "{file}:{line}")
REUSE = ("-r", "{file}:{line}")
OPTION = ("--line", "{line}", "{file}")
NUMBER = ("-n{line}", "{file}")
FILE = ("{file}",)


class Editor(NamedTuple):
    """How an editor is told the line, and whether it runs in the terminal."""

    arguments: tuple[str, ...]
    takes_terminal: bool = False


# By likelihood. What is made of VS Code says that it is VS Code; its own name is in its paths.
VSCODE = (
    "code",
    "code-insiders",
    "cursor",
    "windsurf",
    "codium",
    "vscodium",
    "positron",
    "code-oss",
)
TRACES = {"code": "no trace", "code-insiders": "insiders", "code-server": "/code-server/"}
JETBRAINS = (
    "pycharm",
    "charm",
    "pycharm-professional",
    "pycharm-community",
    "dataspell",
    "idea",
    "intellij-idea-community",
    "intellij-idea-ultimate",
)
EDITORS = {
    **dict.fromkeys(VSCODE, Editor(GOTO)),
    "code-server": Editor(REUSE),
    **dict.fromkeys((*JETBRAINS, "kate", "kwrite", "mate", "geany"), Editor(OPTION)),
    **dict.fromkeys(("subl", "sublime_text", "zed", "zeditor"), Editor(COLON)),
    **dict.fromkeys(("gedit", "pluma", "xed", "gvim", "mvim", "bbedit"), Editor(PLUS)),
    "notepad++": Editor(NUMBER),
    **dict.fromkeys(("notepad", "open", "xdg-open"), Editor(FILE)),
    **dict.fromkeys(("hx", "helix"), Editor(COLON, takes_terminal=True)),
    **dict.fromkeys(
        ("vi", "vim", "nvim", "nano", "pico", "micro", "kak", "joe", "mg", "ne", "mcedit"),
        Editor(PLUS, takes_terminal=True),
    ),
    **dict.fromkeys(("emacs", "emacs-nox", "emacsclient"), Editor(PLUS, takes_terminal=True)),
}
UNKNOWN = Editor(FILE, takes_terminal=True)  # in the terminal anything can run, if it has to
WINDOWED = ("code", "cursor", "codium", "pycharm", "charm", "zed", "subl", "kate", "gedit")
IN_TERMINAL = ("nvim", "hx", "micro", "nano", "vim", "emacs", "vi")  # nano says how to leave it


@dataclass(frozen=True)
class Opening:
    """What was started, or is to be started with `run()` where it takes the terminal.

    `trouble` says why there is nothing, and what to do.
    """

    command: tuple[str, ...] = ()
    takes_terminal: bool = False
    trouble: str = ""
    environment: Mapping[str, str] | None = None

    @property
    def editor(self) -> str:
        """The editor's name as it is typed."""
        return Path(self.command[0]).name if self.command else ""

    def run(self) -> str:
        """Run an editor that takes the terminal to its end; returns the trouble, if there was."""
        if self.trouble or not self.takes_terminal:
            return self.trouble
        try:
            code = subprocess.call(self.command, env=_copied(self.environment))
        except OSError as error:
            return _unstarted(self.editor, error)
        return _failed(self.editor, code) if code else ""


def opened(path: Path, line: int, environment: Mapping[str, str] | None = None) -> Opening:
    """Open a file at a line.

    An editor with windows of its own is started; one that runs in the terminal waits for `run()`.
    """
    environment = os.environ if environment is None else environment
    try:
        words = _chosen(environment)
    except _NoEditorError as none:
        return Opening(trouble=str(none))
    editor = _editor(words, environment)
    file = str(path.absolute())
    target = [part.format(file=file, line=max(1, line)) for part in editor.arguments]
    opening = Opening((*words, *target), editor.takes_terminal, environment=environment)
    if editor.takes_terminal:
        return opening
    trouble = _start(opening)
    return Opening(trouble=trouble) if trouble else opening


# -- which one -------------------------------------------------------------------------------------


class _NoEditorError(Exception):
    """Why there is no editor, in one sentence with what to do."""


def _chosen(environment: Mapping[str, str]) -> list[str]:
    """The words that start the editor, the first of them as a path."""
    named = _named(SETTING, environment)
    if named:
        return named
    owner, commands = _owner(environment)
    around = _first(commands, environment)
    if around:
        return [around]
    for name in ("VISUAL", "EDITOR"):
        named = _named(name, environment)
        if named:
            return named
    if owner:  # a terminal editor in a corner of that window would surprise
        raise _NoEditorError(
            f"This is a terminal of {owner}, but its command {commands[0]} is not on the PATH: "
            f"open the file there by hand, or {SAY_SO}."
        )
    found = _first(WINDOWED if _has_windows(environment) else (), environment)
    found = found or _first(IN_TERMINAL, environment)
    if not found:
        raise _NoEditorError(f"No editor was found: open the file by hand, or {SAY_SO}.")
    return [found]


def _named(name: str, environment: Mapping[str, str]) -> list[str]:
    """The command in a variable, or nothing where that is empty; _NoEditorError if it is no use."""
    value = environment.get(name, "").strip()
    try:
        words = _words(value, environment)
    except ValueError:
        raise _NoEditorError(
            f"{name} is {value}, with a quotation mark too few: mend it, or {SAY_SO}."
        ) from None
    if not any(words):
        return []
    command = _which(os.path.expanduser(words[0]), environment)  # noqa: PTH111 (a bare name stays one)
    if command is None:
        what = f"{name} names {words[0]}, which is not on the PATH or cannot be run"
        raise _NoEditorError(f"{what}: install it, or {SAY_SO}.")
    return [command, *words[1:]]


def _words(value: str, environment: Mapping[str, str]) -> list[str]:
    """The words of a command line; ValueError where a quotation mark is missing."""
    if _which(value, environment):  # a path may hold spaces
        return [value]
    if sys.platform != "win32":
        return shlex.split(value)
    words = shlex.split(value, posix=False)  # where a backslash is part of a path
    return [word[1:-1] if word[0] == word[-1] == '"' else word for word in words]


def _owner(environment: Mapping[str, str]) -> tuple[str, tuple[str, ...]]:
    """The editor that this terminal belongs to, and the commands that it may go by."""
    program = environment.get("TERM_PROGRAM", "")
    if program == "vscode":
        return "VS Code", _relatives(environment)
    if program == "zed" or environment.get("ZED_TERM"):
        return "Zed", ("zed", "zeditor")
    if environment.get("TERMINAL_EMULATOR") == "JetBrains-JediTerm":
        return "PyCharm", JETBRAINS
    return "", ()


def _relatives(environment: Mapping[str, str]) -> tuple[str, ...]:
    """Commands of VS Code and its relatives, the one first whose paths are in the environment."""
    traces = " ".join(
        environment.get(name, "").lower()
        for name in ("VSCODE_GIT_ASKPASS_NODE", "VSCODE_GIT_ASKPASS_MAIN", "GIT_ASKPASS")
    )
    if environment.get("CURSOR_TRACE_ID"):
        traces += " cursor"
    names = (*VSCODE, "code-server")

    def is_absent(name: str) -> bool:
        return TRACES.get(name, name) not in traces

    return tuple(sorted(names, key=is_absent))


def _has_windows(environment: Mapping[str, str]) -> bool:
    """Whether a window that is opened here would be seen."""
    if any(environment.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME")):
        return True
    return sys.platform in ("win32", "darwin") and "SSH_CONNECTION" not in environment


def _first(commands: Iterable[str], environment: Mapping[str, str]) -> str | None:
    return next(filter(None, (_which(command, environment) for command in commands)), None)


def _which(command: str, environment: Mapping[str, str]) -> str | None:
    return shutil.which(command, path=environment.get("PATH", "")) if command else None


def _editor(words: list[str], environment: Mapping[str, str]) -> Editor:
    """What is known of an editor: vim.basic is vim, pycharm64.exe is pycharm, emacs29 is emacs."""
    name = Path(words[0]).name.lower().partition(".")[0]
    editor = EDITORS.get(name) or EDITORS.get(name.rstrip("-0123456789")) or UNKNOWN
    if name.startswith("emacs") and name != "emacs-nox" and _has_windows(environment):
        in_terminal = {"-nw", "--no-window-system", "-t", "-tty", "--tty"}
        return editor._replace(takes_terminal=not in_terminal.isdisjoint(words))
    return editor


# -- starting it -----------------------------------------------------------------------------------


_UNSEEN = getattr(subprocess, "CREATE_NO_WINDOW", 0)  # Windows would open a console for it
_APART = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)


def _start(opening: Opening) -> str:
    """Start it on its own, so that it outlives the walk; returns the trouble, if there was."""
    nowhere = subprocess.DEVNULL
    try:
        process = subprocess.Popen(
            opening.command,
            env=_copied(opening.environment),
            stdin=nowhere,
            stdout=nowhere,
            stderr=nowhere,
            start_new_session=True,
            creationflags=_UNSEEN | _APART,
        )
    except OSError as error:
        return _unstarted(opening.editor, error)
    try:
        code = process.wait(MOMENT)
    except subprocess.TimeoutExpired:
        threading.Thread(target=process.wait, daemon=True).start()  # or it would stay a zombie
        return ""
    return _failed(opening.editor, code) if code else ""


def _copied(environment: Mapping[str, str] | None) -> dict[str, str] | None:
    return None if environment is None else dict(environment)


def _unstarted(editor: str, error: OSError) -> str:
    return f"{editor} could not be started ({error.strerror}): {SAY_SO}."


def _failed(editor: str, code: int) -> str:
    how = f"exit code {code}" if code > 0 else f"signal {-code}"
    return f"{editor} ended with {how}: try its command by hand, or {SAY_SO}."
