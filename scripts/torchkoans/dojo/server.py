"""The facilitator's server, from its start to its end; and what the facilitator is told of it."""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import shlex
import socket
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import waitress
from waitress import wasyncore

from torchkoans.course import Course
from torchkoans.dojo import gate
from torchkoans.dojo.address import PORT
from torchkoans.dojo.hall import Hall
from torchkoans.dojo.log import LOGS
from torchkoans.dojo.room import DATABASE
from torchkoans.dojo.rounds import Round
from torchkoans.dojo.routes import MOST_BODY, app
from torchkoans.dojo.session import MINUTE
from torchkoans.dojo.store import Store, set_aside
from torchkoans.source import command, shown

THREADS, CONNECTIONS = 8, 500
OTHER_FILES = 60  # that a server has open besides, at the most
IDLE = 15  # seconds after which a connection on which nothing comes is closed
POLLS = os.name == "posix"  # then more than a thousand connections may be looked at
LOOPBACK = "127.0.0.1"
EVERY, BREAK = 5 * MINUTE, 50 * MINUTE  # of a round, and after which a break is due, as is usual
ANY = ("0.0.0.0", "::")  # noqa: S104 (a facilitator asks for it by name)


class ServerError(Exception):
    """Why nobody can be served, in one sentence: where, what, what next."""


class Server:
    """A room that is open: `run` serves it until Ctrl-C, or until `stop` is called in a thread.

    Without `serve` pairs cannot post to it; it shows a folder of logs, this clone's own unless one
    is given. Raises StoreError and ServerError, in one sentence, where it cannot be opened.
    """

    def __init__(
        self,
        course: Course,
        *,
        serve: bool = False,
        folder: Path | None = None,
        host: str = LOOPBACK,
        port: int = PORT,
        every: float = EVERY,
        break_after: float | None = None,
        new: bool = False,
    ) -> None:
        self._ending = threading.RLock()
        self._is_over = self._is_closed = False
        path = course.root / DATABASE
        self.kept: Path | None = None
        given = folder
        if not serve and folder is None:
            folder = course.root / LOGS
            folder.mkdir(parents=True, exist_ok=True)
        with contextlib.ExitStack() as opened:
            self._socket = opened.enter_context(_listening(host, port))
            self.host, self.port = host, int(self._socket.getsockname()[1])
            if new:  # only now that the room can be opened
                self.kept = set_aside(path)
            store = opened.enter_context(contextlib.closing(Store(path)))
            self.hall = Hall(
                course,
                store,
                posts=serve,
                folder=folder,
                fallback=Round(every, break_after),
                join=self._joining(serve, given),
            )
            self.hall.gate.names.add(host.lower())
            self._again = _command(serve, given, host, self.port, every, break_after)
            self._serving = self._served()
            opened.pop_all()  # both stay open until `close`

    def _served(self) -> Any:
        own = frozenset() if self.host in ANY else frozenset({self._socket.getsockname()[0]})
        for name in ("waitress", "waitress.queue"):  # its worries are no lines for a terminal
            logging.getLogger(name).setLevel(logging.ERROR)
        return waitress.create_server(
            app(self.hall, own, self.port),
            sockets=[self._socket],
            threads=THREADS,
            connection_limit=_connections(),
            channel_timeout=IDLE,
            cleanup_interval=IDLE,
            max_request_body_size=MOST_BODY,
            max_request_header_size=16 * 1024,
            log_socket_errors=False,
            ident="",
        )

    def _joining(self, serve: bool, folder: Path | None) -> Callable[[str], str] | None:
        """What makes the command with which pairs come in; nobody comes into a clone's own logs."""
        if serve:
            return lambda code: command("dojo", "join", self.url, code)
        if folder:
            there = command("dojo", "join", _quoted(os.path.abspath(folder)))  # noqa: PTH100
            return lambda _: there
        return None

    @property
    def code(self) -> str:
        return self.hall.gate.code

    @property
    def url(self) -> str:
        """As others reach it."""
        return _url(_outward() if self.host in ANY else self.host, self.port)

    @property
    def link(self) -> str:
        """The board at this computer; whoever opens it needs no code."""
        host = {"0.0.0.0": LOOPBACK, "::": "::1"}.get(self.host, self.host)  # noqa: S104
        return f"{_url(host, self.port)}/?code={self.code}"

    def lines(self) -> list[str]:
        """What a facilitator is told."""
        found = [self.hall.store.note] if self.hall.store.note else []
        if self.kept:
            found.append(f"A new room; the one before is kept as {shown(self.kept)}.")
        found.append(f"The board: {self.link}")
        if self.hall.join:
            found.append(f"Pairs come in with: {self.hall.join}")
        if self.hall.posts:
            if gate.is_loopback(self.host) or self.host == "localhost":
                found.append("No other computer reaches it; with --host 0.0.0.0 those of the room.")
            if count := len(self.hall.gathering.pairs):
                known = "1 session is" if count == 1 else f"{count} sessions are"
                found.append(f"{known} known from before. With --new the room begins empty.")
        found.append("Ctrl-C ends it, and nothing is lost. To open this room again:")
        return [*found, f"    {self._again}"]

    def run(self) -> None:
        self.hall.open()
        try:
            while not self._is_over:
                wasyncore.loop(1.0, POLLS, self._serving._map, 1)
        except KeyboardInterrupt:
            pass
        finally:
            self.close()

    def stop(self) -> None:
        """Let `run`, which is in another thread, come to its end."""
        with self._ending:
            self._is_over = True
            if not self._is_closed:
                self._serving.pull_trigger()

    def close(self) -> None:
        """Answer what was asked, and nothing more."""
        with self._ending:
            if not self._is_closed:
                self._is_closed = True
                self._serving.task_dispatcher.shutdown()
                wasyncore.close_all(self._serving._map, ignore_all=True)
                self.hall.close()


