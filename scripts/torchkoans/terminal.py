"""The terminal as one program's own: keys without Enter, whole frames, all of it given back.

Imported before anything that takes long, so it imports next to nothing itself.
"""

from __future__ import annotations

import atexit
import codecs
import os
import re
import select
import signal
import sys
import threading
import time
from contextlib import contextmanager, suppress

from torchkoans.keystrokes import Keystrokes, pressed

TYPE_CHECKING = False  # typing.TYPE_CHECKING costs an import that nothing here needs
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType
    from typing import Any, TextIO

if sys.platform == "win32":
    import ctypes
    import msvcrt
else:
    import termios

TICK = 0.1  # seconds after which the thread that listens looks whether it should stop
TAKE = "\x1b[?25l\x1b[?2004h"  # no cursor; pasted text comes between marks
# Drawing done, long lines wrapped again, no marks, a cursor, plain text.
GIVE_BACK = "\x1b[?2026l\x1b[?7h\x1b[?2004l\x1b[?25h\x1b[0m"
BEGIN, END = "\x1b[?2026h\x1b[?7l\x1b[H", "\x1b[?7h\x1b[?2026l"
FATAL = ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGBREAK")
# Colours and links may pass; whatever else moves the cursor or rings would spoil the frame.
_SPOILS = re.compile(
    r"(\x1b\[[\d;:]*m|\x1b\]8;[^\x07\x1b]*(?:\x1b\\|\x07))"
    r"|\x1b(?:\[[0-?]*[ -/]*[@-~]?|\][^\x07\x1b]*(?:\x1b\\|\x07)?|[^\[\]])?"
    r"|[\x00-\x08\x0b-\x1f\x7f-\x9f]"
)
_COLOUR = re.compile(r"\x1b\[[\d;:]*m")
_CONSOLE = {  # what follows a zero on a Windows console
    "H": "up",
    "P": "down",
    "K": "left",
    "M": "right",
    "I": "pageup",
    "Q": "pagedown",
    "G": "home",
    "O": "end",
    "R": "insert",
    "S": "delete",
}
_FINGERS = 4  # characters that come at once from a console; more of them were pasted


