"""The device's own stream of random numbers.

As on CUDA, the same seed gives other numbers here than on the CPU, and drawing here leaves the
CPU's stream where it was. The stream is a second one of the CPU's generator (mt19937): its
state is put in place of the CPU's for the length of a call.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

import torch
from torch._ops import OpOverload

_OFFSET = 0x51311  # any number: it only has to move the seed away from the CPU's

generator = torch.Generator()


def seed(number: int) -> None:
    """Start the stream anew; called by ``torch.manual_seed``, negative seeds included."""
    generator.manual_seed((number + _OFFSET) % 2**64)


def swapped_for(op: OpOverload) -> AbstractContextManager[None]:
    """The context in which ``op`` draws from this stream, if it draws at all."""
    return _swapped() if torch.Tag.nondeterministic_seeded in op.tags else nullcontext()


@contextmanager
def _swapped() -> Iterator[None]:
    cpu = torch.default_generator
    before = cpu.get_state()
    cpu.set_state(generator.get_state())
    try:
        yield
    finally:
        generator.set_state(cpu.get_state())
        cpu.set_state(before)
