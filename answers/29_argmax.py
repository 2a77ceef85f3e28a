"""argmax answers where, not what.

max() answers with the largest element, argmax() with its index. Given a dim, it walks along that
dim as every function does, and answers with the index at which each walk met its largest element.

A network that sorts things into classes gives a score for every class, the so-called logits. The
class with the largest score is its guess, and argmax() is how that guess is read.

Read more: https://docs.pytorch.org/docs/stable/generated/torch.argmax.html
"""

import math

import pytest
import torch

from koans import __, kata


def test_without_dim_the_elements_are_counted_through(device):
    """Where is the largest of nine elements? The answer is a single number."""
    t = torch.tensor([[3.0, 9.0, 4.0], [8.0, 1.0, 12.0], [2.0, 5.0, 6.0]], device=device)

    # claims: B074
    # hint: read the table as a text is read, and number the elements from 0
    # trap: 12.0 -> that is the largest element itself; argmax() says where it is
    # trap: (1, 2) -> row and column would be two numbers; argmax() gives one
    # trap: 6 -> it is the sixth element, but the first one has index 0
    # trap: [1, 2, 2] -> an index for each row has to be asked for
    assert t.argmax().item() == __(5)
    # why: without dim the dims are forgotten, and the elements counted row after row: this is the
    #     index in t.flatten(), not in t.
    # picture: t


def test_a_flat_index_can_be_taken_apart(device):
    """Of a tensor of shape (2, 3, 4), argmax() said 15; unravel_index finds the three indices."""
    flat = torch.tensor(15, device=device)
    place = torch.unravel_index(flat, (2, 3, 4))

    # claims: B074
    # hint: how many elements does one of the two blocks hold?
    # hint: counting starts anew in the second block; how many whole rows of four fit in the rest?
    # trap: [0, 3, 3] -> a block has three rows, 0 to 2; then the next block begins
    # trap: [3, 0, 1] -> the outermost dim comes first
    # trap: [2, 1, 4] -> indices are counted from 0
    # trap: [1, 3] -> the tensor has three dims, so an element of it has three indices
    # trap: [1, 1, 0] -> the last index runs fastest: four elements to a row
    # trap: (1, 0, 3) -> the indices are right, but on the left side stands a list
    assert [index.item() for index in place] == __([1, 0, 3])
    # why: the last dim is counted through first: 15 is 1 * 12 + 0 * 4 + 3. For the flat index to
    #     mean anything, the shape must be known.


def test_along_dim_0_the_answer_names_a_row_for_each_column(device):
    """The first index runs, and the answer tells where it stood at the largest element."""
    t = torch.tensor([[3.0, 9.0, 4.0], [8.0, 1.0, 12.0], [10.0, 5.0, 6.0]], device=device)

    # claims: B075
    # hint: there is one walk down each of the three columns
    # hint: on each walk three rows are met: row 0, row 1 and row 2
    # trap: [1, 2, 0] -> these are columns, one for each row; that walk went along dim 1
    # trap: [10, 9, 12] -> that is what was found; the question is in which row
    # trap: [6, 1, 5] -> these count through the whole of t; along a dim each walk counts for itself
    # trap: [3, 1, 2] -> indices are counted from 0
    # trap: [[2, 0, 1]] -> dim 0 was walked along, so it is gone
    assert t.argmax(dim=0).tolist() == __([2, 0, 1])
    # why: it is the shape of sum(dim=0), with indices along dim 0 in it. An index alone says little
    #     without the dim that it counts along.
    # picture: t


def test_the_guess_of_a_sample_is_its_largest_score(device):
    """logits has a row for each of three samples and a column for each of four classes."""
    logits = torch.tensor(
        [[0.1, 2.0, 0.3, 0.2], [1.5, 0.2, 0.1, 0.4], [-3.0, -1.0, -2.0, -0.5]], device=device
    )

    # claims: B076
    # hint: you want one guess for each sample; which dim has to go?
    # hint: in logits[i, j], which of the two counts the classes?
    # trap: logits.argmax(dim=0) -> this asks each class for its best sample
    # trap: logits.argmax() -> one answer for three samples, counted through all scores
    # trap: logits.max(dim=1) -> this is a pair; the guesses are one half of it
    # trap: logits.amax(dim=1) -> these are the scores of the guesses
    # trap: logits.argmax(dim=1, keepdim=True) -> the guesses are right, but each has kept a pair of
    #     brackets of its own
    guesses = __(logits.argmax(dim=1))
    assert guesses.tolist() == [1, 0, 3]
    # why: the dim of the classes is the one to walk along; the samples stay. Scores need not be
    #     positive or add up to 1 for that, only the largest counts.
    # picture: logits, guesses


