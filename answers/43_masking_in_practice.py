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

    # claims: A100 A101
    # hint: the mask has two dims; which two dims of img does it speak of?
    # hint: what stands in an index for "all the channels"?
    # trap: mask -> the mask would begin with the channels, and of these there are 3, not 8
    # trap: mask, : -> the mask is about rows and columns, and those come last here
    # trap: 1:6, 1:6 -> these are channels and rows
    # trap: :, 1:6, 1:6 -> the right dims, but the corners of the square are not in the mask
    # trap: :, ~mask -> that blackens everything around the region
    # trap: :, mask.float() -> ones and zeros are not True and False: a float tensor is no index
    img[__[:, mask]] = 0
    assert torch.equal(img == 0, mask.expand(3, 8, 8))
    # why: in an index, a mask stands for as many dims as it has, counted from its place on.
    #     `img[..., mask]` does for any number of dims in front, so for a batch as well.
    # picture: mask


def test_multiplying_by_a_mask_keeps_the_shape(device):
    """Keep the pixels where the mask says True, and make the others 0."""
    img = torch.arange(1.0, 10.0, device=device).view(3, 3)
    mask = torch.zeros(3, 3, dtype=torch.bool, device=device)
    mask[:2, :2] = True

    # claims: A100 A101
    # hint: what is a number times True, and what is it times False?
    # hint: a picture is wanted, not a row of the pixels that are left
    # trap: img[mask] -> the right pixels, but the shape is gone
    # trap: img * ~mask -> that keeps what is around the region
    # trap: img.masked_fill(mask, 0) -> that makes the region itself 0
    # trap: img[:2, :2] -> that cuts the region out, and the picture is smaller
    # trap: mask.float() -> this is where the region lies, not what is in it
    kept = __(img * mask)
    assert kept.tolist() == [[1, 2, 0], [4, 5, 0], [0, 0, 0]]
    # why: in arithmetic True is 1 and False is 0, so a mask works like a stencil. t[mask] picks,
    #     t * mask keeps the shape.
    # picture: img, mask, kept


def test_a_nan_cannot_be_multiplied_away(device):
    """The second sensor is broken: make its reading 0, and leave the others in their place."""
    readings = torch.tensor([3.0, float("nan"), 5.0], device=device)
    usable = torch.tensor([True, False, True], device=device)

    # claims: A100 A116
    # hint: nan times 0 is nan
    # hint: write something else into the place instead of calculating with what is in it
    # trap: readings * usable -> nan times 0 is not 0; whatever is computed with nan is nan
    # trap: readings[usable] -> the right numbers, but now nobody knows which sensor they are from
    # trap: readings.masked_fill(usable, 0.0) -> that throws the good ones away
    # trap: usable.float() -> this counts the sensors and forgets what they measured
    clean = __(readings.masked_fill(~usable, 0.0))
    assert clean.tolist() == [3.0, 0.0, 5.0]
    # why: masked_fill() and torch.where() put a value in the place of another and do not look at
    #     it. Multiply by a mask only where every number is finite: inf times 0 is nan as well.
    # picture: readings, usable, clean


def test_a_mean_over_a_region_divides_by_the_region(device):
    """For each of the two channels, take the mean of the pixels in the lower half."""
    img = torch.arange(32.0, device=device).view(2, 4, 4)
    mask = torch.zeros(4, 4, dtype=torch.bool, device=device)
    mask[2:] = True

    # claims: A100 B070
    # hint: by how many pixels must each sum be divided?
    # hint: pick the region out of all channels; which shape has that?
    # trap: (img * mask).mean(dim=(1, 2)) -> the zeros outside the region are averaged as well:
    #     divided by 16, not by 8
    # trap: img[:, mask].sum(dim=1) -> these are the sums
    # trap: img[:, mask].mean() -> without a dim it is one mean over both channels
    # trap: img[:, mask].mean(dim=0) -> that puts the channels together, pixel by pixel
    # trap: img.mean(dim=(1, 2)) -> these are the means of the whole channels
    means = __(img[:, mask].mean(dim=1))
    assert means.tolist() == [11.5, 27.5]
    # why: first pick, then take the mean. If the shape must be kept, divide the masked sum by the
    #     count: `(img * mask).sum(dim=(1, 2)) / mask.sum()`.
    # picture: img, means


def test_softmax_makes_shares_along_its_dim(device):
    """Equal scores get equal shares; softmax keeps the shape, so each share has its place."""
    scores = torch.zeros(2, 4, device=device)
    along_1 = scores.softmax(dim=1)
    along_0 = scores.softmax(dim=0)

    # claims: A102 B077
    # hint: the shares along dim add up to 1; how many of them are there?
    # hint: dim=1 walks along a row
    # trap: (0.5, 0.25) -> dim=1 is the dim of length 4, as it is for sum() and cat()
    # trap: (0.125, 0.125) -> not all eight share one whole; each row does, or each column
    # trap: (0.25, 0.25) -> the two dims have different lengths
    # trap: (0.0, 0.0) -> zero is the score, and e to the power of 0 is not zero
    # trap: (1.0, 1.0) -> that is what all the shares of one row add up to
    assert (along_1[0, 0].item(), along_0[0, 0].item()) == __((0.25, 0.5))
    # why: dim=k means walking along dim k, in every function that walks. sum() removes the dim,
    #     softmax() leaves its length alone and makes the walk add up to 1.
    # picture: along_1, along_0


