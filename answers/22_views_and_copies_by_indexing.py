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

    # claims: A016 B044
    # hint: does row have a storage of its own?
    # hint: rows are counted from 0
    # trap: [[1, 2], [3, 4]] -> row has no numbers of its own; it looks at those of t
    # trap: [9, 4] -> that is row; the whole of t was asked for
    # trap: [[9, 2], [3, 4]] -> t[1] is the second row
    # trap: [[1, 2], [9, 9]] -> row[0] is one element of the row
    assert t.tolist() == __([[1, 2], [9, 4]])
    # why: a tensor is a shape and a way of looking at a storage, and many tensors can look at the
    #     same one. What is written through one of them, all of them see.
    # picture: storage of t, row


def test_lists_and_tensors_slice_differently(device):
    """The same two lines are run on a Python list and on a tensor with the same numbers."""
    plain = [1, 2, 3]
    t = torch.tensor(plain, device=device)
    for data in (plain, t):
        part = data[0:2]
        part[0] = 9

    # claims: A016 B044
    # hint: try the two lines of the loop on a list, at a Python prompt
    # hint: after that, ask of each part whether its numbers are its own
    # trap: ([1, 2, 3], [1, 2, 3]) -> "a slice is a copy" is true for one of the two
    # trap: ([9, 2, 3], [9, 2, 3]) -> "a slice is a view" is true for one of the two
    # trap: ([9, 2, 3], [1, 2, 3]) -> they do differ, but the other way round
    # trap: ([1, 2, 3], [9, 2]) -> the tensor keeps its length; only part is two long
    # trap: [[1, 2, 3], [9, 2, 3]] -> the right numbers, but on the left stands a tuple, in round
    #     brackets
    assert (plain, t.tolist()) == __(([1, 2, 3], [9, 2, 3]))
    # why: a slice of a list is a new list, a slice of a tensor is a view. So a slice of a billion
    #     numbers costs next to nothing, and a write into it is a write into the whole.
    # picture: storage of plain, t, part


def test_the_kind_of_index_decides(device):
    """A slice, a list of positions and a mask pick the same two elements; then t changes."""
    t = torch.tensor([10, 20, 30], device=device)
    picks = {"slice": t[1:], "positions": t[[1, 2]], "mask": t[t > 10]}
    t[1] = 99
    changed = [name for name, pick in picks.items() if pick[0] == 99]

    # claims: A100 B045
    # hint: only what is a view can see the 99
    # hint: a view knows where it starts and how far each step is; which index can be told like
    #     that, whatever stands in it?
    # trap: ["slice", "positions", "mask"] -> not every index gives a view
    # trap: [] -> not every index copies, either
    # trap: ["slice", "positions"] -> 1 and 2 are neighbours, as in the slice, but torch does not
    #     look for that
    # trap: ["slice", "mask"] -> the True places of a mask may lie anywhere; no start and step can
    #     tell them all
    # trap: ["positions", "mask"] -> these two can pick any places; can a view?
    # trap: "slice" -> changed is a list of names, so the answer is a list too
    assert changed == __(["slice"])
    # why: numbers and slices are regular, so a view can describe them. Lists of positions and masks
    #     can name any places, so what they pick is copied, even where it happens to lie in a row.
    # picture: storage of t, picks


def test_clone_gives_a_row_its_own_storage(device):
    """Take row 0 of t in such a way that writing into it leaves t as it was."""
    t = torch.tensor([[1, 2], [3, 4]], device=device)

    # claims: A016 B044
    # hint: first get the row, then ask for a storage of its own
    # hint: moving copies only sometimes; which method copies always?
    # trap: t[0] -> that is a view: the 9 lands in t as well
    # trap: t[0][:] -> the way to copy a list; on a tensor it gives one more view
    # trap: t[0].to(device) -> it is there already, so to() answers with the view itself
    # trap: t.clone() -> that copies the whole matrix, and then mine[0] is a row
    # trap: t[1].clone() -> this is a copy, but of the second row
    # trap: t[0].copy() -> that is the word of NumPy and of lists; a tensor has another
    # trap: t[[0]] -> this is a copy, but a matrix of one row: mine[0] = 9 fills all of it
    # trap: t[0].detach() -> detach() stops the recording; the memory is the same
    mine = __(t[0].clone())
    mine[0] = 9
    assert (t.tolist(), mine.tolist()) == ([[1, 2], [3, 4]], [9, 2])
    # why: clone() always copies, whatever it is called on. Clone what you are going to change or
    #     want to keep; for reading, a view is enough.
    # picture: storage of t, mine


