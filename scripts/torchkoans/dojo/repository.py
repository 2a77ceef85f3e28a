"""The clone that the course lies in, as a session may use it: nothing of the learner's own moves.

HEAD, the index, the files and the learner's branches stay as they are; no hook of theirs runs, and
nobody is asked for anything. Only `move` changes something that stays, and only a work branch.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from torchkoans.updating import upstream
from torchkoans.updating.installing import UpdateError, asked_of_git

_MEND = "Mend that and try again; nothing of yours was changed."
_UNLOCK = "If no other git is at work here, delete that file and try again."
_WITHOUT = "The session goes on without commits."
_CALM = (  # nothing of the learner's is started or signed, nothing of git's own gets in the way
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "core.untrackedCache=false",
    "core.splitIndex=false",
    "core.safecrlf=false",
    "commit.gpgSign=false",
    "push.gpgSign=false",
    "i18n.commitEncoding=UTF-8",
    "i18n.logOutputEncoding=UTF-8",
)
_SILENT = {
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ASKPASS": "",
    "GCM_INTERACTIVE": "never",
    "GIT_LITERAL_PATHSPECS": "1",
    "LC_ALL": "C",  # of its words some are looked for
}
_ALL = ("-t", "-z", "--cached", "--others", "--exclude-standard")
_TRACKED, _NEW = "H ", "? "  # what `-t` says of each
_PASSWORD = re.compile(r"//[^/@\s]*@")


class HandoverError(Exception):
    """Why something was not done with git, and what to do next; `reason` is the former alone."""

    def __init__(self, reason: str, then: str = _MEND) -> None:
        self.reason = reason.rstrip(".")
        super().__init__(f"{self.reason}. {then}")


@dataclass(frozen=True)
class Repository:
    """The clone; `head` is the commit that the learner is at."""

    root: Path
    head: str

    def git(self, *arguments: str, **settings: str) -> str:
        """What git says.

        Raises HandoverError where it refuses.
        """
        return self.within(None, *arguments, **settings)

    def within(self, limit: float | None, *arguments: str, **settings: str) -> str:
        """What git says, if it has ended after so many seconds.

        Raises HandoverError as `git` does, and where it has not.
        """
        environment = {**_SILENT, **settings}
        try:
            return asked_of_git(self.root, arguments, environment, _CALM, limit)
        except UpdateError as error:
            raise HandoverError(_PASSWORD.sub("//", str(error))) from None
        except ValueError as error:  # a letter that this system cannot hand to git
            raise HandoverError(f"git {arguments[0]} cannot be told that: {error}") from None

    def ask(self, *arguments: str) -> str | None:
        """What git says, None where it refuses."""
        try:
            return self.git(*arguments)
        except HandoverError:
            return None

    def branches(self) -> set[str]:
        """The names of all local branches."""
        listed = self.git("for-each-ref", "--format=%(refname)", "refs/heads")
        return {line.removeprefix("refs/heads/") for line in listed.splitlines()}

    def koans(self, onto: str) -> str:
        """The tree of this commit or tree, with koans/ as it stands in the folder now.

        That is all files of it there, changed or deleted, and Python files that git was not told to
        ignore. It is put together in an index of its own.
        """
        with _temporary() as folder:
            index = {"GIT_INDEX_FILE": str(folder / "index")}
            self.git("read-tree", onto, **index)
            listed = self.git("ls-files", *_ALL, "--", "koans", **index).split("\0")
            if any(line.startswith(_TRACKED) for line in listed):
                self.git("add", "--update", "--", "koans", **index)
            new = [line[2:] for line in listed if line.startswith(_NEW) and _is_code(line)]
            if new:
                self.git("add", "--", *new, **index)
            return self.git("write-tree", **index)

    def make(self, tree: str, parent: str, message: str, author: tuple[str, str]) -> str:
        """A new commit that no branch has yet; gives its hash. An author is a name and address."""
        parents = ["-p", parent] if parent else []
        return self.git("commit-tree", tree, *parents, "-m", message, **_identity(author))

    def move(self, branch: str, new: str | None, old: str | None, who: tuple[str, str]) -> None:
        """Let a branch be another commit, or none: at once, and only if it still is the old one.

        Git notes who it was. Raises HandoverError where the branch is not what it was, is locked,
        or somebody works on it.
        """
        self._refuse_checked_out(branch)
        ref = f"refs/heads/{branch}"
        how = ["--create-reflog", ref, new] if new else ["-d", ref]
        try:
            self.git("update-ref", "-m", "dojo", *how, old or "", **_identity(who))
        except HandoverError as error:
            if self.ask("rev-parse", "--verify", "--quiet", ref) != old:
                reason = f"{branch} was changed in the meantime, by somebody else"
                raise HandoverError(reason, "Try again; nothing is lost.") from None
            if ".lock'" in error.reason:
                raise HandoverError(error.reason, _UNLOCK) from None
            raise

    def _refuse_checked_out(self, branch: str) -> None:
        place = ""
        for line in self.git("worktree", "list", "--porcelain").splitlines():
            what, _, value = line.partition(" ")
            place = value if what == "worktree" else place
            if line == f"branch refs/heads/{branch}":
                then = f"Go back to your own (`git -C {place} switch -`), then try again."
                raise HandoverError(f"{place} is on {branch} itself, where handovers go to", then)


def _identity(who: tuple[str, str]) -> dict[str, str]:
    """What tells git who makes a commit, instead of its settings."""
    about = dict(zip(("NAME", "EMAIL"), who, strict=True))
    return {
        f"GIT_{role}_{what}": value
        for role in ("AUTHOR", "COMMITTER")
        for what, value in about.items()
    }


@contextmanager
def _temporary() -> Iterator[Path]:
    try:
        with TemporaryDirectory(prefix="torch-koans-") as folder:
            yield Path(folder)
    except OSError as error:
        raise HandoverError(f"No temporary folder can be had: {error.strerror}") from None


def _is_code(path: str) -> bool:
    """Whether it is more than what editors and the walk lay beside a file while they write it."""
    name = path.rpartition("/")[2]
    return name.endswith(".py") and not name.startswith(".")


# -- finding it ------------------------------------------------------------------------------------


def repository(root: Path) -> Repository:
    """The clone whose top this folder is.

    Raises HandoverError, with the reason, where work cannot be handed over as a commit.
    """
    try:
        clone = upstream.clone_at(root)
    except UpdateError as error:
        trust = f"If it is yours, say so once: git config --global --add safe.directory {root}"
        is_distrust = "ownership" in str(error)
        raise HandoverError(str(error), trust if is_distrust else _MEND) from None
    found = Repository(root, clone.head if clone else "")
    if clone is None or found.git("rev-parse", "--is-bare-repository") == "true":
        raise _why_not(found)
    return found


def _why_not(there: Repository) -> HandoverError:
    try:
        is_bare = there.git("rev-parse", "--is-bare-repository") == "true"
    except HandoverError as error:
        is_there = "not a git repository" not in error.reason
        return HandoverError(
            error.reason if is_there else "This folder is no clone that git knows", _WITHOUT
        )
    if is_bare:
        mend = "If that is a mistake: git config core.bare false"
        return HandoverError("git takes this clone for a bare one, without files", mend)
    if there.git("rev-parse", "--show-prefix"):
        return HandoverError("The course lies inside of another git repository", _WITHOUT)
    make = "Make one (`git add -A`, then `git commit`), then hand over again."
    return HandoverError("There is no commit in this clone yet", make)


def is_silent_ssh_wanted(there: Repository) -> bool:
    """Whether ssh may be told not to ask for a password: nobody has told git which ssh to take."""
    is_own = any(name in os.environ for name in ("GIT_SSH", "GIT_SSH_COMMAND"))
    return not is_own and there.ask("config", "--get", "core.sshCommand") is None
