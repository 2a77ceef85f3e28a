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

    # claims: A033
    # hint: each output has weights of its own, a row of them
    # hint: and each output has one number that is added at the end
    # trap: ((5, 3), (3,)) -> in the call the inputs come first; the matrix has a row for each
    #     output
    # trap: ((3, 5), (5,)) -> the bias is added to the outputs, not to the features
    # trap: ((3, 5), (3, 5)) -> one bias for each output is enough, not one for each weight
    # trap: ((3, 5), ()) -> every output has a bias of its own
    # trap: [(3, 5), (3,)] -> the shapes are right, but on the left stands a tuple, in round
    #     brackets
    assert (layer.weight.shape, layer.bias.shape) == __(((3, 5), (3,)))
    # why: row i of the weights belongs to output i. You meet this shape, (out, in), whenever you
    #     load or look at the weights of a model.
    # picture: layer


def test_a_linear_layer_is_a_matrix_product(device):
    """Four samples of three features go through a layer, and the same is computed by hand.

    assert_close() passes where two tensors are equal but for rounding.
    """
    layer = nn.Linear(3, 2, device=device)
    x = torch.rand(4, 3, device=device)

    # claims: A033 B026
    # hint: (4, 3) @ (?, ?) gives (4, 2); which shape do the weights have?
    # trap: layer.weight -> (4, 3) @ (2, 3): the inner sizes do not agree
    # trap: layer.weight.view(3, 2) -> the shape fits, but the weights are in the wrong places: a
    #     view is no transpose
    # trap: layer.bias -> that is added already; what is multiplied?
    # trap: x.T -> (4, 3) @ (3, 4) fits as well, but there is no weight in it
    by_hand = x @ __(layer.weight.T) + layer.bias
    torch.testing.assert_close(by_hand, layer(x))
    # why: x @ W.T + b is all that a linear layer does, for all samples at once. A network is such
    #     products with something bent in between.
    # picture: x, by_hand


def test_a_long_row_beats_a_row_that_is_alike(device):
    """Three rows of weights, the first equal to x; linear() gives the inner product with each."""
    x = torch.tensor([3.0, 4.0], device=device)
    rows = torch.tensor([[3.0, 4.0], [10.0, 0.0], [-3.0, -4.0]], device=device)

    # claims: A033 A034
    # hint: multiply in pairs, then add the products up
    # trap: [[9.0, 16.0], [30.0, 0.0], [-9.0, -16.0]] -> these are the products; each row of them is
    #     added up
    # trap: [49.0, 70.0, -49.0] -> multiply first and add afterwards, not the other way round
    # trap: [25.0, 30.0, 25.0] -> an inner product has a sign: the last row points the other way
    # trap: [1.0, 0.6, -1.0] -> these are the cosines, where the lengths have been divided away
    # trap: [5.0, 10.0, 5.0] -> these are the lengths of the rows
    assert linear(x, rows).tolist() == __([25.0, 30.0, -25.0])
    # why: an inner product grows with the likeness of the directions and with both lengths. So the
    #     largest one need not belong to what is most alike: here x is not even its own best match.
    # picture: x, rows


def test_unit_rows_compare_directions_only(device):
    """norm() is the length of a vector, that of [3, 4] is 5; give all rows here the length 1."""
    x = torch.tensor([3.0, 4.0], device=device)
    rows = torch.tensor([[3.0, 4.0], [10.0, 0.0], [-3.0, -4.0]], device=device)

    # claims: A034
    # hint: a vector divided by its length has the length 1
    # hint: norm() takes a dim, as sum() does, and three lengths must stand beside three rows
    # trap: rows -> nothing has been divided
    # trap: rows / rows.norm() -> without a dim it is one length for the whole table
    # trap: rows / rows.norm(dim=1) -> three lengths in a row do not fit beside three rows; the dim
    #     has to be kept
    # trap: rows / rows.norm(dim=0) -> dim 0 goes down the columns
    # trap: rows / rows.sum(dim=1, keepdim=True) -> a sum is no length; even its sign is lost
    unit = __(rows / rows.norm(dim=1, keepdim=True))
    torch.testing.assert_close(linear(x, unit), torch.tensor([5.0, 3.0, -5.0], device=device))
    # why: with rows of length 1 only the direction counts, and the row that is like x wins. Give x
    #     the length 1 too, and you have the cosine: 1 alike, 0 at a right angle, -1 opposite.
    # picture: rows, unit


