"""The terminal as one program's own: what is pressed, what is shown, and how it is given back."""

import json
import os
import re
import select
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from torchkoans.keystrokes import Keystrokes
from torchkoans.terminal import Terminal

if sys.platform == "win32":
    pytest.skip("Windows has no pty, termios or job control", allow_module_level=True)

import fcntl
import pty
import struct
import termios

SCRIPTS = Path(__file__).parents[1] / "scripts"
PATIENT = 20  # seconds; a machine may be busy

BEGIN = """
import fcntl, os, queue, signal, subprocess, sys, termios, threading, time
sys.path.insert(0, sys.argv[1])
from torchkoans.terminal import Terminal
def say(*words):
    print(*words, file=sys.stderr, flush=True)
"""
WALK = """
say("here")
with Terminal() as terminal:
    events, stop = queue.Queue(), threading.Event()
    threading.Thread(target=terminal.keys, args=(events.put, stop), daemon=True).start()
    say("ready")
    key = ""
    while key != "q":
        try:
            key = events.get(timeout=0.5)
        except queue.Empty:
            continue
        if key != "q":
            say(key)
        if key == "f":
            terminal.frame("one\\ntwo")
        if key == "l":
            with terminal.lent():
                say("lent", termios.tcgetattr(0)[3] & termios.ECHO != 0)
                time.sleep(0.3)
                say(os.read(0, 99))
        if key == "x":
            sys.exit("bye")
        if key == "1":
            1 / 0
        if key == "eof":
            break
say("left")
"""
SHELL = """
# A shell with one job, because only a job of somebody's can be stopped.
before = termios.tcgetattr(0)
def in_front():
    os.setpgrp()
    signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    os.tcsetpgrp(0, os.getpgrp())
    signal.signal(signal.SIGTTOU, signal.SIG_DFL)
job = subprocess.Popen(sys.argv[2:], preexec_fn=in_front)
signal.signal(signal.SIGTTOU, signal.SIG_IGN)
_, status = os.waitpid(job.pid, os.WUNTRACED)
os.tcsetpgrp(0, os.getpgrp())
say("stopped", os.WIFSTOPPED(status), termios.tcgetattr(0) == before)
input()
os.tcsetpgrp(0, job.pid)
os.killpg(job.pid, signal.SIGCONT)
_, status = os.waitpid(job.pid, 0)
say("ended", os.WIFEXITED(status), termios.tcgetattr(0) == before)
"""


def python(*programs):
    """A Python that starts quickly: these need nothing that is installed."""
    return [sys.executable, "-S", "-E", "-c", "".join([BEGIN, *programs]), str(SCRIPTS)]


OWN = "fcntl.ioctl(0, termios.TIOCSCTTY, 0)\n"  # Ctrl-C is a signal on a terminal of one's own


def soon(is_so):
    deadline = time.monotonic() + PATIENT
    while not is_so() and time.monotonic() < deadline:
        time.sleep(0.01)
    return is_so()


