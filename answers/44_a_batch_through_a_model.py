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

    # claims: A040 A056 B095 B097
    # hint: three things are to be done: reorder the dims, add one, scale
    # hint: dividing integers with / makes floats
    # trap: pixels.permute(2, 1, 0).unsqueeze(0) / 255 -> the channels are first, and the photo lies
    #     on its side
    # trap: pixels.permute(2, 0, 1) / 255 -> three dims are one photo; a batch has four, also if
    #     there is one photo in it
    # trap: pixels.permute(2, 0, 1).unsqueeze(0) / pixels.max() -> then a dark photo becomes as
    #     bright as any other; all photos need one and the same scale
    # trap: pixels.permute(2, 0, 1).unsqueeze(0).float() -> floats, but from 0 to 255
    # trap: pixels.permute(2, 0, 1).unsqueeze(0) // 255 -> // stays with the integers
    # trap: pixels.unsqueeze(0) / 255 -> the channels are still last
    # trap: pixels.reshape(1, 3, 6, 4) / 255 -> the shape is right, but follow the blue pixel:
    #     reshape() moves no dims
    batch = __(pixels.permute(2, 0, 1).unsqueeze(0) / 255)
    assert (batch.shape, batch.dtype) == ((1, 3, 6, 4), torch.float32)
    torch.testing.assert_close((batch[0, 2, 5, 1].item(), batch.sum().item()), (0.2, 0.2))
    # why: a network wants a tensor, in its own dtype and its own order of dims. One marked pixel
    #     proves that the way there is right, and a right shape does not.


def test_what_is_made_on_the_way_fits_what_came_in(accelerator):
    """Noise helps against learning by heart: draw from the bell, one number for each element."""
    batch = torch.ones(2, 500, dtype=torch.float64, device=accelerator)

    # claims: A012 A083 A030
    # hint: its shape is not all that the noise must have in common with the batch
    # hint: rand_like() takes over three properties in one go; which letter turns rand into the
    #     bell?
    # trap: torch.randn(2, 500) -> made on the CPU, and tensors of two devices do not add up
    # trap: torch.randn(batch.shape) -> a shape knows no device
    # trap: torch.randn(batch.shape, device=batch.device) -> the place is right; look at the dtype
    # trap: torch.rand_like(batch) -> that one draws evenly from 0 to 1; the bell has a left half
    # trap: torch.rand_like(batch) - 0.5 -> it has both halves, but it is even and ends at one half;
    #     a bell goes on beyond 1
    # trap: torch.zeros_like(batch) -> it fits, but it is very quiet
    noise = __(torch.randn_like(batch))
    assert (batch + noise).device == batch.device
    assert (noise.shape, noise.dtype) == (batch.shape, batch.dtype)
    assert (noise > 1).any() and (noise < -1).any()
    # why: a function that takes device and dtype from its arguments needs no `if` for GPUs. It runs
    #     on any device, those that are yet to be built included.


def test_the_batch_goes_to_where_the_weights_are(accelerator):
    """Both were sent off in the same way, and only one of them is there."""
    model = nn.Linear(3, 1)
    model.to(accelerator)
    photos = torch.ones(2, 3)
    photos.to(accelerator)

    # claims: A012 A027 A030 A060
    # hint: a module changes when it is moved, a tensor does not
    # hint: the weights of the model know where they are
    # trap: photos -> the last line above made a tensor over there, and nobody kept it
    # trap: photos.cpu() -> they are there already
    # trap: photos.to(photos.device) -> that asks the one who stayed at home for the way
    # trap: photos.to(model.weight.dtype) -> a dtype says how numbers are stored, not where
    # trap: photos.to(model.device) -> a module has no device of its own to ask for; its weights do
    scores = model(__(photos.to(model.weight.device)))
    assert (scores.shape, scores.device.type) == ((2, 1), accelerator.type)
    # why: `x.to(weight.device)` is right everywhere. Only a number or a tensor without dims may
    #     come from the CPU; a batch has to make the journey.
    # picture: devices of model, photos


def test_each_photo_keeps_a_row_of_its_own(device):
    """A linear layer wants rows of features; each photo shall get the score it would get alone."""
    batch = torch.rand(8, 3, 6, 4, device=device)
    model = nn.Linear(3 * 6 * 4, 2, device=device)
    alone = torch.stack([model(photo.flatten()) for photo in batch])

    # claims: A004 B087
    # hint: how many rows, and how long is each?
    # hint: dim 0 says which photo; the other dims may melt into one
    # trap: batch -> the last dim is 4 long, and the layer wants 72 features
    # trap: batch.flatten() -> all photos in one row
    # trap: batch.flatten(2) -> every channel got a row of its own
    # trap: batch.view(72, 8) -> 72 rows; there are 8 photos
    # trap: batch.view(72, 8).T -> the shape is right, and every row holds a little of each photo
    # trap: batch.permute(0, 2, 3, 1).flatten(1) -> each photo has its row, but in another order
    scores = model(__(batch.flatten(1)))
    torch.testing.assert_close(scores, alone)
    # why: dim 0 is the batch, and it goes through a model untouched: what happens to one photo must
    #     not depend on its neighbours. `flatten(1)` and `view(n, -1)` leave it alone.


