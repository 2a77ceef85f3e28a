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

    assert [x[0].item() for x in (name, part, clone)] == __


def test_a_view_of_a_view_still_writes_to_the_first_tensor(device):
    """t seen as a table, the table turned, one row of that: now 9 is written into the row."""
    t = torch.zeros(6, device=device)
    row = t.view(2, 3).T[1]
    row.fill_(9)

    assert t.tolist() == __


def test_the_same_address_is_the_same_memory(device):
    """Five tensors are made from t; which of them begin at the very address where t begins?"""
    t = torch.zeros(2, 3, device=device)
    made = {"view": t.view(6), "T": t.T, "plus": t + 0, "reshape": t.reshape(6), "mask": t[t >= 0]}
    same = {name for name, u in made.items() if u.data_ptr() == t.data_ptr()}

    assert same == __


def test_an_address_counts_bytes(device):
    """Row 2 is a view, and it begins where row 2 begins; how far from the start of t is that?"""
    t = torch.zeros(3, 4, device=device)
    row = t[2]

    assert row.data_ptr() - t.data_ptr() == __


def test_another_address_may_be_the_same_memory(device):
    """Make a tensor that begins elsewhere than t does, in the storage of t."""
    t = torch.zeros(4, device=device)

    other = __
    assert other.data_ptr() != t.data_ptr()
    assert other.untyped_storage().data_ptr() == t.untyped_storage().data_ptr()


def test_flatten_does_not_say_whether_it_copies(device):
    """Two tables are flattened, and each time a number is written into the flat result."""
    t = torch.zeros(2, 2, device=device)
    t.flatten()[0] = 5
    t.T.flatten()[1] = 7

    assert t.tolist() == __


def test_a_function_may_write_to_what_it_was_given(device):
    """A function converts its argument to float and then changes it in place, for two callers."""

    def centre(x):
        x = x.float()
        x -= x.mean()

    whole = torch.tensor([1, 3], device=device)
    real = torch.tensor([1.0, 3.0], device=device)
    centre(whole)
    centre(real)

    assert (whole.tolist(), real.tolist()) == __


def test_a_small_view_keeps_the_whole_storage(device):
    """The name of the large tensor is deleted; a view of ten elements stays."""
    big = torch.zeros(1000, device=device)
    small = big[:10]
    del big

    assert small.untyped_storage().nbytes() == __


def test_a_part_of_ones_own_lets_the_rest_go(device):
    """Take the first three elements so that they lie in a storage of three, not of a thousand."""
    big = torch.rand(1000, device=device)

    part = __
    assert part.tolist() == big[:3].tolist()
    assert part.untyped_storage().nbytes() == 12


@kata
def shares_storage(a: torch.Tensor, b: torch.Tensor) -> bool:
    """Return True if `a` and `b` lie in the same storage, and False if they do not.

    It does not matter where in the storage each of them begins, or whether they have an element in
    common. Two tensors that were made empty, such as two `torch.zeros(0)`, share nothing: False. An
    empty slice of a tensor, such as `t[:0]`, still lies in its storage. The answer is a bool.
    Neither tensor is changed.
    """
    raise NotImplementedError


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