def test_what_is_hidden_gets_no_share(device):
    """The third position has the highest score, but it must not be seen."""
    scores = torch.tensor([2.0, 2.0, 5.0], device=device)
    hidden = torch.tensor([False, False, True], device=device)

    # claims: A102
    # hint: softmax takes e to the power of the score; which score makes that zero?
    # hint: it is a float that lies below all others
    # trap: 0 -> e to the power of 0 is 1, so this still gets a share
    # trap: float("inf") -> this takes everything: inf divided by inf is nan
    # trap: float("nan") -> the sum of the powers is then nan, and so are all the shares
    # trap: -5.0 -> a share that is small is still a share
    # trap: None -> a fill value must be a number
    masked = scores.masked_fill(hidden, __(float("-inf")))
    assert masked.softmax(dim=0).tolist() == [0.5, 0.5, 0.0]
    # why: minus infinity before softmax is a share of exactly 0 after it, and the others still add
    #     up to 1. -1000.0 does the same here, but only as long as every score lies far above it.
    #     Zeroing shares afterwards would leave a gap in the sum.
    # picture: scores, masked


def test_a_causal_mask_hides_the_future(device):
    """Position i may look at itself and at what came before; hide each j that it must not see."""
    i = torch.arange(3, device=device).unsqueeze(1)
    j = torch.arange(3, device=device)

    # claims: A102
    # hint: which positions come after position i?
    # hint: i is a column and j a row; compared, they make a table
    # trap: j >= i -> this hides the present as well, and position 0 is left with nothing to see
    # trap: j < i -> this hides the past
    # trap: j > i + 1 -> this lets the next position through
    # trap: j == i + 1 -> this hides only the next position, not those after it
    # trap: j <= i -> these are the positions that may be seen; a mask for masked_fill() says what
    #     is replaced
    future = __(j > i)
    shares = torch.zeros(3, 3, device=device).masked_fill(future, float("-inf")).softmax(dim=-1)
    assert shares[:2].tolist() == [[1.0, 0.0, 0.0], [0.5, 0.5, 0.0]]
    # why: row i tells what position i looks at. `torch.ones(3, 3, dtype=torch.bool).triu(1)` is the
    #     same mask: triu(k) keeps what stands k places or more right of the diagonal.
    # picture: future, shares


def test_a_row_with_nothing_to_see_becomes_nan(device):
    """Three rows of two equal scores: nothing is hidden, then one of them, then both."""
    hidden = torch.tensor([[False, False], [False, True], [True, True]], device=device)
    shares = torch.zeros(3, 2, device=device).masked_fill(hidden, float("-inf")).softmax(dim=1)

    # claims: A102 A116
    # hint: what is the sum of the powers where everything is hidden, and what is 0 divided by 0?
    # hint: str() makes a string, so the answer stands in quotes
    # trap: "[1.0, 1.0, 0.0]" -> that would be sensible, but each share is divided by their sum, and
    #     here the sum is 0
    # trap: "[1.0, 1.0, 1.0]" -> nothing is left that could be shared out
    # trap: "[1.0, 0.5, nan]" -> a hidden position leaves its share to the others
    # trap: "[1.0, nan, nan]" -> one hidden position does no harm; the row has another
    # trap: [1.0, 1.0, float("nan")] -> right, but str() made a string of it (a nan would equal
    #     nothing)
    assert str(shares.sum(dim=1).tolist()) == __("[1.0, 1.0, nan]")
    # why: softmax has to give away a whole, and there is nobody to take it. Rows of padding end
    #     like this: fill them afterwards, with `shares.masked_fill(hidden, 0.0)`, before the nan
    #     spreads.
    # picture: hidden, shares


