"""The watch over the learner's folder: however an editor saves, the last text is told of."""

import os
import queue
import sys
import time
from contextlib import closing

import pytest

from torchkoans.watching import Watch

NAME, OLD, NEW = "01_numbers.py", "old = 1\n" * 50, "new = 2\n" * 60


class Seen:
    """What somebody reads who looks at a file whenever there is word of it."""

    def __init__(self, folder):
        self.folder, self.path = folder, folder / NAME
        self.events = queue.Queue()
        self.reads = []  # (whole, text or None) of NAME

    def told(self, name, whole):
        """Called in the thread of the watch."""
        self.events.put((name, whole, self.text()))

    def text(self):
        try:
            return self.path.read_text()
        except OSError:
            return None

    def until(self, text, seconds=10):
        """Read until the file was read with this text."""
        while True:
            name, whole, found = self.events.get(timeout=seconds)
            if name == NAME:
                self.reads.append((whole, found))
                if found == text:
                    return

    def settle(self):
        """Take in what else there is."""
        time.sleep(0.1)
        while not self.events.empty():
            name, whole, found = self.events.get()
            if name == NAME:
                self.reads.append((whole, found))


@pytest.fixture
def seen(tmp_path):
    one = Seen(tmp_path)
    one.path.write_text(OLD)
    with closing(Watch(tmp_path, one.told)):
        yield one


def in_place(path):
    path.write_text(NEW)


def in_place_slowly(path):
    with path.open("w") as file:
        for part in (NEW[:100], NEW[100:200], NEW[200:]):
            file.write(part)
            file.flush()
            time.sleep(0.05)


def over_what_was_there(path):
    with path.open("r+") as file:
        file.write(NEW)


def in_two_goes(path):
    path.write_text("")
    time.sleep(0.05)
    path.write_text(NEW)


def by_renaming(path):
    beside = path.with_suffix(".tmp")
    beside.write_text(NEW)
    beside.replace(path)


def by_renaming_a_python_file(path):
    beside = path.with_name("01_numbers.new.py")
    beside.write_text(NEW)
    beside.replace(path)


def with_a_backup(path):
    backup = path.with_name(NAME + "~")
    path.rename(backup)
    path.write_text(NEW)
    backup.unlink()


def with_a_backup_elsewhere(path):
    (path.parent / "old").mkdir()
    path.rename(path.parent / "old" / NAME)
    path.write_text(NEW)


def safely(path):
    fresh, old = path.with_name(NAME + ".new"), path.with_name(NAME + ".old")
    fresh.write_text(NEW)
    path.rename(old)
    fresh.rename(path)
    old.unlink()


def anew(path):
    path.unlink()
    path.write_text(NEW)


def from_elsewhere(path):
    other = path.parent / "other"
    other.mkdir()
    (other / NAME).write_text(NEW)
    (other / NAME).replace(path)


WAYS = [
    in_place,
    in_place_slowly,
    over_what_was_there,
    in_two_goes,
    by_renaming,
    by_renaming_a_python_file,
    with_a_backup,
    with_a_backup_elsewhere,
    safely,
    anew,
    from_elsewhere,
]


@pytest.mark.parametrize("save", WAYS, ids=lambda save: save.__name__)
def test_in_whatever_way_a_file_is_saved_its_last_text_is_told_of(seen, save):
    save(seen.path)
    seen.until(NEW)
    seen.settle()
    assert seen.reads[-1][1] == NEW
    whole = {text for whole, text in seen.reads if whole}
    assert whole <= {NEW, ""}  # what is half written or gone is not said to be whole
    if sys.platform == "linux":  # other systems do not say when a file is closed
        assert whole or save is from_elsewhere


def test_two_saves_of_one_size_within_one_moment_are_two(seen):
    at = time.time()
    for text in ("a = 1\n", "a = 2\n", "a = 3\n"):
        seen.path.write_text(text)
        os.utime(seen.path, (at, at))
        seen.until(text)


def test_after_many_saves_the_last_text_is_the_one_that_was_read_last(seen):
    for n in range(200):
        (by_renaming if n % 3 else in_place)(seen.path)
        seen.path.write_text(f"n = {n}\n")
    seen.until("n = 199\n")
    seen.settle()
    assert seen.reads[-1] == (True, "n = 199\n")


def test_what_editors_leave_beside_a_file_is_no_save(seen):
    for name in ("4913", NAME + "~", f".{NAME}.swp", f"{NAME}.tmp", "__pycache__", "notes.txt"):
        (seen.folder / name).write_text("x")
    (seen.folder / "folder.py").mkdir()
    seen.path.read_text()
    seen.path.chmod(0o600)
    seen.settle()
    assert seen.reads == []


def test_a_name_that_no_encoding_knows_does_no_harm(seen):
    try:
        with open(os.fsencode(seen.folder) + b"/\xff\xfe.py", "w") as file:  # noqa: PTH123
            file.write("x")
    except OSError:
        pytest.skip("this system has no such names")
    in_place(seen.path)
    seen.until(NEW)


def test_a_closed_watch_says_nothing_more(tmp_path):
    one = Seen(tmp_path)
    Watch(tmp_path, one.told).close()
    in_place(one.path)
    time.sleep(0.2)
    assert one.events.empty()


def test_a_folder_that_is_not_there_cannot_be_watched(tmp_path):
    with pytest.raises(OSError, match=r"No such file|nowhere"):
        Watch(tmp_path / "nowhere", print)