class Typist:
    """A person at a terminal: types, and sees what the program at the other end says and shows."""

    def __init__(self, command, **environment):
        self.master, self.slave = pty.openpty()
        self.resize(80, 24)
        self.before = self.modes()
        self.process = subprocess.Popen(
            command,
            stdin=self.slave,
            stdout=self.slave,
            stderr=subprocess.PIPE,
            start_new_session=True,
            env={**os.environ, "TERM": "xterm", **environment},
        )
        self.shown = self.said = b""
        self._looking = threading.Thread(target=self._look, daemon=True)
        self._looking.start()

    def _look(self):
        while True:
            try:
                if select.select([self.master], [], [], 0.05)[0]:
                    self.shown += os.read(self.master, 65536)
                elif self.process.poll() is not None:
                    return
            except (OSError, ValueError):
                return

    def resize(self, columns, lines):
        size = struct.pack("HHHH", lines, columns, 0, 0)
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, size)

    def modes(self):
        return termios.tcgetattr(self.slave)

    def type(self, keys):
        os.write(self.master, keys.encode() if isinstance(keys, str) else keys)

    def hear(self):
        """The next line that the program said."""
        while b"\n" not in self.said:
            assert select.select([self.process.stderr], [], [], PATIENT)[0], "it says nothing"
            more = os.read(self.process.stderr.fileno(), 4096)
            assert more, f"it has ended, and had said no more than {self.said}"
            self.said += more
        line, self.said = self.said.split(b"\n", 1)
        return line.decode()

    def end(self):
        """The exit code; the screen is complete then."""
        code = self.process.wait(PATIENT)
        self._looking.join(PATIENT)
        return code

    def gave_back(self):
        """Whether modes, cursor, paste and wrapping are what they were before."""
        shown = self.shown.decode(errors="replace")
        last = dict(re.findall(r"\x1b\[\?(\d+)([hl])", shown))
        wanted = {"25": "h", "2004": "l", "7": "h", "2026": "l"}
        return self.modes() == self.before and {**wanted, **last} == wanted

    def leave(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.process.stderr.close()
        self._looking.join(PATIENT)
        for descriptor in (self.master, self.slave):
            if descriptor >= 0:
                os.close(descriptor)


@pytest.fixture
def at_terminal():
    """Start a program at a terminal of its own: at_terminal(WALK)."""
    typists = []

    def sit_down(*programs, **environment):
        typists.append(Typist(python(OWN, *programs), **environment))
        return typists[-1]

    yield sit_down
    for typist in typists:
        typist.leave()


@pytest.fixture
def walker(at_terminal):
    """A program that says each key that it is handed; q ends it."""
    typist = at_terminal(WALK)
    assert [typist.hear(), typist.hear()] == ["here", "ready"]
    return typist


# -- what a key is called --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("n", "n"),
        ("N7?", "n 7 ?"),
        ("\r", "enter"),
        ("\t\x7f\x08 ", "tab backspace backspace space"),
        ("\x04", "eof"),
        ("\x1b[A\x1b[B\x1b[C\x1b[D", "up down right left"),
        ("\x1bOA\x1bOB\x1bOH\x1bOF", "up down home end"),
        ("\x1b[5~\x1b[6~\x1b[1;5A\x1b[5;2~", "pageup pagedown up pageup"),
        ("é中", "é 中"),
        ("ㅜㅗㅂ", "n h q"),
        ("ㅖㄸ", "p e"),
        ("ㅘ", "h k"),
        ("누", "s n"),
        ("값", "r k q t"),
        ("тТрйі", "n n h q s"),
        ("νη", "n h"),
        ("ｎＨ", "n h"),
        ("\x1bn\x1b\rh", "h"),
        ("\x1b[<0;12;7M\x1b[<0;12;7mh", "h"),
        ("\x1b[M #!h", "h"),
        ("\x1b[[Ah\x1bOPh\x1b[15~h", "h h h"),
        ("\x1b]11;rgb:0/0/0\x1b\\h\x1bP1$r\x07h\x1b[?1;2ch", "h h h"),
        ("\x1b[\x1b[A", "up"),
        ("\x00\x01\x16h", "h"),
        ("\x1b[200~qqq\ny\x1b[A\x1b[201~h", "h"),
    ],
)
def test_what_is_typed_has_its_name_however_it_comes_in_pieces(typed, names):
    whole, by_letters = Keystrokes(), Keystrokes()
    assert whole.feed(typed) == names.split()
    assert [name for letter in typed for name in by_letters.feed(letter)] == names.split()
    assert whole.patience is by_letters.patience is None


def test_every_key_of_the_korean_layout_has_its_letter():
    keys = "ㅂㅈㄷㄱㅅㅛㅕㅑㅐㅔㅁㄴㅇㄹㅎㅗㅓㅏㅣㅋㅌㅊㅍㅠㅜㅡ"
    assert "".join(Keystrokes().feed(keys)) == "qwertyuiopasdfghjklzxcvbnm"


def test_every_key_of_the_russian_layout_has_its_letter():
    keys = "йцукенгшщзфывапролдячсмить"
    assert "".join(Keystrokes().feed(keys)) == "qwertyuiopasdfghjklzxcvbnm"


