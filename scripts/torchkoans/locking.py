"""A lock on an open file, between processes. The operating system frees that of one that dies.

Standard library only, and readable for an old Python: the set-up uses it before there is any other.
"""

import errno
import os
from typing import IO, Any


def lock(file: "IO[Any]", wait: bool = True) -> bool:
    """Lock a file that is open for writing; False where somebody has it and nobody is to wait.

    Raises OSError where the file system knows no locks.
    """
    while True:
        try:
            _ask_for(file, wait)
            return True
        except OSError as error:
            if not wait:
                return False
            # Windows gives up after ten seconds with one of these, and is asked again.
            if os.name != "nt" or error.errno not in (errno.EACCES, errno.EDEADLK):
                raise


def unlock(file: "IO[Any]") -> None:
    """Free a lock at once, also where a process that was forked meanwhile holds the file open."""
    if os.name == "nt":
        windows = _windows()
        windows.locking(file.fileno(), windows.LK_UNLCK, 1)
    else:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_UN)


def _ask_for(file: "IO[Any]", wait: bool) -> None:
    if os.name == "nt":
        windows = _windows()
        windows.locking(file.fileno(), windows.LK_LOCK if wait else windows.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))


def _windows() -> "Any":
    """Typed as Any: it is there on Windows alone."""
    import msvcrt

    return msvcrt
