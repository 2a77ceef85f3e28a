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

    # claims: A004 A039 A040
    # hint: each index takes one dim away, from the left
    # trap: (8, 3) -> these are the two dims that the indices have used up
    # trap: (3, 64, 32) -> this is batch[0], a picture with all its channels; there is another index
    # trap: (32, 64) -> sizes of screens give the width first; here height stands before width
    # trap: (8, 3, 64, 32) -> this is the whole batch, as if nothing had been chosen
    assert batch[0][0].shape == __((64, 32))
    # why: read (N, C, H, W) as nested lists: a list of pictures, each a list of channels, each a
    #     table of pixels. The numbers in the shape do not say so, the agreement does.


def test_greyscale_pictures_have_a_channel_too(device):
    """Choose the shape of a batch: ten greyscale pictures, each 28 high and 28 wide."""
    filters = torch.zeros(4, 1, 3, 3, device=device)

    # claims: A004 A039 B033
    # hint: all shades of grey are in one channel, and that one has its place in the shape too
    # hint: go through (N, C, H, W) letter by letter
    # trap: (28, 28, 10) -> height, width, count is how one may think of a pile of pictures; a batch
    #     starts with how many
    # trap: (10, 28, 28) -> with three dims conv2d sees one picture of ten channels
    # trap: (10, 28, 28, 1) -> channels last is TensorFlow's agreement; conv2d finds 28 channels
    #     here
    # trap: (1, 10, 28, 28) -> this is one picture of ten channels
    # trap: (10, 4, 28, 28) -> the 4 are the filters; conv2d makes a channel for each of them
    # trap: (10, 4, 26, 26) -> that is what conv2d makes of the batch; what went in?
    shape = __((10, 1, 28, 28))
    batch = torch.zeros(shape, device=device)
    assert conv2d(batch, filters).shape == (10, 4, 26, 26)
    # why: a dim of length 1 adds no numbers, but it keeps every dim in its agreed place. A layer
    #     then finds height and width where it looks for them, in greyscale as in RGB.


def test_height_stands_before_width(device):
    """Choose the shape of a batch: eight RGB pictures, each 64 high and 32 wide."""
    filters = torch.zeros(5, 3, 3, 3, device=device)

    # claims: A040
    # hint: RGB is red, green and blue: a channel each
    # hint: a picture is a list of rows; how many rows has one that is 64 high?
    # trap: (64, 32, 3, 8) -> that order would have the count at the end, and conv2d takes dim 1 for
    #     the channels
    # trap: (8, 64, 32, 3) -> channels last; to conv2d these pictures have 64 channels
    # trap: (8, 3, 32, 64) -> nothing is refused, but these pictures lie on their side: width came
    #     before height
    # trap: (3, 8, 64, 32) -> three pictures of eight channels
    # trap: (8, 5, 64, 32) -> the 5 are the filters; RGB pictures come with fewer channels
    shape = __((8, 3, 64, 32))
    batch = torch.zeros(shape, device=device)
    assert conv2d(batch, filters).shape == (8, 5, 62, 30)
    # why: a wrong number of channels is refused, but height and width in the wrong order pass
    #     unnoticed. That no error came does not prove that the dims mean what you think.


def test_a_photo_comes_with_its_channels_last(device):
    """Photos mostly load as (H, W, C); permute(order) lists the old dims in their new order."""
    photo = torch.zeros(64, 32, 3, device=device)

    # claims: A040 B095
    # hint: dim 0 of the photo is its height, dim 1 its width, dim 2 its channels
    # hint: which old dim shall stand first?
    # trap: (2, 1, 0) -> the channels are first, but the photo is turned on its side
    # trap: (0, 1, 2) -> this is the order that the photo has already
    # trap: (1, 2, 0) -> read it place by place: which old dim comes first? the channels were dim 2
    # trap: (3, 64, 32) -> these are lengths; permute() takes the numbers of the dims
    order = __((2, 0, 1))
    assert photo.permute(order).shape == (3, 64, 32)
    # why: read permute's arguments as the answer to "which old dim comes here?", place by place.
    #     Most programs that load or show pictures put the channels last, PyTorch's layers put them
    #     before height and width.