def test_an_esc_alone_is_known_by_the_silence_after_it():
    strokes = Keystrokes()
    assert strokes.feed("\x1b") == []
    assert 0 < strokes.patience < 0.2
    assert strokes.flush() == ["esc"]
    assert strokes.feed("\x1b\x1b[A") == ["esc", "up"]


def test_half_a_sequence_is_no_key():
    strokes = Keystrokes()
    assert strokes.feed("\x1b[1;") == []
    assert strokes.flush() == []
    assert strokes.feed("h") == ["h"]


def test_a_paste_whose_end_is_never_told_ends_with_a_long_silence():
    strokes = Keystrokes()
    assert strokes.feed("\x1b[200~qqq\x1b[201") == []
    assert strokes.patience >= 1
    assert strokes.flush() == []
    assert strokes.feed("h") == ["h"]


# -- at a terminal ---------------------------------------------------------------------------------


def test_keys_come_one_by_one_and_unseen(walker):
    walker.type("a")
    assert walker.hear() == "a"
    walker.type("ㅜ\x1b[A\x1b")
    assert [walker.hear() for _ in range(3)] == ["n", "up", "esc"]
    walker.type("\x1b[200~1xq\n\x1b[201~b")
    assert walker.hear() == "b"
    walker.type("\x13c")  # Ctrl-S: nothing is held up
    assert walker.hear() == "c"
    letter = "ж".encode()
    walker.type(letter[:1])
    time.sleep(0.15)
    walker.type(letter[1:])
    assert walker.hear() == "ж"
    assert b"a" not in walker.shown
    assert b"\x1b[?25l" in walker.shown
    walker.type("q")
    assert walker.hear() == "left"
    assert walker.end() == 0
    assert walker.gave_back()


def test_ctrl_d_is_an_end(walker):
    walker.type("\x04")
    assert [walker.hear(), walker.hear()] == ["eof", "left"]
    assert walker.end() == 0
    assert walker.gave_back()


def test_ctrl_c_is_a_signal_that_gives_the_terminal_back(walker):
    walker.type("f")
    assert walker.hear() == "f"
    walker.type("\x03")
    assert walker.end() == -signal.SIGINT  # Python's own answer, once KeyboardInterrupt is through
    assert walker.gave_back()


@pytest.mark.parametrize("milliseconds", [0, 1, 2, 4, 8])
def test_ctrl_c_at_any_moment_gives_the_terminal_back(at_terminal, milliseconds):
    loop = """
say("here")
while True:
    with Terminal() as terminal:
        terminal.frame("one")
"""
    typist = at_terminal(loop)
    typist.hear()
    time.sleep(milliseconds / 1000)
    typist.process.send_signal(
        signal.SIGINT
    )  # typed, it makes a terminal drop what it has not shown yet
    assert typist.end() == -signal.SIGINT
    assert typist.gave_back()


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"])
def test_a_signal_that_nobody_answers_gives_the_terminal_back_and_ends_the_process(
    at_terminal, name
):
    typist = at_terminal("signal.signal(signal.SIGINT, signal.SIG_DFL)\n", WALK)
    assert [typist.hear(), typist.hear()] == ["here", "ready"]
    assert typist.modes() != typist.before
    number = getattr(signal, name)
    typist.process.send_signal(number)
    assert typist.end() == -number
    assert typist.gave_back()


def test_ctrl_c_while_the_terminal_is_taken_or_given_back_comes_after_that(at_terminal):
    hasty = """
class Hasty(Terminal):
    def _send(self, text):
        signal.raise_signal(signal.SIGINT)
        super()._send(text)
try:
    with Hasty():
        say("taken")
except KeyboardInterrupt:
    say("interrupted")
os._exit(7)  # nothing is mended at the exit then
"""
    typist = at_terminal(hasty)
    assert typist.hear() == "interrupted"
    assert typist.end() == 7
    assert b"\x1b[?25l" in typist.shown
    assert typist.gave_back()


@pytest.mark.parametrize("key", ["x", "1"])
def test_an_exit_and_an_error_give_the_terminal_back(walker, key):
    walker.type(key)
    assert walker.end() == 1
    assert walker.gave_back()


