"""From NumPy and back: copy or share.

`torch.tensor(a)` reads the numbers of an ndarray into memory of its own. `torch.from_numpy(a)`
reads nothing: it lays a tensor over the memory that the array has already. The way back,
`t.numpy()`, lays an array over the memory of a tensor.

So there are two kinds of crossing. After one of them there are two sets of numbers, after the
other there is one, seen from both sides.

Read more: https://docs.pytorch.org/docs/stable/generated/torch.from_numpy.html
"""

import numpy as np
import torch

from koans import __


def test_one_way_in_copies_and_the_other_shares():
    """Two tensors are made from one array, and after that the array is changed."""
    a = np.array([1.0, 2.0])
    first = torch.tensor(a)
    second = torch.from_numpy(a)
    a[0] = 9

    assert (first.tolist(), second.tolist()) == __


def test_numpy_shares_too_and_both_sides_write():
    """The tensor writes first; then the array reads a number, and writes one itself."""
    t = torch.tensor([1.0, 2.0, 3.0])
    n = t.numpy()
    t[0] = 10
    n[1] = n[0] + 5

    assert t.tolist() == __


def test_a_new_array_under_an_old_name_is_not_shared():
    """The tensor is made first, then two lines change what `a` is, each in its own way."""
    a = np.array([1.0, 2.0])
    t = torch.from_numpy(a)
    a += 1
    a = a * 10

    assert t.tolist() == __


def test_numpy_hands_out_an_ordinary_ndarray():
    """Five plus seven is worked out in torch, and then the result leaves torch."""
    n = (torch.tensor([5]) + torch.tensor([7])).numpy()

    assert (type(n), str(n)) == __


def test_a_log_needs_a_copy_of_each_step():
    """t goes on changing; `log` is to keep an array of what it was after each step."""
    t = torch.zeros(2)
    log = []
    for _ in range(3):
        t += 1
        log.append(__)
    assert [type(entry) for entry in log] == [np.ndarray, np.ndarray, np.ndarray]
    assert [entry.tolist() for entry in log] == [[1.0, 1.0], [2.0, 2.0], [3.0, 3.0]]


def test_the_array_decides_the_dtype():
    """Choose the dtype of the array: t is to be a float32 tensor, with nothing copied."""
    a = np.array([0.5, 1.5], dtype=__)
    t = torch.from_numpy(a)
    a[0] = 2.5
    assert (t.dtype, t.tolist()) == (torch.float32, [2.5, 1.5])


def test_a_cast_ends_the_sharing():
    """`wide` lies over the array; float() makes float32 of it, and then both are written to."""
    a = np.array([1.0, 2.0])
    wide = torch.from_numpy(a)
    narrow = wide.float()
    narrow[0] = 9
    wide[1] = 7

    assert a.tolist() == __


def test_as_tensor_copies_only_if_it_must():
    """torch.as_tensor(a, dtype=...) gives you a tensor of that dtype; here are three of them."""
    a = np.array([5.0, 6.0], dtype=np.float32)
    dtypes = [torch.float16, torch.float32, torch.float64]
    tensors = [torch.as_tensor(a, dtype=dtype) for dtype in dtypes]
    a[0] = 9

    assert [t[0].item() for t in tensors] == __


def test_equal_addresses_prove_one_memory():
    """data_ptr() is the address where a tensor's numbers begin; an array has it in a.ctypes."""
    a = np.zeros(2)
    both = (torch.from_numpy(a), torch.tensor(a))

    same = [t.data_ptr() == __ for t in both]
    assert same == [True, False]
