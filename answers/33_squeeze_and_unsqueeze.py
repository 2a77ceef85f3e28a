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

    # claims: B097 B098
    # hint: which place shall the 1 have in the new shape, not in the old one?
    # hint: the new shape has three places; which of them is called -1?
    # trap: [(1, 2, 4), (2, 1, 4), (2, 1, 4)] -> insert(-1, x) of a list does that; here -1 is the
    #     last place of the new shape
    # trap: [(2, 1, 4), (2, 4, 1), (2, 4, 1)] -> the new dim does not come behind the one that is
    #     named, it takes its place
    # trap: [(2, 4, 1), (2, 1, 4), (1, 2, 4)] -> places are counted from the left, negative ones
    #     from the right
    # trap: [(1, 4), (2, 1), (2, 1)] -> no length is overwritten: the shape gets one more
    # trap: ((1, 2, 4), (2, 1, 4), (2, 4, 1)) -> the shapes are right, but shapes is a list, in
    #     square brackets
    assert shapes == __([(1, 2, 4), (2, 1, 4), (2, 4, 1)])
    # why: after t.unsqueeze(k), place k of the shape holds the 1. With -1 that is the end, however
    #     many dims there are.


def test_no_dim_can_be_added_beyond_the_end(device):
    """A tensor of two dims is asked for a dim at place 3."""
    t = torch.zeros(2, 4, device=device)
    assert t.unsqueeze(0).unsqueeze(3).shape == (1, 2, 4, 1)
    with pytest.raises(Exception) as caught:
        t.unsqueeze(3)

    # claims: B098
    # hint: with one more dim there are the places 0, 1 and 2
    # hint: what does a list of Python raise if you ask it for a place that it does not have?
    # trap: RuntimeError -> most errors of torch are of this class, but where a place is missing it
    #     follows Python, which has a class for that
    # trap: ValueError -> nothing is wrong with the value 3; it is place 3 that is not there
    # trap: TypeError -> a whole number is what unsqueeze takes; this one is too large
    # trap: None -> the shape is not filled up with further ones until place 3 is reached
    assert caught.type is __(IndexError)
    # why: a wrong dim number raises the same error in all functions that take one. The message says
    #     which range would have been right.


def test_unsqueeze_lines_things_up_for_broadcasting(device):
    """Divide each row by its own total."""
    x = torch.tensor([[1.0, 3.0], [10.0, 30.0]], device=device)
    totals = x.sum(dim=1)

    # claims: B097 B098
    # hint: shapes are compared from the right; which shape gives each row one number?
    # trap: totals -> the totals lie along the columns like this, and torch has no way to notice
    # trap: totals.unsqueeze(0) -> this is a row of totals; they lie along the columns as before
    # trap: totals.unsqueeze(2) -> a vector and a new dim have the places 0 and 1
    # trap: totals.sum() -> this is the total of all, and no row has its own
    # trap: x.sum(dim=0) -> these are the totals of the columns
    shares = x / __(totals.unsqueeze(1))
    assert shares.tolist() == [[0.25, 0.75], [0.25, 0.75]]
    # why: shape (2,) counts as a row, shape (2, 1) is a column: one number for each row.
    #     keepdim=True would have left this dim in place, unsqueeze brings it back.
    # picture: x, totals, shares


def test_stack_is_unsqueeze_and_then_cat(device):
    """Get the result of stack without it: give each vector the dim that cat needs."""
    a = torch.tensor([1, 2, 3], device=device)
    b = torch.tensor([4, 5, 6], device=device)

    # claims: B097
    # hint: cat joins along dim 1 here; which shape must a part have to be one column?
    # trap: v -> a vector has no dim 1 to be joined along
    # trap: v.unsqueeze(0) -> rows joined along dim 1 give one long row
    # trap: v.unsqueeze(2) -> a vector and a new dim have the places 0 and 1
    # trap: v.T -> a vector has one dim, and turning it round changes nothing
    # trap: v.squeeze() -> this takes dims out, and what is missing is one more
    columns = [__(v.unsqueeze(1)) for v in (a, b)]
    assert torch.equal(torch.cat(columns, dim=1), torch.stack([a, b], dim=1))
    # why: stack makes the new dim in each tensor and joins along it. If you have to mix single
    #     pictures and batches, unsqueeze the single ones and use cat.
    # picture: a, columns


