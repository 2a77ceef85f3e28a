"""Who owns the memory.

The numbers of a tensor lie in a storage: one row of bytes. A tensor itself is only a way to look
at a storage: where to begin, which shape, which strides. A view looks at the storage of another
tensor; a clone is given one of its own.

`t.data_ptr()` is the address of the first element of t, and `t.untyped_storage()` is the storage.
That one has a data_ptr() too, the address of its first byte, and `nbytes()`, how many bytes it has.

Read more: https://docs.pytorch.org/docs/stable/tensor_view.html
"""

import torch

from koans import __, kata


def test_a_second_name_is_not_a_second_tensor(device):
    """A name, a slice and a clone of t are made, and then a number is written into t."""
    t = torch.tensor([1.0, 2.0], device=device)
    name, part, clone = t, t[:], t.clone()
    t[0] = 9

    # claims: A026 B092
    # hint: for each of the three: was memory for new numbers needed to make it?
    # hint: a slice of a tensor is not a slice of a list
    # trap: [1.0, 1.0, 1.0] -> `name = t` is no backup, it gives the same tensor a second name
    # trap: [9.0, 1.0, 1.0] -> t[:] copies a list, but of a tensor it is a view
    # trap: [9.0, 9.0, 9.0] -> a clone lies in another storage, where nobody wrote
    # trap: (9.0, 9.0, 1.0) -> the numbers are right, but on the left stands a list
    assert [x[0].item() for x in (name, part, clone)] == __([9.0, 9.0, 1.0])
    # why: = copies nothing, a view copies the way of looking, clone() copies the numbers. Ask which
    #     of the three you have before you write.
    # picture: storage of t, name, part, clone


def test_a_view_of_a_view_still_writes_to_the_first_tensor(device):
    """t seen as a table, the table turned, one row of that: now 9 is written into the row."""
    t = torch.zeros(6, device=device)
    row = t.view(2, 3).T[1]
    row.fill_(9)

    # claims: B089 B092
    # hint: write 0 to 5 into the places of t, and follow the numbers to row
    # hint: a row of the turned table was a column before
    # trap: [0.0, 0.0, 0.0, 0.0, 0.0, 0.0] -> three steps, and none of them copied anything
    # trap: [0.0, 0.0, 0.0, 9.0, 9.0, 9.0] -> this is row 1 of the table before .T turned it
    # trap: [0.0, 0.0, 9.0, 9.0, 0.0, 0.0] -> that would be a table of three rows read in order, a
    #     view(3, 2); .T gives the same shape and another order
    # trap: [9.0, 9.0] -> t has six numbers, whatever row looks at
    assert t.tolist() == __([0.0, 9.0, 0.0, 0.0, 9.0, 0.0])
    # why: a chain of views is one view: all of them look at one storage, however the shape was
    #     turned on the way. There is no "second, virtual data" that could be written to instead.
    # picture: storage of t, row


def test_the_same_address_is_the_same_memory(device):
    """Five tensors are made from t; which of them begin at the very address where t begins?"""
    t = torch.zeros(2, 3, device=device)
    made = {"view": t.view(6), "T": t.T, "plus": t + 0, "reshape": t.reshape(6), "mask": t[t >= 0]}
    same = {name for name, u in made.items() if u.data_ptr() == t.data_ptr()}

    # claims: A072 B089
    # hint: a view of all of t begins where t begins; a copy cannot
    # hint: reshape() copies only if it must
    # trap: {"view"} -> turning a table takes no copy either, only other strides
    # trap: {"view", "T"} -> "view shares and reshape copies" is too short; this reshape had no
    #     reason to copy
    # trap: {"view", "T", "reshape", "mask"} -> the mask chose every element, but a mask copies
    #     whatever it chooses
    # trap: {"view", "T", "reshape", "plus"} -> 0 was added, yet the sums are new numbers that need
    #     a place
    # trap: ["view", "T", "reshape"] -> these three it is, but on the left stands a set, in curly
    #     braces
    assert same == __({"view", "T", "reshape"})
    # why: two tensors with elements that begin at one address share their memory. Equal values
    #     prove nothing, and the names of the functions little.
    # picture: storage of t, made


def test_an_address_counts_bytes(device):
    """Row 2 is a view, and it begins where row 2 begins; how far from the start of t is that?"""
    t = torch.zeros(3, 4, device=device)
    row = t[2]

    # claims: A072 A105
    # hint: how many elements lie before row 2, in memory?
    # hint: how many bytes does a float32 take?
    # trap: 2 -> that counts rows
    # trap: 8 -> that counts elements, and each of them takes several bytes
    # trap: 64 -> 8 bytes an element is float64, and the default has half of that
    # trap: 48 -> that is where row 3 would begin, the end of t; the first row is row 0
    # trap: 0 -> the two share a storage, but they do not begin at the same place of it
    assert row.data_ptr() - t.data_ptr() == __(32)
    # why: elements to skip, times element_size(): that is how a view is found in its storage. So a
    #     view may well have another address than the tensor that it shares with.
    # picture: storage of t, row