class Terminal:
    """Takes the terminal in `with`, and gives it back as it was, however that ends.

    Where there is none (a pipe, TERM=dumb) `is_capable` is False: nothing is taken, `keys` hands
    over lines, and whoever draws has to print.
    """

    def __init__(self, stdin: TextIO | None = None, stdout: TextIO | None = None) -> None:
        self._stdin, self._stdout = stdin or sys.stdin, stdout or sys.stdout
        self._in, self._out = _descriptor(self._stdin), _descriptor(self._stdout)
        self.is_capable = _is_terminal(self._in) and _is_terminal(self._out) and _knows_sequences()
        self._process = os.getpid()
        self._modes: list[Any] | None = None  # the terminal's own, before it was taken
        self._is_open = self._is_taken = self._is_lent = False
        self._is_drawn = self._wants_drawing = False
        self._below = ""  # what leads from the end of a frame to an empty line
        self._reading = threading.Lock()
        self._sending = threading.RLock()  # a signal may have something to send in the midst of it
        self._answers: dict[int, Any] = {}  # to the signals that nobody else answers

    def __enter__(self) -> Terminal:
        if self.is_capable:
            atexit.register(self.close)
            self._is_open = True
            try:
                self._heed_signals()
                self._take()
            except BaseException:
                self.close()
                raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give the terminal back for good; may be called twice."""
        self._is_open = False
        self._give_back()
        self._forget_signals()
        atexit.unregister(self.close)

    @contextmanager
    def lent(self) -> Iterator[None]:
        """While another program has the terminal: as it was, and no key is taken from it."""
        with self._reading:
            self._is_lent = True
        was_taken = self._is_taken
        try:
            with _deaf():
                self._give_back()
                yield
        finally:
            self._is_lent = False
            if was_taken:
                self._take()
                self._wants_drawing = True

    # -- what goes out --

    def size(self) -> tuple[int, int]:
        """(columns, lines) as they are now."""
        for descriptor in (self._out, self._in):
            with suppress(OSError, ValueError):
                columns, lines = os.get_terminal_size(-1 if descriptor is None else descriptor)
                if columns and lines:
                    return columns, lines
        return _number("COLUMNS", 80), _number("LINES", 24)

    def frame(self, text: str) -> None:
        """Show this and nothing else, in one write.

        Lines beyond the last row and what is beyond the last column are not shown. What was on the
        screen before the first frame can be scrolled back to.
        """
        columns, rows = self.size()
        lines = [_line(line, columns) for line in _SPOILS.sub(r"\1", text).split("\n")[:rows]]
        before = "" if self._is_drawn else "\n" * rows
        clear = "\n\x1b[J" if len(lines) < rows else ""
        self._is_drawn, self._below = True, "" if clear else "\n"
        with suppress(OSError, ValueError):
            self._stdout.flush()  # what was printed comes first
        self._send(before + BEGIN + "\n".join(lines) + clear + END)

    def ring(self) -> None:
        """The terminal's own bell, which a person can make silent or visible there.

        For any thread, and also while another program has the terminal: it moves nothing.
        """
        if self.is_capable:
            self._send("\a")

    def _send(self, text: str) -> None:
        """All of it, however the terminal takes it; where that is gone there is nobody to tell."""
        encoding = getattr(self._stdout, "encoding", None) or "utf-8"
        data = text.encode(encoding, "replace")
        with self._sending, suppress(OSError, ValueError):
            if sys.platform == "win32":
                self._stdout.write(data.decode(encoding))
                self._stdout.flush()
                return
            while data:
                try:
                    data = data[os.write(self._out or 0, data) :]
                except BlockingIOError:  # somebody made it non-blocking, and it is full
                    select.select([], [self._out or 0], [], TICK)

    # -- what comes in --

    def keys(self, put: Callable[[str], None], stop: threading.Event) -> None:
        """Hand over each key as it is pressed, and "resize" when a frame is due; for a thread.

        Returns soon after `stop` is set, and after "eof" where nothing can come any more. Ctrl-D
        is an "eof", too. Without a terminal: each line in lower case, an empty one as "enter".

        Whoever waits for them in the main thread should look up now and then: Python answers a
        signal only between two steps, and on Windows a wait without a limit hears no Ctrl-C.
        """
        if not self.is_capable:
            self._lines(put, stop)
        elif sys.platform == "win32":
            self._console(put, stop)
        else:
            if threading.current_thread() is not threading.main_thread():
                # Whoever waits in the main thread wakes up only for what is sent to that one.
                signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, *self._answers})
            self._keys(put, stop)

    def _keys(self, put: Callable[[str], None], stop: threading.Event) -> None:
        letters = codecs.getincrementaldecoder("utf-8")("ignore")
        strokes = Keystrokes()
        while not stop.is_set():
            data = self._typed(strokes.patience or TICK)
            if self._wants_drawing:
                self._wants_drawing = False
                put("resize")
            if data == b"":
                put("eof")
                return
            for name in strokes.flush() if data is None else strokes.feed(letters.decode(data)):
                put(name)

    def _lines(self, put: Callable[[str], None], stop: threading.Event) -> None:
        if self._in is None:
            for line in self._stdin or ():
                put(line.strip().lower() or "enter")
        rest = b""
        while self._in is not None and not stop.is_set():
            data = self._typed(TICK)
            *lines, rest = (rest + (data or b"")).split(b"\n")
            if data == b"" and rest.strip():
                lines.append(rest)
            for line in lines:
                put(line.decode(errors="replace").strip().lower() or "enter")
            if data == b"":
                break
        if not stop.is_set():
            put("eof")

    def _typed(self, patience: float) -> bytes | None:
        """What has come; None where nothing did for so long, b"" where nothing ever will.

        The terminal is asked before it is read: a thread that waited in a read would take the
        first key from whoever the terminal is lent to.
        """
        assert self._in is not None
        if self._is_lent:
            time.sleep(TICK)
            return None
        try:
            if not _is_ready(self._in, patience):
                return None
            with self._reading:
                if self._is_lent or not _is_ready(self._in, 0):
                    return None
                return os.read(self._in, 4096)
        except BlockingIOError:
            return None
        except (OSError, ValueError):  # the terminal was closed
            return b""

    if sys.platform == "win32":

        def _console(self, put: Callable[[str], None], stop: threading.Event) -> None:
            """The same on Windows, which has no select for a console and no signal for its size."""
            size = self.size()
            while not stop.is_set():
                names = [] if self._is_lent else _console_keys()
                now = self.size()
                if now != size or self._wants_drawing:
                    size, self._wants_drawing = now, False
                    names.insert(0, "resize")
                for name in names:
                    put(name)
                time.sleep(TICK / 5)

    # -- taking and giving back --

    def _take(self) -> None:
        with _uninterrupted():
            self._is_taken = True
            if sys.platform != "win32":
                with suppress(termios.error):
                    self._modes = self._modes or termios.tcgetattr(self._in or 0)
                    termios.tcsetattr(self._in or 0, termios.TCSANOW, _single_keys(self._modes))
            self._send(TAKE)

    def _give_back(self) -> None:
        """Only what was taken, only by the process that took it, and never another job's."""
        if not self._is_taken or os.getpid() != self._process:
            return
        with _uninterrupted():
            if _is_ours(self._in or 0):
                if sys.platform != "win32" and self._modes is not None:
                    with suppress(termios.error):
                        termios.tcsetattr(self._in or 0, termios.TCSANOW, self._modes)
                if _is_writable(self._out or 0):
                    self._send(GIVE_BACK + self._below)
            self._is_taken, self._is_drawn, self._below = False, False, ""

    # -- signals --

    def _heed_signals(self) -> None:
        """Answer those that nobody answers yet; who raises an exception ends the `with` anyway."""
        if threading.current_thread() is not threading.main_thread():
            return
        answers: dict[str, Callable[[int, FrameType | None], None]] = {
            **dict.fromkeys(FATAL, self._die),
            "SIGTSTP": self._stop,
            "SIGCONT": self._go_on,
            "SIGWINCH": self._resized,
        }
        for name, answer in answers.items():
            number = getattr(signal, name, None)
            if number is not None and signal.getsignal(number) == signal.SIG_DFL:
                self._answers[number] = answer
                signal.signal(number, answer)

    def _forget_signals(self) -> None:
        for number, answer in self._answers.items():
            if signal.getsignal(number) == answer:  # nobody else has asked for it since
                signal.signal(number, signal.SIG_DFL)
        self._answers.clear()

    def _die(self, number: int, _: FrameType | None) -> None:
        """As the signal wants it, but with the terminal given back first."""
        self._give_back()
        signal.signal(number, signal.SIG_DFL)
        signal.raise_signal(number)

    def _stop(self, number: int, _: FrameType | None) -> None:
        """Ctrl-Z: the shell has the terminal until it lets this process go on."""
        was_taken = self._is_taken
        self._give_back()
        signal.signal(number, signal.SIG_DFL)
        signal.raise_signal(number)  # here it stops
        signal.signal(number, self._stop)
        if was_taken and not self._is_taken:
            self._go_on()

    def _go_on(self, *_: object) -> None:
        """After a stop: the shell may have changed anything."""
        if self._is_open and not self._is_lent and os.getpid() == self._process:
            self._take()
            self._wants_drawing = True

    def _resized(self, *_: object) -> None:
        """Only a mark: a queue may be half way through something when a signal comes."""
        self._wants_drawing = True