def test_reordering_dims_takes_each_pixel_along(device):
    """Make an (N, C, H, W) batch of this (H, W, C, N) stack; one marked pixel is the proof.

    stack[10, 20, 2, 7] is a shorter way to write stack[10][20][2][7].
    """
    stack = torch.zeros(64, 32, 3, 8, device=device)
    stack[10, 20, 2, 7] = 9

    # claims: A040
    # hint: write the numbers 0 1 2 3 under H W C N, then write N C H W
    # hint: the method is that of the koan before this one
    # trap: stack.permute(3, 2, 1, 0) -> reversed altogether, height and width change places as well
    # trap: stack.permute(3, 0, 1, 2) -> the count is in front, the channels are still last
    # trap: stack.permute(2, 3, 0, 1) -> this has the channels before the count
    # trap: stack.reshape(8, 3, 64, 32) -> the shape is right and the pictures are scrambled:
    #     reshape() deals the same row of numbers into other boxes
    # trap: stack -> nothing has been reordered yet
    batch = __(stack.permute(3, 2, 0, 1))
    assert batch.shape == (8, 3, 64, 32)
    assert batch[7, 2, 10, 20].item() == 9
    # why: permute() moves dims and every number keeps its picture, channel and place. A right shape
    #     alone proves little, so follow one marked number.


def test_the_frames_of_a_video_stand_behind_its_channels(device):
    """Choose the shape of a batch: two RGB clips of 16 frames, each frame 24 high and 12 wide."""
    filters = torch.zeros(5, 3, 3, 3, 3, device=device)

    # claims: A004 A041
    # hint: conv3d keeps the start of the agreement, N and then C
    # hint: time is one more direction to move in, beside height and width
    # trap: (24, 12, 3, 2, 16) -> five dims it is, but the count comes first and the frame size last
    # trap: (2, 16, 3, 24, 12) -> programs that read videos often give this order, frame by frame;
    #     to conv3d it has 16 channels
    # trap: (16, 2, 3, 24, 12) -> that counts frames first, but N, the number of clips, stands at
    #     the front
    # trap: (2, 3, 24, 12, 16) -> nothing is refused, but conv3d takes the 24 for frames: time
    #     stands before height
    shape = __((2, 3, 16, 24, 12))
    clips = torch.zeros(shape, device=device)
    assert conv3d(clips, filters).shape == (2, 5, 14, 22, 10)
    # why: the layers share one pattern: how many, channels, then every direction in which a filter
    #     moves. A video has three: time, height, width.


def test_sound_follows_the_same_pattern(device):
    """Choose the shape of a batch: four recordings in mono, each 100 samples long."""
    filters = torch.zeros(6, 1, 3, device=device)

    # claims: A004 B033
    # hint: for pictures it was (N, C, H, W); in how many directions does a filter move along a
    #     sound?
    # hint: stereo has two channels, and mono?
    # trap: (4, 100) -> with two dims conv1d sees one recording of four channels
    # trap: (4, 100, 1) -> channels last again; conv1d finds 100 of them
    # trap: (100, 1, 4) -> these are a hundred recordings, each four samples long
    # trap: (1, 4, 100) -> this is one recording of four channels
    # trap: (4, 6, 100) -> the 6 are the filters; mono has fewer channels
    shape = __((4, 1, 100))
    batch = torch.zeros(shape, device=device)
    assert conv1d(batch, filters).shape == (4, 6, 98)
    # why: conv1d, conv2d and conv3d differ in how many dims follow N and C. Other layers have other
    #     agreements, so look for the shape of the input in a layer's documentation.
