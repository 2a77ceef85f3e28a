"""What a dim means is agreed upon, not stored.

A tensor knows how long its dims are, but not what they stand for. For pictures PyTorch's layers
have agreed on (N, C, H, W): how many pictures, channels, height, width.

Here `conv2d(batch, filters)` is the judge. It slides filters, tiny pictures of shape (how many,
channels, height, width), over the pictures of the batch, and refuses a batch whose dim 1 does not
match the channels of the filters. What comes out has one channel for each filter, and one pixel
for each position of it: a filter 3 pixels wide has 26 positions in 28 pixels (28 - 3 + 1). conv1d
does the same for sound, conv3d for video.

Read more: https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.conv2d.html
"""

import torch
from torch.nn.functional import conv1d, conv2d, conv3d

from koans import __


def test_the_picture_itself_is_in_the_last_two_dims(device):
    """An index at the front chooses one picture, a second one chooses one of its channels."""
    batch = torch.zeros(8, 3, 64, 32, device=device)

    assert batch[0][0].shape == __


def test_greyscale_pictures_have_a_channel_too(device):
    """Choose the shape of a batch: ten greyscale pictures, each 28 high and 28 wide."""
    filters = torch.zeros(4, 1, 3, 3, device=device)

    shape = __
    batch = torch.zeros(shape, device=device)
    assert conv2d(batch, filters).shape == (10, 4, 26, 26)


def test_height_stands_before_width(device):
    """Choose the shape of a batch: eight RGB pictures, each 64 high and 32 wide."""
    filters = torch.zeros(5, 3, 3, 3, device=device)

    shape = __
    batch = torch.zeros(shape, device=device)
    assert conv2d(batch, filters).shape == (8, 5, 62, 30)


def test_a_photo_comes_with_its_channels_last(device):
    """Photos mostly load as (H, W, C); permute(order) lists the old dims in their new order."""
    photo = torch.zeros(64, 32, 3, device=device)

    order = __
    assert photo.permute(order).shape == (3, 64, 32)


def test_reordering_dims_takes_each_pixel_along(device):
    """Make an (N, C, H, W) batch of this (H, W, C, N) stack; one marked pixel is the proof.

    stack[10, 20, 2, 7] is a shorter way to write stack[10][20][2][7].
    """
    stack = torch.zeros(64, 32, 3, 8, device=device)
    stack[10, 20, 2, 7] = 9

    batch = __
    assert batch.shape == (8, 3, 64, 32)
    assert batch[7, 2, 10, 20].item() == 9


def test_the_frames_of_a_video_stand_behind_its_channels(device):
    """Choose the shape of a batch: two RGB clips of 16 frames, each frame 24 high and 12 wide."""
    filters = torch.zeros(5, 3, 3, 3, 3, device=device)

    shape = __
    clips = torch.zeros(shape, device=device)
    assert conv3d(clips, filters).shape == (2, 5, 14, 22, 10)


def test_sound_follows_the_same_pattern(device):
    """Choose the shape of a batch: four recordings in mono, each 100 samples long."""
    filters = torch.zeros(6, 1, 3, device=device)

    shape = __
    batch = torch.zeros(shape, device=device)
    assert conv1d(batch, filters).shape == (4, 6, 98)
