"""cat makes a dim longer, stack makes a new one.

`torch.cat(tensors, dim)` takes a list of tensors and lays them end to end along a dim that they
have. That dim grows, the others stay. `torch.stack(tensors, dim)` takes tensors of one shape and
puts them side by side in a new dim, whose length is the number of tensors. Without dim= both work
at dim 0.

Read more: https://docs.pytorch.org/docs/stable/generated/torch.cat.html
"""

import contextlib

import torch

from koans import __, kata


def test_cat_makes_the_dim_longer_that_it_is_given(device):
    """Three tables of shape (3, 4) are joined, first along dim 0 and then along dim 1."""
    t = torch.zeros(3, 4, device=device)
    along_0 = torch.cat([t, t, t], dim=0)
    along_1 = torch.cat([t, t, t], dim=1)

    # claims: B078 B079 B080
    # hint: dim 0 is the first number of a shape, dim 1 the second
    # hint: three tensors end to end are three times as long, in one direction
    # trap: ((3, 12), (9, 4)) -> that takes 0 for the columns; dim 0 is the first number of the
    #     shape, in every function
    # trap: ((3, 3, 4), (3, 4, 3)) -> a new dim would be the work of stack; cat keeps the number of
    #     dims
    # trap: ((9, 12), (9, 12)) -> each call names one dim, and only that one grows
    # trap: ((3, 4), (3, 4)) -> this is t; the numbers of all three must find room
    # trap: [(9, 4), (3, 12)] -> the shapes are right, but on the left stands a tuple, in round
    #     brackets
    assert (along_0.shape, along_1.shape) == __(((9, 4), (3, 12)))
    # why: cat adds up the lengths along its dim and leaves all others alone. Along dim 0 a table
    #     gets more rows, along dim 1 its rows get longer.
    # picture: along_0, along_1


def test_the_joined_lengths_may_differ(device):
    """Put the column of totals at the right end of the table."""
    table = torch.tensor([[1, 2], [3, 4]], device=device)
    totals = torch.tensor([[3], [7]], device=device)

    # claims: B078 B080
    # hint: must the rows become longer, or must there be more of them?
    # hint: both tensors go into one list
    # trap: torch.cat([table, totals]) -> without dim= the totals come below the table, and rows of
    #     one do not fit below rows of two
    # trap: torch.cat([totals, table], dim=1) -> the list is the order: this has the totals at the
    #     left end
    # trap: torch.cat(table, totals, dim=1) -> cat takes the tensors as one list, not one by one
    # trap: torch.stack([table, totals], dim=1) -> stack makes a new dim, and only tensors of one
    #     shape can stand side by side in it
    # trap: table + totals -> this adds the totals to the numbers of the table
    report = __(torch.cat([table, totals], dim=1))
    assert report.tolist() == [[1, 2, 3], [3, 4, 7]]
    # why: along the dim that is joined, each tensor may bring a length of its own; these are added
    #     up. It is the other dims that have to agree.
    # picture: table, totals, report


def test_all_other_lengths_must_match(device):
    """Five shapes, each to be joined to (2, 3) along dim 1; some of them are refused."""
    t = torch.zeros(2, 3, device=device)
    fits = []
    for shape in [(5, 3), (2, 5), (2,), (2, 1), (2, 3, 1)]:
        with contextlib.suppress(RuntimeError):
            torch.cat([t, torch.zeros(shape, device=device)], dim=1)
            fits.append(shape)

    # claims: B078
    # hint: dim 1 may have any length; what about dim 0?
    # hint: how many dims must a tensor have to be joined to this one?
    # trap: [(5, 3), (2, 5), (2, 1)] -> below each other (5, 3) would fit; side by side the rows
    #     must be equally many
    # trap: [(2, 5), (2,), (2, 1)] -> a vector has no dim 1 to be joined along
    # trap: [(2, 5), (2, 1), (2, 3, 1)] -> cat adds no dim and takes none away: both must have the
    #     same number of dims
    # trap: [(2, 5)] -> a single column is a table, too
    # trap: [(5, 3), (2,), (2, 3, 1)] -> these are the ones that are refused
    assert fits == __([(2, 5), (2, 1)])
    # why: a tensor has no holes. Whoever wants to join tensors of different lengths must say what
    #     goes into the gaps, and fill them up first.