def test_a_guess_for_each_pixel(device):
    """Eight pictures of 32 by 16 pixels; for each pixel there is a score for each of five classes.

    The scores are laid out as pictures are, (N, C, H, W), with the classes as channels.
    """
    scores = torch.zeros(8, 5, 32, 16, device=device)
    guesses = scores.argmax(dim=1)

    # claims: B076
    # hint: strike out the dim that was walked along
    # trap: (8, 5) -> then there would be a guess for each class; it is the classes that go
    # trap: (8,) -> that would be one guess a picture; here every pixel gets its own
    # trap: (8, 1, 32, 16) -> the place is kept only with keepdim=True
    # trap: (8, 5, 16) -> "1 is the row" does not help here; 1 is the place of the classes
    # trap: (5, 32, 16) -> places are counted from 0
    # trap: [8, 32, 16] -> the lengths are right, but a shape is a tuple, and no list equals a tuple
    assert guesses.shape == __((8, 32, 16))
    # why: a map of classes, one for each picture. dim=1 reads a guess wherever classes stand in
    #     place 1, be it (N, C) or (N, C, H, W).


def test_an_index_found_here_is_used_over_there(device):
    """Each of us rates four things; what is the price of the thing rated best?"""
    prices = torch.tensor([10.0, 20.0, 30.0, 40.0], device=device)
    mine = torch.tensor([1.5, 0.5, 3.0, 2.5], device=device)
    yours = torch.tensor([0.0, 1.0, 2.0, 2.5], device=device)

    # claims: B076
    # hint: argmax() answers with the index of a thing, and the prices are in the same order
    # trap: ratings.max() -> that is the best rating, and a rating is no place in the list of prices
    # trap: ratings -> these are four ratings; you need one place in the list of prices
    # trap: prices.argmax() -> this is the dearest thing, whatever the ratings say
    # trap: ratings.argmin() -> this is the thing rated worst
    # trap: ratings.argmax -> without parentheses this is the method itself; nobody calls it
    chosen = [prices[__[ratings.argmax()]].item() for ratings in (mine, yours)]
    assert chosen == [30.0, 40.0]
    # why: max() could tell only how high the best rating is. The index leads on, to whatever lies
    #     in the same order: a price, a name, a picture.
    # picture: prices, mine, yours


def test_an_index_is_a_whole_number_whatever_was_compared(device):
    """The elements are float64 here; what is the dtype of the indices?"""
    t = torch.tensor([[1.0, 2.0], [4.0, 3.0]], dtype=torch.float64, device=device)
    places = t.argmax(dim=1)

    # claims: B076
    # hint: which dtype does torch take for whole numbers, if nobody names one?
    # trap: torch.float64 -> the elements are floats, but an index never has a fraction
    # trap: torch.int32 -> 32 bits would do for most tensors, not for the largest ones
    # trap: torch.bool -> a mask says yes or no for each place; an index is the number of a place
    # trap: int -> that is a type of Python; places is a tensor and has a dtype
    # trap: torch.uint8 -> a byte counts up to 255, and a dim may be longer
    assert places.dtype == __(torch.int64)
    # why: argmax(), the indices of max(dim=...), and labels of classes are int64 throughout, so
    #     they can be compared and can index without a cast.


def test_the_first_of_equals_is_named(device):
    """Two elements share the largest value, and argmax() has room for one answer."""
    t = torch.tensor([2, 0, 1, 7, 4, 7], device=device)

    # claims: B076
    # hint: think of a walk that remembers an element only if it is larger than all before it
    # trap: 5 -> this one is as large, but it was met later
    # trap: [3, 5] -> (t == t.max()).nonzero() would find all of them; argmax() names one
    # trap: 7 -> this is the value; the question is where it is
    # trap: 4 -> it is the fourth element, but the first one has index 0
    # trap: 2 -> that is how many there are
    assert t.argmax().item() == __(3)
    # why: torch promises the first of equals. A network that gives the same score to all classes
    #     therefore always seems to guess class 0.


def test_nan_counts_as_the_largest(device):
    """nan is neither larger nor smaller than 9, but argmax() must decide."""
    t = torch.tensor([5.0, 9.0, 7.0, 8.0, float("nan"), 6.0], device=device)

    # claims: A116 B074
    # hint: think of the mean of such data: was the gap passed over, or did it show in the answer?
    # trap: 1 -> that is the largest of the numbers; but the gap is not passed over
    # trap: 0 -> the walk does not get stuck at its beginning
    # trap: 9.0 -> that is a value; the question is its index
    # trap: float("nan") -> max() answers so; an index is a whole number
    # trap: None -> no error is raised, and an index is found
    assert t.argmax().item() == __(4)
    # why: max() and argmax() let nan win, so that it is not overlooked. If a network always guesses
    #     one class, look for a nan among its scores.


