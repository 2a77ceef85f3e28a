"""Where a newer course comes from: the repository that the clone was made from, or a folder.

The learner's files are never merged: git fetches, and shows what the other commit holds.
"""

from __future__ import annotations

import fnmatch
import os
import re
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from torchkoans.source import command, shown
from torchkoans.updating.installing import File, UpdateError, git

_UNDER_WAY = {
    "rebase-merge": "rebase",
    "rebase-apply": "rebase",
    "CHERRY_PICK_HEAD": "cherry-pick",
    "REVERT_HEAD": "revert",
}


@dataclass(frozen=True)
class Clone:
    """A git checkout with the course at its top, and the commit that is its HEAD."""

    root: Path
    head: str

    def git(self, *arguments: str, **settings: str) -> str:
        """What git says in this clone; raises UpdateError where it refuses."""
        return git(self.root, *arguments, **settings)

    def ask(self, *arguments: str) -> str | None:
        """What git says, None where it refuses."""
        try:
            return self.git(*arguments)
        except UpdateError:
            return None


@dataclass(frozen=True)
class Newer:
    """A newer course: its files, and in words which one it is.

    `clone` is the learner's, `commit` the new one in it and `base` the last one that both have; the
    two are empty where there is no history in common. `folder` is the new course's, if it is one
    without git.
    """

    files: dict[str, File]
    words: str
    clone: Clone | None = None
    commit: str = ""
    base: str = ""
    folder: Path | None = None


def newer(root: Path, folder: Path | None) -> Newer | str:
    """The newer course in the folder, or in the repository that the clone at `root` came from.

    A sentence where there is nothing newer. Raises UpdateError where none can be had.
    """
    clone = clone_at(root)
    if folder is None:
        return _fetched(*_remote(clone))
    folder = _course_in(folder)
    if folder == root.resolve():
        what = "is this course itself: name the folder of the newer one."
        raise UpdateError(f"{shown(folder)} {what}")
    other = clone_at(folder)
    if clone and other:
        return _fetched(clone, str(folder))
    if other:
        return Newer(files_of(other, "HEAD"), f"{_named(other, 'HEAD')} from {folder}")
    return Newer(_files_in(folder, _ignored(folder)), str(folder), clone, folder=folder)


def clone_at(root: Path) -> Clone | None:
    """The git checkout at whose top this folder is; None where it is none, or has no commit yet."""
    if not shutil.which("git"):
        return None
    try:
        inside, _, head = git(root, "rev-parse", "--show-prefix", "HEAD").rpartition("\n")
    except UpdateError:
        if (root / ".git").exists():
            git(root, "rev-parse", "--git-dir")  # git may have a reason to refuse it all
        return None
    return None if inside else Clone(root, head)


def _remote(clone: Clone | None) -> tuple[Clone, str]:
    """The clone and the remote to ask.

    That is `upstream`, as people with a fork call it, else the branch's own, else `origin`.
    """
    instead = "Download the newer course, unpack it and name its folder: "
    instead += command("update", "--from", "DIR")
    if clone is None:
        what = "is no clone that git knows" if shutil.which("git") else "has no git at hand"
        raise UpdateError(f"This folder {what}, so there is nowhere to fetch from. {instead}")
    remotes = clone.git("remote").splitlines()
    branch = clone.git("rev-parse", "--abbrev-ref", "HEAD")
    for name in ("upstream", clone.ask("config", f"branch.{branch}.remote"), "origin", *remotes):
        if name and name in remotes:
            return clone, name
    raise UpdateError(f"This clone does not say where it came from: git knows no remote. {instead}")


def _fetched(clone: Clone, place: str) -> Newer | str:
    _refuse_what_is_under_way(clone)
    clone.git("fetch", "--quiet", "--no-recurse-submodules", place, "HEAD")
    commit = clone.git("rev-parse", "FETCH_HEAD")
    known = clone.ask("remote", "get-url", place)
    address = re.sub(r"//[^/@]*@", "//", known or place)  # not the password that may stand in it
    base = clone.ask("merge-base", "HEAD", commit)
    if base == commit:
        return f"{_named(clone, commit)} is the newest at {address}, and you have it."
    if known:  # so that git status does not count what has long been there
        clone.ask("fetch", "--quiet", "--no-recurse-submodules", place)
    words = f"{_named(clone, commit)} from {address}"
    return Newer(files_of(clone, commit), words, clone, commit if base else "", base or "")


def _refuse_what_is_under_way(clone: Clone) -> None:
    folder = clone.root / clone.git("rev-parse", "--git-dir")
    for name, what in _UNDER_WAY.items():
        if (folder / name).exists():
            raise UpdateError(
                f"A {what} is under way in git: finish it, or give it up with "
                f"`git {what} --abort`; then start again."
            )


def _named(clone: Clone, commit: str) -> str:
    return clone.git("log", "-1", "--date=short", "--format=%h of %cd", commit)


# -- files ---------------------------------------------------------------------------------------