def test_squeeze_takes_out_every_dim_of_length_one(device):
    """Two tensors are squeezed, and no dim is named."""
    padded = torch.zeros(1, 2, 4, 1, device=device)
    photo = torch.zeros(64, 32, 3, device=device)

    # claims: B099 B101
    # hint: strike every 1 out of each shape
    # trap: ((2, 4, 1), (64, 32, 3)) -> squeeze() does not stop at the first
    # trap: ((1, 2, 4), (64, 32, 3)) -> squeeze() does not begin with the last and stop there
    # trap: ((2, 4), (64, 32)) -> a length of 3 holds numbers that could not be kept
    # trap: ((8,), (6144,)) -> this is flatten(); squeeze() leaves longer dims as they are
    # trap: ((2, 4), None) -> where there is nothing to take out, squeeze() answers as well
    # trap: [(2, 4), (64, 32, 3)] -> the shapes are right, but on the left stands a tuple, in round
    #     brackets
    assert (padded.squeeze().shape, photo.squeeze().shape) == __(((2, 4), (64, 32, 3)))
    # why: only a length of 1 can go without losing a number. Longer dims stay, and where all are
    #     longer, squeeze() changes nothing and says nothing.


def test_squeeze_does_not_spare_a_batch_of_one(device):
    """A network gives (N, 3, 1, 1), first for eight photos, then for a single one."""
    results = [torch.zeros(n, 3, 1, 1, device=device) for n in (8, 1)]

    # claims: B099
    # hint: squeeze() sees lengths; does it know which dim counts the photos?
    # trap: [(8, 3), (1, 3)] -> dim 0 is the batch to you; to torch it is a length like the others
    # trap: [(8, 3, 1), (3, 1, 1)] -> squeeze() does not stop at the first 1
    # trap: ((8, 3), (3,)) -> the shapes are right, but on the left stands a list, in square
    #     brackets
    # trap: [(3,), (3,)] -> eight photos are eight rows, and 8 is no 1
    # trap: [(8, 3, 1, 1), (1, 3, 1, 1)] -> nothing was taken out here
    # trap: [(8, 3), (3, 1, 1)] -> both are treated alike: all dims of length 1 go
    assert [x.squeeze().shape for x in results] == __([(8, 3), (3,)])
    # why: with squeeze() the number of dims depends on the data. The code runs until the last batch
    #     holds one photo, so name the dim that shall go.


def test_squeeze_of_a_dim_leaves_the_others(device):
    """A dim is named this time, and it is another one in each call."""
    t = torch.zeros(1, 3, 1, device=device)
    shapes = [t.squeeze(dim).shape for dim in (0, 1, 2)]

    # claims: B100
    # hint: two of the three numbers name a dim that can go
    # hint: what can be done with a dim of length 3, other than taking it out or raising an error?
    # trap: [(3,), (3,), (3,)] -> all dims of length 1 go only if none is named
    # trap: [(3, 1), (1, 1), (1, 3)] -> three numbers do not fit where there is room for one
    # trap: [(1, 3), (1, 3, 1), (3, 1)] -> the dim that is named goes, the other one stays
    # trap: [(3, 1), (3,), (1, 3)] -> that dim 1 can't go does not let the others go
    # trap: [(3, 1), None, (1, 3)] -> no error comes and no None; t comes back as it is
    # trap: ((3, 1), (1, 3, 1), (1, 3)) -> the shapes are right, but shapes is a list, in square
    #     brackets
    assert shapes == __([(3, 1), (1, 3, 1), (1, 3)])
    # why: squeeze(dim) takes out that dim or, without a word, nothing. If the length must be 1,
    #     check it yourself.


def test_a_named_dim_makes_it_safe_for_every_batch(device):
    """Make a vector of N predictions out of each (N, 1), even where N is 1."""
    results = [torch.zeros(8, 1, device=device), torch.zeros(1, 1, device=device)]

    # claims: B099 B100
    # hint: which of the two dims is of length 1 in both?
    # trap: x.squeeze() -> of the batch of one, no dim is left
    # trap: x.squeeze(0) -> this takes the batch out where it can
    # trap: x.squeeze(2) -> two dims have the numbers 0 and 1
    # trap: x.unsqueeze(1) -> this puts a dim in
    # trap: x[0] -> this is the first prediction and no more
    # trap: x.squeeze(1).squeeze(0) -> the second call does to the batch of one what squeeze() does
    vectors = [__(x.squeeze(1)) for x in results]
    assert [v.shape for v in vectors] == [(8,), (1,)]
    # why: if the dim is named, what comes out has the same number of dims for every batch. For
    #     this one x[:, 0] and x.flatten() do as well.


