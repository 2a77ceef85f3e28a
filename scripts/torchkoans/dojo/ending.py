"""What becomes of the work branch when a session is over: it is sent off, made one commit, or gone.

To keep it, nothing needs to be done. What is made one or is gone can be brought back by its hash as
long as git has not tidied up, which it does not do within two weeks.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from torchkoans.dojo import workbranch
from torchkoans.dojo.handover import trailers
from torchkoans.dojo.repository import HandoverError, Repository, is_silent_ssh_wanted, repository
from torchkoans.dojo.workbranch import TOGETHER, Commit, WorkBranch

_TITLE = "A session in the dojo"  # of the commit that is made of all
_PUSH_SECONDS = 60.0  # for what goes through a network


@dataclass(frozen=True)
class Ended:
    """A branch that was changed, and how it is brought back; `commit` is what it is now, if any."""

    branch: str
    before: str
    commit: str | None

    @property
    def back(self) -> str:
        """The command that makes the branch what it was."""
        force = "--force " if self.commit else ""
        return f"git branch {force}{self.branch} {self.before}"


@dataclass(frozen=True)
class Standing:
    """What there is of a work branch, and what would be lost with it."""

    branch: str
    commits: tuple[Commit, ...]  # newest first
    pushed: tuple[str, ...]  # the remotes that have it as it is
    pushed_before: tuple[str, ...]  # those that have another state of it
    only_there: tuple[str, ...]  # files of koans/ that are otherwise in the folder, or gone
    only_here: tuple[str, ...]  # files of koans/ that were saved since it was last handed over

    @property
    def first(self) -> Commit:
        return self.commits[-1]

    @property
    def last(self) -> Commit:
        return self.commits[0]


def what_there_is(root: Path, session: str) -> Standing | None:
    """How the work branch of the session stands; None where nothing was handed over.

    What the remotes have is what was last heard of them. Raises HandoverError where git refuses.
    """
    there = repository(root)
    branch = workbranch.find(there, session)
    if branch is None:
        return None
    heard = {remote: _heard(there, remote, branch.name) for remote in _remotes(there)}
    changes = dict(_changes(there, branch))
    return Standing(
        branch.name,
        branch.commits,
        tuple(remote for remote, tip in heard.items() if tip == branch.tip.hash),
        tuple(remote for remote, tip in heard.items() if tip and tip != branch.tip.hash),
        tuple(path for path, kind in changes.items() if kind != "A"),
        tuple(path for path, kind in changes.items() if kind != "D"),
    )


def squash(root: Path, session: str) -> Ended:
    """Make one commit of the work branch: where it began, what it holds, what was done by whom.

    Raises HandoverError where it cannot be; nothing has changed then.
    """
    there = repository(root)
    branch = _needed(there, session)
    tip = branch.tip
    if len(branch.commits) == 1:
        return Ended(branch.name, tip.hash, tip.hash)
    new = there.make(tip.tree, branch.base, _summary(branch, session), tip.author)
    there.move(branch.name, new, tip.hash, tip.author)
    return Ended(branch.name, tip.hash, new)


def drop(root: Path, session: str) -> Ended:
    """Delete the work branch; the koans in the folder stay as they are.

    Raises HandoverError where it cannot be; nothing has changed then.
    """
    there = repository(root)
    branch = _needed(there, session)
    there.move(branch.name, None, branch.tip.hash, branch.tip.author)
    return Ended(branch.name, branch.tip.hash, None)


def push(root: Path, session: str, remote: str = "origin") -> str:
    """Send the work branch to a remote; gives the branch's name.

    Over what is there it goes only where that is an earlier state of this very branch, as after a
    squash. Raises HandoverError, with git's own reason, where it cannot be.
    """
    there = repository(root)
    branch = _needed(there, session)
    if remote not in _remotes(there):
        names = ", ".join(_remotes(there)) or "none"
        then = f"It knows {names}; `git remote add {remote} ADDRESS` adds one."
        raise HandoverError(f"git knows no remote that is called {remote}", then)
    ref = f"refs/heads/{branch.name}"
    calls = ["--no-verify", "--no-follow-tags", "--no-recurse-submodules"]
    calls += _lease(there, session, remote, branch)
    ssh = {"GIT_SSH_COMMAND": "ssh -oBatchMode=yes"} if is_silent_ssh_wanted(there) else {}
    try:
        there.within(_PUSH_SECONDS, "push", *calls, "--", remote, f"{ref}:{ref}", **ssh)
    except HandoverError as error:
        then = f"The branch is whole here; by hand: git push {remote} {branch.name}"
        raise HandoverError(error.reason, then) from None
    return branch.name


def _needed(there: Repository, session: str) -> WorkBranch:
    branch = workbranch.find(there, session)
    if branch is None:
        then = "There is nothing to keep, to push or to drop."
        raise HandoverError("Nothing was handed over as a commit in this session", then)
    return branch


# -- remotes ---------------------------------------------------------------------------------------


def _remotes(there: Repository) -> list[str]:
    return there.git("remote").splitlines()


def _heard(there: Repository, remote: str, name: str) -> str | None:
    """The branch's commit on a remote, as of the last push or fetch; None where it has none."""
    return there.ask("rev-parse", "--verify", "--quiet", f"refs/remotes/{remote}/{name}")


def _lease(there: Repository, session: str, remote: str, branch: WorkBranch) -> list[str]:
    """What lets a push go over an earlier state of the branch that was sent from here."""
    heard = _heard(there, remote, branch.name)
    if (
        heard is None
        or there.ask("merge-base", "--is-ancestor", heard, branch.tip.hash) is not None
    ):
        return []
    is_ours = any(workbranch.commits_of(there, session, heard))
    return [f"--force-with-lease=refs/heads/{branch.name}:{heard}"] if is_ours else []


# -- files and words -------------------------------------------------------------------------------


def _changes(there: Repository, branch: WorkBranch) -> Iterator[tuple[str, str]]:
    """Each file of koans/ that is not the same in the branch and in the folder; A: only here."""
    now = there.koans(branch.tip.hash)
    how = ["--no-renames", "--name-status", "-r", "-z"]
    kinds = iter(there.git("diff-tree", *how, branch.tip.tree, now).split("\0"))
    for kind in kinds:
        if kind:
            yield next(kinds), kind


def _summary(branch: WorkBranch, session: str) -> str:
    """What all of the commits say, from the first to the last, and all whom they are by."""
    titles = ["" if commit.title == _TITLE else commit.title for commit in branch.commits]
    said = [f"{title}\n{commit.body}" for title, commit in zip(titles, branch.commits, strict=True)]
    author = _who(branch.tip)
    everybody = [one for commit in branch.commits for one in (_who(commit), *_others(commit))]
    last = trailers(session, (one for one in everybody if one != author))
    return "\n\n".join([_TITLE, *(one.strip() for one in reversed(said)), last])


def _who(commit: Commit) -> str:
    name, address = commit.author
    return f"{name} <{address}>"


def _others(commit: Commit) -> list[str]:
    return commit.trailers(TOGETHER)