def test_even_without_its_with_the_terminal_is_given_back_at_the_end(at_terminal):
    typist = at_terminal("terminal = Terminal(); terminal.__enter__(); sys.exit(3)")
    assert typist.end() == 3
    assert b"\x1b[?25l" in typist.shown
    assert typist.gave_back()


def test_a_forked_child_leaves_the_terminal_to_its_parent(at_terminal):
    fork = """
with Terminal() as terminal:
    child = os.fork()
    if child == 0:
        sys.exit(0)
    os.waitpid(child, 0)
    say(termios.tcgetattr(0)[3] & termios.ECHO)
    child = os.fork()
    if child == 0:
        signal.raise_signal(signal.SIGTERM)
    os.waitpid(child, 0)
    say(termios.tcgetattr(0)[3] & termios.ECHO)
"""
    typist = at_terminal(fork)
    assert [typist.hear(), typist.hear()] == ["0", "0"]
    assert typist.end() == 0
    assert typist.gave_back()


def test_ctrl_z_gives_the_terminal_to_the_shell_and_going_on_takes_it_again(at_terminal):
    job = python(WALK)
    typist = at_terminal(SHELL.replace("sys.argv[2:]", repr(job)))
    assert [typist.hear(), typist.hear()] == ["here", "ready"]
    taken = typist.modes()
    typist.type("\x1a")
    assert typist.hear() == "stopped True True"
    assert soon(typist.gave_back)  # what was written is on its way to the screen
    typist.type("fg\n")
    assert typist.hear() == "resize"
    assert typist.modes() == taken
    typist.type("bq")
    assert [typist.hear() for _ in range(3)] == ["b", "left", "ended True True"]


def test_ctrl_z_where_no_shell_could_let_it_go_on_only_draws_again(walker):
    walker.type("\x1a")
    assert walker.hear() == "resize"
    assert walker.modes() != walker.before
    walker.type("bq")
    assert [walker.hear(), walker.hear()] == ["b", "left"]


def test_going_on_after_a_stop_that_nobody_could_see_coming_takes_the_terminal_again(walker):
    walker.process.send_signal(signal.SIGSTOP)
    termios.tcsetattr(walker.slave, termios.TCSANOW, walker.before)
    walker.process.send_signal(signal.SIGCONT)
    assert walker.hear() == "resize"
    assert walker.modes() != walker.before
    walker.type("q")
    assert walker.end() == 0
    assert walker.gave_back()


def test_another_size_of_the_window_is_told(walker):
    walker.resize(50, 10)
    assert walker.hear() == "resize"


def test_a_hang_up_ends_the_process(walker):
    os.close(walker.slave)
    os.close(walker.master)
    walker.master = walker.slave = -1
    assert walker.end() == -signal.SIGHUP


def test_a_closed_terminal_is_an_end_where_a_hang_up_is_ignored(at_terminal):
    typist = at_terminal("signal.signal(signal.SIGHUP, signal.SIG_IGN)\n", WALK)
    assert [typist.hear(), typist.hear()] == ["here", "ready"]
    os.close(typist.slave)
    os.close(typist.master)
    typist.master = typist.slave = -1
    heard = typist.hear()
    assert (typist.hear() if heard == "resize" else heard) == "eof"  # a hang-up lets jobs go on
    assert typist.hear() == "left"
    assert typist.end() == 0


def test_a_terminal_that_is_lent_is_as_it_was_and_its_keys_are_not_taken(walker):
    walker.type("l")
    assert [walker.hear(), walker.hear()] == ["l", "lent True"]
    walker.type("\x03abc\n")  # the Ctrl-C is for the other program
    assert walker.hear() == "b'abc\\n'"
    assert walker.hear() == "resize"
    assert walker.modes() != walker.before
    walker.type("q")
    assert walker.end() == 0
    assert walker.gave_back()


# -- without one -----------------------------------------------------------------------------------


def test_a_pipe_hands_over_lines_and_then_its_end(tmp_path):
    done = subprocess.run(
        python(WALK), input="N\n\n Hint \nlast", text=True, capture_output=True, timeout=PATIENT
    )
    said = done.stderr.splitlines()
    assert said == ["here", "ready", "n", "enter", "hint", "last", "eof", "left"]
    assert done.stdout == ""