def test_sum_and_cat_mean_the_same_dim_by_its_number(device):
    """Dim 1 is named twice: once to be joined along, once to be added up."""
    t = torch.zeros(2, 3, 5, device=device)
    joined = torch.cat([t, t], dim=1)
    added = t.sum(dim=1)

    # claims: B077
    # hint: put a finger on dim 1 in (2, 3, 5), and leave it there for both
    # hint: one of the two makes that dim longer, the other makes it vanish
    # trap: ((2, 6, 5), (3, 5)) -> dim 1 does not become dim 0 because something is calculated
    # trap: ((2, 6, 5), (2, 3)) -> the last dim is gone here; in a table dim 1 is the last one, here
    #     it stands in the middle
    # trap: ((4, 3, 5), (2, 5)) -> this joins along dim 0; dims are counted from 0
    # trap: ((2, 6, 5), (2, 1, 5)) -> a length of 1 stays only where keepdim=True asks for it
    # trap: ((2, 3, 10), (2, 3)) -> dims are counted from the left, and the first one is dim 0
    # trap: [(2, 6, 5), (2, 5)] -> the shapes are right, but on the left stands a tuple, in round
    #     brackets
    assert (joined.shape, added.shape) == __(((2, 6, 5), (2, 5)))
    # why: dim k is place k of the shape, counted from 0, whatever the function does there: a sum
    #     removes it, cat lengthens it, cumsum leaves it. Row and column are words for tables only.


def test_stack_makes_a_dim_that_was_not_there(device):
    """Eight pictures of shape (3, 64, 32) are made into one batch."""
    pictures = [torch.zeros(3, 64, 32, device=device) for _ in range(8)]

    # claims: B078
    # hint: the pictures keep their three dims, and a fourth says which picture
    # hint: dim= says at which place of the new shape it stands
    # trap: (24, 64, 32) -> this is what cat does: the pictures are one tower of channels, and where
    #     one ends cannot be seen
    # trap: (3, 64, 32, 8) -> the new dim is asked for at place 0
    # trap: (3, 8, 64, 32) -> that would be dim=1
    # trap: (8, 3, 2048) -> height and width stay two dims; stack takes none away
    # trap: [8, 3, 64, 32] -> the lengths are right, but a shape is a tuple, and no list equals a
    #     tuple
    assert torch.stack(pictures, dim=0).shape == __((8, 3, 64, 32))
    # why: stack counts its tensors in a new dim, and an index there gives each of them back: item 5
    #     of this batch is pictures[5]. Batches are made like this.


def test_stack_puts_the_new_dim_where_you_say(device):
    """Pair the coordinates: three points, each of them an x together with its y."""
    x = torch.tensor([1, 2, 3], device=device)
    y = torch.tensor([4, 5, 6], device=device)

    # claims: B078
    # hint: three points of two numbers each: which shape is that, and at which place is the new 2?
    # trap: torch.stack([x, y]) -> that is two rows, all x and then all y; the new dim came first
    # trap: torch.cat([x, y]) -> x and y have one dim, and cat makes no other
    # trap: torch.cat([x, y], dim=1) -> cat needs a dim that is there, and vectors have no dim 1
    # trap: torch.stack([x, y]).reshape(3, 2) -> the shape is right and the pairs are wrong:
    #     reshape() does not move columns into rows
    # trap: torch.stack([y, x], dim=1) -> each pair begins with x
    points = __(torch.stack([x, y], dim=1))
    assert points.tolist() == [[1, 4], [2, 5], [3, 6]]
    # why: dim= says at which place of the new shape the count of the tensors stands. At dim 0 the
    #     tensors become rows, at dim 1 they become columns.
    # picture: x, y, points


