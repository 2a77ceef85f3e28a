"""An update put into its place, so that an interruption at any point loses nothing.

All that is new, and a copy of all that is old, is written beside first. One rename says that both
are whole; from then on files are only renamed into their places, and the next start goes on where
the last one was stopped.

Standard library only, and nothing of torchkoans: half of it may be new by then.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

KEPT = ".torch-koans/kept"  # what was replaced; of each update a folder of its own
PENDING = ".pending"  # in it, while an update is being put into its place
_MAKING = ".making-"  # in it, while what it takes is being written
_OVER = f"{_MAKING}over"


class UpdateError(Exception):
    """Why there is no update, in one sentence with what to do next."""


@dataclass(frozen=True)
class File:
    """A file that a course ships."""

    data: bytes
    executable: bool = False


@dataclass(frozen=True)
class Change:
    """What is done to a course's folder; each path is relative to it, with slashes.

    `before` is what stood at each of these paths when the person was asked. `beside` goes into the
    folder of the copy. `head` is the commit that is HEAD and the one that shall be.
    """

    write: dict[str, File] = field(default_factory=dict)
    remove: tuple[str, ...] = ()
    before: dict[str, bytes | None] = field(default_factory=dict)
    beside: dict[str, bytes] = field(default_factory=dict)
    head: tuple[str, str] | None = None

    @property
    def is_nothing(self) -> bool:
        return not (self.write or self.remove or self.head)


@dataclass(frozen=True)
class Installed:
    """Where the old files are kept, and what else there is to say."""

    kept: Path
    said: tuple[str, ...] = ()


def git(folder: Path, *arguments: str, **settings: str) -> str:
    """What git says, without the last line end; `settings` are variables of its environment.

    Raises UpdateError, with git's last word on it, where it refuses.
    """
    return asked_of_git(folder, arguments, settings)


def asked_of_git(
    folder: Path,
    arguments: Sequence[str],
    settings: Mapping[str, str],
    config: Iterable[str] = (),
    seconds: float | None = None,
) -> str:
    """What git says, with settings of its own (`commit.gpgSign=false`) for this once.

    It has no keyboard to read from. Raises UpdateError as `git` does, and where it has not ended in
    time.
    """
    environment = {k: v for k, v in os.environ.items() if k not in _OF_ANOTHER_REPOSITORY}
    once = [part for setting in config for part in ("-c", setting)]
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *once, *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=seconds,
            env={**environment, **settings},
        )
    except OSError as error:
        raise UpdateError(f"git cannot be started: {error.strerror}") from None
    except subprocess.TimeoutExpired:
        raise UpdateError(f"git {arguments[0]} has not ended in {seconds:g} seconds") from None
    if done.returncode:
        reason = _last_word(os.fsdecode(done.stderr)) or f"error {done.returncode}"
        raise UpdateError(f"git {arguments[0]} refuses: {reason}")
    return os.fsdecode(done.stdout).removesuffix("\n")


def _last_word(said: str) -> str:
    """The line of git's that says why; of a push, what the other side had against it."""
    lines = [line.strip() for line in said.strip().splitlines()]
    for starts in (("! [",), ("fatal:", "error:")):
        for line in lines:
            if line.startswith(starts):
                return line.removeprefix("! ").split(": ", 1)[-1]
    return lines[-1].split(": ", 1)[-1] if lines else ""


_OF_ANOTHER_REPOSITORY = (
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_PREFIX",
    "GIT_COMMON_DIR",
    "GIT_OBJECT_DIRECTORY",
)


def told(installed: Installed) -> list[str]:
    """What there is to say afterwards."""
    kept = f"{KEPT}/{installed.kept.name}"
    return [
        f"Your koans as they were: {kept}/koans",
        f"All that was changed, in words: {kept}/changes.txt",
        *installed.said,
    ]


# -- writing beside ------------------------------------------------------------------------------