def test_lengths_become_a_mask(device):
    """Three sentences of 2, 4 and 1 words lie in rows of 4 places: mark the places with words."""
    lengths = torch.tensor([2, 4, 1], device=device)
    places = torch.arange(4, device=device)

    # claims: A102
    # hint: in a sentence of two words, which of the places 0, 1, 2, 3 are taken?
    # hint: to make a table, one of the two must stand upright, as a column
    # trap: places < lengths -> 4 places and 3 lengths in one line: their shapes do not fit
    # trap: places <= lengths.unsqueeze(1) -> a sentence of two words has places 0 and 1, not 2
    # trap: places.unsqueeze(1) < lengths -> here the sentences lie in columns
    # trap: places >= lengths.unsqueeze(1) -> that marks the padding, the places without words
    # trap: lengths.unsqueeze(1) -> how many they are, but not which
    words = __(places < lengths.unsqueeze(1))
    assert words.int().tolist() == [[1, 1, 0, 0], [1, 1, 1, 1], [1, 0, 0, 0]]
    # why: a row of positions compared with a column of lengths is a whole batch of masks, without a
    #     loop. Attention hides `~words`, a mean over a sentence picks `words`.
    # picture: lengths, words


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
    t, d = q.shape[-2:]
    scores = q @ k.mT / d**0.5
    future = torch.ones(t, t, dtype=torch.bool, device=q.device).triu(1)
    return scores.masked_fill(future, float("-inf")).softmax(dim=-1)


# hint: all the scores at once are one matrix product: (B, T, D) @ (B, D, T)
# hint: hide the future before softmax, with a mask that is made on the device of q
# wrong: scores = q @ k.mT / q.shape[-1] ** 0.5
#     future = torch.ones_like(scores).triu(1).bool()
#     return scores.masked_fill(future, 0.0).softmax(dim=-1) -> a score of 0 still gets a share
# wrong: scores = q @ k.mT / q.shape[-1] ** 0.5
#     future = torch.ones_like(scores).triu(0).bool()
#     return scores.masked_fill(future, float("-inf")).softmax(dim=-1) -> this hides the present as
#     well, and the first row has nothing to see: nan
# wrong: scores = q @ k.mT / q.shape[-1] ** 0.5
#     future = torch.ones_like(scores).triu(1).bool()
#     return scores.masked_fill(future, float("-inf")).softmax(dim=-2) -> the shares of a row must
#     add up to 1, and here those of a column do
# wrong: scores = q @ k.mT
#     future = torch.ones_like(scores).triu(1).bool()
#     return scores.masked_fill(future, float("-inf")).softmax(dim=-1) -> the scores are not divided
#     by the root of D
# wrong: scores = k @ q.mT / q.shape[-1] ** 0.5
#     future = torch.ones_like(scores).triu(1).bool()
#     return scores.masked_fill(future, float("-inf")).softmax(dim=-1) -> rows belong to q, the
#     position that looks
# wrong: b, t, d = q.shape
#     scores = q @ k.reshape(b, d, t) / d**0.5
#     future = torch.ones_like(scores).triu(1).bool()
#     return scores.masked_fill(future, float("-inf")).softmax(dim=-1) -> reshape() deals the
#     numbers out anew, it does not swap dims
# wrong: return (q @ k.mT / q.shape[-1] ** 0.5).softmax(dim=-1).tril() -> cut off after softmax, the
#     shares of a row add up to less than 1
# wrong: shares = (q @ k.mT / q.shape[-1] ** 0.5).softmax(dim=-1).tril()
#     return shares / shares.sum(dim=-1, keepdim=True) -> where the future scores far higher,
#     nothing is left of the past by then: 0 / 0 is nan
# wrong: scores = q @ k.mT / q.shape[-1] ** 0.5
#     future = torch.ones_like(scores).triu(1).bool()
#     return scores.masked_fill(future, -1000.0).softmax(dim=-1) -> a score may be as low as
#     that itself; what is hidden must lie below all of them
# wrong: powers = (q @ k.mT / q.shape[-1] ** 0.5).exp().tril()
#     return powers / powers.sum(dim=-1, keepdim=True) -> for large scores exp() is inf, and inf
#     divided by inf is nan
# wrong: scores = q @ k.mT / q.shape[-1] ** 0.5
#     future = torch.ones_like(scores).triu(1)
#     return (scores + future * float("-inf")).softmax(dim=-1) -> where nothing is hidden this
#     adds 0 times -inf, and that is nan
# wrong: q /= q.shape[-1] ** 0.5
#     scores = q @ k.mT
#     future = torch.ones_like(scores).triu(1).bool()
#     return scores.masked_fill(future, float("-inf")).softmax(dim=-1) -> /= writes into the q of
#     the caller
# also: return (
#         (q @ k.mT / q.shape[-1] ** 0.5)
#         .masked_fill(q.new_ones(q.shape[1], q.shape[1]).triu(1).bool(), float("-inf"))
#         .softmax(dim=-1)
#     ) -> in one expression
# also: weights = q.new_zeros(*q.shape[:2], q.shape[1])
#     for t in range(q.shape[1]):
#         scores = k[:, : t + 1] @ q[:, t, :, None] / q.shape[-1] ** 0.5
#         weights[:, t, : t + 1] = scores.squeeze(-1).softmax(dim=-1)
#     return weights -> with a loop
# why: this is the first half of attention in a language model; the second half adds up the values
#     of the positions, each by its share. Without the mask, the model would see the word that it
#     has to predict.


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
