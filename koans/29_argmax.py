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

    assert t.argmax().item() == __


def test_a_flat_index_can_be_taken_apart(device):
    """Of a tensor of shape (2, 3, 4), argmax() said 15; unravel_index finds the three indices."""
    flat = torch.tensor(15, device=device)
    place = torch.unravel_index(flat, (2, 3, 4))

    assert [index.item() for index in place] == __


def test_along_dim_0_the_answer_names_a_row_for_each_column(device):
    """The first index runs, and the answer tells where it stood at the largest element."""
    t = torch.tensor([[3.0, 9.0, 4.0], [8.0, 1.0, 12.0], [10.0, 5.0, 6.0]], device=device)

    assert t.argmax(dim=0).tolist() == __


def test_the_guess_of_a_sample_is_its_largest_score(device):
    """logits has a row for each of three samples and a column for each of four classes."""
    logits = torch.tensor(
        [[0.1, 2.0, 0.3, 0.2], [1.5, 0.2, 0.1, 0.4], [-3.0, -1.0, -2.0, -0.5]], device=device
    )

    guesses = __
    assert guesses.tolist() == [1, 0, 3]


def test_a_guess_for_each_pixel(device):
    """Eight pictures of 32 by 16 pixels; for each pixel there is a score for each of five classes.

    The scores are laid out as pictures are, (N, C, H, W), with the classes as channels.
    """
    scores = torch.zeros(8, 5, 32, 16, device=device)
    guesses = scores.argmax(dim=1)

    assert guesses.shape == __


def test_an_index_found_here_is_used_over_there(device):
    """Each of us rates four things; what is the price of the thing rated best?"""
    prices = torch.tensor([10.0, 20.0, 30.0, 40.0], device=device)
    mine = torch.tensor([1.5, 0.5, 3.0, 2.5], device=device)
    yours = torch.tensor([0.0, 1.0, 2.0, 2.5], device=device)

    chosen = [prices[__].item() for ratings in (mine, yours)]
    assert chosen == [30.0, 40.0]


def test_an_index_is_a_whole_number_whatever_was_compared(device):
    """The elements are float64 here; what is the dtype of the indices?"""
    t = torch.tensor([[1.0, 2.0], [4.0, 3.0]], dtype=torch.float64, device=device)
    places = t.argmax(dim=1)

    assert places.dtype == __


def test_the_first_of_equals_is_named(device):
    """Two elements share the largest value, and argmax() has room for one answer."""
    t = torch.tensor([2, 0, 1, 7, 4, 7], device=device)

    assert t.argmax().item() == __


def test_nan_counts_as_the_largest(device):
    """nan is neither larger nor smaller than 9, but argmax() must decide."""
    t = torch.tensor([5.0, 9.0, 7.0, 8.0, float("nan"), 6.0], device=device)

    assert t.argmax().item() == __


@kata
def accuracy(logits: torch.Tensor, labels: torch.Tensor) -> float:
    """Return the share of samples that were guessed right, as a float of Python.

    `logits` has the shape (N, C): a row of C float scores, at least one, for each of N samples.
    `labels` has the shape (N,) and dtype int64: the right class of each sample, from 0 to C - 1.
    The guess of a sample is the class with the largest score, the first of them where several are
    equal. The share lies between 0.0 and 1.0; of no samples at all, N = 0, it is nan. Both tensors
    are on one device and stay as they are.
    """
    raise NotImplementedError


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