def test_another_address_may_be_the_same_memory(device):
    """Make a tensor that begins elsewhere than t does, in the storage of t."""
    t = torch.zeros(4, device=device)

    # claims: A072
    # hint: which expressions look at a part of t without copying it?
    # hint: the part must not contain the first element
    # trap: t -> it begins where t begins
    # trap: t[:1] -> a part of t, but it begins where t begins
    # trap: t.view(2, 2) -> another shape from the same start
    # trap: t[1:].clone() -> elsewhere it is, in a storage of its own
    # trap: t[[1, 2]] -> an index list copies, so this lies in a storage of its own
    other = __(t[1:])
    assert other.data_ptr() != t.data_ptr()
    assert other.untyped_storage().data_ptr() == t.untyped_storage().data_ptr()
    # why: where there are elements, equal addresses prove that memory is shared; different ones
    #     prove nothing. Compare where the two storages begin. That settles it for all that torch
    #     laid out itself; over one ndarray there can lie two storages.
    # picture: storage of t, other


def test_flatten_does_not_say_whether_it_copies(device):
    """Two tables are flattened, and each time a number is written into the flat result."""
    t = torch.zeros(2, 2, device=device)
    t.flatten()[0] = 5
    t.T.flatten()[1] = 7

    # claims: B093
    # hint: flatten() is a reshape() to one dim
    # hint: can the numbers of t.T be read off in order by walking through memory evenly?
    # trap: [[0.0, 0.0], [0.0, 0.0]] -> NumPy's flatten() always copies; torch copies only if it
    #     must
    # trap: [[5.0, 0.0], [7.0, 0.0]] -> the order of t.T is not the order in memory, so the 7 went
    #     into a copy
    # trap: [[5.0, 7.0], [0.0, 0.0]] -> that would need t.T to lie in memory in the order of t
    # trap: [5.0, 0.0, 0.0, 0.0] -> flatten() does not change the shape of t
    assert t.tolist() == __([[5.0, 0.0], [0.0, 0.0]])
    # why: reshape() and flatten() give a view where they can and a copy where they cannot. Do not
    #     write into what they give: clone() first, or use view(), which refuses to copy.


def test_a_function_may_write_to_what_it_was_given(device):
    """A function converts its argument to float and then changes it in place, for two callers."""

    def centre(x):
        x = x.float()
        x -= x.mean()

    whole = torch.tensor([1, 3], device=device)
    real = torch.tensor([1.0, 3.0], device=device)
    centre(whole)
    centre(real)

    # claims: A026
    # hint: does float() need to make a new tensor, in each of the two calls?
    # hint: the mean is 2 both times
    # trap: ([1, 3], [1.0, 3.0]) -> float() makes no copy of what is float32 already, so x was the
    #     caller's own tensor
    # trap: ([-1, 1], [-1.0, 1.0]) -> whole numbers have to be converted, and what was changed then
    #     is the new tensor
    # trap: ([-1.0, 1.0], [1.0, 3.0]) -> the other way round: which of the two is float32 already?
    # trap: [[1, 3], [-1.0, 1.0]] -> the numbers are right, but on the left stands a tuple
    assert (whole.tolist(), real.tolist()) == __(([1, 3], [-1.0, 1.0]))
    # why: a conversion with nothing to convert gives back the tensor itself, be it float(), to() or
    #     contiguous(). In a function write `x = x - x.mean()`, and the caller's numbers are safe.
    # picture: whole, real


def test_a_small_view_keeps_the_whole_storage(device):
    """The name of the large tensor is deleted; a view of ten elements stays."""
    big = torch.zeros(1000, device=device)
    small = big[:10]
    del big

    # claims: A059 A105 A107 A112
    # hint: del takes a name away; who still looks at the storage?
    # hint: the question is about bytes
    # trap: 40 -> those are the bytes that small looks at; a storage is not cut in pieces
    # trap: 1000 -> that is how many elements the storage has room for
    # trap: 0 -> a storage lives as long as any tensor looks at it
    # trap: 10 -> that is how many elements small has
    assert small.untyped_storage().nbytes() == __(4000)
    # why: memory is freed when the last tensor that looks at it is gone, and then the whole of it;
    #     on a GPU torch puts it aside for its next tensors. One forgotten slice can hold on to a
    #     gigabyte.
    # picture: storage of small