def _descriptor(stream: TextIO | None) -> int | None:
    try:
        return None if stream is None else stream.fileno()
    except (OSError, ValueError, AttributeError):
        return None


def _is_terminal(descriptor: int | None) -> bool:
    return descriptor is not None and os.isatty(descriptor)


def _knows_sequences() -> bool:
    """Whether the terminal can place a cursor; a Windows console has to be told that it can."""
    if os.environ.get("TERM", "") in ("dumb", "unknown"):
        return False
    if sys.platform == "win32":
        kernel, mode = ctypes.windll.kernel32, ctypes.c_uint32()
        console = ctypes.c_void_p(kernel.GetStdHandle(-11))
        known = kernel.GetConsoleMode(console, ctypes.byref(mode))
        is_told = known and kernel.SetConsoleMode(console, mode.value | 0x0004)
    else:
        is_told = "TERM" in os.environ
    return bool(is_told)


def _number(name: str, otherwise: int) -> int:
    value = os.environ.get(name, "")
    return int(value) if value.isascii() and value.isdigit() and int(value) else otherwise


def _line(line: str, columns: int) -> str:
    """A line that leaves nothing of what stood there.

    Cleared behind where it surely ends before the last column; otherwise before it is written,
    because a terminal that has just written its last column clears that one again.
    """
    shown = _COLOUR.sub("", line)
    is_short = shown.isascii() and len(shown) < columns and "\t" not in shown
    return f"{line}\x1b[K" if is_short else f"\x1b[K{line}"