def test_scalars_have_no_dim_to_be_joined_along(device):
    """Make one vector of the three scalars, on the device where they are."""
    five = torch.tensor(5, device=device)
    three = torch.tensor(3, device=device)
    scalars = [five, three, five + three]

    # claims: B014 B078
    # hint: how many dims has a scalar, and along which of them could it be joined?
    # trap: torch.cat(scalars) -> cat lengthens a dim, and a scalar has none
    # trap: torch.concat(scalars) -> this is cat under another name
    # trap: torch.stack(scalars, dim=1) -> the result has one dim, and that is dim 0
    # trap: sum(scalars) -> this adds them up to one scalar
    vector = __(torch.stack(scalars))
    assert (vector.device.type, vector.tolist()) == (device.type, [5, 3, 8])
    # why: stack makes the dim that scalars lack. The losses of many steps are scalars too,
    #     and this is how they become one vector.
    # picture: five, three, vector


def test_joining_copies(device):
    """A tensor that went into cat is written to afterwards."""
    t = torch.tensor([1, 2], device=device)
    joined = torch.cat([t, t])
    t[0] = 9

    # claims: A016 B078
    # hint: joined has four elements; does the memory of t hold so many?
    # trap: [9, 2, 9, 2] -> that is what a view of t would show; cat lays the numbers out anew
    # trap: [9, 2, 1, 2] -> no part of joined lies in the memory of t, not even the first
    # trap: [[1, 2], [1, 2]] -> the numbers are right; is there a new dim?
    # trap: [1, 2] -> t was joined with itself, so it is there twice
    assert joined.tolist() == __([1, 2, 1, 2])
    # why: one tensor lies in one storage, so tensors from several places can be joined only by
    #     copying them. Collect in a list and join once: each cat in a loop copies all that was
    #     there before.
    # picture: storage of t, joined


