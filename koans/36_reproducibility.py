"""Random numbers that come again.

Random numbers are worked out by a generator: from its inner state it computes a number and the
next state. A seed sets the state, and everything after that follows from it.

`torch.manual_seed(42)` seeds torch's global generators, the one of the CPU and that of each GPU.
These are the ones that draw unless you name another. 42 is no better than any other number.

Read more: https://docs.pytorch.org/docs/stable/notes/randomness.html
"""

import random

import numpy as np
import torch
from torch import nn

from koans import __, kata


def test_the_same_seed_gives_the_same_numbers(device):
    """Do what is needed so that b is drawn as a was."""
    torch.manual_seed(42)
    a = torch.rand(3, device=device)

    __
    b = torch.rand(3, device=device)
    assert torch.equal(a, b)


def test_the_seed_decides_the_whole_sequence(device):
    """Seed and draw a, then b; seed again and draw c, then d. Which pairs are equal?"""
    torch.manual_seed(42)
    a, b = torch.rand(3, device=device), torch.rand(3, device=device)
    torch.manual_seed(42)
    c, d = torch.rand(3, device=device), torch.rand(3, device=device)
    pairs = {"ab": (a, b), "ac": (a, c), "ad": (a, d), "bc": (b, c), "bd": (b, d), "cd": (c, d)}

    assert [name for name, (x, y) in pairs.items() if torch.equal(x, y)] == __


def test_a_seed_inside_a_loop_starts_over_each_time(device):
    """Two loops of four draws, one seeded before it, one within; how many different draws each?"""
    before, within = set(), set()
    torch.manual_seed(0)
    for _ in range(4):
        before.add(tuple(torch.rand(3, device=device).tolist()))
    for _ in range(4):
        torch.manual_seed(0)
        within.add(tuple(torch.rand(3, device=device).tolist()))

    assert (len(before), len(within)) == __


def test_every_draw_shifts_what_comes_after(device):
    """Between seed and draw something is made; zeros() needs no random numbers, and the others?"""
    draws = {}
    for make in (torch.zeros, torch.randn, torch.eye, nn.Linear):
        torch.manual_seed(42)
        make(3, 2, device=device)
        draws[make.__name__] = torch.rand(3, device=device)
    shifted = [name for name, x in draws.items() if not torch.equal(x, draws["zeros"])]

    assert shifted == __


def test_torch_seeds_only_torch():
    """Each time, torch is seeded and three libraries draw; whose numbers come again?"""

    def draws():
        torch.manual_seed(1)
        cards = random.sample(range(1000), 3)
        return {"torch": torch.rand(3).tolist(), "numpy": np.random.rand(), "python": cards}

    first, second = draws(), draws()

    assert [name for name in first if first[name] == second[name]] == __


def test_a_list_is_shuffled_by_another_generator():
    """Seed what has to be seeded, so that the cards come in the same order each time."""

    def shuffled():
        cards = list(range(52))
        __
        random.shuffle(cards)
        return cards

    assert shuffled() == shuffled()
    assert sorted(shuffled()) == list(range(52))


def test_a_generator_of_ones_own_disturbs_nobody():
    """Draw the hundred numbers, but leave the global generator where it is.

    torch.Generator is the class of all generators; any seed will do.
    """
    torch.manual_seed(0)
    a = torch.rand(3)
    torch.manual_seed(0)

    torch.rand(100, generator=__)
    assert torch.equal(torch.rand(3), a)


def test_each_device_has_a_stream_of_its_own(accelerator):
    """From one seed a GPU draws other numbers than the CPU. Bring the CPU's numbers to a GPU."""
    torch.manual_seed(42)

    away = __
    torch.manual_seed(42)
    at_home = torch.rand(3)
    assert (away.device.type, away.tolist()) == (accelerator.type, at_home.tolist())


@kata
def shuffled_indices(n: int, seed: int, device: torch.device) -> torch.Tensor:
    """Return the numbers 0 to n - 1 in an order shuffled by `seed`: int64, shape (n,), on `device`.

    The same n and seed give the same order, every time and on every device; another seed gives
    another order, as a rule, and every order can come up. Nobody else's random numbers are changed
    by it: those that torch, NumPy and the module random draw next are the same as without the call.
    """
    raise NotImplementedError


def test_shuffled_indices_holds_every_index_once(device):
    """An order of n indices is 0 to n - 1 when it is sorted, also where there are none or one."""
    for n in (0, 1, 2, 100):
        order = shuffled_indices(n, 3, device)
        assert type(order) is torch.Tensor
        assert (order.shape, order.dtype, order.device.type) == ((n,), torch.int64, device.type)
        assert sorted(order.tolist()) == list(range(n))


def test_shuffled_indices_follows_from_the_seed(device):
    """The seed alone decides, not the time, the device or what was drawn before."""
    order = shuffled_indices(100, 3, device).tolist()
    torch.manual_seed(9)
    assert shuffled_indices(100, 3, device).tolist() == order
    assert shuffled_indices(100, 3, torch.device("cpu")).tolist() == order
    assert shuffled_indices(100, 4, device).tolist() != order


def test_shuffled_indices_can_come_in_every_order(device):
    """Three indices have six orders, and two hundred seeds are enough to see all of them."""
    orders = {tuple(shuffled_indices(3, seed, device).tolist()) for seed in range(200)}
    assert len(orders) == 6


def test_shuffled_indices_disturbs_nobody(device):
    """What others draw after a seed is the same, with the call in between and without."""

    def draws_after(something):
        torch.manual_seed(1)
        np.random.seed(1)
        random.seed(1)
        something()
        numbers = [torch.rand(3).tolist(), torch.rand(3, device=device).tolist()]
        return [*numbers, np.random.rand(), random.sample(range(1000), 3)]

    undisturbed = draws_after(lambda: None)
    assert draws_after(lambda: shuffled_indices(10, 3, device)) == undisturbed
