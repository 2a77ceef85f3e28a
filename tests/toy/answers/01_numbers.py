"""Numbers in tensors.

The toy course that the tools are tested on; 숫자 means number.
"""

import torch

from koans import __


def test_a_sum_is_a_tensor(device):
    """Adding up the numbers of a tensor gives a tensor; 더하기 means to add."""
    t = torch.tensor([1, 2, 4], device=device)

    # claims: X001
    # hint: count on your fingers
    # hint: 하나, 둘, 넷
    # trap: 124 -> the digits are not put side by side, they are
    #     added up
    # trap: [7] -> the brackets are gone: one number is left
    assert t.sum().item() == __(7)
    # why: a sum folds all numbers into one.
    # picture: t


def test_an_index_may_be_the_blank():
    """Two rows, and the second column of both; 열 means column."""
    t = torch.tensor([[1, 2], [3, 4]])

    # hint: a colon takes all rows
    # trap: 1 -> that is the second row
    assert t[__[:, 1]].tolist() == [2, 4]
    # why: one index a dim, from the outside in.


def test_a_device_is_not_the_cpu(accelerator):
    """A tensor can live elsewhere."""
    t = torch.zeros(2)

    # trap: t.cpu() -> it is there already
    t = __(t.to(accelerator))
    assert t.device.type == accelerator.type
