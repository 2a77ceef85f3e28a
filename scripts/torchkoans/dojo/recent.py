"""The sessions that a clone knows of, its own and those that its board was told of.

Which of them are of the last day is said by this computer's clock alone: when it was told, or when
it began here. What the clocks of other computers say counts for nothing.
"""

from __future__ import annotations

import contextlib
from datetime import datetime, timedelta, timezone
from pathlib import Path

from torchkoans.dojo import room, store
from torchkoans.dojo.address import RoomError
from torchkoans.dojo.events import Event
from torchkoans.dojo.log import LOGS
from torchkoans.source import command

DAY = timedelta(hours=12)  # from the first session of an evening to its last
Logs = dict[str, list[Event]]


def known(root: Path) -> tuple[Logs, set[str]]:
    """All sessions, and those of them that are not of the last day.

    Raises RoomError where there are none.
    """
    found: Logs = {}
    begun: dict[str, str] = {}
    if (root / LOGS).is_dir():
        found = _events(root / LOGS)
        begun = {session: events[0].at for session, events in found.items()}
    if (root / room.DATABASE).exists():
        told = _events(root / room.DATABASE)
        found = {**told, **found}  # its own are whole
        begun = {**_seen(root / room.DATABASE), **begun}
    if not found:
        start = command("dojo", "start", "NICK", "NICK")
        raise RoomError(f"No session was held here, and no board was told of one: {start}.")
    return found, found.keys() & earlier(begun)


def _events(source: Path) -> Logs:
    with contextlib.suppress(room.EmptyError):
        return room.events(source)
    return {}


def _seen(database: Path) -> dict[str, str]:
    try:
        return store.seen(database)
    except store.StoreError as error:
        raise RoomError(str(error)) from None


def earlier(begun: dict[str, str], now: datetime | None = None) -> set[str]:
    """Those that began more than half a day before the newest.

    A time that is still to come, or is none, says nothing; such a session is not left out.
    """
    now = now or datetime.now(timezone.utc)
    times = {session: _time(at) for session, at in begun.items()}
    past = {session: at for session, at in times.items() if at and at <= now + timedelta(hours=1)}
    newest = max(past.values(), default=now)
    return {session for session, at in past.items() if newest - at > DAY}


def _time(at: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(at)
    except ValueError:
        return None
    return found if found.tzinfo else None
