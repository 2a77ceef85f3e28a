"""The room that a clone is joined to, and the logs of a whole room, wherever they are."""

from __future__ import annotations

import secrets
import tempfile
import time
from pathlib import Path

from torchkoans.dojo import address, courier, delivery, store
from torchkoans.dojo.address import Address, RoomError
from torchkoans.dojo.delivery import DeliveryError
from torchkoans.dojo.events import Event, goes_on
from torchkoans.dojo.log import LOGS, logs, read, unfinished
from torchkoans.dojo.shelf import chosen, logs_in
from torchkoans.remembered import FOLDER
from torchkoans.source import command, shown

TRIES = 4
DATABASE = Path(FOLDER, "dojo", "room.sqlite")


class EmptyError(RoomError):
    """Nobody has told the room of a session yet."""


def join(root: Path, where: str, code: str | None = None) -> str:
    """Tell a room of this clone's sessions from now on; returns a sentence that says so.

    The one that is going on is told at once, or else the last one; earlier ones are not. Raises
    RoomError where there is no such room, CourseError where it cannot be written down.
    """
    found = address.of(where, code)
    if found.is_server:
        _ask(found)
    else:
        _try(root, Path(found.where))
    address.save(root, found)
    return f"Joined {found.where}. {_told(root, found)}"


def _ask(found: Address) -> None:
    """Raises RoomError where no room answers, or not to this code."""
    for _ in range(TRIES):  # where a whole class joins at once, it says when to come again
        try:
            delivery.post(found, secrets.token_hex(16), [])
            return
        except DeliveryError as error:
            trouble = error
        if trouble.why != delivery.BUSY:
            break
        time.sleep(trouble.wait or 1.0)
    raise RoomError(_why(found, trouble.why))


def _why(found: Address, why: str) -> str:
    if why == delivery.WRONG_CODE:
        again = command("dojo", "join", found.where, "CODE")
        return f"{found.where} wants another code, see its board: {again}"
    if why == delivery.OFFLINE:
        return (
            f"{found.where} does not answer. Is the board open there, with --serve and --host, and "
            "is this computer in the same network?"
        )
    return f"{found.where}: {why or 'it is busy'}. Look at its board, then join again."


def _try(root: Path, folder: Path) -> None:
    """Raises RoomError where a log cannot be laid."""
    if folder == (root / LOGS).resolve():
        raise RoomError(f"{shown(folder)} has this clone's own logs: join another folder.")
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"\n")
    except OSError as error:
        raise RoomError(f"{shown(folder)} cannot be written: {error.strerror}.") from None


def _told(root: Path, found: Address) -> str:
    path = unfinished(root) or next(reversed(logs(root)), None)
    if path is None or not delivery.session_of(path):
        return "The session that starts here next is told there."
    if not _tell(path, found):
        return "What is in the log is told as soon as a session is open here."
    return "All that the log of this session has is told."


def tell(root: Path, path: Path) -> None:
    """Tell the room, if one was joined and is there, all that this log has; once."""
    found = address.load(root)
    if found:
        _tell(path, found)


def _tell(path: Path, found: Address) -> bool:
    try:
        courier.tell(delivery.of(path, found))
    except DeliveryError:
        return False
    return True


def leave(root: Path) -> str:
    """Tell the room nothing more; what it has it keeps.

    Raises RoomError where that cannot be written down.
    """
    path = root / address.FILE
    found = address.load(root)
    try:
        path.unlink()
    except FileNotFoundError:
        return "This clone was joined to no room."
    except OSError as error:
        raise RoomError(f"{shown(path)} cannot be removed: {error.strerror}.") from None
    return f"Left {found.where}: it keeps what it has been told." if found else "Left the room."


def events(source: Path) -> dict[str, list[Event]]:
    """All events of a room, by session in the order in which they began.

    The source is a folder of logs, a clone, whose own they are, or a server's database. Raises
    RoomError where there is no such thing, EmptyError where nothing is in it.
    """
    found = _of_database(source) if source.is_file() else _of_folder(source)
    if not found:
        raise EmptyError(
            f"There are no logs in {shown(source)}: a room is a folder of .jsonl logs, a clone, or "
            f"a {DATABASE.name}."
        )
    return found


def _of_database(source: Path) -> dict[str, list[Event]]:
    try:
        return store.events(source)
    except store.StoreError as error:
        raise RoomError(str(error)) from None


def _of_folder(source: Path) -> dict[str, list[Event]]:
    if (source / LOGS).is_dir():
        source = source / LOGS
    try:
        paths, _ = logs_in(source)
        return _by_session(paths)
    except OSError as error:
        raise RoomError(f"{shown(source)}: no logs can be read there: {error.strerror}.") from None


def _by_session(paths: list[Path]) -> dict[str, list[Event]]:
    """Of copies of a log one counts, as on a board."""
    copies: dict[str, list[Path]] = {}
    for path in paths:
        session = delivery.session_of(path)
        if session:
            copies.setdefault(session, []).append(path)
    logs = {one: _in_order(read(chosen(one, of_it).path)) for one, of_it in copies.items()}
    whole = ((session, events) for session, events in logs.items() if events)
    return dict(sorted(whole, key=lambda item: (item[1][0].at, item[0])))


def _in_order(events: list[Event]) -> list[Event]:
    found: list[Event] = []
    for event in events:
        if goes_on(event.n, found[-1].n + 1 if found else 0):
            found.append(event)
    return found