def stage(root: Path, change: Change, called: str) -> None:
    """Write all that is new and a copy of all that is old; `finish` then puts it into its place.

    The copy goes to KEPT/`called`. Raises UpdateError where it cannot be; nothing is changed then.
    """
    _refuse_what_stands_in_the_way(root, change)
    making = None
    try:
        kept = root / KEPT
        kept.mkdir(parents=True, exist_ok=True)
        for rubbish in kept.glob(f"{_MAKING}*"):  # of a start that was interrupted
            shutil.rmtree(rubbish)
        making = Path(tempfile.mkdtemp(prefix=_MAKING, dir=kept))
        called = _free_name(kept, called)
        _write(making / ".gitignore", b"*\n")
        _copy_what_is_old(root, change, making / "old")
        for path, file in change.write.items():
            _write(making / "new" / path, file.data, _mode(root / path, file))
        todo = {"kept": called, "write": list(change.write), "remove": change.remove}
        _write(making / "todo.json", json.dumps({**todo, "head": change.head}).encode())
        _refuse_what_was_saved_since(root, change)
        (making / "old").rename(kept / called)
        making.rename(kept / PENDING)
    except OSError as error:
        _forget(making)
        what = "Mend that and start again; nothing was changed."
        raise UpdateError(f"{_said(error, root)}. {what}") from None
    except UpdateError:
        _forget(making)
        raise


def _refuse_what_stands_in_the_way(root: Path, change: Change) -> None:
    if (root / KEPT / PENDING).exists():
        raise UpdateError("Another update is under way here; start again when it is through.")
    for path in (*change.write, *change.remove):
        target = root / path
        parents = [root / folder for folder in Path(path).parents]
        if target.is_dir():
            raise UpdateError(
                f"{path}: there is a folder of that name: move it away and start again."
            )
        if any(folder.exists() and not folder.is_dir() for folder in parents):
            raise UpdateError(
                f"{path}: a file stands where its folder belongs: move it away first."
            )
        if target.exists() and not target.stat().st_mode & 0o200:  # a rename would not mind
            raise UpdateError(f"{path}: it is read-only: make it writable and start again.")
        nearest = next(folder for folder in parents if folder.exists())
        if not os.access(nearest, os.W_OK):
            raise UpdateError(f"{path}: its folder is read-only: make it writable and start again.")


def _refuse_what_was_saved_since(root: Path, change: Change) -> None:
    for path, data in change.before.items():
        if _read(root / path) != data:
            raise UpdateError(
                f"{path} was saved in the meantime: start again; nothing was changed."
            )


def _free_name(kept: Path, name: str) -> str:
    names = [name, *(f"{name}-{number}" for number in range(2, 1000))]
    return next(free for free in names if not (kept / free).exists())


def _copy_what_is_old(root: Path, change: Change, to: Path) -> None:
    _write(to / ".gitignore", b"*\n")  # git is not to speak of it
    for path in (root / "koans").rglob("*"):
        place = path.relative_to(root)
        if place.as_posix() not in change.before and path.is_file() and not _is_cache(place):
            _write(to / place, path.read_bytes())
    for name, data in change.before.items():
        if data is not None:
            _write(to / _place(name), data)
    for name, data in change.beside.items():
        _write(to / name, data)


def _is_cache(path: Path) -> bool:
    return "__pycache__" in path.parts


def _place(path: str) -> str:
    """Where in the folder of the copy an old file is."""
    return path if path.startswith("koans/") else f"course/{path}"


def _write(path: Path, data: bytes, mode: int | None = None) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    if mode is not None:
        path.chmod(mode)


def _mode(target: Path, file: File) -> int | None:
    """A file keeps who may read and write it; whether it can be started is the course's to say."""
    if not target.exists():
        return 0o755 if file.executable else None
    mode = target.stat().st_mode & 0o777
    return mode | (mode & 0o444) >> 2 if file.executable else mode & ~0o111


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _forget(folder: Path | None) -> None:
    if folder:
        shutil.rmtree(folder, ignore_errors=True)


