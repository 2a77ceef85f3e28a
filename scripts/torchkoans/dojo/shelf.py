"""A folder of logs as it grows: what pairs lay there, a room takes in.

It may lie on a network share or a USB stick, come and go, and hold whatever else people put there.
Of several logs of one session one leads: that which is named by the session's id, as `join` names
it, or else the one that was seen first. Another one counts in its place as long as it begins with
all that the leading one has: it is a copy that has come further. All others are passed over: what
somebody lays beside a session has no say in it once the session's own log says something else.
"""

from __future__ import annotations

import os
import stat
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from torchkoans.dojo.delivery import begun_by
from torchkoans.dojo.gathering import Gathering
from torchkoans.dojo.log import ENDING, Tail

MOST_FILES = 1000
LARGEST = 64 * 2**20  # bytes of a log; no session has as many
STRANGE = "another log says something else of the same session"
Seen = tuple[int, ...]


@dataclass
class _File:
    """A log as it was seen last."""

    tail: Tail
    seen: Seen = ()
    fed: Seen = ()  # as it was when the gathering got what it has
    session: str = ""  # as its start says; until then it is nobody's
    is_new: bool = False  # it was not there at the first look

    @property
    def path(self) -> Path:
        return self.tail.path


class Shelf:
    """Feeds a gathering with the logs in a folder, a look at a time; `trouble` is for a wall."""

    def __init__(
        self, folder: Path, gathering: Gathering, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.folder, self.trouble = folder, ""
        self._gathering, self._clock = gathering, clock
        self._files: dict[str, _File] = {}  # in the order in which they were seen first
        self._chosen: dict[str, tuple[list[Seen], Choice]] = {}  # by session, and from what
        self._has_looked = False

    def look(self) -> None:
        """Take in what has come since the last look."""
        try:
            paths, left_out = logs_in(self.folder)
        except OSError as error:
            self.trouble = (
                f"The folder of logs: {_why(error)}. As soon as it is back, this goes on."
            )
            return
        troubles: Counter[str] = Counter()
        self._keep(paths)
        found = self._by_session(troubles)
        self._chosen = {one: choice for one, choice in self._chosen.items() if one in found}
        for session, files in found.items():
            try:
                troubles.update(self._take(session, files))
            except OSError as error:
                troubles[_why(error)] += 1
        self.trouble = " ".join([*_too_many(left_out), *_sentences(troubles)])
        self._has_looked = True

    def _keep(self, paths: list[Path]) -> None:
        """Forget files that are gone, and put new ones behind those that are known."""
        there = {path.name: path for path in paths}
        known = {name: file for name, file in self._files.items() if name in there}
        new = {
            name: _File(Tail(path), is_new=self._has_looked)
            for name, path in there.items()
            if name not in known
        }
        self._files = {**known, **new}

    def _by_session(self, troubles: Counter[str]) -> dict[str, list[_File]]:
        found: dict[str, list[_File]] = {}
        for file in self._files.values():
            try:
                self._see(file)
            except OSError as error:
                troubles[_why(error)] += 1
            else:
                found.setdefault(file.session, []).append(file)
        found.pop("", None)
        return found

    def _see(self, file: _File) -> None:
        """Look what has become of a file. Raises OSError where it is not to be read."""
        facts = file.path.lstat()
        seen = (facts.st_ino, facts.st_size, facts.st_mtime_ns)
        if seen == file.seen:
            return
        if not stat.S_ISREG(facts.st_mode):
            raise OSError(None, "this is no file")
        if facts.st_size > LARGEST:
            raise OSError(None, "this is too large for a log")
        if file.seen and (seen[0] != file.seen[0] or seen[1] < file.seen[1]):
            file.tail, file.session = Tail(file.path), ""  # another file has its name by now
        file.session = file.session or begun_by(file.path)
        file.seen = seen

    def _take(self, session: str, files: list[_File]) -> Iterator[str]:
        """Feed what is new of a session; says of each file that does not count why."""
        paths, seen = [file.path for file in files], [file.seen for file in files]
        before, choice = self._chosen.get(session, ([], None))
        if choice is None or seen != before:
            was, choice = choice, chosen(session, paths)
            is_other = was is not None and was.path != choice.path and was.path in paths
            self._feed(self._files[choice.path.name], anew=is_other)
            self._chosen[session] = seen, choice
        if not self._gathering.knows(session):
            yield "the room is full"
        yield from [STRANGE] * choice.strange

    def _feed(self, file: _File, *, anew: bool) -> None:
        """`anew`: what the gathering got from another file does not count any more."""
        if file.fed == file.seen and not anew:
            return
        if anew:
            file.tail = Tail(file.path)
        heard = self._clock() if file.is_new or file.fed else None
        events = file.tail.new()
        self._gathering.feed(file.session, events, heard, anew=anew)
        file.fed = file.seen


def _why(error: OSError) -> str:
    """In words for a wall: no path is among them."""
    return error.strerror or "it cannot be read"


def _sentences(troubles: Counter[str]) -> Iterator[str]:
    for why, count in troubles.most_common(3):
        yield f"{_files(count)} in the folder {'are' if count > 1 else 'is'} not shown: {why}."


def _too_many(left_out: int) -> Iterator[str]:
    if left_out:
        yield f"{_files(left_out)} in the folder are not looked at: move old ones out of it."


def _files(count: int) -> str:
    return "1 log" if count == 1 else f"{count:,} logs"


# -- which of them count ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Choice:
    """The one of several logs of a session that counts; `strange` are those that contradict it."""

    path: Path
    strange: int = 0


def chosen(session: str, paths: list[Path]) -> Choice:
    """Which of these logs of one session counts, the first unless one is named by its id.

    Raises OSError where one of them cannot be read.
    """
    leading = next((path for path in paths if path.stem == session), paths[0])
    others = [path for path in paths if path != leading]
    if not others:
        return Choice(leading)
    text, further, strange = _whole_lines(leading), [leading], 0
    for path in others:
        head = _whole_lines(path, len(text))
        further += [path] if head == text else []
        strange += not text.startswith(head)
    return Choice(max(further, key=lambda path: path.lstat().st_size), strange)


def _whole_lines(path: Path, most: int = -1) -> bytes:
    with path.open("rb") as file:
        data = file.read(most)
    return data[: data.rfind(b"\n") + 1]


def logs_in(folder: Path) -> tuple[list[Path], int]:
    """The logs in a folder, by name, whoever they are of; and how many more there are.

    Of too many the first ones are left out: clones name their logs by the day. Raises OSError where
    the folder cannot be read.
    """
    with os.scandir(folder) as entries:
        found = [entry for entry in entries if _is_log(entry)]
    if len(found) > MOST_FILES:
        found = [entry for entry in found if not _is_empty(entry)]
    names = sorted(entry.name for entry in found)
    return [folder / name for name in names[-MOST_FILES:]], max(0, len(names) - MOST_FILES)


def _is_log(entry: os.DirEntry[str]) -> bool:
    """Whether it is a file, and no link, with the name of a log."""
    try:
        is_file = entry.is_file(follow_symlinks=False)
    except OSError:
        return False
    return is_file and entry.name.endswith(ENDING) and not entry.name.startswith(".")


def _is_empty(entry: os.DirEntry[str]) -> bool:
    try:
        return not entry.stat(follow_symlinks=False).st_size
    except OSError:
        return True
