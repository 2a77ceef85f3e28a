"""A mask says what counts.

A mask is a tensor of True and False. It chooses the region of a picture that is worked on, the
measurements that can be used, the words of a sentence that may be looked at.

From the fifth koan on it is about attention, the heart of a transformer. Each position of a text
gives a score to each position, and softmax makes shares of the scores: e to the power of each
score, divided by the sum of all these powers, so that the shares add up to 1. A position that must
not be looked at has to be masked before that.

Read more: https://docs.pytorch.org/docs/stable/generated/torch.nn.Softmax.html
"""

import math

import torch

from koans import __, kata


def test_a_region_of_any_form_is_blacked_out(device):
    """A white RGB picture and a round mask of 13 pixels: black out that region in all channels."""
    img = torch.ones(3, 8, 8, device=device)
    rows = torch.arange(8, device=device).unsqueeze(1)
    cols = torch.arange(8, device=device)
    mask = (rows - 3) ** 2 + (cols - 3) ** 2 < 5
    assert (mask.shape, mask.sum().item()) == ((8, 8), 13)

    img[__] = 0
    assert torch.equal(img == 0, mask.expand(3, 8, 8))


def test_multiplying_by_a_mask_keeps_the_shape(device):
    """Keep the pixels where the mask says True, and make the others 0."""
    img = torch.arange(1.0, 10.0, device=device).view(3, 3)
    mask = torch.zeros(3, 3, dtype=torch.bool, device=device)
    mask[:2, :2] = True

    kept = __
    assert kept.tolist() == [[1, 2, 0], [4, 5, 0], [0, 0, 0]]


def test_a_nan_cannot_be_multiplied_away(device):
    """The second sensor is broken: make its reading 0, and leave the others in their place."""
    readings = torch.tensor([3.0, float("nan"), 5.0], device=device)
    usable = torch.tensor([True, False, True], device=device)

    clean = __
    assert clean.tolist() == [3.0, 0.0, 5.0]


def test_a_mean_over_a_region_divides_by_the_region(device):
    """For each of the two channels, take the mean of the pixels in the lower half."""
    img = torch.arange(32.0, device=device).view(2, 4, 4)
    mask = torch.zeros(4, 4, dtype=torch.bool, device=device)
    mask[2:] = True

    means = __
    assert means.tolist() == [11.5, 27.5]


def test_softmax_makes_shares_along_its_dim(device):
    """Equal scores get equal shares; softmax keeps the shape, so each share has its place."""
    scores = torch.zeros(2, 4, device=device)
    along_1 = scores.softmax(dim=1)
    along_0 = scores.softmax(dim=0)

    assert (along_1[0, 0].item(), along_0[0, 0].item()) == __


def test_what_is_hidden_gets_no_share(device):
    """The third position has the highest score, but it must not be seen."""
    scores = torch.tensor([2.0, 2.0, 5.0], device=device)
    hidden = torch.tensor([False, False, True], device=device)

    masked = scores.masked_fill(hidden, __)
    assert masked.softmax(dim=0).tolist() == [0.5, 0.5, 0.0]


def test_a_causal_mask_hides_the_future(device):
    """Position i may look at itself and at what came before; hide each j that it must not see."""
    i = torch.arange(3, device=device).unsqueeze(1)
    j = torch.arange(3, device=device)

    future = __
    shares = torch.zeros(3, 3, device=device).masked_fill(future, float("-inf")).softmax(dim=-1)
    assert shares[:2].tolist() == [[1.0, 0.0, 0.0], [0.5, 0.5, 0.0]]


def test_a_row_with_nothing_to_see_becomes_nan(device):
    """Three rows of two equal scores: nothing is hidden, then one of them, then both."""
    hidden = torch.tensor([[False, False], [False, True], [True, True]], device=device)
    shares = torch.zeros(3, 2, device=device).masked_fill(hidden, float("-inf")).softmax(dim=1)

    assert str(shares.sum(dim=1).tolist()) == __


def test_lengths_become_a_mask(device):
    """Three sentences of 2, 4 and 1 words lie in rows of 4 places: mark the places with words."""
    lengths = torch.tensor([2, 4, 1], device=device)
    places = torch.arange(4, device=device)

    words = __
    assert words.int().tolist() == [[1, 1, 0, 0], [1, 1, 1, 1], [1, 0, 0, 0]]