def _said(error: OSError, root: Path) -> str:
    """What the system says, of which file."""
    reason = error.strerror or str(error)
    if not isinstance(error.filename, str):
        return reason
    path = Path(error.filename)
    return f"{path.relative_to(root) if path.is_relative_to(root) else path}: {reason}"


# -- putting into place --------------------------------------------------------------------------


def is_pending(root: Path) -> bool:
    """Whether an update is half in its place."""
    return (root / KEPT / PENDING).exists()


def finish(root: Path) -> Installed | None:
    """Put a staged update into its place, be it staged now or by a start that was interrupted.

    None where there is none. Raises UpdateError where it cannot go on now; the next start does.
    """
    pending = root / KEPT / PENDING
    if not pending.exists():
        return None
    try:
        todo = json.loads((pending / "todo.json").read_bytes())
    except (OSError, ValueError):
        what = "your old koans are beside it: move it away and start again"
        raise UpdateError(f"{KEPT}/{PENDING} is not whole any more; {what}.") from None
    try:
        kept = root / KEPT / todo["kept"]
        since = [path for path in todo["remove"] if _take_away(root, kept, path)]
        since += [path for path in todo["write"] if _put(root, kept, pending, path)]
        said = [f"{path} was saved in the meantime: {KEPT}/{kept.name}/since" for path in since]
        said += _move_head(root, todo["head"])
        _forget(root / KEPT / _OVER)
        _forget(pending.rename(root / KEPT / _OVER))
    except (OSError, UpdateError) as error:
        reason = _said(error, root) if isinstance(error, OSError) else str(error)
        what = "Nothing is lost: mend that and start again, the update goes on."
        raise UpdateError(f"{reason}. {what}") from None
    return Installed(kept, tuple(said))


def _put(root: Path, kept: Path, pending: Path, path: str) -> bool:
    """Rename a new file into its place; whether somebody had saved the old one in the meantime."""
    staged, target = pending / "new" / path, root / path
    if not staged.exists():
        return False  # it is there already
    since = _keep_what_is_newer(root, kept, path)
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        staged.replace(target)
    except OSError:
        if staged.parent.stat().st_dev == target.parent.stat().st_dev:
            raise
        beside = target.with_name(f".{target.name}.new")  # a folder on a disk of its own
        shutil.copy2(staged, beside)
        beside.replace(target)
    return since


def _take_away(root: Path, kept: Path, path: str) -> bool:
    """Remove a file that the new course lacks, and the folders that are empty then."""
    target = root / path
    if not target.exists():
        return False
    since = _keep_what_is_newer(root, kept, path)
    target.unlink()
    for folder in _emptied(root, path):
        folder.rmdir()
    return since


def _emptied(root: Path, path: str) -> Iterator[Path]:
    for folder in Path(path).parents[:-1]:
        if any((root / folder).iterdir()):
            return
        yield root / folder


def _keep_what_is_newer(root: Path, kept: Path, path: str) -> bool:
    """Copy what was saved since the old files were copied."""
    data = _read(root / path)
    if data is None or data == _read(kept / _place(path)):
        return False
    _write(kept / "since" / path, data)
    return True


def _move_head(root: Path, head: tuple[str, str] | None) -> list[str]:
    """Let HEAD and the index be the new commit, so that only the learner's own work differs."""
    if not head:
        return []
    before, after = head
    now = git(root, "rev-parse", "HEAD")
    if now not in (before, after):
        return [f"git's HEAD has moved to {now[:7]} in the meantime, and was left there"]
    git(root, "read-tree", after)
    git(root, "update-ref", "-m", "update of Torch Koans", "HEAD", after, now)
    for tidy in (["update-index", "-q", "--refresh"], ["merge", "--quit"]):
        try:
            git(root, *tidy)
        except UpdateError:
            continue  # files differ, or there was no merge: as it should be
    return []