def _is_ready(descriptor: int, patience: float) -> bool:
    """Whether a read would return at once; Windows can't tell, and a read waits there."""
    return sys.platform == "win32" or bool(select.select([descriptor], [], [], patience)[0])


def _is_writable(descriptor: int) -> bool:
    """Whether a short write would return at once; a terminal may be stuck."""
    with suppress(OSError, ValueError):
        return sys.platform == "win32" or bool(select.select([], [descriptor], [], TICK)[1])
    return False


def _is_ours(descriptor: int) -> bool:
    """False for a job in the background: the terminal is somebody else's now."""
    try:
        return sys.platform == "win32" or os.tcgetpgrp(descriptor) == os.getpgrp()
    except OSError:  # it is no terminal that jobs are controlled from
        return True


if sys.platform == "win32":

    def _console_keys() -> list[str]:
        """The keys that wait at the console; more at once than fingers can press are a paste."""
        names: list[str] = []
        while msvcrt.kbhit():
            character = msvcrt.getwch()
            if character == "\x03":
                signal.raise_signal(signal.SIGINT)
            elif character in "\x00\xe0" and msvcrt.kbhit():
                names += filter(None, [_CONSOLE.get(msvcrt.getwch())])
            else:
                names += ["esc"] if character == "\x1b" else pressed(character)
        return names if len(names) <= _FINGERS else []

else:

    def _single_keys(modes: list[Any]) -> list[Any]:
        """Keys at once and unseen; Ctrl-C and Ctrl-Z as ever.

        A Ctrl-S by habit stops nothing.
        """
        inward, outward, control, local, *speeds, characters = modes
        inward &= ~termios.IXON
        local &= ~(termios.ICANON | termios.ECHO | termios.IEXTEN)
        characters = list(characters)
        characters[termios.VMIN], characters[termios.VTIME] = 1, 0
        return [inward, outward, control, local | termios.ISIG, *speeds, characters]


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """A Ctrl-C waits until the end: the terminal is wholly in one state or wholly in the other."""
    with _deaf() as came:
        yield
    for number in came:
        signal.raise_signal(number)


@contextmanager
def _deaf() -> Iterator[list[int]]:
    """Ctrl-C only noted.

    Not ignored: that would be inherited by a program started meanwhile.
    """
    came: list[int] = []
    before: dict[int, Any] = {}
    try:
        if threading.current_thread() is threading.main_thread():
            for number in (getattr(signal, "SIGQUIT", signal.SIGINT), signal.SIGINT):
                before.setdefault(number, signal.getsignal(number))
                signal.signal(number, lambda number, _: came.append(number))
        yield came
    finally:
        for number, answer in before.items():
            signal.signal(number, answer or signal.SIG_DFL)
