"""What is registered with PyTorch's dispatcher: one kernel for all ops, and the exceptions.

The exceptions are ops for which PyTorch treats outside backends unlike the CPU, by asking for
another op or by going round in a circle.
"""

from __future__ import annotations

from typing import Any

import torch
from torch.library import Library, fallthrough_kernel

from torchkoans.simgpu import kernel

_aten = torch.ops.aten


def register() -> list[Library]:
    """Register everything; the registrations end when the returned objects do."""
    everything, exceptions = Library("_", "IMPL"), Library("aten", "IMPL")
    everything.fallback(kernel.run, "PrivateUse1")
    exceptions.impl("convolution_overrideable", _convolution, "PrivateUse1")
    exceptions.impl("convolution_backward_overrideable", _convolution_backward, "PrivateUse1")
    for key in ("AutogradPrivateUse1", "PrivateUse1"):  # the second serves inference_mode
        exceptions.impl("_thnn_fused_lstm_cell", _lstm_cell, key)
        exceptions.impl("_thnn_fused_gru_cell", _gru_cell, key)
    # PyTorch would resolve a lazy conj() by clone, clone by _copy_from, and _copy_from by
    # resolving the lazy conj(). The kernel takes such a tensor as it is and ends the circle.
    for key in ("Conjugate", "Negative"):
        exceptions.impl("_copy_from", fallthrough_kernel, key)
    exceptions.impl("_pin_memory", _pin_memory, "CPU")
    return [everything, exceptions]


def _convolution(*args: Any) -> Any:
    return kernel.run(_aten.convolution.default, *args)


def _convolution_backward(
    grad: torch.Tensor, x: torch.Tensor, weight: torch.Tensor, *args: Any
) -> Any:
    bias_sizes = [weight.shape[0]]
    return kernel.run(_aten.convolution_backward.default, grad, x, weight, bias_sizes, *args)


# PyTorch runs LSTM and GRU on outside backends by cells that the CPU does not have
# (aten/src/ATen/native/RNN.cpp). Here they are made of plain ops, above autograd, so that the
# gradients are autograd's own. The formulas are in the documentation of torch.nn.LSTM and GRU;
# the last result is room for a backward that is not used.


def _lstm_cell(
    input_gates: torch.Tensor,
    hidden_gates: torch.Tensor,
    cx: torch.Tensor,
    input_bias: torch.Tensor | None = None,
    hidden_bias: torch.Tensor | None = None,
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Gates (batch, 4 * hidden) and cell state (batch, hidden) to the new hidden and cell."""
    gates = _with_bias(input_gates, input_bias) + _with_bias(hidden_gates, hidden_bias)
    i, f, g, o = gates.chunk(4, dim=1)
    cy = f.sigmoid() * cx + i.sigmoid() * g.tanh()
    return o.sigmoid() * cy.tanh(), cy, cy.new_empty(0)


def _gru_cell(
    input_gates: torch.Tensor,
    hidden_gates: torch.Tensor,
    hx: torch.Tensor,
    input_bias: torch.Tensor | None = None,
    hidden_bias: torch.Tensor | None = None,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Gates (batch, 3 * hidden) and hidden state (batch, hidden) to the new hidden state."""
    i_r, i_z, i_n = _with_bias(input_gates, input_bias).chunk(3, dim=1)
    h_r, h_z, h_n = _with_bias(hidden_gates, hidden_bias).chunk(3, dim=1)
    r, z = (i_r + h_r).sigmoid(), (i_z + h_z).sigmoid()
    n = (i_n + r * h_n).tanh()
    return (hx - n) * z + n, hx.new_empty(0)


def _with_bias(gates: torch.Tensor, bias: torch.Tensor | None) -> torch.Tensor:
    return gates if bias is None else gates + bias


def _pin_memory(cpu: torch.Tensor, device: torch.device | None = None) -> torch.Tensor:
    """A copy in ordinary memory.

    With an accelerator in sight, ``DataLoader(pin_memory=True)`` really pins; without this it
    would work on a CPU and stop working once simgpu is enabled.
    """
    return cpu.clone()