@kata
def pad_and_mask(vectors: list[torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor]:
    """Return vectors of different lengths as one table, and a mask of what is real in it.

    `vectors` is a list of N 1-D tensors, at least one, that share a dtype and a device; the longest
    has length L. Both tensors of the answer have the shape (N, L) and are on the device of the
    vectors. The first has their dtype: its row i holds vectors[i] and, behind it, zeros. The second
    has dtype torch.bool: True where an element of a vector stands, even if that element is 0, and
    False where a row was filled up.

    Neither shares memory with a vector, and list and vectors stay as they are. In plain Python:

        length = max(len(v) for v in vectors)
        padded = [[v[j] if j < len(v) else 0 for j in range(length)] for v in vectors]
        mask = [[j < len(v) for j in range(length)] for v in vectors]
    """
    length = max(len(v) for v in vectors)
    places = torch.arange(length, device=vectors[0].device)
    rows = [torch.cat([v, v.new_zeros(length - len(v))]) for v in vectors]
    return torch.stack(rows), torch.stack([places < len(v) for v in vectors])


# hint: if all vectors were of one length, the table would be one call of a function of this lesson
# hint: zeros to make a vector longer must have its dtype and device; v.new_zeros(3) makes such ones
# hint: the mask is about lengths: compare the places 0, 1, 2 ... with the length of each vector
# wrong: return torch.stack(vectors), torch.stack(vectors) != 0 -> stack needs one length for all
# wrong: padded = torch.nn.utils.rnn.pad_sequence(vectors, batch_first=True)
#     return padded, padded != 0 -> a 0 can be real; only the lengths tell it from a filled place
# wrong: padded = torch.zeros(len(vectors), max(len(v) for v in vectors))
#     mask = torch.zeros(padded.shape, dtype=torch.bool)
#     for i, v in enumerate(vectors):
#         padded[i, : len(v)] = v
#         mask[i, : len(v)] = True
#     return padded, mask -> these zeros are float32 on the CPU, whatever the vectors are
# wrong: length = max(len(v) for v in vectors)
#     rows = [torch.cat([v.new_zeros(length - len(v)), v]) for v in vectors]
#     masks = [torch.arange(length, device=v.device) >= length - len(v) for v in vectors]
#     return torch.stack(rows), torch.stack(masks) -> the zeros belong behind the vectors
# wrong: length = max(len(v) for v in vectors)
#     rows = [torch.cat([v, v.new_zeros(length - len(v))]) for v in vectors]
#     masks = [torch.arange(length, device=v.device) >= len(v) for v in vectors]
#     return torch.stack(rows), torch.stack(masks) -> True says real here; some libraries mark the
#     filled places instead
# wrong: length = max(len(v) for v in vectors)
#     places = torch.arange(length, device=vectors[0].device)
#     masks = torch.stack([places < len(v) for v in vectors])
#     if len(vectors) == 1:
#         return vectors[0][None], masks
#     rows = [torch.cat([v, v.new_zeros(length - len(v))]) for v in vectors]
#     return torch.stack(rows), masks -> a vector that is alone still has to be copied
# wrong: length = max(len(v) for v in vectors)
#     padded = torch.zeros(len(vectors), length, device=vectors[0].device)
#     mask = torch.zeros(len(vectors), length, dtype=torch.bool, device=vectors[0].device)
#     for i, v in enumerate(vectors):
#         padded[i, : len(v)] = v
#         mask[i, : len(v)] = True
#     return padded.to(vectors[0].dtype), mask -> a table of float32 forgets digits that int64 and
#     float64 have; make it with the right dtype
# also: with_0 = torch.nn.utils.rnn.pad_sequence(vectors, batch_first=True, padding_value=0)
#     with_1 = torch.nn.utils.rnn.pad_sequence(vectors, batch_first=True, padding_value=1)
#     return with_0, (with_0 == with_1) | with_0.isnan() -> without a loop
# also: length = max(map(len, vectors))
#     padded = vectors[0].new_zeros(len(vectors), length)
#     mask = torch.zeros(padded.shape, dtype=torch.bool, device=padded.device)
#     for i, v in enumerate(vectors):
#         padded[i, : len(v)] = v
#         mask[i, : len(v)] = True
#     return padded, mask -> with a loop
# why: a tensor has no holes, so sentences and sounds of different lengths go into a batch filled
#     up, together with a mask. The mask is made of lengths, as the numbers themselves cannot tell.


def test_pad_and_mask_fills_up_behind_each_vector(device):
    """Three vectors of three lengths; the zeros of the second are its own."""
    large = 2**24 + 1  # more than a float32 can tell from its neighbours
    vectors = [torch.tensor(v, device=device) for v in ([1, 2], [3, 0, large, 0], [6])]
    padded, mask = pad_and_mask(vectors)
    table = torch.tensor([[1, 2, 0, 0], [3, 0, large, 0], [6, 0, 0, 0]], device=device)
    real = torch.tensor([[1, 1, 0, 0], [1, 1, 1, 1], [1, 0, 0, 0]], device=device)
    assert type(padded) is type(mask) is torch.Tensor
    torch.testing.assert_close(padded, table, rtol=0, atol=0)
    torch.testing.assert_close(mask, real == 1)


def test_pad_and_mask_keeps_dtype_and_device(device):
    """Whatever the vectors are made of, the table is too; the mask is always of bools."""
    for dtype in (torch.float64, torch.float32, torch.int8, torch.bool):
        vectors = [torch.ones(2, dtype=dtype, device=device) for _ in range(3)]
        vectors.append(torch.ones(4, dtype=dtype, device=device))
        padded, mask = pad_and_mask(vectors)
        assert (padded.dtype, padded.device.type) == (dtype, device.type)
        assert (mask.dtype, mask.device.type) == (torch.bool, device.type)
        assert padded[0].tolist() == [1, 1, 0, 0]
        assert padded[3].tolist() == [1, 1, 1, 1]


def test_pad_and_mask_takes_one_vector_and_empty_ones(device):
    """A list of one, vectors of length 1, and vectors without elements, against plain Python."""
    for lists in ([[7.5]], [[0.0]], [[], [4.0, 5.0]], [[1.0], [], [2.0]], [[], []]):
        padded, mask = pad_and_mask([torch.tensor(v, device=device) for v in lists])
        length = max(len(v) for v in lists)
        assert padded.shape == mask.shape == (len(lists), length)
        assert padded.tolist() == [v + [0.0] * (length - len(v)) for v in lists]
        assert mask.tolist() == [[j < len(v) for j in range(length)] for v in lists]


def test_pad_and_mask_copies(device):
    """Writing to the table reaches no vector, and the list still holds what it held."""
    for lists in ([[1.0, 2.0]], [[1.0, 2.0], [3.0, 4.0]], [[1.0], [3.0, 4.0]]):
        vectors = [torch.tensor(v, device=device) for v in lists]
        padded, _ = pad_and_mask(vectors)
        padded.fill_(9)
        assert [v.tolist() for v in vectors] == lists
