"""What a room has heard, on the facilitator's disk: each event once, in a database of SQLite.

Of a process that is killed nothing is lost that it has confirmed. Where the power goes, the last
moments may be; then pairs are told how much is here, and tell the rest again.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from torchkoans import locking
from torchkoans.dojo.events import Event, parsed
from torchkoans.dojo.log import now
from torchkoans.source import shown

FORMAT = 1
MOST_EVENTS = 50_000  # of a session
PATIENCE = 3.0  # seconds for another program to let go of the database
_TABLES = """
create table sessions (number integer primary key, id text not null unique, seen text not null);
create table events (session integer not null, n integer not null, line blob not null,
    primary key (session, n)) without rowid;
create table meta (name text primary key, value text not null);
"""


class StoreError(Exception):
    """Why something cannot be kept: where, what, what next; `why` says it without a path."""

    def __init__(self, said: str, why: str = "") -> None:
        self.why = why
        super().__init__(said)


class Store:
    """The database at `path`, for one process at a time; its threads may share it.

    `note` says, once it is open, what a person should know of it. Raises StoreError.
    """

    def __init__(self, path: Path) -> None:
        self.path, self.note = path, ""
        self._lock = threading.RLock()
        self._numbers: dict[str, int] = {}
        self._have: dict[str, int] = {}
        self._alone = _only_one(path)
        try:
            self._base = self._opened()
            self._look()
        except BaseException:
            self._alone.close()
            raise

    def close(self) -> None:
        with self._lock, contextlib.suppress(sqlite3.Error):
            self._base.close()
        self._alone.close()

    # -- sessions and their events --

    @property
    def sessions(self) -> list[str]:
        """In the order in which they came."""
        with self._lock:
            return sorted(self._numbers, key=self._numbers.__getitem__)

    def have(self, session: str) -> int:
        """How many of its events are here: the first so many, without a gap."""
        return self._have.get(session, 0)

    def number(self, session: str) -> int:
        """Which one it is in the order of arrival; it is one from now on."""
        with self._lock:
            if session not in self._numbers:
                number = max(self._numbers.values(), default=0) + 1
                with contextlib.suppress(StoreError), self._writing() as base:
                    _greet(base, number, session)
                self._numbers[session] = number
            return self._numbers[session]

    def add(self, session: str, first: int, events: Sequence[Event]) -> int:
        """Keep these events, whose numbers run on from `first`; returns how many are here then.

        What is here already is passed over. Where others are missing before them, none is kept.
        Raises StoreError where the disk takes none of them.
        """
        with self._lock:
            have = self.have(session)
            new = events[max(0, have - first) :]
            if first > have or not new:
                return have
            number = self._numbers.get(session) or max(self._numbers.values(), default=0) + 1
            with self._writing() as base:
                _greet(base, number, session)
                rows = [(number, event.n, event.line()) for event in new]
                base.executemany("insert into events values (?, ?, ?)", rows)
            self._numbers[session] = number
            self._have[session] = have + len(new)
            return self._have[session]

    def events(self, session: str) -> list[Event]:
        """All that is here of a session."""
        with self._lock, self._saying():
            return _events(self._base, self._numbers.get(session, 0))

    # -- what else is kept --

    def kept(self, name: str) -> Any:
        """The plain values that were kept under this name; None where there are none."""
        with self._lock, self._saying():
            return _kept(self._base, name)

    def keep(self, name: str, values: Any) -> None:
        with self._lock, self._writing() as base:
            base.execute("insert or replace into meta values (?, ?)", (name, json.dumps(values)))

    # -- the database --

    def _opened(self) -> sqlite3.Connection:
        """The database, made where there is none; one that is damaged is moved aside."""
        kept = {}
        try:
            return self._connected()
        except sqlite3.OperationalError as error:
            raise self._error(error) from None
        except sqlite3.DatabaseError:  # it is none, or a part of it is rubbish
            kept = _saved(self.path)
            aside = _aside(self.path)
            self.note = f"{shown(self.path)} was damaged, and is kept as {shown(aside)}: "
            self.note += "what pairs have told comes again from those that are still joined."
        base = self._connected()
        for name, values in kept.items():
            base.execute("insert into meta values (?, ?)", (name, json.dumps(values)))
        return base

    def _connected(self) -> sqlite3.Connection:
        base = sqlite3.connect(self.path, PATIENCE, isolation_level=None, check_same_thread=False)
        try:
            base.execute("pragma journal_mode = wal")
            base.execute("pragma synchronous = normal")  # each pair has its own log besides
            self._check(base)
        except BaseException:
            base.close()
            raise
        return base

    def _check(self, base: sqlite3.Connection) -> None:
        (version,) = base.execute("pragma user_version").fetchone()
        if version == 0 and not base.execute("select 1 from sqlite_master").fetchone():
            base.executescript(f"begin immediate; {_TABLES} pragma user_version = {FORMAT}; commit")
        elif version != FORMAT:
            raise StoreError(
                f"{shown(self.path)} is from another version of the course: move it elsewhere, "
                "then start again."
            )
        if base.execute("pragma quick_check(1)").fetchone() != ("ok",):
            raise sqlite3.DatabaseError("damaged")

    def _look(self) -> None:
        with self._saying():
            self._numbers = dict(self._base.execute("select id, number from sessions"))
            counts = dict(self._base.execute("select session, max(n) + 1 from events group by 1"))
        self._have = {one: counts.get(number, 0) for one, number in self._numbers.items()}

    @contextlib.contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """All that is written in it comes to be, or nothing."""
        with self._saying():
            self._base.execute("begin immediate")
            try:
                yield self._base
                self._base.execute("commit")
            finally:
                if self._base.in_transaction:
                    self._base.execute("rollback")

    @contextlib.contextmanager
    def _saying(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise self._error(error) from None

    def _error(self, error: sqlite3.Error) -> StoreError:
        what = f" cannot be used ({error}): see to the disk, then start again."
        if "full" in str(error):
            what = ": the disk is full. Make room on it; nothing is lost, pairs tell again."
        elif "locked" in str(error):
            what = " is in use by another program: close that, then start again."
        return StoreError(shown(self.path) + what, f"The room's database{what}")


def events(path: Path) -> dict[str, list[Event]]:
    """All events of a database, by session in the order of arrival; nothing in it is changed.

    Its server may be at work meanwhile. Raises StoreError where it cannot be read.
    """
    try:
        with contextlib.closing(_reading(path)) as base:
            rows = base.execute("select id, number from sessions order by number").fetchall()
            found = {session: _events(base, number) for session, number in rows}
    except sqlite3.Error as error:
        raise StoreError(f"{shown(path)} is no room's database ({error}).") from None
    return {session: events for session, events in found.items() if events}


def seen(path: Path) -> dict[str, str]:
    """When each session of a database was first heard of, by the clock of the computer it is on.

    Raises StoreError where it cannot be read.
    """
    try:
        with contextlib.closing(_reading(path)) as base:
            return dict(base.execute("select id, seen from sessions").fetchall())
    except sqlite3.Error as error:
        raise StoreError(f"{shown(path)} is no room's database ({error}).") from None


def _reading(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", PATIENCE, uri=True)


def _events(base: sqlite3.Connection, number: int) -> list[Event]:
    rows = base.execute("select line from events where session = ? order by n", (number,))
    return [event for (line,) in rows if (event := parsed(line))]


def _greet(base: sqlite3.Connection, number: int, session: str) -> None:
    base.execute("insert or ignore into sessions values (?, ?, ?)", (number, session, now()))


def _kept(base: sqlite3.Connection, name: str) -> Any:
    row = base.execute("select value from meta where name = ?", (name,)).fetchone()
    return json.loads(row[0]) if row else None


def _saved(path: Path) -> dict[str, Any]:
    """The code and the round, where they can still be read in a damaged database."""
    found = {}
    for name in ("code", "round"):
        with (
            contextlib.suppress(sqlite3.Error, ValueError),
            contextlib.closing(_reading(path)) as b,
        ):
            found[name] = _kept(b, name)
    return {name: values for name, values in found.items() if values is not None}


def set_aside(path: Path) -> Path | None:
    """Let a new database begin; returns where the old one is kept, None where there was none.

    Raises StoreError where a server has it.
    """
    with _only_one(path):
        if not path.exists():
            return None
        with contextlib.suppress(sqlite3.Error), contextlib.closing(sqlite3.connect(path)) as base:
            base.execute("pragma wal_checkpoint(truncate)")  # then it is one file, and one rename
        return _aside(path)


def _aside(path: Path) -> Path:
    """Rename a database, with all that belongs to it, to where no other is."""
    stem = f"{path.stem}-{time.strftime('%Y%m%d-%H%M%S')}"
    names = (f"{stem}{f'-{n}' if n else ''}{path.suffix}" for n in range(10**6))
    aside = next(path.with_name(name) for name in names if not path.with_name(name).exists())
    try:
        for end in ("-wal", "-shm", ""):
            with contextlib.suppress(FileNotFoundError):
                Path(f"{path}{end}").replace(f"{aside}{end}")
    except OSError as error:
        raise StoreError(f"{shown(path)} cannot be moved aside: {error.strerror}.") from None
    return aside


def _only_one(path: Path) -> Any:
    """The file that a server holds locked, open.

    Raises StoreError where another has it.
    """
    beside = Path(f"{path}.lock")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = beside.open("a+", encoding="utf-8")
    except OSError as error:
        raise StoreError(f"{shown(beside)} cannot be written: {error.strerror}.") from None
    if locking.lock(file, wait=False):
        return file
    file.close()
    raise StoreError(
        f"{shown(path)} is in use by another board of this clone: close that one, or go on with it."
    )