def test_the_forward_pass_leaves_the_weights_alone(device):
    """All weights are set to 0.5, and the same sample is sent through a hundred times."""
    layer = nn.Linear(2, 1, device=device)
    nn.init.constant_(layer.weight, 0.5)
    for _ in range(100):
        layer(torch.tensor([3.0, 5.0], device=device))

    # claims: A005 A032 A033
    # hint: which step of training writes to the weights, and which one to grad?
    # hint: did either of them happen here?
    # trap: ([[3.0, 5.0]], None) -> data flows through a layer and leaves no trace in it
    # trap: ([[50.0, 50.0]], None) -> a forward pass reads the weights and writes nothing to them
    # trap: ([[0.5, 0.5]], [[3.0, 5.0]]) -> that is what backward() would write to grad, and nobody
    #     called it
    # trap: ([[0.5, 0.5]], 0.0) -> before the first backward() there is no gradient, not even a zero
    # trap: ([0.5, 0.5], None) -> the weights are a matrix, one row for the one output
    assert (layer.weight.tolist(), layer.weight.grad) == __(([[0.5, 0.5]], None))
    # why: forward computes and takes notes for backward(); backward() fills grad; the step changes
    #     the weights. Nothing is learnt before the step.
    # picture: graph of layer


def test_a_prediction_needs_no_label(device):
    """Five samples go through two layers; the ReLU in between turns what is negative into 0."""
    model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 3)).to(device)
    x = torch.rand(5, 4, device=device)

    # claims: A031
    # hint: data goes in at the front; what does the last layer give?
    # trap: (5, 4) -> this is what goes in
    # trap: (5, 8) -> this is the stage in between
    # trap: (3, 5) -> the samples stay in the first dim; the weights are stored outputs first, the
    #     results are not
    # trap: (5,) -> there are several numbers for each sample
    # trap: (3,) -> that is the answer for one sample
    assert model(x).shape == __((5, 3))
    # why: data and weights are all that a prediction takes. Labels are compared with it afterwards,
    #     in the loss, and only while a model is taught with labels.


def test_the_features_are_in_the_last_dim(device):
    """A layer from 3 to 2 features meets a tensor of three dims."""
    layer = nn.Linear(3, 2, device=device)
    sentences = torch.rand(8, 7, 3, device=device)  # 8 sentences, 7 words each, 3 features a word

    # claims: A004 A013
    # hint: what is one sample here, a sentence or a word?
    # trap: (8, 2) -> nothing is averaged over the words or thrown away
    # trap: (2, 7, 3) -> the first dim counts the sentences; it holds no features
    # trap: (8, 2, 3) -> the dim in the middle counts the words
    # trap: (56, 2) -> that many words there are, but they stay in their sentences
    # trap: (8, 7, 3) -> the layer turns three features into two
    assert layer(sentences).shape == __((8, 7, 2))
    # why: a linear layer changes the last dim and lets all in front of it be. What those count,
    #     samples, words or pixels, is your affair.


def test_a_layer_accepts_what_ends_in_its_number_of_features(device):
    """Five shapes are tried; suppress() skips those that the layer refuses. List the others."""
    layer = nn.Linear(3, 2, device=device)
    accepted = []
    for shape in [(3,), (8, 3), (3, 8), (5, 8, 3), (3, 1)]:
        with suppress(RuntimeError):
            layer(torch.ones(shape, device=device))
            accepted.append(shape)

    # claims: A013
    # hint: where does a layer look for the features?
    # trap: [(8, 3)] -> a batch is one possibility; in front of the features there may be more dims,
    #     or none at all
    # trap: [(8, 3), (5, 8, 3)] -> one sample by itself is welcome too
    # trap: [(3,), (3, 8), (3, 1)] -> these begin with a 3
    # trap: [(3,), (8, 3), (3, 8), (5, 8, 3), (3, 1)] -> having a 3 somewhere is not enough, it must
    #     stand where the features are
    # trap: ((3,), (8, 3), (5, 8, 3)) -> these three it is, but on the left stands a list
    assert accepted == __([(3,), (8, 3), (5, 8, 3)])
    # why: before you look for a fault in a model, print the shape that goes in: its last length
    #     must be the first number of the layer. dtype and device have to agree too.


