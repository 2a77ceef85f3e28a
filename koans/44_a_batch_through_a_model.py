"""A batch goes through a model.

This is where all the lessons meet, and little in it is new. A photo comes from a file as an
ndarray, (H, W, C) in uint8. It becomes a batch of floats, travels to where the model is, and goes
through it. What comes out is compared with what is right, and the model takes a step. That, done
often enough, is learning.

Each koan is a line or two of such a program. You could write the whole of it now.

Read more: https://docs.pytorch.org/docs/stable/nn.html
"""

import numpy as np
import torch
from torch import nn
from torch.nn.functional import mse_loss

from koans import __


def test_a_photo_becomes_a_batch_of_one(device):
    """All is black but one pixel, a dark blue. Make it (N, C, H, W), in floats: 255 becomes 1."""
    photo = np.zeros((6, 4, 3), dtype=np.uint8)
    photo[5, 1, 2] = 51
    pixels = torch.from_numpy(photo).to(device)

    batch = __
    assert (batch.shape, batch.dtype) == ((1, 3, 6, 4), torch.float32)
    torch.testing.assert_close((batch[0, 2, 5, 1].item(), batch.sum().item()), (0.2, 0.2))


def test_what_is_made_on_the_way_fits_what_came_in(accelerator):
    """Noise helps against learning by heart: draw from the bell, one number for each element."""
    batch = torch.ones(2, 500, dtype=torch.float64, device=accelerator)

    noise = __
    assert (batch + noise).device == batch.device
    assert (noise.shape, noise.dtype) == (batch.shape, batch.dtype)
    assert (noise > 1).any() and (noise < -1).any()


def test_the_batch_goes_to_where_the_weights_are(accelerator):
    """Both were sent off in the same way, and only one of them is there."""
    model = nn.Linear(3, 1)
    model.to(accelerator)
    photos = torch.ones(2, 3)
    photos.to(accelerator)

    scores = model(__)
    assert (scores.shape, scores.device.type) == ((2, 1), accelerator.type)


def test_each_photo_keeps_a_row_of_its_own(device):
    """A linear layer wants rows of features; each photo shall get the score it would get alone."""
    batch = torch.rand(8, 3, 6, 4, device=device)
    model = nn.Linear(3 * 6 * 4, 2, device=device)
    alone = torch.stack([model(photo.flatten()) for photo in batch])

    scores = model(__)
    torch.testing.assert_close(scores, alone)


def test_guesses_and_targets_get_one_shape(device):
    """The model gave one dim of length 1 too many, at the end: take it out, in all three cases."""
    for shape in [(4,), (1,), (2, 3)]:
        targets = torch.rand(shape, device=device)
        guesses = torch.rand(*shape, 1, device=device)

        fitting = __
        assert fitting.shape == targets.shape
        assert fitting.flatten().tolist() == guesses.flatten().tolist()


def test_accuracy_is_the_mean_of_yes_and_no(device):
    """Four photos, two classes, two sets of labels: for each set, what share was guessed right?"""
    scores = torch.tensor([[2.0, 1.0], [0.0, 3.0], [1.0, 0.0], [5.0, 4.0]], device=device)
    for labels, share in (([0, 1, 1, 0], 0.75), ([1, 1, 1, 1], 0.25)):
        hits = scores.argmax(dim=1) == torch.tensor(labels, device=device)

        accuracy = __
        assert accuracy.item() == share


def test_a_step_takes_three_calls(device):
    """Make a list, in the right order: optimizer.step, loss.backward, optimizer.zero_grad."""
    w = torch.tensor(1.0, device=device, requires_grad=True)
    optimizer = torch.optim.SGD([w], lr=0.25)
    for _ in range(2):
        loss = (w - 3) ** 2

        for call in __:
            call()
    assert w.item() == 2.5


def test_a_model_answers_for_what_it_has_never_seen(device):
    """Twenty numbers from -1 to 1 and their targets; at the end the model is asked about 10.

    model.parameters() hands its weight and its bias to the optimizer.
    """
    x = torch.linspace(-1, 1, 20, device=device).unsqueeze(1)
    model = nn.Linear(1, 1).to(device)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
    for _ in range(25):
        optimizer.zero_grad()
        mse_loss(model(x), 3 * x - 2).backward()
        optimizer.step()

    assert round(model(torch.tensor([[10.0]], device=device)).item(), 1) == __
