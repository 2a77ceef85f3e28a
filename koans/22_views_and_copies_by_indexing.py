"""Some indices look, others copy.

The numbers of a tensor lie in its storage, a block of memory. What an index gives back is either a
view, a second look at the same storage, or a copy with a storage of its own. Printed, the two look
alike. A write tells them apart.

Read more: https://docs.pytorch.org/docs/stable/tensor_view.html
"""

import torch

from koans import __


def test_a_row_is_a_view(device):
    """One number as an index takes out a row; then something is written into that row."""
    t = torch.tensor([[1, 2], [3, 4]], device=device)
    row = t[1]
    row[0] = 9

    assert t.tolist() == __


def test_lists_and_tensors_slice_differently(device):
    """The same two lines are run on a Python list and on a tensor with the same numbers."""
    plain = [1, 2, 3]
    t = torch.tensor(plain, device=device)
    for data in (plain, t):
        part = data[0:2]
        part[0] = 9

    assert (plain, t.tolist()) == __


def test_the_kind_of_index_decides(device):
    """A slice, a list of positions and a mask pick the same two elements; then t changes."""
    t = torch.tensor([10, 20, 30], device=device)
    picks = {"slice": t[1:], "positions": t[[1, 2]], "mask": t[t > 10]}
    t[1] = 99
    changed = [name for name, pick in picks.items() if pick[0] == 99]

    assert changed == __


def test_clone_gives_a_row_its_own_storage(device):
    """Take row 0 of t in such a way that writing into it leaves t as it was."""
    t = torch.tensor([[1, 2], [3, 4]], device=device)

    mine = __
    mine[0] = 9
    assert (t.tolist(), mine.tolist()) == ([[1, 2], [3, 4]], [9, 2])


def test_on_the_left_of_an_equals_sign_any_index_writes(device):
    """A slice, a mask and a list of positions are each given a value, one after the other."""
    t = torch.tensor([[1, 2], [3, 4], [5, 6]], device=device)
    t[:, 0] = 0
    t[t > 4] = 9
    t[[0]] = 7

    assert t.tolist() == __


def test_a_write_into_a_copy_without_a_name_is_lost(device):
    """Two indices a line: the first is read, the second writes into what came of it."""
    t = torch.tensor([1, 2, 3], device=device)
    t[1:][0] = 20
    t[t > 2][0] = 99

    assert t.tolist() == __


def test_two_lists_of_positions_are_read_in_pairs(device):
    """Pick one element of each row; the tens of a number are its row, the ones its column."""
    t = torch.tensor([[0, 1, 2], [10, 11, 12], [20, 21, 22]], device=device)

    picked = t[__]
    assert picked.tolist() == [1, 12, 20]


def test_a_position_named_twice_is_written_once(device):
    """Four votes: `counts[votes] += 1` picks four counts, adds 1 to each and writes them back."""
    votes = [0, 2, 0, 0]
    counts = torch.tensor([10, 20, 30], device=device)
    counts[votes] += 1

    assert counts.tolist() == __


def test_masked_fill_comes_with_and_without_an_underscore(device):
    """t.masked_fill_(mask, 9.0) writes 9 into t; get a tensor filled so, and leave t as it was."""
    t = torch.tensor([1.0, 2.0, 3.0], device=device)
    mask = t > 2

    filled = __
    assert (t.tolist(), filled.tolist()) == ([1.0, 2.0, 3.0], [1.0, 2.0, 9.0])