def test_the_loss_is_one_number(device):
    """Predictions meet their labels: mse stands for the mean of the squared errors."""
    predicted = torch.tensor([3.0, 2.0], device=device)
    labels = torch.tensor([0.0, 4.0], device=device)
    loss = mse_loss(predicted, labels)

    # claims: A032 B103
    # hint: how far is each prediction from its label? then follow the letters from behind: e, s, m
    # hint: what kind of tensor holds a mean?
    # trap: (0, 13.0) -> that is the sum of the squares; the m stands for mean
    # trap: (0, 2.5) -> that is the mean of the errors without squaring
    # trap: (0, 0.5) -> here 3 too much and 2 too little have cancelled each other out
    # trap: (1, 6.5) -> a mean of all the numbers has no dim left
    # trap: (0, 0.25) -> each error is squared before the mean is taken, not after
    assert (loss.ndim, loss.item()) == __((0, 6.5))
    # why: the loss ends the way forward, and backward() starts from it: only of a single number
    #     can one say that less is better. Squares keep errors of both signs from cancelling.
    # picture: predicted, labels, loss


@kata
def cosine_table(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """Return the cosine similarity of every row of `a` with every row of `b`.

    a has the shape (N, D) and b the shape (M, D), with D at least 1; N and M may be 0. Both are of
    one float dtype and on one device. The result has the shape (N, M), the same dtype and device:

        result[i][j] = inner product of a[i] and b[j] / (length of a[i] * length of b[j])

    It is 0 where one of the two rows is all zeros; every other row has a length of at least 0.001.
    Neither a nor b is changed.
    """
    unit_a = a / a.norm(dim=1, keepdim=True).clamp_min(1e-12)
    unit_b = b / b.norm(dim=1, keepdim=True).clamp_min(1e-12)
    return unit_a @ unit_b.T


# hint: give every row the length 1 first; then inner products are cosines
# hint: a row of zeros has the length 0; clamp_min() keeps a divisor from getting that small
# wrong: return a @ b.T -> a bare inner product: long rows look more alike than they are
# wrong: return (a @ b.T) / (a.norm() * b.norm()) -> that is one length for the whole table
# wrong: unit_a = a / a.norm(dim=1, keepdim=True)
#     unit_b = b / b.norm(dim=1, keepdim=True)
#     return unit_a @ unit_b.T -> 0 / 0 is nan, so a row of zeros gives nan
# wrong: unit_a = a / a.norm(dim=1, keepdim=True).clamp_min(1.0)
#     unit_b = b / b.norm(dim=1, keepdim=True).clamp_min(1.0)
#     return unit_a @ unit_b.T -> a row that is shorter than 1 stays as short as it is
# wrong: unit_a = a / a.norm(dim=0, keepdim=True).clamp_min(1e-12)
#     unit_b = b / b.norm(dim=0, keepdim=True).clamp_min(1e-12)
#     return unit_a @ unit_b.T -> dim 0 goes down the columns; a row goes along dim 1
# wrong: unit_b = b / b.norm(dim=1, keepdim=True).clamp_min(1e-12)
#     return a @ unit_b.T -> the rows of a have lengths too
# wrong: return torch.cosine_similarity(a, b) -> this compares row 0 with row 0, row 1 with row 1,
#     and makes no table
# wrong: a /= a.norm(dim=1, keepdim=True).clamp_min(1e-12)
#     b /= b.norm(dim=1, keepdim=True).clamp_min(1e-12)
#     return a @ b.T -> the result is right, and the caller's rows are ruined
# also: return nn.functional.normalize(a, dim=1) @ nn.functional.normalize(b, dim=1).T -> in one
#     expression
# also: table = a.new_zeros(len(a), len(b))
#     for i, v in enumerate(a):
#         for j, w in enumerate(b):
#             table[i, j] = v @ w / (v.norm() * w.norm()).clamp_min(1e-12)
#     return table -> with a loop
# why: the inner product measures likeness only between vectors of one length. Make the lengths 1
#     before you rank by it.


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
