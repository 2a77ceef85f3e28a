"""What would end CUDA for a whole process: values that a kernel refuses, not the host.

An index tensor that is out of range is an ordinary error on the CPU. On CUDA the kernel asserts,
later, and from then on every call of that process fails. So a koan is watched on the CPU first,
where nothing can break. Our own rules (`kernels`), not the error that the CPU raises, say what is
out of range: other mistakes (shapes, dtypes, a plain number for an index) are refused by the host
on every device, and are safe.

torch is imported when something is watched, not before.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from unittest import mock

ONE_HOT = "torch.nn.functional.one_hot"


@dataclass
class Seen:
    """The first op that would have ended CUDA, such as "aten.index.Tensor"; empty: none."""

    op: str = ""

    def note(self, op: str) -> None:
        self.op = self.op or op


@contextmanager
def watch() -> Iterator[Seen]:
    """Note the first op, among those run on the CPU, whose values a CUDA kernel would not survive.

    Not for simgpu: PyTorch (2.13) can't find a kernel that is written in Python, as simgpu's is,
    from below a dispatch mode.
    """
    import torch

    from torchkoans.verifying import kernels

    seen, one_hot = Seen(), torch.nn.functional.one_hot

    # On the CPU one_hot looks at its values itself, and no op is asked to take bad ones: Watch
    # would see nothing. On CUDA it is a scatter_() that asserts.
    def checked(tensor: Any, num_classes: int = -1) -> torch.Tensor:
        if kernels.are_bad_classes(tensor, num_classes):
            seen.note(ONE_HOT)
        return one_hot(tensor, num_classes)

    with mock.patch(ONE_HOT, checked), kernels.Watch(seen.note):
        yield seen
