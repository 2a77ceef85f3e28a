"""What would end CUDA for a whole process: values that a kernel refuses, not the host.

An index tensor that is out of range is an ordinary error on the CPU. On CUDA the kernel asserts,
later, and from then on every call of that process fails. So the values are looked at before a
kernel gets them. Our own rules (`kernels`), not the error that the CPU raises, say what is
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

from torchkoans.devices import CPU

ONE_HOT = "torch.nn.functional.one_hot"


class RefusedError(IndexError):
    """Raised in place of a call that would have ended CUDA; an IndexError, as on the CPU."""


@dataclass
class Seen:
    """The first op that would have ended CUDA, such as "aten.index.Tensor"; empty: none."""

    op: str = ""

    def note(self, op: str, is_on_cpu: bool) -> None:
        self.op = self.op or op
        if not is_on_cpu:
            raise RefusedError(f"{op}: a value is out of range, and a GPU would end CUDA for it")


@contextmanager
def watch() -> Iterator[Seen]:
    """Note the first op whose values a CUDA kernel would not survive.

    On the CPU it is run all the same, anywhere else RefusedError is raised instead; to look at the
    values, each op that takes an index waits for the GPU. Not for simgpu: PyTorch (2.13) can't find
    a kernel that is written in Python, as simgpu's is, from below a dispatch mode.
    """
    import torch

    from torchkoans.verifying import kernels

    seen, one_hot = Seen(), torch.nn.functional.one_hot

    # On the CPU one_hot looks at its values itself, and no op is asked to take bad ones: Watch
    # would see nothing. On CUDA it is a scatter_() that asserts.
    def checked(tensor: Any, num_classes: int = -1) -> torch.Tensor:
        if kernels.are_bad_classes(tensor, num_classes):
            seen.note(ONE_HOT, tensor.device.type == CPU)
        return one_hot(tensor, num_classes)

    with mock.patch(ONE_HOT, checked), kernels.Watch(seen.note):
        yield seen
