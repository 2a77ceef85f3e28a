"""The forward pass computes, it does not learn.

`nn.Linear(3, 2)` is a layer that takes 3 numbers, the features of one sample, and gives 2. It owns
a matrix of weights and a vector called the bias, and both begin as random numbers. Sending data
through layers, from the input to the last result, is the forward pass.

Learning is another matter: the loss says how wrong the result is, backward() finds the gradients,
and a step changes the weights. This lesson stays on the way forward.

Read more: https://docs.pytorch.org/docs/stable/generated/torch.nn.Linear.html
"""

from contextlib import suppress

import torch
from torch import nn
from torch.nn.functional import linear, mse_loss

from koans import __, kata


def test_the_weights_are_stored_with_the_outputs_first(device):
    """A layer is made that takes five features and gives three numbers for them."""
    layer = nn.Linear(5, 3, device=device)

    assert (layer.weight.shape, layer.bias.shape) == __


def test_a_linear_layer_is_a_matrix_product(device):
    """Four samples of three features go through a layer, and the same is computed by hand.

    assert_close() passes where two tensors are equal but for rounding.
    """
    layer = nn.Linear(3, 2, device=device)
    x = torch.rand(4, 3, device=device)

    by_hand = x @ __ + layer.bias
    torch.testing.assert_close(by_hand, layer(x))


def test_a_long_row_beats_a_row_that_is_alike(device):
    """Three rows of weights, the first equal to x; linear() gives the inner product with each."""
    x = torch.tensor([3.0, 4.0], device=device)
    rows = torch.tensor([[3.0, 4.0], [10.0, 0.0], [-3.0, -4.0]], device=device)

    assert linear(x, rows).tolist() == __


def test_unit_rows_compare_directions_only(device):
    """norm() is the length of a vector, that of [3, 4] is 5; give all rows here the length 1."""
    x = torch.tensor([3.0, 4.0], device=device)
    rows = torch.tensor([[3.0, 4.0], [10.0, 0.0], [-3.0, -4.0]], device=device)

    unit = __
    torch.testing.assert_close(linear(x, unit), torch.tensor([5.0, 3.0, -5.0], device=device))


def test_the_forward_pass_leaves_the_weights_alone(device):
    """All weights are set to 0.5, and the same sample is sent through a hundred times."""
    layer = nn.Linear(2, 1, device=device)
    nn.init.constant_(layer.weight, 0.5)
    for _ in range(100):
        layer(torch.tensor([3.0, 5.0], device=device))

    assert (layer.weight.tolist(), layer.weight.grad) == __


def test_a_prediction_needs_no_label(device):
    """Five samples go through two layers; the ReLU in between turns what is negative into 0."""
    model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 3)).to(device)
    x = torch.rand(5, 4, device=device)

    assert model(x).shape == __


def test_the_features_are_in_the_last_dim(device):
    """A layer from 3 to 2 features meets a tensor of three dims."""
    layer = nn.Linear(3, 2, device=device)
    sentences = torch.rand(8, 7, 3, device=device)  # 8 sentences, 7 words each, 3 features a word

    assert layer(sentences).shape == __


def test_a_layer_accepts_what_ends_in_its_number_of_features(device):
    """Five shapes are tried; suppress() skips those that the layer refuses. List the others."""
    layer = nn.Linear(3, 2, device=device)
    accepted = []
    for shape in [(3,), (8, 3), (3, 8), (5, 8, 3), (3, 1)]:
        with suppress(RuntimeError):
            layer(torch.ones(shape, device=device))
            accepted.append(shape)

    assert accepted == __


def test_the_loss_is_one_number(device):
    """Predictions meet their labels: mse stands for the mean of the squared errors."""
    predicted = torch.tensor([3.0, 2.0], device=device)
    labels = torch.tensor([0.0, 4.0], device=device)
    loss = mse_loss(predicted, labels)

    assert (loss.ndim, loss.item()) == __


@kata
def cosine_table(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """Return the cosine similarity of every row of `a` with every row of `b`.

    a has the shape (N, D) and b the shape (M, D), with D at least 1; N and M may be 0. Both are of
    one float dtype and on one device. The result has the shape (N, M), the same dtype and device:

        result[i][j] = inner product of a[i] and b[j] / (length of a[i] * length of b[j])

    It is 0 where one of the two rows is all zeros; every other row has a length of at least 0.001.
    Neither a nor b is changed.
    """
    raise NotImplementedError


def test_cosine_table_compares_every_row_with_every_row(device):
    """Alike is 1, a right angle 0, opposite -1, and a row of zeros is like nothing."""
    a = torch.tensor([[3.0, 4.0], [0.0, 2.0], [0.0, 0.0]], device=device)
    b = torch.tensor([[6.0, 8.0], [4.0, -3.0], [0.0, 0.0], [-3.0, -4.0]], device=device)
    expected = [[1.0, 0.0, 0.0, -1.0], [0.8, -0.6, 0.0, -0.8], [0.0, 0.0, 0.0, 0.0]]
    table = cosine_table(a, b)
    assert type(table) is torch.Tensor
    torch.testing.assert_close(table, torch.tensor(expected, device=device))


def test_cosine_table_does_not_look_at_lengths(device):
    """A row that is a thousand times as long has the same cosines."""
    a = torch.tensor([[3.0, 4.0], [1.0, 0.0]], device=device)
    b = torch.tensor([[4.0, 3.0]], device=device)
    expected = torch.tensor([[0.96], [0.8]], device=device)
    torch.testing.assert_close(cosine_table(a, b), expected)
    torch.testing.assert_close(cosine_table(1000 * a, b / 1000), expected)
    torch.testing.assert_close(cosine_table(a / 1000, b / 1000), expected)


def test_cosine_table_keeps_dtype_and_arguments(device):
    """float64 stays float64, and a and b are afterwards what they were before."""
    a = torch.tensor([[3.0, 4.0]], dtype=torch.float64, device=device)
    b = torch.tensor([[0.0, 5.0], [2.0, 0.0]], dtype=torch.float64, device=device)
    expected = torch.tensor([[0.8, 0.6]], dtype=torch.float64, device=device)
    torch.testing.assert_close(cosine_table(a, b), expected)
    assert (a.tolist(), b.tolist()) == ([[3.0, 4.0]], [[0.0, 5.0], [2.0, 0.0]])


def test_cosine_table_of_few_rows_or_none(device):
    """With no rows the table is empty; two rows of one number point alike or opposite ways."""
    two, none = torch.ones(2, 3, device=device), torch.zeros(0, 3, device=device)
    assert cosine_table(none, two).shape == (0, 2)
    assert cosine_table(two, none).shape == (2, 0)
    one = torch.tensor([[2.0]], device=device)
    torch.testing.assert_close(cosine_table(one, -one), torch.tensor([[-1.0]], device=device))