def _listening(host: str, port: int) -> socket.socket:
    """Raises ServerError where nobody can listen there."""
    if not 0 <= port < 2**16:
        raise ServerError(f"{port} is no port: choose one from 1024 to 65535, or 0 for any.")
    try:
        family, *_, where = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        both = host == "::" and socket.has_dualstack_ipv6()
        return socket.create_server(where[:2], family=family, dualstack_ipv6=both)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            what = f"port {port} is in use, perhaps by a board: close that, or choose --port N"
        else:
            what = f"nobody can listen there: {error.strerror or error}"
        raise ServerError(f"{host}: {what}.") from None
    except UnicodeError:
        raise ServerError(
            f"{host} is no address: such as 0.0.0.0, or one of this computer's."
        ) from None


def _connections() -> int:
    """How many may be open at once: each is an open file, of which the system allows so many."""
    try:
        import resource
    except ImportError:  # Windows, where connections are no files
        return CONNECTIONS
    most, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most == resource.RLIM_INFINITY:
        return CONNECTIONS
    return max(1, min(CONNECTIONS, most - OTHER_FILES))


def _command(
    serve: bool, folder: Path | None, host: str, port: int, every: float, rest: float | None
) -> str:
    """What opens this room again, without --new; what is as usual is left out."""
    words = ["board", *(["--serve"] if serve else [])]
    for name, value, usual in (
        ("--dir", folder, None),
        ("--host", host, LOOPBACK),
        ("--port", port, PORT),
        ("--every", f"{every / MINUTE:g}", f"{EVERY / MINUTE:g}"),
        ("--break", f"{(rest or 0) / MINUTE:g}", f"{BREAK / MINUTE:g}"),
    ):
        words += [name, _quoted(str(value))] if value != usual else []
    return command("dojo", *words)


def _quoted(word: str) -> str:
    """As it is typed in a shell of this system."""
    return subprocess.list2cmdline([word]) if os.name == "nt" else shlex.quote(word)


def _url(host: str, port: int) -> str:
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _outward() -> str:
    """The address by which others in the network know this computer, as far as it has one.

    Nothing is sent: a datagram socket is only told where it would send to.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # nobody's, kept for documentation
            return str(probe.getsockname()[0])
        except OSError:
            return socket.gethostname() or LOOPBACK
