"""Text of a Python file.

Read with care, parsed, addressed by byte offset, written beside and renamed.

AST positions are (line, UTF-8 byte column), so all editing is done on bytes.
"""

import ast
import bisect
import copy
import gc
import io
import os
import re
import tokenize
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

_LINE_END = re.compile(rb"\r\n|\r|\n")


class CourseError(Exception):
    """Something is wrong with a file, said in one sentence: where, what, what next."""

    def __init__(self, path: Path | str, line: int | None, what: str) -> None:
        self.path, self.line, self.what = Path(path), line, what
        where = shown(self.path) + (f":{line}" if line else "")
        super().__init__(f"{where}: {what}")


def shown(path: Path) -> str:
    """The path as a person types it: relative to the current folder where it lies below it."""
    try:
        return path.resolve().relative_to(Path.cwd().resolve()).as_posix()
    except (ValueError, OSError):
        return path.as_posix()


def command(verb: str, *arguments: str) -> str:
    """What a person types to start a verb; not every system knows the name `python`."""
    python = "python" if os.name == "nt" else "python3"
    return " ".join([python, f"scripts/{verb}.py", *arguments])


@dataclass(frozen=True)
class Source:
    """The text of a file with its line ends as they are, and what is needed to write it back."""

    path: Path
    text: str
    encoding: str = "utf-8"

    @cached_property
    def data(self) -> bytes:
        """The text in UTF-8, the measure of every offset."""
        return self.text.encode()

    @cached_property
    def _line_starts(self) -> list[int]:
        return [0, *(found.end() for found in _LINE_END.finditer(self.data))]

    @cached_property
    def newline(self) -> str:
        """The line end of the first line: a file keeps the kind that it has."""
        found = _LINE_END.search(self.data)
        return found.group().decode() if found else "\n"

    @cached_property
    def lines(self) -> list[str]:
        """The lines without their ends; line n of the AST is `lines[n - 1]`."""
        return [line.decode() for line in _LINE_END.split(self.data)]

    @cached_property
    def tree(self) -> ast.Module:
        """The parsed module.

        Raises CourseError, with the line, where Python cannot parse it.
        """
        return parse(self.text, self.path)

    def at(self, path: Path, encoding: str) -> "Source":
        """The same text in another file: what is known of it here, its tree say, is known there."""
        other = copy.copy(self)
        vars(other).update(path=path, encoding=encoding)
        return other

    def offset(self, line: int, column: int) -> int:
        """Byte offset of an AST position."""
        return self._line_starts[line - 1] + column

    def line_at(self, offset: int) -> int:
        """Number of the line that holds this byte offset."""
        return bisect.bisect_right(self._line_starts, offset)

    def span(self, first: ast.AST, last: ast.AST | None = None) -> tuple[int, int]:
        """Byte offsets of a node, or of a run of nodes from first to last."""
        last = last or first
        return (
            self.offset(first.lineno, first.col_offset),  # type: ignore[attr-defined]
            self.offset(last.end_lineno, last.end_col_offset),  # type: ignore[attr-defined]
        )

    def line_span(self, first: int, last: int) -> tuple[int, int]:
        """Byte offsets of whole lines, line ends included."""
        starts = [*self._line_starts, len(self.data)]
        return starts[first - 1], starts[min(last, len(starts) - 1)]

    def cut(self, span: tuple[int, int]) -> str:
        """The text between two byte offsets."""
        return self.data[slice(*span)].decode()

    def spliced(self, edits: Iterable[tuple[tuple[int, int], str]]) -> "Source":
        """The source with each (start, end) replaced by its text; spans may not overlap."""
        data, after = self.data, len(self.data)
        for (start, end), text in sorted(edits, key=lambda edit: edit[0], reverse=True):
            if end > after:
                raise ValueError(f"overlapping edits at byte {start} of {self.path}")
            data, after = data[:start] + text.encode() + data[end:], start
        return Source(self.path, data.decode(), self.encoding)

    def encoded(self) -> bytes:
        """The bytes that go to the disk.

        Raises CourseError where the encoding that the file declares lacks a letter.
        """
        try:
            return self.text.encode(self.encoding)
        except UnicodeEncodeError as error:
            line = self.text.count("\n", 0, error.start) + 1
            what = f"{self.encoding} has no {self.text[error.start]}: save the file as UTF-8"
            raise CourseError(self.path, line, what) from None


def parse(text: str, path: Path) -> ast.Module:
    """`ast.parse` whose every refusal is a CourseError."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # "\d" in a learner's string is not our business
            return ast.parse(text)
    except SyntaxError as error:
        what = f"{type(error).__name__}: {error.msg}"
        raise CourseError(path, error.lineno, what) from None
    except (ValueError, RecursionError, MemoryError) as error:
        raise CourseError(path, None, f"Python cannot read it: {error}") from None


@contextmanager
def all_stays() -> Iterator[None]:
    """While many trees are made that stay: to look for garbage among them is a third of the work.

    Nor is it looked for there afterwards, as long as the process lives.
    """
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if was:
            gc.enable()


def read(path: Path) -> Source:
    """Read a Python file in the encoding that it declares (UTF-8 unless it says otherwise).

    Raises CourseError where it is not there, not readable or not in that encoding.
    """
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        raise CourseError(path, None, "there is no such file") from None
    except OSError as error:
        what = f"it cannot be read: {error.strerror}"
        raise CourseError(path, None, what) from None
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(raw).readline)
    except SyntaxError as error:
        encoding = "utf-8"
        if "utf-8" not in str(error):  # an unknown name in the coding line, rather than bad bytes
            raise CourseError(path, 1, f"{error.msg}: save the file as UTF-8") from None
    try:
        source = Source(path, raw.decode(encoding), encoding)
        source.data.decode()  # some encodings make of bytes what is no text
    except UnicodeDecodeError as error:
        line = len(_LINE_END.findall(raw[: error.start])) + 1
        what = f"byte 0x{raw[error.start]:02x} is not {encoding}: save the file as UTF-8"
        raise CourseError(path, line, what) from None
    except (LookupError, UnicodeError):  # rot13 and its like have a name, but are for no text
        raise CourseError(path, 1, f"it is not {encoding}: save the file as UTF-8") from None
    return source


def write(path: Path, data: bytes, mode: int | None = None) -> None:
    """Write beside, then rename: the file is the old one or the new one, whatever happens.

    `mode` says who may read it; without one it is as before, or as is usual. Raises CourseError
    where the folder or the disk refuses.
    """
    import tempfile  # dear to import, and most verbs write nothing

    beside = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if mode is None:
            mode = path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask()
        if not mode & 0o200:  # a rename would go through all the same; respect the wish
            raise CourseError(path, None, "it is read-only: make it writable, then start again")
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        beside = Path(name)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        beside.chmod(mode)
        beside.replace(path)
    except OSError as error:
        raise CourseError(path, None, f"it cannot be written: {error.strerror}") from None
    finally:
        if beside:
            beside.unlink(missing_ok=True)


def _umask() -> int:
    now = os.umask(0o022)
    os.umask(now)
    return now