def test_squeeze_gives_a_view_and_leaves_the_tensor_as_it_was(device):
    """One call whose answer nobody keeps, one whose answer is written to."""
    t = torch.zeros(1, 2, 1, device=device)
    t.squeeze()
    t.squeeze()[0] = 9

    # claims: B099 B101
    # hint: does the shape of t change? do its numbers?
    # trap: [9.0, 0.0] -> t would have to have lost its dims; squeeze() has no underscore at its end
    # trap: [[[0.0], [0.0]]] -> the answer has a shape of its own, and the numbers of t
    # trap: [0.0, 0.0] -> both are the other way round
    # trap: [[[9.0], [9.0]]] -> index 0 is one of two elements there
    # trap: [[9.0, 0.0]] -> each dim of length 1 is still in t, the last one too
    assert t.tolist() == __([[[9.0], [0.0]]])
    # why: like view and permute, squeeze and unsqueeze answer with a new tensor over the old
    #     storage. Keep the answer, as in t = t.squeeze(0), or the new shape is lost.


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
    if images.ndim == 3:
        images = images.unsqueeze(0)
    return images.permute(0, 3, 1, 2).contiguous().float() / 255


# hint: first make four dims out of three where necessary, then all photos go the same way
# hint: the channels change their place: a change of shape alone would deal the pixels anew
# hint: after the dims were reordered, what does the lesson before this one say about the storage?
# wrong: if images.ndim == 3:
#         images = images.unsqueeze(0)
#     n, h, w, c = images.shape
#     return images.reshape(n, c, h, w).float() / 255 -> the shape is right and the pixels are
#     scrambled
# wrong: if images.ndim == 3:
#         images = images.unsqueeze(0)
#     return images.permute(0, 3, 2, 1).contiguous().float() / 255 -> the photos lie on their side
# wrong: return images.permute(0, 3, 1, 2).contiguous().float() / 255 -> a single photo has three
#     dims, and nobody gave it its fourth
# wrong: if images.ndim == 3:
#         images = images.unsqueeze(0)
#     return images.permute(0, 3, 1, 2).float() / 255 -> float() and / keep the order in memory, so
#     this is not contiguous
# wrong: if images.ndim == 3:
#         images = images.unsqueeze(0)
#     return images.permute(0, 3, 1, 2).contiguous().float() -> these numbers still go up to 255
# wrong: if images.ndim == 3:
#         images = images.unsqueeze(0)
#     return (images.permute(0, 3, 1, 2).contiguous() // 255).float() -> whole numbers divided to
#     whole numbers: all but the brightest become 0
# wrong: if images.ndim == 3:
#         images = images.unsqueeze(0)
#     batch = images.permute(0, 3, 1, 2).contiguous().float()
#     return batch / batch.max() -> a dark photo would come out bright, and an empty batch has no
#     maximum
# wrong: if images.ndim == 3:
#         images.unsqueeze_(0)
#     return images.permute(0, 3, 1, 2).contiguous().float() / 255 -> the underscore gives the
#     caller's photo another shape
# wrong: if images.ndim == 3:
#         images = images.unsqueeze(0)
#     return (images.permute(0, 3, 1, 2).contiguous().float() / 255).squeeze() -> a bare squeeze()
#     takes out the batch of one and the channel of grey photos
# also: images = images.unsqueeze(0).flatten(0, -4)
#     return images.permute(0, 3, 1, 2).contiguous().float() / 255 -> without a branch
# also: return (
#         (images if images.ndim == 4 else images.unsqueeze(0))
#         .permute(0, 3, 1, 2)
#         .contiguous()
#         .float()
#         / 255
#     ) -> in one expression
# why: nearly every program that reads photos has these steps: a batch dim, channels first, floats,
#     scaled. Dims are moved by permute, made by unsqueeze, and never by reshape.


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
