"""The verb itself, in processes and terminals of its own: `python3 scripts/walk.py`."""

import contextlib
import os
import re
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import walk

from torchkoans import devices
from torchkoans.source import command

without_gpu = pytest.mark.skipif(devices.why_not_cuda() is None, reason="there is a GPU here")
FILLED = ("t.sum().item() == __", "t.sum().item() == 7")


# -- once ------------------------------------------------------------------------------------------


def once(toy):
    return walk.main(["--once", "--course", str(toy.root)])


def test_once_says_1_for_a_blank(toy, capsys):
    assert once(toy) == 1
    assert f"Edit koans/01_numbers.py:15, then: {command('walk')}" in capsys.readouterr().out


def test_once_says_2_for_a_broken_file(toy, edit):
    edit("01", "import torch\n", "import torch torch\n")
    assert once(toy) == 2


@without_gpu
def test_once_says_0_when_all_is_green_and_knows_it_the_next_time(toy, solve, capsys):
    solve()
    assert once(toy) == 0
    assert "The path is walked." in capsys.readouterr().out
    begun = time.monotonic()
    assert once(toy) == 0
    assert time.monotonic() - begun < 1.0  # torch alone takes longer: nothing was run


def test_a_broken_answer_file_is_one_sentence_and_2(toy, capsys):
    path = toy.answers / "01_numbers.py"
    path.write_text("def (", encoding="utf-8")
    assert once(toy) == 2
    said = capsys.readouterr().out
    assert "01_numbers.py:1:" in said
    assert len(said.strip().splitlines()) == 1


# -- a pipe ----------------------------------------------------------------------------------------


class Pipe:
    """A walk with pipes for a terminal."""

    def __init__(self, toy):
        self.process = subprocess.Popen(
            [sys.executable, "-u", str(toy.root / "scripts" / "walk.py")],
            cwd=toy.root,
            env={**os.environ, "PYTHONIOENCODING": "utf-8"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
        )

    def until(self, text):
        """Read on until this text has come."""
        said = ""
        while text not in said:
            line = self.process.stdout.readline()
            assert line, f"the walk ended before it said {text!r}:\n{said}"
            said += line
        return said

    def type(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()


@pytest.fixture
def pipe(toy):
    made = Pipe(toy)
    yield made
    made.process.kill()
    made.process.wait()
    made.process.stdin.close()
    made.process.stdout.close()


def test_a_walk_through_pipes_from_blank_to_green(pipe, edit):
    pipe.until("q quit")
    edit("01", FILLED[0], "t.sum().item() == 8")
    assert "wrong on cpu" in pipe.until("q quit")
    edit("01", "t.sum().item() == 8", "t.sum().item() == 7")
    assert "1 of 5 koans green" in pipe.until("q quit")
    pipe.type("n")
    assert "An index may be the blank" in pipe.until("q quit")
    pipe.type("h")
    pipe.until("a colon takes all rows")
    pipe.type("q")
    assert pipe.process.wait(30) == 1


def test_where_nobody_can_type_it_looks_once(toy):
    done = subprocess.run(
        [sys.executable, str(toy.root / "scripts" / "walk.py")],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 1
    assert done.stdout.count("A sum is a tensor") == 1
    assert done.stderr == ""


# -- a terminal ------------------------------------------------------------------------------------


class Tty:
    """A walk, or another verb, in a terminal of its own."""

    def __init__(self, toy, verb="walk", *arguments, columns=80, lines=40):
        import fcntl
        import pty
        import struct
        import termios

        self.termios = termios
        self.master, self.slave = pty.openpty()
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        self.before = termios.tcgetattr(self.slave)
        self.process = subprocess.Popen(
            [sys.executable, str(toy.root / "scripts" / f"{verb}.py"), *arguments],
            cwd=toy.root,
            env={**os.environ, "TERM": "xterm-256color", "PYTHONIOENCODING": "utf-8"},
            stdin=self.slave,
            stdout=self.slave,
            stderr=self.slave,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )
        self.said = ""

    def until(self, pattern, seconds=60):
        """Read on until this pattern is in what has come since the last time."""
        end = time.monotonic() + seconds
        while not re.search(pattern, self.said):
            left = end - time.monotonic()
            assert left > 0, f"{pattern!r} did not come:\n{self.said[-3000:]}"
            if select.select([self.master], [], [], left)[0]:
                try:
                    self.said += os.read(self.master, 1 << 16).decode(errors="replace")
                except OSError:  # nobody has the terminal open any more
                    break
        heard, self.said = self.said, ""
        return re.sub(r"\x1b\[[0-9;:?]*[a-zA-Z]", "", heard)

    def type(self, keys):
        os.write(self.master, keys.encode())

    def end(self):
        """The exit code, after everything was read."""
        with contextlib.suppress(OSError):
            while select.select([self.master], [], [], 0.2)[0] or self.process.poll() is None:
                if select.select([self.master], [], [], 0.2)[0]:
                    self.said += os.read(self.master, 1 << 16).decode(errors="replace")
        return self.process.wait(30)

    def is_restored(self):
        return self.termios.tcgetattr(self.slave) == self.before and "\x1b[?25h" in self.said

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self.master)
        os.close(self.slave)


needs_pty = pytest.mark.skipif(os.name != "posix", reason="it takes a pseudo-terminal")


@pytest.fixture
def tty(toy):
    made = Tty(toy)
    yield made
    made.close()


@needs_pty
def test_a_walk_in_a_terminal_from_blank_to_the_list(tty, edit):
    tty.until("q quit")
    edit("01", FILLED[0], "t.sum().item() == 8")
    tty.until("wrong")
    edit("01", "t.sum().item() == 8", "t.sum().item() == 7")
    assert "a sum folds all numbers into one." in tty.until("passed(.|\n)*quit")
    tty.type("n")
    tty.until("An index may be the blank")
    tty.type("h")
    tty.until("a colon takes all rows")
    tty.type("l")
    tty.until("> 01")
    tty.type("\x1b[B\r")
    tty.until("koans/02_doubling.py")
    tty.type("q")
    assert tty.end() == 1
    assert tty.is_restored()


@needs_pty
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("at", ["Torch Koans", "q quit"])
def test_however_it_ends_the_terminal_is_as_it_was(tty, number, at):
    tty.until(at)
    children = _children(tty.process.pid)
    os.kill(tty.process.pid, number)
    assert tty.end() != 0
    assert tty.is_restored() or "\x1b[?25l" not in tty.said
    assert "Traceback" not in tty.said
    end = time.monotonic() + 20
    while any(map(_is_alive, children)):
        assert time.monotonic() < end, "the server outlived the walk"
        time.sleep(0.05)


def _children(pid):
    try:
        listed = Path(f"/proc/{pid}/task/{pid}/children").read_text()
        return [int(child) for child in listed.split()]
    except OSError:
        return []


def _is_alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
