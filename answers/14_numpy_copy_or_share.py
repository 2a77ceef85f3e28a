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

    # claims: A070 A071
    # hint: which of the two has numbers of its own?
    # hint: where no copy was made, there is no place where the old number could have been kept
    # trap: ([1.0, 2.0], [1.0, 2.0]) -> one of the two lies over the memory of the array, and a 9
    #     stands there now
    # trap: ([9.0, 2.0], [9.0, 2.0]) -> one of the two had taken a copy before the array changed
    # trap: ([9.0, 2.0], [1.0, 2.0]) -> the right two, the wrong way round: which one reads the
    #     numbers into memory of its own?
    # trap: ([1.0, 2.0], [9.0, 9.0]) -> a[0] = 9 changes one number, and leaves the second alone
    # trap: [[1.0, 2.0], [9.0, 2.0]] -> the numbers are right, but on the left stands a tuple, in
    #     round brackets
    assert (first.tolist(), second.tolist()) == __(([1.0, 2.0], [9.0, 2.0]))
    # why: torch.tensor copies, whatever it is given. from_numpy never does, so it takes no time and
    #     no memory, and for that price two names write to one place.
    # picture: storage of a, first, second


def test_numpy_shares_too_and_both_sides_write():
    """The tensor writes first; then the array reads a number, and writes one itself."""
    t = torch.tensor([1.0, 2.0, 3.0])
    n = t.numpy()
    t[0] = 10
    n[1] = n[0] + 5

    # claims: A071 B043
    # hint: what does n[0] hold when the last line reads it?
    # hint: and does t notice what the last line writes?
    # trap: [10.0, 2.0, 3.0] -> that is t if numpy() had made a copy; n writes where t reads
    # trap: [10.0, 6.0, 3.0] -> n[0] is no longer 1 when it is read: t has written there
    # trap: [1.0, 2.0, 3.0] -> t was changed twice, once under its own name
    # trap: [15.0, 2.0, 3.0] -> look again at which place the sum is written to
    # trap: [10.0, 15.0] -> the third number is still there, nobody touched it
    assert t.tolist() == __([10.0, 15.0, 3.0])
    # why: neither side is the original. There is one block of numbers, t and n are two ways to look
    #     at it, and whoever writes last is read by both.
    # picture: storage of t, n


def test_a_new_array_under_an_old_name_is_not_shared():
    """The tensor is made first, then two lines change what `a` is, each in its own way."""
    a = np.array([1.0, 2.0])
    t = torch.from_numpy(a)
    a += 1
    a = a * 10

    # claims: A071 B041
    # hint: which of the two lines writes into the array that t lies over?
    # hint: where does the result of a * 10 go: over the old numbers, or somewhere else?
    # trap: [20.0, 30.0] -> that is a; a * 10 made a new array and `a =` gave it the name, and t is
    #     where it was
    # trap: [1.0, 2.0] -> `a += 1` writes into the array, and t lies over that array
    # trap: [10.0, 20.0] -> you have the two lines the wrong way round: which one makes a new array?
    # trap: (2.0, 3.0) -> the right numbers, but tolist() gives a list
    assert t.tolist() == __([2.0, 3.0])
    # why: memory is shared, names are not. `a[...] = x` and `a += x` write where a is; `a = x` only
    #     moves the name. torch.from_numpy(a * 10) would share too, but with the new array.
    # picture: storage of a, t


def test_numpy_hands_out_an_ordinary_ndarray():
    """Five plus seven is worked out in torch, and then the result leaves torch."""
    n = (torch.tensor([5]) + torch.tensor([7])).numpy()

    # claims: B039 B040
    # hint: what class has an array that NumPy made itself, and how does it print?
    # hint: str() is what print() shows; the word in front of the brackets is torch's habit
    # trap: (torch.Tensor, "tensor([12])") -> that is the sum before numpy(); what comes out belongs
    #     to NumPy
    # trap: (np.array, "[12]") -> np.array is the function that makes them; type() answers with the
    #     class
    # trap: (np.ndarray, "array([12])") -> a Python prompt shows it like that; print() and str()
    #     leave the word out
    # trap: (list, "[12]") -> it prints like a list of one, but a list comes from tolist()
    # trap: (np.ndarray, "12") -> there are brackets: [5] and [7] have one dim, and so has their sum
    assert (type(n), str(n)) == __((np.ndarray, "[12]"))
    # why: everything that takes arrays takes what numpy() gives: plotting, saving, SciPy. The
    #     nameless tensor behind it may be gone; the array keeps the memory alive.


def test_a_log_needs_a_copy_of_each_step():
    """t goes on changing; `log` is to keep an array of what it was after each step."""
    t = torch.zeros(2)
    log = []
    for _ in range(3):
        t += 1
        # claims: A071 B043
        # hint: three arrays over one memory: what do they show when the loop is over?
        # hint: go over to NumPy, and there ask for a copy; the method is called what it does
        # trap: t.numpy() -> three arrays, one memory: all of them show the last step
        # trap: t -> this puts the same tensor into the list three times
        # trap: np.asarray(t) -> this makes an array, but it copies no more than numpy() does
        # trap: t.clone() -> the numbers are kept, but in tensors; arrays were asked for
        # trap: t.tolist() -> the numbers are kept, but in lists; arrays were asked for
        log.append(__(t.numpy().copy()))
    assert [type(entry) for entry in log] == [np.ndarray, np.ndarray, np.ndarray]
    assert [entry.tolist() for entry in log] == [[1.0, 1.0], [2.0, 2.0], [3.0, 3.0]]
    # why: what is shared shows the present. To keep the past, copy on either side of the crossing:
    #     t.numpy().copy() or t.clone().numpy().
    # picture: storage of t, log


