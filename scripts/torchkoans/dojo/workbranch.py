"""The branch that a session's handovers go to, found by what git's own history says.

It is called `dojo/DAY-ID`. Each commit of it names its session: a branch that somebody else has
made under such a name, or has gone on with, is none of ours and is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from torchkoans.dojo.repository import HandoverError, Repository

SESSION = "Dojo-session"  # the trailers of a commit
TOGETHER = "Co-authored-by"
_TRAILER = re.compile(r"([A-Za-z-]+): (.*)")
_SHORT = 6  # letters of the session that a branch is called by


@dataclass(frozen=True)
class Commit:
    """A commit; its author is a name and an address."""

    hash: str
    tree: str
    parent: str
    author: tuple[str, str]
    message: str

    @property
    def title(self) -> str:
        return self.message.partition("\n")[0]

    @property
    def body(self) -> str:
        """What stands between the title and the trailers."""
        return "\n\n".join(self.message.strip().split("\n\n")[1:-1])

    def trailers(self, key: str) -> list[str]:
        """What stands after this key in the last paragraph."""
        last = self.message.strip().split("\n\n")[-1]
        found = map(_TRAILER.fullmatch, last.splitlines())
        return [line[2] for line in found if line and line[1] == key]


@dataclass(frozen=True)
class WorkBranch:
    """The work branch of a session: its own commits, newest first, one at the least."""

    name: str
    commits: tuple[Commit, ...]

    @property
    def tip(self) -> Commit:
        return self.commits[0]

    @property
    def base(self) -> str:
        """The commit that it began at."""
        return self.commits[-1].parent


def find(there: Repository, session: str) -> WorkBranch | None:
    """The work branch of this session; None where nothing was handed over yet."""
    pattern = re.compile(rf"dojo[/-]\d{{4}}-\d\d-\d\d-{_short(session)}(-\d+)?")
    named = [name for name in there.branches() if pattern.fullmatch(name)]
    for name in sorted(named, key=lambda name: (len(name), name)):
        commits = tuple(commits_of(there, session, f"refs/heads/{name}"))
        if commits:
            return WorkBranch(name, commits)
    return None


def free_name(there: Repository, session: str, day: str) -> str:
    """The name for a new work branch, which no other branch has or stands in the way of."""
    taken = there.branches()
    start = f"dojo{'-' if 'dojo' in taken else '/'}{day}-{_short(session)}"
    name, number = start, 1
    while any(f"{one}/".startswith(f"{name}/") for one in taken):
        number += 1
        name = f"{start}-{number}"
    return name


def commits_of(there: Repository, session: str, commit: str) -> Iterator[Commit]:
    """The commits of this session, from that one back to where it began."""
    listed = there.git("rev-list", "--first-parent", _FORMAT, commit, "--").split("\0")
    for start in range(1, len(listed) - _FIELDS, _FIELDS + 1):
        hash_, tree, parents, name, address, message = listed[start : start + _FIELDS]
        found = Commit(hash_, tree, parents.partition(" ")[0], (name, address), message)
        if found.trailers(SESSION) != [session]:
            return
        yield found


_FORMAT = "--format=%x00%H%x00%T%x00%P%x00%an%x00%ae%x00%B%x00"
_FIELDS = 6  # of each commit, and before them a line of git's own


def _short(session: str) -> str:
    if not re.fullmatch(r"[0-9a-f]{32}", session):
        raise HandoverError("The session has no name that a branch could be called by")
    return session[:_SHORT]