@kata
def causal_attention_weights(q: torch.Tensor, k: torch.Tensor) -> torch.Tensor:
    """Return the shares with which each position looks at itself and at what came before it.

    `q` and `k` hold floats and have the shape (B, T, D): B texts of T positions, and for each
    position D numbers. B or T may be 0, D is at least 1. Both are on one device, have one dtype,
    and are not changed.

    The result is a tensor of shape (B, T, T), of their dtype and on their device. In text b, the
    row of position t holds

        scores = [dot(q[b][t], k[b][s]) / math.sqrt(D) for s in range(t + 1)]
        powers = [math.exp(score) for score in scores]
        row = [power / sum(powers) for power in powers] + [0.0] * (T - t - 1)

    where dot(v, w) is sum(x * y for x, y in zip(v, w)). Scores lie between -1000 and 1000. At these
    ends math.exp gives 0.0 or raises an OverflowError, so the loops above would fail there; your
    shares must be right for such scores too, and none of them may be nan.
    """
    raise NotImplementedError


def test_causal_attention_weights_on_an_example(device):
    """The row of position 1 is 3 to 1, because e to the power of log(3) is 3."""
    x = 2 * math.log(3)  # divided by the root of D = 4, this is log(3)
    q = torch.tensor([[[5.0, 5, 5, 5], [x, 0, 0, 0], [0, x, 0, 0]]], device=device)
    k = torch.tensor([[[1.0, 0, 0, 0], [0, 0, 0, 0], [0, 1, 0, 0]]], device=device)
    weights = causal_attention_weights(q, k)
    expected = [[[1.0, 0.0, 0.0], [0.75, 0.25, 0.0], [0.2, 0.2, 0.6]]]
    torch.testing.assert_close(weights, torch.tensor(expected, device=device))


def test_causal_attention_weights_follow_the_loops(device):
    """Two texts of five positions, computed one by one in plain Python as well."""
    q = torch.linspace(-2, 2, 30, dtype=torch.float64).sin().view(2, 5, 3)
    k = torch.linspace(3, -1, 30, dtype=torch.float64).cos().view(2, 5, 3) * 4
    rows = []
    for b in range(2):
        for t in range(5):
            scores = [(q[b, t] * k[b, s]).sum().item() / math.sqrt(3) for s in range(t + 1)]
            powers = [math.exp(score) for score in scores]
            rows.append([power / sum(powers) for power in powers] + [0.0] * (4 - t))
    expected = torch.tensor(rows, dtype=torch.float64).view(2, 5, 5)
    weights = causal_attention_weights(q.to(device), k.to(device))
    torch.testing.assert_close(weights, expected.to(device))


def test_causal_attention_weights_for_large_scores(device):
    """1000 against 990 in the first text, -1000 with a hidden 1000 beside it in the second."""
    q = torch.tensor([[[1.0], [10.0]], [[10.0], [10.0]]], device=device)
    k = torch.tensor([[[100.0], [99.0]], [[-100.0], [100.0]]], device=device)
    weights = causal_attention_weights(q, k)
    share = 1 / (1 + math.exp(-10))
    expected = [[[1.0, 0.0], [share, 1 - share]], [[1.0, 0.0], [0.0, 1.0]]]
    torch.testing.assert_close(weights, torch.tensor(expected, device=device))


def test_causal_attention_weights_for_every_size(device):
    """No texts, no positions, one of each; and q and k are afterwards what they were before."""
    for shape in [(0, 3, 2), (2, 0, 4), (1, 1, 1), (3, 4, 5)]:
        q = torch.ones(shape, device=device)
        k = torch.full(shape, 2.0, device=device)
        weights = causal_attention_weights(q, k)
        b, t, _ = shape
        assert type(weights) is torch.Tensor
        assert (weights.shape, weights.dtype) == ((b, t, t), torch.float32)
        assert weights.device.type == device.type
        assert weights.tolist() == weights.tril().tolist()
        torch.testing.assert_close(weights.sum(dim=-1), torch.ones(b, t, device=device))
        assert bool((q == 1).all()) and bool((k == 2).all())