def files_of(clone: Clone, commit: str) -> dict[str, File]:
    """All files of a commit, as a checkout here would have them."""
    with tempfile.TemporaryDirectory(prefix="torch-koans-") as folder:
        index = str(Path(folder) / "index")
        clone.git("read-tree", commit, GIT_INDEX_FILE=index)
        clone.git("checkout-index", "-a", f"--prefix={folder}/tree/", GIT_INDEX_FILE=index)
        return _files_in(Path(folder) / "tree")


def _files_in(folder: Path, ignore: Sequence[str] = ()) -> dict[str, File]:
    """All files of a folder, but for what is to be ignored and for virtual environments."""
    found = {}
    try:
        for where, folders, names in os.walk(folder):
            below = [name for name in folders if not (Path(where) / name / "pyvenv.cfg").exists()]
            folders[:] = [name for name in below if not _matches(name, ignore)]
            for path in (Path(where) / name for name in names if not _matches(name, ignore)):
                if path.is_file():
                    executable = os.name == "posix" and bool(path.stat().st_mode & 0o100)
                    found[path.relative_to(folder).as_posix()] = File(path.read_bytes(), executable)
    except OSError as error:
        raise UpdateError(f"{error.filename}: it cannot be read: {error.strerror}") from None
    return found


def _ignored(folder: Path) -> list[str]:
    """What is no part of a course that somebody has used: as its .gitignore names it, and more."""
    file = folder / ".gitignore"
    lines = file.read_text("utf-8", "replace").splitlines() if file.is_file() else []
    named = [line.strip().rstrip("/") for line in lines]
    return [".git", "*.pyc", "__pycache__", ".torch-koans", *(name for name in named if name)]


def _matches(name: str, patterns: Sequence[str]) -> bool:
    return any(fnmatch.fnmatch(name, pattern) for pattern in patterns)


def _course_in(folder: Path) -> Path:
    """The course in a folder, or in the only one in it: so an archive is unpacked."""
    if not folder.is_dir():
        what = "unpack it, and name its folder" if folder.exists() else "there is no such folder"
        raise UpdateError(f"{folder}: {what}.")
    inside = [path for path in folder.iterdir() if path.is_dir()]
    for candidate in (folder, *(inside if len(inside) == 1 else [])):
        if (candidate / "answers").is_dir() and (candidate / "koans").is_dir():
            return candidate.resolve()
    raise UpdateError(f"{folder}: there is no course in it: no answers/ and no koans/.")


# -- what is the learner's own -------------------------------------------------------------------


@cache
def paths_of(clone: Clone, commit: str) -> set[str]:
    """The paths of all files of a commit."""
    return _listed(clone.git("ls-tree", "-r", "-z", "--name-only", commit))


def changed_since(clone: Clone, commit: str) -> set[str]:
    """Files of a commit that are now different, committed or not."""
    return _listed(clone.git("diff", "--name-only", "-z", "--no-renames", commit))


def staged_alone(clone: Clone) -> dict[str, File]:
    """What was added to the index and stands nowhere else."""
    differ = _listed(clone.git("diff-files", "--name-only", "-z", "--diff-filter=M"))
    differ -= _listed(clone.git("diff-files", "--name-only", "-z", "--diff-filter=U"))
    staged = _listed(clone.git("diff-index", "--cached", "--name-only", "-z", "HEAD"))
    if not differ & staged:
        return {}
    with tempfile.TemporaryDirectory(prefix="torch-koans-") as folder:
        clone.git("checkout-index", f"--prefix={folder}/", "--", *sorted(differ & staged))
        return _files_in(Path(folder))


def successor(clone: Clone, newer: Newer) -> str:
    """The commit that HEAD becomes: the new one, or a merge of it with the learner's own.

    Its files are those of the new course, and files that the learner has added and committed.
    """
    head, commit, base = clone.head, newer.commit, newer.base
    if head == base:
        return commit
    own = _listed(
        clone.git("diff", "--name-only", "-z", "--no-renames", "--diff-filter=A", base, head)
    )
    own -= newer.files.keys()
    entries = clone.git("ls-tree", "-r", "-z", head).split("\0")
    with tempfile.TemporaryDirectory(prefix="torch-koans-") as folder:
        index = {"GIT_INDEX_FILE": str(Path(folder) / "index")}
        clone.git("read-tree", commit, **index)
        for entry in entries:
            about, _, path = entry.partition("\t")
            if path in own:
                mode, _, blob = about.split()
                clone.git("update-index", "--add", "--cacheinfo", f"{mode},{blob},{path}", **index)
        tree = clone.git("write-tree", **index)
    words = f"Update Torch Koans to {_named(clone, commit)}"
    make = ["commit-tree", tree, "-p", head, "-p", commit, "-m", words]
    return clone.ask(*make) or clone.git(*make, **_NOBODY)  # nobody has told git their name


_NOBODY = {
    f"GIT_{role}_{what}": value
    for role in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "Torch Koans"), ("EMAIL", "update@torch-koans.invalid"))
}


def _listed(paths: str) -> set[str]:
    return {path for path in paths.split("\0") if path}