def test_guesses_and_targets_get_one_shape(device):
    """The model gave one dim of length 1 too many, at the end: take it out, in all three cases."""
    for shape in [(4,), (1,), (2, 3)]:
        targets = torch.rand(shape, device=device)
        guesses = torch.rand(*shape, 1, device=device)

        # claims: B023 B099
        # hint: (n, 1) minus (n,) is a table of n times n, and no error is raised
        # hint: take out the last dim and no other; what is it called, however many there are?
        # trap: guesses -> a column and a vector make a table of differences, and the loss is the
        #     mean of the wrong thing
        # trap: guesses.squeeze() -> right for 4, but for a batch of one it takes out the batch too
        # trap: guesses.squeeze(1) -> right for a vector of targets; where these have two dims, the
        #     dim that is too many is dim 2
        # trap: guesses.flatten() -> right for a vector of targets; where these have two dims, one
        #     line is not their shape
        # trap: guesses.squeeze(0) -> dim 0 is the batch, and mostly it is longer than 1
        # trap: guesses.T -> a row is as little a vector as a column is
        # trap: guesses.sum() -> that is one number for the whole batch
        # trap: targets -> then the loss is always 0, and nothing is learned from that
        fitting = __(guesses.squeeze(-1))
        assert fitting.shape == targets.shape
        assert fitting.flatten().tolist() == guesses.flatten().tolist()
    # why: this bug is quiet: mse_loss only warns, (guesses - targets) ** 2 says nothing at all, and
    #     the model learns the mean. Name the dim that goes, and compare shapes before numbers.


def test_accuracy_is_the_mean_of_yes_and_no(device):
    """Four photos, two classes, two sets of labels: for each set, what share was guessed right?"""
    scores = torch.tensor([[2.0, 1.0], [0.0, 3.0], [1.0, 0.0], [5.0, 4.0]], device=device)
    for labels, share in (([0, 1, 1, 0], 0.75), ([1, 1, 1, 1], 0.25)):
        hits = scores.argmax(dim=1) == torch.tensor(labels, device=device)

        # claims: B073 B076
        # hint: hits holds True and False; what is the mean of ones and zeros?
        # hint: mean() has a wish about the dtype
        # trap: hits.mean() -> mean() takes floats, and these are booleans
        # trap: hits.int().mean() -> mean() refuses integers too
        # trap: hits.sum() -> that is how many; which share of all is it?
        # trap: hits.any() -> that says whether there was one
        # trap: scores.mean() -> the scores are no hits, they have only led to the guesses
        accuracy = __(hits.float().mean())
        assert accuracy.item() == share
    # why: argmax along the dim of the classes gives the guess, == gives the hits, their mean the
    #     share. Accuracy is for people; it has no slope, so a loss is what the model learns from.
    # picture: scores, hits


def test_a_step_takes_three_calls(device):
    """Make a list, in the right order: optimizer.step, loss.backward, optimizer.zero_grad."""
    w = torch.tensor(1.0, device=device, requires_grad=True)
    optimizer = torch.optim.SGD([w], lr=0.25)
    for _ in range(2):
        loss = (w - 3) ** 2

        # claims: A032 A035
        # hint: the names stand without parentheses: the loop is what calls them
        # hint: what must be there before a step, and what must be gone before backward?
        # trap: [optimizer.zero_grad, optimizer.step, loss.backward] -> at each step the gradients
        #     were just thrown away, so w never moves
        # trap: [loss.backward, optimizer.zero_grad, optimizer.step] -> the gradients are thrown
        #     away before the step can use them
        # trap: [optimizer.step, optimizer.zero_grad, loss.backward] -> the first step has nothing
        #     to go by, and the last slope is never used
        # trap: [optimizer.step, loss.backward, optimizer.zero_grad] -> whatever backward finds is
        #     thrown away
        # trap: [optimizer.zero_grad(), loss.backward(), optimizer.step()] -> with parentheses
        #     they run
        #     while the list is made, and the list holds what they return: None
        # trap: [loss.backward, optimizer.step] -> the second step goes by both slopes added up
        # trap: ["optimizer.zero_grad", "loss.backward", "optimizer.step"] -> the right order; but a
        #     string cannot be called, so leave the quotes out
        # trap: [loss.backward] -> that finds the slope; w moves in another call
        for call in __([optimizer.zero_grad, loss.backward, optimizer.step]):
            call()
    assert w.item() == 2.5
    # why: the forward pass computes, backward finds the slopes, step moves the weights a little,
    #     and zero_grad forgets; it may come first or last. None of them learns alone.
    # picture: graph of w


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

    # claims: A032 A035
    # hint: what can a layer with one weight and one bias become, if it is to fit these targets?
    # hint: which rule do the targets follow?
    # trap: 30.0 -> the weight has become 3; the bias has learned something too
    # trap: 3.0 -> that is what the weight has become; what does the layer make of 10?
    # trap: 10.0 -> a layer multiplies and adds; its weight is no longer what it began with
    # trap: 1.0 -> that is the largest target that it saw; a model is no table to look things up in
    # trap: -2.0 -> that is what the bias has become; the 10 plays a part as well
    # trap: 0.0 -> the weights do not stay where they began: 25 steps have moved them
    assert round(model(torch.tensor([[10.0]], device=device)).item(), 1) == __(28.0)
    # why: nobody told the model 3 or -2. It guessed, was told how wrong it was, and stepped,
    #     25 times. Models of any size learn by this loop, and there is no line in it that you have
    #     not read.
    # picture: graph of model
