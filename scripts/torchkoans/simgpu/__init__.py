"""A second device for machines that have none: ``torch.device("simgpu")``.

SIMULATED: the data stays in host memory and the CPU's kernels do the work. Only the rules of a
device are there, and most of them are PyTorch's own code: ``enable()`` fills the slot that
PyTorch keeps for outside backends (PrivateUse1), so that a simgpu tensor is an ordinary
``torch.Tensor`` that PyTorch's C++ believes to be elsewhere. Copying in ``.to()`` and ``.cpu()``,
the refusal of ``.numpy()``, autograd across devices and "found at least two devices" in
elementwise ops are real. What is imitated is in rules.py (who may be mixed with whom, wrong
indices) and operators.py (ops that PyTorch asks of outside backends by other names).

What it cannot do: no speed, no asynchrony, no out-of-memory, no memory statistics, no second
index, no ``torch.Generator`` of its own, no pinned memory, no sparse, quantized or nested tensors,
no autocast, no ``torch.compile`` beyond ``backend="eager"``. An exception in a gradient hook of a
simgpu tensor kills the process. Enable before the first ``backward()``, and run none before a
fork. docs/simgpu.md has the whole list and the reasons.
"""

from torchkoans.simgpu.door import NAME, enable, why_not

__all__ = ["NAME", "enable", "why_not"]
