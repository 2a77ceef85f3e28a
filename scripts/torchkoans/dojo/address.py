"""Where a clone's sessions are told: a facilitator's server with its code, or a folder."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from torchkoans.remembered import FOLDER
from torchkoans.source import command, write

FILE = Path(FOLDER, "dojo", "room.json")
PORT = 8765  # where a board listens unless told otherwise
SCHEMES = {"http": 80, "https": 443}
_BARE = re.compile(r"[0-9A-Za-z._-]+:\d{1,5}")  # host and port, without what goes before them
_HOST = re.compile(r"[0-9a-z][0-9a-z._-]{0,200}|[0-9a-f:]{2,39}")


class RoomError(Exception):
    """Why a room cannot be joined or read, in one sentence: where, what, what next."""


@dataclass(frozen=True)
class Address:
    """`where` is http://HOST:PORT, or the path of a folder, which has no code."""

    where: str
    code: str = ""

    @property
    def is_server(self) -> bool:
        return "://" in self.where

    @property
    def scheme(self) -> str:
        return urlsplit(self.where).scheme

    @property
    def host(self) -> str:
        return urlsplit(self.where).hostname or ""

    @property
    def port(self) -> int:
        return urlsplit(self.where).port or SCHEMES[self.scheme]


def of(where: str, code: str | None) -> Address:
    """The address that a person has typed.

    Raises RoomError, in one sentence, where it cannot be one.
    """
    where, code = _pasted(where.strip(), code)
    if "://" in where:
        return Address(_server(where), _code(where, code))
    folder = Path(where).expanduser()
    if _BARE.fullmatch(where) and not folder.exists():
        return of(f"http://{where}", code)
    if not folder.is_dir():
        raise RoomError(f"{where}: there is no such folder; a server begins with http://.")
    if code:
        raise RoomError(f"{where} is a folder, and a folder has no code: leave it out.")
    return Address(str(folder.resolve()))


def _pasted(where: str, code: str | None) -> tuple[str, str | None]:
    """The board's own link has the code with it."""
    address, _, pasted = where.partition("/?code=")
    return (address, code or pasted) if pasted and "://" in address else (where, code)


def _server(where: str) -> str:
    example = f"such as http://192.168.1.20:{PORT}"
    try:
        url = urlsplit(where.strip())
        port = url.port
    except ValueError:
        raise RoomError(f"{where} is no address: write one {example}.") from None
    host = url.hostname or ""
    if url.scheme not in SCHEMES or not _HOST.fullmatch(host):
        raise RoomError(f"{where} is no address of a room: write one {example}.")
    if "@" in url.netloc or url.path not in ("", "/") or url.query or url.fragment:
        raise RoomError(f"{where} is more than an address: write host and port alone, {example}.")
    shown = f"[{host}]" if ":" in host else host
    return f"{url.scheme}://{shown}" + (f":{port}" if port else "")


def _code(where: str, code: str | None) -> str:
    if not code or not code.isascii() or not code.isprintable() or len(code) > 100:
        needed = command("dojo", "join", where, "CODE")
        raise RoomError(f"{where} wants the code that its board shows: {needed}")
    return code.strip()


def load(root: Path) -> Address | None:
    """Where the clone at `root` is joined to; None where it is not, or nobody can read it."""
    try:
        values = json.loads((root / FILE).read_text(encoding="utf-8"))
        return _of_json(values)
    except (OSError, ValueError, RecursionError):
        return None


def _of_json(values: Any) -> Address | None:
    if not isinstance(values, dict):
        return None
    where, code = values.get("where"), values.get("code", "")
    if not isinstance(where, str) or not isinstance(code, str):
        return None
    try:
        return Address(_server(where), _code(where, code)) if "://" in where else Address(where)
    except RoomError:
        return None


def save(root: Path, address: Address) -> None:
    """Only its owner may read it, for the code's sake.

    Raises CourseError where it cannot be written.
    """
    path = root / FILE
    data = json.dumps(asdict(address), ensure_ascii=False).encode() + b"\n"
    write(path, data, mode=0o600)


def stamp(root: Path) -> tuple[int, ...]:
    """Another one whenever somebody has joined, or left."""
    try:
        facts = (root / FILE).stat()
    except OSError:
        return ()
    return facts.st_ino, facts.st_size, facts.st_mtime_ns
