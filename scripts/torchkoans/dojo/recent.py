"""The sessions that a clone knows of, its own and those that others have told it of."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from torchkoans.dojo import room
from torchkoans.dojo.address import RoomError
from torchkoans.dojo.events import Event
from torchkoans.dojo.log import LOGS
from torchkoans.source import command

DAY = timedelta(hours=12)  # from the first session of an evening to its last
Logs = dict[str, list[Event]]


def known(root: Path) -> Logs:
    """All that was told to this clone's board, and its own sessions.

    Raises RoomError where there is neither.
    """
    found: Logs = {}
    if (root / room.DATABASE).exists():
        found |= room.events(root / room.DATABASE)
    if (root / LOGS).is_dir():
        found |= room.events(root / LOGS)  # its own are whole
    if not found:
        start = command("dojo", "start", "NICK", "NICK")
        raise RoomError(f"No session was held here, and no board was told of one: {start}.")
    return found


def of_last_day(logs: Logs) -> Logs:
    """Those that began within half a day of the newest; those of which nobody can say when, too."""
    begun = {session: _begun(events) for session, events in logs.items()}
    newest = max(filter(None, begun.values()), default=None)
    return {
        session: logs[session]
        for session, at in begun.items()
        if newest is None or at is None or newest - at <= DAY
    }


def _begun(events: list[Event]) -> datetime | None:
    """When a session began, as far as the clock on its wall was right."""
    try:
        at = datetime.fromisoformat(events[0].at)
    except (ValueError, IndexError):
        return None
    return at if at.tzinfo else None