def test_the_array_decides_the_dtype():
    """Choose the dtype of the array: t is to be a float32 tensor, with nothing copied."""
    # claims: A054 A106
    # hint: the tensor uses the bytes of the array as they are; so who says what they mean?
    # hint: NumPy has dtypes of its own, and they are called much like torch's
    # trap: torch.float32 -> NumPy does not know torch's dtypes; it has one of that name itself
    # trap: float -> Python's float has 64 bits, NumPy takes it at its word, and from_numpy keeps it
    # trap: None -> left to itself NumPy makes floats of 64 bits, and from_numpy keeps them
    # trap: np.float64 -> that is NumPy's usual float, twice as wide as the one asked for
    # trap: np.float16 -> from_numpy keeps this one too; it widens nothing
    a = np.array([0.5, 1.5], dtype=__(np.float32))
    t = torch.from_numpy(a)
    a[0] = 2.5
    assert (t.dtype, t.tolist()) == (torch.float32, [2.5, 1.5])
    # why: one memory has one dtype. Floats from NumPy arrive as float64 unless somebody says
    #     otherwise, and the time to say it is when the array is made.
    # picture: storage of a, t


def test_a_cast_ends_the_sharing():
    """`wide` lies over the array; float() makes float32 of it, and then both are written to."""
    a = np.array([1.0, 2.0])
    wide = torch.from_numpy(a)
    narrow = wide.float()
    narrow[0] = 9
    wide[1] = 7

    # claims: A106
    # hint: what is the dtype of wide, and can bytes be both that and float32?
    # trap: [9.0, 7.0] -> float32 needs other bytes than float64, so narrow has memory of its own
    # trap: [1.0, 2.0] -> one of the two still lies over the array
    # trap: [9.0, 2.0] -> the other way round: which of the two has the dtype of the array?
    # trap: [9.0, 9.0] -> each line writes one number, and only one of them to the array
    assert a.tolist() == __([1.0, 7.0])
    # why: "from_numpy shares" holds for the tensor that from_numpy gives you, and not for a cast of
    #     it. Another dtype means other bytes, and those need memory of their own.
    # picture: storage of a, wide, narrow


def test_as_tensor_copies_only_if_it_must():
    """torch.as_tensor(a, dtype=...) gives you a tensor of that dtype; here are three of them."""
    a = np.array([5.0, 6.0], dtype=np.float32)
    dtypes = [torch.float16, torch.float32, torch.float64]
    tensors = [torch.as_tensor(a, dtype=dtype) for dtype in dtypes]
    a[0] = 9

    # claims: A070 A071 A106
    # hint: when must it copy? think of the koan about the cast
    # hint: the answer lists the first number of each tensor, in the order of dtypes
    # trap: [9.0, 9.0, 9.0] -> it would like to share, but not all three dtypes can use these bytes
    # trap: [5.0, 5.0, 5.0] -> that is torch.tensor; as_tensor copies only where it has to
    # trap: [5.0, 5.0, 9.0] -> float64 is what NumPy usually makes; look at how this array was made
    # trap: [5.0, 9.0, 9.0] -> float64 could hold all these numbers, but not in the same bytes
    # trap: [9.0, 9.0, 5.0] -> float16 needs less room, yet it needs other bytes
    assert [t[0].item() for t in tensors] == __([5.0, 9.0, 5.0])
    # why: as_tensor saves a copy where it can, so whether its answer shares depends on what went
    #     in. Before you write to it, be sure, or use torch.tensor.
    # picture: storage of a, tensors


def test_equal_addresses_prove_one_memory():
    """data_ptr() is the address where a tensor's numbers begin; an array has it in a.ctypes."""
    a = np.zeros(2)
    both = (torch.from_numpy(a), torch.tensor(a))

    # claims: A072
    # hint: it is the address of the data, and the attribute is called after them
    # trap: a.data_ptr() -> that is a method of tensors, and a is an array
    # trap: a.data -> this is the memory itself as a Python object, not a number
    # trap: id(a) -> where the Python object is; its numbers lie somewhere else
    # trap: a.ctypes -> this is where arrays keep it; the address is one of several things in there
    # trap: t.data_ptr() -> each address is equal to itself, so that would be true for both; ask the
    #     array
    same = [t.data_ptr() == __(a.ctypes.data) for t in both]
    assert same == [True, False]
    # why: equal addresses prove sharing, if there are numbers at all (an empty tensor has the
    #     address 0). Unequal ones prove little: a slice may begin further on in
    #     the same memory. np.shares_memory(a, t.numpy()) sees through that.
    # picture: storage of a, both