def test_a_dumb_terminal_is_not_taken_and_hands_over_lines(at_terminal):
    typist = at_terminal(WALK, TERM="dumb")
    assert [typist.hear(), typist.hear()] == ["here", "ready"]
    assert typist.modes() == typist.before
    typist.type("N\n")
    assert typist.hear() == "n"
    typist.type("\x04")
    assert [typist.hear(), typist.hear()] == ["eof", "left"]
    assert typist.end() == 0
    assert b"\x1b" not in typist.shown


def test_whoever_has_no_descriptor_is_no_terminal(monkeypatch):
    monkeypatch.setenv("COLUMNS", "90")
    monkeypatch.setattr(sys, "stdin", None)
    keys = []
    with Terminal() as terminal:
        assert not terminal.is_capable
        terminal.keys(keys.append, threading.Event())
    assert keys == ["eof"]


# -- frames ----------------------------------------------------------------------------------------


class Screen:
    """What a terminal of this size shows, for the few sequences that a frame is made of.

    As the strictest terminal does it: clearing behind a line that has just reached the last column
    clears that column too.
    """

    def __init__(self, columns, lines):
        self.columns, self.cells = columns, [[" "] * columns for _ in range(lines)]
        self.row = self.column = 0

    def take(self, text):
        for what in re.findall(r"\x1b\[[?\d;]*[A-Za-z]|.", text, re.DOTALL):
            if what == "\x1b[H":
                self.row = self.column = 0
            elif what == "\x1b[K":
                at = min(self.column, self.columns - 1)
                self.cells[self.row][at:] = [" "] * (self.columns - at)
            elif what == "\x1b[J":
                self.take("\x1b[K")
                for row in self.cells[self.row + 1 :]:
                    row[:] = [" "] * self.columns
            elif what == "\r":
                self.column = 0
            elif what == "\n":
                self.row += 1
                if self.row == len(self.cells):
                    self.cells = [*self.cells[1:], [" "] * self.columns]
                    self.row -= 1
            elif len(what) == 1 and what.isprintable():
                self.cells[self.row][min(self.column, self.columns - 1)] = what
                self.column += 1

    @property
    def lines(self):
        return ["".join(row).rstrip() for row in self.cells]


def drawn(at_terminal, *frames):
    """What a screen of 8 x 4 shows after these frames, and the bytes of each."""
    program = """
import json
with Terminal() as terminal:
    for text in json.loads(sys.stdin.readline()):
        terminal.frame(text)
        sys.stdin.readline()
"""
    typist = at_terminal(program)
    typist.resize(8, 4)
    typist.type(json.dumps(frames) + "\n" * (len(frames) + 1))
    assert typist.end() == 0
    shown = typist.shown.decode()
    shown = shown[shown.index("\x1b[?2004h") :]  # before, the terminal shows what is typed
    screen = Screen(8, 4)
    screen.take(shown[: shown.rindex("\x1b[?25h")])
    return screen.lines, shown


def test_a_frame_leaves_nothing_of_the_one_before(at_terminal):
    lines, shown = drawn(
        at_terminal, "12345678\nlong one\nthree\nfour", "\x1b[1mwide·two\x1b[0m\nb"
    )
    assert lines == ["wide·two", "b", "", ""]
    assert "\x1b[2J" not in shown  # it would flicker
    assert shown.count("\x1b[?2026h") == 2
    assert shown.endswith("\x1b[0m")  # the line below is empty, and the shell goes on there


def test_a_full_screen_neither_scrolls_nor_loses_its_last_column(at_terminal):
    text = "12345678\n·2345678\nx\n12345678\nbeyond"
    lines, shown = drawn(at_terminal, text)
    assert lines == ["12345678", "·2345678", "x", "12345678"]
    assert shown.endswith("\x1b[0m\r\n")


def test_what_a_koan_printed_cannot_move_the_cursor(at_terminal):
    lines, shown = drawn(at_terminal, "a\x1b[2Jb\rc\x07\x1b]0;title\x07d\x1b7\x9b5A", "\x1b[31mred")
    assert lines == ["red", "", "", ""]
    assert "title" not in shown
    assert "\x1b[31mred" in shown