@kata
def accuracy(logits: torch.Tensor, labels: torch.Tensor) -> float:
    """Return the share of samples that were guessed right, as a float of Python.

    `logits` has the shape (N, C): a row of C float scores, at least one, for each of N samples.
    `labels` has the shape (N,) and dtype int64: the right class of each sample, from 0 to C - 1.
    The guess of a sample is the class with the largest score, the first of them where several are
    equal. The share lies between 0.0 and 1.0; of no samples at all, N = 0, it is nan. Both tensors
    are on one device and stay as they are.
    """
    return (logits.argmax(dim=1) == labels).float().mean().item()


# hint: get a guess for each sample, and compare all guesses with all labels at once
# hint: the comparison is a mask, and the mean of a mask is a share
# wrong: return (logits.argmax(dim=0) == labels).float().mean().item() -> this asks each class for
#     its best sample
# wrong: return (logits.argmax() == labels).float().mean().item() -> this is one guess for all
#     samples together
# wrong: return (logits.argmax(dim=1) == labels).float().mean() -> a tensor of no dims is no float
# wrong: return float((logits.argmax(dim=1) == labels).sum()) -> that counts; a share is divided by
#     the number of samples
# wrong: return round((logits.argmax(dim=1) == labels).float().mean().item(), 2) -> a third is not
#     0.33; whoever prints it may round it
# wrong: return (logits.argmax(dim=1) == labels).mean().item() -> a mask must be cast before its
#     mean can be taken
# wrong: return (logits.amax(dim=1) == labels).float().mean().item() -> this compares scores with
#     classes
# wrong: right = logits[torch.arange(len(labels), device=labels.device), labels]
#     return (right == logits.amax(dim=1)).float().mean().item() -> where several are the largest,
#     only the first of them is the guess
# wrong: return (logits.argmax(dim=1, keepdim=True) == labels).float().mean().item() -> a column
#     compared with a vector is a table of all pairs
# also: return torch.eq(logits.max(dim=1).indices, labels).double().mean().item() -> in one
#     expression
# also: right = 0
#     for row, label in zip(logits.tolist(), labels.tolist(), strict=True):
#         right += row.index(max(row)) == label
#     return right / len(labels) if len(labels) else math.nan -> with a loop
# why: reduce over the classes, compare, take the mean: most measures of success have these three
#     steps.


def test_accuracy_is_a_share_as_a_python_float(device):
    """Of four samples three were guessed right: the guesses are 1, 2, 0, 1."""
    logits = torch.tensor(
        [[0.1, 2.0, 0.3], [-9.0, -8.0, -7.0], [5.0, 4.0, 3.0], [0.0, 1.0, 0.5]], device=device
    )
    labels = torch.tensor([1, 2, 2, 1], device=device)
    before = (logits.tolist(), labels.tolist())
    share = accuracy(logits, labels)
    assert type(share) is float
    assert share == 0.75
    assert (logits.tolist(), labels.tolist()) == before


def test_accuracy_of_as_many_samples_as_classes(device):
    """Two samples of two classes, and then one of three samples guessed right."""
    logits = torch.tensor([[1.0, 9.0], [2.0, 3.0]], device=device)
    for labels, share in [([0, 0], 0.0), ([1, 0], 0.5), ([0, 1], 0.5), ([1, 1], 1.0)]:
        assert accuracy(logits, torch.tensor(labels, device=device)) == share
    third = accuracy(torch.eye(3, device=device), torch.tensor([0, 2, 1], device=device))
    assert third == pytest.approx(1 / 3, rel=1e-6)


def test_accuracy_takes_the_first_of_equal_scores(device):
    """A row of equal scores is a guess of class 0, and of no other class."""
    logits = torch.tensor([[7.0, 7.0, 7.0], [1.0, 5.0, 5.0]], device=device)
    assert accuracy(logits, torch.tensor([0, 1], device=device)) == 1.0
    assert accuracy(logits, torch.tensor([1, 2], device=device)) == 0.0


def test_accuracy_of_one_sample_and_of_none(device):
    """One class only is always guessed; a share of nothing is not a number."""
    one = torch.tensor([[-3.0]], device=device)
    assert accuracy(one, torch.tensor([0], device=device)) == 1.0
    nothing = torch.zeros(0, dtype=torch.int64, device=device)
    share = accuracy(torch.zeros(0, 3, device=device), nothing)
    assert type(share) is float
    assert math.isnan(share)
