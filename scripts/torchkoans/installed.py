"""What is installed, by the names of its folders.

`importlib.metadata` says the same, but takes 40 ms for its import and the seven that are needed.
"""

import os
import re
import sys

_FOLDER = re.compile(r"([\w.]+)-(\d[\w.+!]*)\.(?:dist|egg)-info")


def versions() -> "dict[str, str]":
    """Name, in small letters and with hyphens, to version; what comes first on the path counts."""
    found: dict[str, str] = {}
    for folder in sys.path:
        try:
            entries = list(os.scandir(folder or os.curdir))
        except OSError:  # a zip file, or nothing at all
            continue
        for entry in entries:
            said = _FOLDER.fullmatch(entry.name)
            if said:
                found.setdefault(re.sub(r"[-_.]+", "-", said.group(1)).lower(), said.group(2))
    return found