def test_a_part_of_ones_own_lets_the_rest_go(device):
    """Take the first three elements so that they lie in a storage of three, not of a thousand."""
    big = torch.rand(1000, device=device)

    # claims: A059 A107
    # hint: three elements must be copied, and only three
    # hint: the order of the two steps matters
    # trap: big[:3] -> a slice looks at the storage of all thousand
    # trap: big[:3].contiguous() -> the three lie side by side already, so this copies nothing
    # trap: big[:3].detach() -> detach() leaves the graph of gradients and stays in the storage
    # trap: big.clone()[:3] -> this copies all thousand and then looks at three of the copy
    # trap: big[:3].float() -> nothing to convert, so nothing is copied
    part = __(big[:3].clone())
    assert part.tolist() == big[:3].tolist()
    assert part.untyped_storage().nbytes() == 12
    # why: first choose, then clone. To another device only the chosen elements travel, so cut on
    #     the CPU and send the part.
    # picture: storage of big, part


@kata
def shares_storage(a: torch.Tensor, b: torch.Tensor) -> bool:
    """Return True if `a` and `b` lie in the same storage, and False if they do not.

    It does not matter where in the storage each of them begins, or whether they have an element in
    common. Two tensors that were made empty, such as two `torch.zeros(0)`, share nothing: False. An
    empty slice of a tensor, such as `t[:0]`, still lies in its storage. The answer is a bool.
    Neither tensor is changed.
    """
    address = a.untyped_storage().data_ptr()
    return address != 0 and address == b.untyped_storage().data_ptr()


# hint: a tensor begins at one address, its storage at another; which of them do two slices share?
# hint: print the address of the storage of torch.zeros(0)
# wrong: return a is b -> a view is another object over the same storage
# wrong: return torch.equal(a, b) -> equal numbers may lie in two places
# wrong: return a.data_ptr() == b.data_ptr() -> two slices of one tensor begin at two addresses
# wrong: return a.untyped_storage().data_ptr() == b.untyped_storage().data_ptr() -> where there is
#     no memory the address is 0, and all tensors without memory have that in common
# wrong: address = a.untyped_storage().data_ptr()
#     return address and address == b.untyped_storage().data_ptr() -> `and` answers with what
#     stands on its left if that counts as false, and here that is a number
# wrong: if a.numel() == 0 or b.numel() == 0:
#         return False
#     return a.untyped_storage().data_ptr() == b.untyped_storage().data_ptr() -> an empty slice has
#     no elements, and a storage all the same
# wrong: before = b.clone()
#     a += 1
#     changed = not torch.equal(b, before)
#     a -= 1
#     return changed -> writing to find out changes the tensor, and finds no two parts that lie
#     apart
# also: return 0 != a.untyped_storage().data_ptr() == b.untyped_storage().data_ptr() -> without a
#     temporary
# also: addresses = {a.untyped_storage().data_ptr(), b.untyped_storage().data_ptr()}
#     return len(addresses) == len(addresses - {0}) == 1 -> without a branch
# why: an address says where a tensor begins. Whose memory it is, only the storage says.


def test_shares_storage_sees_through_every_view(device):
    """Whatever looks at the storage of t shares it, even two parts with nothing in common."""
    t = torch.zeros(2, 3, device=device)
    for view in (t, t.view(6), t.T, t[1], t[:, 2:], t.reshape(3, 2), t.detach(), t.to(device)):
        assert shares_storage(t, view) is True
        assert shares_storage(view, t) is True
    assert shares_storage(t[0], t[1]) is True


def test_shares_storage_is_not_deceived_by_copies(device):
    """Copies have equal numbers and shapes, and memory of their own."""
    t = torch.zeros(2, 3, device=device)
    for copy in (t.clone(), t + 0, t.T.reshape(6), t[[0, 1]], t[t == 0], t.double()):
        assert shares_storage(t, copy) is False
        assert shares_storage(copy, t) is False
    home = torch.zeros(3)
    assert shares_storage(home, home.to(device)) is (device.type == "cpu")


def test_shares_storage_where_there_is_next_to_nothing(device):
    """Scalars have memory; a tensor made empty has none, an empty slice looks at some."""
    scalar = torch.tensor(5.0, device=device)
    assert shares_storage(scalar, scalar.view(1)) is True
    assert shares_storage(scalar, scalar.clone()) is False
    assert shares_storage(torch.zeros(0, device=device), torch.zeros(0, device=device)) is False
    assert shares_storage(torch.zeros(0, device=device), scalar) is False
    t = torch.zeros(2, 3, device=device)
    assert shares_storage(t, t[:0]) is True
    assert shares_storage(t[:0].clone(), t) is False


def test_shares_storage_leaves_its_arguments_alone(device):
    """Nothing is written to either tensor, and a tensor that records gradients is welcome."""
    leaf = torch.ones(3, device=device, requires_grad=True)
    assert shares_storage(leaf, leaf[1:]) is True
    assert shares_storage(leaf[1:], leaf.detach().clone()) is False
    assert leaf.tolist() == [1.0, 1.0, 1.0]
