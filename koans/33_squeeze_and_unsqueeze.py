"""A dim of length 1 can be put in and taken out.

Such a dim adds no numbers, so `unsqueeze` and `squeeze` copy none: both give a view. `unsqueeze`
puts a dim of length 1 at the place that you name. `squeeze` takes out the one that you name, or,
if you name none, all that there are.

Read more: https://docs.pytorch.org/docs/stable/generated/torch.squeeze.html
"""

import pytest
import torch

from koans import __, kata


def test_unsqueeze_names_the_place_of_the_new_dim(device):
    """Three shapes are made of (2, 4), each with one dim more."""
    t = torch.zeros(2, 4, device=device)
    shapes = [t.unsqueeze(dim).shape for dim in (0, 1, -1)]

    assert shapes == __


def test_no_dim_can_be_added_beyond_the_end(device):
    """A tensor of two dims is asked for a dim at place 3."""
    t = torch.zeros(2, 4, device=device)
    assert t.unsqueeze(0).unsqueeze(3).shape == (1, 2, 4, 1)
    with pytest.raises(Exception) as caught:
        t.unsqueeze(3)

    assert caught.type is __


def test_unsqueeze_lines_things_up_for_broadcasting(device):
    """Divide each row by its own total."""
    x = torch.tensor([[1.0, 3.0], [10.0, 30.0]], device=device)
    totals = x.sum(dim=1)

    shares = x / __
    assert shares.tolist() == [[0.25, 0.75], [0.25, 0.75]]


def test_stack_is_unsqueeze_and_then_cat(device):
    """Get the result of stack without it: give each vector the dim that cat needs."""
    a = torch.tensor([1, 2, 3], device=device)
    b = torch.tensor([4, 5, 6], device=device)

    columns = [__ for v in (a, b)]
    assert torch.equal(torch.cat(columns, dim=1), torch.stack([a, b], dim=1))


def test_squeeze_takes_out_every_dim_of_length_one(device):
    """Two tensors are squeezed, and no dim is named."""
    padded = torch.zeros(1, 2, 4, 1, device=device)
    photo = torch.zeros(64, 32, 3, device=device)

    assert (padded.squeeze().shape, photo.squeeze().shape) == __


def test_squeeze_does_not_spare_a_batch_of_one(device):
    """A network gives (N, 3, 1, 1), first for eight photos, then for a single one."""
    results = [torch.zeros(n, 3, 1, 1, device=device) for n in (8, 1)]

    assert [x.squeeze().shape for x in results] == __


def test_squeeze_of_a_dim_leaves_the_others(device):
    """A dim is named this time, and it is another one in each call."""
    t = torch.zeros(1, 3, 1, device=device)
    shapes = [t.squeeze(dim).shape for dim in (0, 1, 2)]

    assert shapes == __


def test_a_named_dim_makes_it_safe_for_every_batch(device):
    """Make a vector of N predictions out of each (N, 1), even where N is 1."""
    results = [torch.zeros(8, 1, device=device), torch.zeros(1, 1, device=device)]

    vectors = [__ for x in results]
    assert [v.shape for v in vectors] == [(8,), (1,)]


def test_squeeze_gives_a_view_and_leaves_the_tensor_as_it_was(device):
    """One call whose answer nobody keeps, one whose answer is written to."""
    t = torch.zeros(1, 2, 1, device=device)
    t.squeeze()
    t.squeeze()[0] = 9

    assert t.tolist() == __


@kata
def images_to_batch(images: torch.Tensor) -> torch.Tensor:
    """Return photos as a batch for a layer: float32, channels first, numbers from 0 to 1.

    `images` is of dtype uint8, with numbers from 0 to 255, and its shape is (N, H, W, C) or, for a
    single photo, (H, W, C): height, width, channels. N may be 0. The batch has the shape
    (N, C, H, W), N being 1 for a single photo, and the dtype float32; it is on the device of
    `images` and contiguous. Each number is divided by 255. `images` stays as it is, its shape too.
    In plain Python, for `images` of four dims:

        batch[n][c][h][w] = images[n][h][w][c] / 255
    """
    raise NotImplementedError


def test_images_to_batch_takes_a_single_photo(device):
    """A photo of one row of three pixels with two channels, written out."""
    pixels = [[[0, 51], [102, 153], [204, 255]]]
    photo = torch.tensor(pixels, dtype=torch.uint8, device=device)
    batch = images_to_batch(photo)
    assert type(batch) is torch.Tensor
    expected = torch.tensor([[[[0.0, 0.4, 0.8]], [[0.2, 0.6, 1.0]]]], device=device)
    torch.testing.assert_close(batch, expected)
    assert photo.tolist() == pixels


def test_images_to_batch_moves_the_channels_and_no_pixel(device):
    """Batches of several sizes, 0 and 1 among them, against plain Python."""
    for n, h, w, c in [(2, 4, 5, 3), (3, 2, 2, 2), (1, 3, 3, 1), (1, 1, 1, 1), (0, 4, 5, 3)]:
        images = torch.arange(n * h * w * c, device=device).to(torch.uint8).view(n, h, w, c)
        old = images.tolist()
        batch = images_to_batch(images)
        assert (batch.shape, batch.dtype) == ((n, c, h, w), torch.float32)
        assert batch.device == images.device
        assert batch.is_contiguous()
        for i, photo in enumerate(old):
            planes = [[[pixel[k] / 255 for pixel in row] for row in photo] for k in range(c)]
            torch.testing.assert_close(batch[i], torch.tensor(planes, device=device))
        assert images.tolist() == old


def test_images_to_batch_leaves_dark_photos_dark(device):
    """All is divided by 255, whatever the brightest number is."""
    photo = torch.full((4, 5, 3), 51, dtype=torch.uint8, device=device)
    batch = images_to_batch(photo)
    torch.testing.assert_close(batch, torch.full((1, 3, 4, 5), 0.2, device=device))
    assert batch.is_contiguous()
    assert (photo.shape, photo.dtype) == ((4, 5, 3), torch.uint8)
    assert photo.tolist() == [[[51] * 3] * 5] * 4