def test_on_the_left_of_an_equals_sign_any_index_writes(device):
    """A slice, a mask and a list of positions are each given a value, one after the other."""
    t = torch.tensor([[1, 2], [3, 4], [5, 6]], device=device)
    t[:, 0] = 0
    t[t > 4] = 9
    t[[0]] = 7

    # claims: A100 A101
    # hint: write t down after each line; the mask is made from what t holds by then
    # hint: t[[0]] is a list of positions along dim 0, and it has one entry
    # trap: [[0, 2], [0, 4], [0, 6]] -> masks and lists copy when they are read; here they are
    #     written to
    # trap: [[1, 2], [3, 4], [5, 6]] -> every one of the lines changes t
    # trap: [[7, 2], [0, 4], [0, 9]] -> position 0 along dim 0 is a row, not an element
    # trap: [[7, 7], [0, 4], [9, 9]] -> when the mask is made, the 5 is gone already
    # trap: [[7, 7], [0, 9], [0, 9]] -> 4 is not greater than 4
    # trap: [[7, 7]] -> that is what the last index picks; the whole of t was asked for
    assert t.tolist() == __([[7, 7], [0, 4], [0, 9]])
    # why: `t[index] = value` hands index and value to t, which writes into its own storage. Whether
    #     an index views or copies matters only where something is read.
    # picture: t


def test_a_write_into_a_copy_without_a_name_is_lost(device):
    """Two indices a line: the first is read, the second writes into what came of it."""
    t = torch.tensor([1, 2, 3], device=device)
    t[1:][0] = 20
    t[t > 2][0] = 99

    # claims: A100
    # hint: give a name to what stands before [0]: is it a view or a copy?
    # hint: if nobody holds a copy, who can see what was written into it?
    # trap: [1, 99, 3] -> the mask was read before [0] = 99 wrote, and reading with a mask copies
    # trap: [1, 2, 3] -> one of the two lines does reach t
    # trap: [1, 2, 99] -> look at the two lines again: which of them writes through a view?
    # trap: [20, 2, 3] -> [0] counts from the start of t[1:]
    assert t.tolist() == __([1, 20, 3])
    # why: only the index next to `=` writes; those before it are read. Behind a mask or a list of
    #     positions the write goes to a copy, and no error says so.


def test_two_lists_of_positions_are_read_in_pairs(device):
    """Pick one element of each row; the tens of a number are its row, the ones its column."""
    t = torch.tensor([[0, 1, 2], [10, 11, 12], [20, 21, 22]], device=device)

    # claims: B045
    # hint: write down row and column of the 1, of the 12, of the 20
    # hint: an index has one place for each dim: all the rows come first, then all the columns
    # trap: [0, 1], [1, 2], [2, 0] -> that is a list for each element; the index wants a list for
    #     each dim, and t has two
    # trap: :, [1, 2, 0] -> that takes all rows of these columns, nine elements
    # trap: [0, 1, 2] -> that takes three whole rows
    # trap: [1, 2, 0], [0, 1, 2] -> rows and columns have changed places
    # trap: 0:3, 1:3 -> two slices cut out a block
    picked = t[__[[0, 1, 2], [1, 2, 0]]]
    assert picked.tolist() == [1, 12, 20]
    # why: two slices make a block, two lists make pairs: first row with first column, second with
    #     second, and so on. The result is as long as the lists.
    # picture: t, picked


def test_a_position_named_twice_is_written_once(device):
    """Four votes: `counts[votes] += 1` picks four counts, adds 1 to each and writes them back."""
    votes = [0, 2, 0, 0]
    counts = torch.tensor([10, 20, 30], device=device)
    counts[votes] += 1

    # claims: A100
    # hint: counts[votes] is a copy of four numbers; write it down
    # hint: then write each of the four sums to its position
    # trap: [13, 20, 31] -> that would be one addition for each vote; all four were picked before
    #     anything was written
    # trap: [10, 20, 30] -> the picked numbers are a copy, but then they are written back
    # trap: [11, 21, 31] -> nobody voted for position 1
    # trap: [11, 31, 11, 11] -> that is what is written; counts stays three long
    assert counts.tolist() == __([11, 20, 31])
    # why: all positions are read first and written afterwards, and what is written twice to one
    #     place is there once. To count, use torch.bincount() or index_add_().


def test_masked_fill_comes_with_and_without_an_underscore(device):
    """t.masked_fill_(mask, 9.0) writes 9 into t; get a tensor filled so, and leave t as it was."""
    t = torch.tensor([1.0, 2.0, 3.0], device=device)
    mask = t > 2

    # claims: A102
    # hint: the two names differ in one character
    # hint: one of them writes into t; the other answers with a new tensor
    # trap: t.masked_fill_(mask, 9.0) -> with the underscore at its end it writes into t
    # trap: t[mask] -> this keeps what the mask picks, and fills nothing
    # trap: t.masked_fill(~mask, 9.0) -> the 9 belongs where the mask says True
    # trap: t.clone() -> this is a copy, and now it has to be filled
    filled = __(t.masked_fill(mask, 9.0))
    assert (t.tolist(), filled.tolist()) == ([1.0, 2.0, 3.0], [1.0, 2.0, 9.0])
    # why: masked_fill_() writes into the tensor, masked_fill() answers with a filled copy. Language
    #     models use it so that a word cannot see the words after it: their scores are filled with
    #     minus infinity.
    # picture: t, mask, filled
