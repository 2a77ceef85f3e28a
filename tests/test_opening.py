"""Opening a koan in the learner's editor: which one, at which line, and what if there is none."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from torchkoans import opening
from torchkoans.opening import opened

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the editors here are sh scripts")


@pytest.fixture
def koan(tmp_path):
    """A koan in a folder whose name has spaces and letters of all kinds."""
    folder = tmp_path / "토치 koans, 's"
    folder.mkdir()
    path = folder / "03_scalars.py"
    path.write_text("")
    return path


class Desk:
    """A PATH of its own, with the editors that somebody has."""

    def __init__(self, folder, notes):
        self.folder, self.notes = folder, notes
        folder.mkdir()
        self.environment = {
            "PATH": str(folder),
            "NOTES": str(notes),
            "SSH_CONNECTION": "no window would be seen here",
        }

    def has(self, *names, does=""):
        """Editors that write down what they were told, each argument in a line."""
        for name in names:
            path = self.folder / name
            path.write_text(
                f'#!/bin/sh\n{{ echo {name}; printf "%s\\n" "$@"; }} > "$NOTES"\n{does}\n'
            )
            path.chmod(0o755)

    def opens(self, koan, line=41, **environment):
        return opened(koan, line, {**self.environment, **environment})

    def told(self):
        """What an editor wrote down, its own name first; [] where none was started."""
        return self.notes.read_text().splitlines() if self.notes.exists() else []


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path / "bin", tmp_path / "notes")


def names(said):
    return [Path(said.command[0]).name, *said.command[1:]]


# -- which line ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("editor", "arguments"),
    [
        ("code", ["-g", "FILE:41"]),
        ("codium", ["-g", "FILE:41"]),
        ("code-server", ["-r", "FILE:41"]),
        ("pycharm", ["--line", "41", "FILE"]),
        ("pycharm.sh", ["--line", "41", "FILE"]),
        ("pycharm64", ["--line", "41", "FILE"]),
        ("kate", ["--line", "41", "FILE"]),
        ("subl", ["FILE:41"]),
        ("zed", ["FILE:41"]),
        ("gedit", ["+41", "FILE"]),
        ("notepad++", ["-n41", "FILE"]),
        ("xdg-open", ["FILE"]),
    ],
)
def test_an_editor_with_windows_is_started_at_the_line(desk, koan, editor, arguments):
    desk.has(editor)
    said = desk.opens(koan, TORCH_KOANS_EDITOR=editor)
    assert (said.trouble, said.takes_terminal, said.editor) == ("", False, editor)
    assert desk.told() == [editor, *(word.replace("FILE", str(koan)) for word in arguments)]


@pytest.mark.parametrize(
    ("editor", "arguments"),
    [
        ("vim", ["+41", "FILE"]),
        ("vim.basic", ["+41", "FILE"]),
        ("nvim", ["+41", "FILE"]),
        ("vi", ["+41", "FILE"]),
        ("nano", ["+41", "FILE"]),
        ("micro", ["+41", "FILE"]),
        ("kak", ["+41", "FILE"]),
        ("emacs", ["+41", "FILE"]),
        ("emacs-29", ["+41", "FILE"]),
        ("emacsclient", ["+41", "FILE"]),
        ("hx", ["FILE:41"]),
        ("my-own-editor", ["FILE"]),
    ],
)
def test_an_editor_of_the_terminal_waits_until_it_may_run(desk, koan, editor, arguments):
    desk.has(editor)
    said = desk.opens(koan, TORCH_KOANS_EDITOR=editor)
    assert (said.trouble, said.takes_terminal) == ("", True)
    assert desk.told() == []
    assert said.run() == ""
    assert desk.told() == [editor, *(word.replace("FILE", str(koan)) for word in arguments)]


def test_emacs_has_a_window_where_windows_are_unless_it_is_told_otherwise(desk, koan):
    desk.has("emacs")
    assert not desk.opens(koan, EDITOR="emacs", DISPLAY=":0").takes_terminal
    assert desk.opens(koan, EDITOR="emacs -nw", DISPLAY=":0").takes_terminal


def test_a_relative_path_is_opened_from_here_and_a_line_is_at_least_one(desk, koan, monkeypatch):
    desk.has("vim")
    monkeypatch.chdir(koan.parent)
    said = desk.opens(koan.relative_to(koan.parent), 0, EDITOR="vim")
    assert names(said) == ["vim", "+1", str(koan)]


# -- which editor ----------------------------------------------------------------------------------

EVERYWHERE = {
    "TORCH_KOANS_EDITOR": "micro",
    "TERM_PROGRAM": "vscode",
    "VISUAL": "nvim",
    "EDITOR": "nano",
    "DISPLAY": ":0",
}


def test_what_is_said_comes_before_what_is_guessed(desk, koan):
    desk.has("micro", "code", "nvim", "nano", "vim", "kate")
    environment = dict(EVERYWHERE)
    for name, editor in [
        ("TORCH_KOANS_EDITOR", "micro"),
        ("TERM_PROGRAM", "code"),
        ("VISUAL", "nvim"),
        ("EDITOR", "nano"),
    ]:
        assert names(desk.opens(koan, **environment))[0] == editor
        del environment[name]
    (desk.folder / "code").unlink()
    assert names(desk.opens(koan, **environment))[0] == "kate"
    del environment["DISPLAY"]  # a window would open where nobody sees it
    assert names(desk.opens(koan, **environment))[0] == "nvim"
    (desk.folder / "nvim").unlink()
    (desk.folder / "micro").unlink()
    assert names(desk.opens(koan, **environment))[0] == "nano"


@pytest.mark.parametrize(
    ("environment", "editor"),
    [
        ({}, "code"),
        ({"CURSOR_TRACE_ID": "1"}, "cursor"),
        ({"VSCODE_GIT_ASKPASS_NODE": "/home/me/.cursor-server/bin/1/node"}, "cursor"),
        ({"VSCODE_GIT_ASKPASS_NODE": "/home/me/.vscode-server/bin/1/node"}, "code"),
        ({"VSCODE_GIT_ASKPASS_NODE": "/home/me/.vscode-server-insiders/n"}, "code-insiders"),
        ({"VSCODE_GIT_ASKPASS_NODE": "/usr/share/codium/codium"}, "codium"),
        ({"VSCODE_GIT_ASKPASS_NODE": "/usr/lib/code-server/lib/node"}, "code-server"),
    ],
)
def test_a_relative_of_vs_code_is_known_by_its_traces(desk, koan, environment, editor):
    desk.has("code", "code-insiders", "cursor", "codium", "code-server")
    said = desk.opens(koan, TERM_PROGRAM="vscode", **environment)
    assert names(said)[0] == editor


def test_in_a_terminal_of_pycharm_it_is_pycharm_by_whichever_name(desk, koan):
    desk.has("vim", "pycharm-community")
    said = desk.opens(koan, TERMINAL_EMULATOR="JetBrains-JediTerm", EDITOR="vim")
    assert names(said) == ["pycharm-community", "--line", "41", str(koan)]


def test_in_a_terminal_of_zed_it_is_zed(desk, koan):
    desk.has("zeditor")
    assert names(desk.opens(koan, ZED_TERM="true")) == ["zeditor", f"{koan}:41"]


def test_an_editor_may_have_arguments_and_a_path_with_spaces(desk, koan):
    desk.has("vim", "my editor")
    said = desk.opens(koan, EDITOR="vim -u 'no file' -n")
    assert names(said) == ["vim", "-u", "no file", "-n", "+41", str(koan)]
    path = str(desk.folder / "my editor")
    assert desk.opens(koan, EDITOR=path).command == (path, str(koan))
    assert desk.opens(koan, EDITOR=f'"{path}" -x').command == (path, "-x", str(koan))


def test_a_home_may_be_written_short(desk, koan, monkeypatch):
    monkeypatch.setenv("HOME", str(desk.folder.parent))
    desk.has("vim")
    assert names(desk.opens(koan, EDITOR="~/bin/vim"))[0] == "vim"


# -- what if not -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["TORCH_KOANS_EDITOR", "VISUAL", "EDITOR"])
def test_an_editor_that_is_named_and_missing_is_told_rather_than_replaced(desk, koan, name):
    desk.has("vim")
    said = desk.opens(koan, **{name: "sublime -w"})
    assert said.command == ()
    assert said.trouble == said.run()
    assert said.trouble.startswith(f"{name} names sublime, which is not on the PATH")
    assert "set TORCH_KOANS_EDITOR" in said.trouble


def test_an_empty_variable_names_nothing(desk, koan):
    desk.has("vim")
    said = desk.opens(koan, TORCH_KOANS_EDITOR=" ", VISUAL="", EDITOR='""')
    assert names(said)[0] == "vim"


def test_a_quotation_mark_too_few_is_told(desk, koan):
    assert desk.opens(koan, EDITOR="vim 'x").trouble.startswith("EDITOR is vim 'x, with a quot")


def test_without_any_editor_it_is_said_what_to_do(desk, koan):
    assert desk.opens(koan).trouble == (
        "No editor was found: open the file by hand, "
        "or set TORCH_KOANS_EDITOR to the command that starts yours."
    )


def test_in_a_window_of_an_editor_without_its_command_no_other_is_sprung_on_anybody(desk, koan):
    desk.has("vim")
    said = desk.opens(koan, TERM_PROGRAM="vscode")
    assert said.trouble.startswith("This is a terminal of VS Code, but its command code is not on")
    assert names(desk.opens(koan, TERM_PROGRAM="vscode", EDITOR="vim"))[0] == "vim"


def test_an_editor_that_fails_at_once_is_told(desk, koan):
    desk.has("code", "vim", does="exit 3")
    said = desk.opens(koan, EDITOR="code")
    assert said.command == ()
    assert said.trouble.startswith("code ended with exit code 3: ")
    assert desk.opens(koan, EDITOR="vim").run().startswith("vim ended with exit code 3: ")


def test_an_editor_that_cannot_be_started_is_told(desk, koan):
    for name in ("code", "vim"):
        (desk.folder / name).write_bytes(b"\x7fELF")
        (desk.folder / name).chmod(0o755)
    assert desk.opens(koan, EDITOR="code").trouble.startswith("code could not be started (")
    assert desk.opens(koan, EDITOR="vim").run().startswith("vim could not be started (")


def test_an_editor_that_stays_is_not_waited_for_and_outlives_a_ctrl_c(desk, koan, monkeypatch):
    monkeypatch.setattr(opening, "MOMENT", 0.05)
    desk.has("code", does='echo $$ >> "$NOTES"; exec /bin/sleep 60')
    start = time.monotonic()
    said = desk.opens(koan, EDITOR="code")
    assert said.trouble == ""
    assert time.monotonic() - start < 10
    deadline = time.monotonic() + 10
    while len(desk.told()) < 4 and time.monotonic() < deadline:
        time.sleep(0.01)
    process = int(desk.told()[-1])
    assert os.getsid(process) == process  # a Ctrl-C here is for the processes of this session
    os.kill(process, signal.SIGKILL)


def test_an_editor_says_nothing_on_the_screen_of_the_walk(desk, koan, capfd):
    desk.has("code", does="echo loud; echo louder >&2; read line && echo $line")
    assert desk.opens(koan, EDITOR="code").trouble.startswith("code ended with exit code 1")
    assert capfd.readouterr() == ("", "")


def test_the_walk_s_own_environment_is_the_one_that_counts_by_default(desk, koan):
    desk.has("vim")
    program = (
        "import sys, pathlib; sys.path.insert(0, sys.argv[1])\n"
        "from torchkoans.opening import opened\n"
        "print(opened(pathlib.Path(sys.argv[2]), 5).run())"
    )
    scripts = Path(opening.__file__).parents[1]
    done = subprocess.run(
        [sys.executable, "-S", "-E", "-c", program, scripts, koan],
        env={**desk.environment, "EDITOR": "vim"},
        capture_output=True,
        text=True,
    )
    assert (done.stdout, done.stderr) == ("\n", "")
    assert desk.told() == ["vim", "+5", str(koan)]
