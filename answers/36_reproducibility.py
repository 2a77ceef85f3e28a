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

    # claims: A103
    # hint: the generator has moved on since its state was set
    # hint: a whole line is missing here, and it is a call
    # trap: torch.seed() -> that chooses a seed by chance, and another one each time
    # trap: torch.manual_seed(43) -> another seed, other numbers
    # trap: torch.manual_seed -> without parentheses nothing is called
    # trap: torch.initial_seed() -> that only tells which seed was set
    # trap: torch.rand(3, device=device) -> drawing moves the generator on, and never back
    __(torch.manual_seed(42))
    b = torch.rand(3, device=device)
    assert torch.equal(a, b)
    # why: "random" means that you cannot tell the next number, not that nobody could compute it.
    #     The same state gives the same numbers, on one kind of device with one version of torch.
    # picture: a, b


def test_the_seed_decides_the_whole_sequence(device):
    """Seed and draw a, then b; seed again and draw c, then d. Which pairs are equal?"""
    torch.manual_seed(42)
    a, b = torch.rand(3, device=device), torch.rand(3, device=device)
    torch.manual_seed(42)
    c, d = torch.rand(3, device=device), torch.rand(3, device=device)
    pairs = {"ab": (a, b), "ac": (a, c), "ad": (a, d), "bc": (b, c), "bd": (b, d), "cd": (c, d)}

    # claims: A103 A104
    # hint: think of a book of random numbers: a seed opens it at a page, and each draw reads on
    # trap: [] -> each seeding opens the book at the same page
    # trap: ["ac"] -> "a seed counts for the next draw only" is often said; the state goes on from
    #     there, and the same state goes on in the same way
    # trap: ["ab", "cd"] -> within one run the generator moves on, so the second draw is another
    # trap: ["ab", "ac", "ad", "bc", "bd", "cd"] -> a seed does not turn every draw into the same
    #     numbers
    # trap: ("ac", "bd") -> these pairs it is, but on the left stands a list
    assert [name for name, (x, y) in pairs.items() if torch.equal(x, y)] == __(["ac", "bd"])
    # why: the seed fixes all the draws that follow, one by one. That is why a program is seeded
    #     once, at its start.
    # picture: a, b, c, d


def test_a_seed_inside_a_loop_starts_over_each_time(device):
    """Two loops of four draws, one seeded before it, one within; how many different draws each?"""
    before, within = set(), set()
    torch.manual_seed(0)
    for _ in range(4):
        before.add(tuple(torch.rand(3, device=device).tolist()))
    for _ in range(4):
        torch.manual_seed(0)
        within.add(tuple(torch.rand(3, device=device).tolist()))

    # claims: A104
    # hint: a set keeps equal things once
    # hint: in the second loop, what is the state of the generator when a round draws?
    # trap: (4, 4) -> in the second loop each round begins with the same state
    # trap: (1, 1) -> in the first loop the generator moves on from round to round
    # trap: (1, 4) -> the other way round: which loop goes back to the start each time?
    # trap: [4, 1] -> the counts are right, but on the left stands a tuple
    assert (len(before), len(within)) == __((4, 1))
    # why: seeding is going back. A noise or a shuffle that is seeded in each round is the same in
    #     each round, and no error tells you.


def test_every_draw_shifts_what_comes_after(device):
    """Between seed and draw something is made; zeros() needs no random numbers, and the others?"""
    draws = {}
    for make in (torch.zeros, torch.randn, torch.eye, nn.Linear):
        torch.manual_seed(42)
        make(3, 2, device=device)
        draws[make.__name__] = torch.rand(3, device=device)
    shifted = [name for name, x in draws.items() if not torch.equal(x, draws["zeros"])]

    # claims: A104
    # hint: what is made is thrown away, but what it took from the generator is gone
    # hint: a new layer has weights; where do their numbers come from?
    # trap: [] -> after the seed, each draw reads on where the one before it stopped
    # trap: ["randn"] -> the weights of a new layer are drawn too
    # trap: ["randn", "eye", "Linear"] -> eye() has nothing to draw: ones on the diagonal, zeros
    #     elsewhere
    # trap: ["zeros", "randn", "eye", "Linear"] -> the generator does not move on by itself, only
    #     when something is drawn
    # trap: {"randn", "Linear"} -> these two it is, but on the left stands a list
    # trap: ("randn", "Linear") -> these two it is, but on the left stands a list
    assert shifted == __(["randn", "Linear"])
    # why: one more draw anywhere, and all that follow are others. What must stay the same whatever
    #     is added to the program needs a generator of its own.
    # picture: draws


def test_torch_seeds_only_torch():
    """Each time, torch is seeded and three libraries draw; whose numbers come again?"""

    def draws():
        torch.manual_seed(1)
        cards = random.sample(range(1000), 3)
        return {"torch": torch.rand(3).tolist(), "numpy": np.random.rand(), "python": cards}

    first, second = draws(), draws()

    # claims: A103
    # hint: how many generators are at work here?
    # trap: ["torch", "numpy"] -> tensors can share memory with NumPy's arrays, but not their
    #     generator
    # trap: ["torch", "numpy", "python"] -> there is no one seed for everything
    # trap: ["torch", "python"] -> the module random does not know that torch is there
    # trap: [] -> torch was seeded the same way both times
    # trap: "torch" -> on the left stands a list, so it takes a list of one
    assert [name for name in first if first[name] == second[name]] == __(["torch"])
    # why: torch.manual_seed, np.random.seed and random.seed each seed a library of their own. A
    #     program that draws from all three must be seeded three times.


def test_a_list_is_shuffled_by_another_generator():
    """Seed what has to be seeded, so that the cards come in the same order each time."""

    def shuffled():
        cards = list(range(52))
        # claims: A103
        # hint: whose function does the shuffling?
        # trap: torch.manual_seed(7) -> torch has no part in shuffling a list of Python
        # trap: np.random.seed(7) -> NumPy has a shuffle() too, but here is another one at work
        # trap: random.seed() -> the right library; without a number it takes a seed by chance
        # trap: random.seed -> without parentheses nothing is called
        __(random.seed(7))
        random.shuffle(cards)
        return cards

    assert shuffled() == shuffled()
    assert sorted(shuffled()) == list(range(52))
    # why: seed the library that draws. Which one that is you see at the call: torch.randperm(),
    #     np.random.shuffle() and random.shuffle() are three answers.


def test_a_generator_of_ones_own_disturbs_nobody():
    """Draw the hundred numbers, but leave the global generator where it is.

    torch.Generator is the class of all generators; any seed will do.
    """
    torch.manual_seed(0)
    a = torch.rand(3)
    torch.manual_seed(0)

    # claims: A103
    # hint: somebody else has to do the drawing
    # hint: an object is made by calling its class
    # trap: None -> None is nobody, so the global generator draws
    # trap: torch.default_generator -> that is the global one of the CPU itself
    # trap: torch.Generator -> that is the class; call it, and you have a generator
    # trap: torch.manual_seed(7) -> that seeds the global generator and gives it back
    # trap: 7 -> a seed is not a generator, it is what one starts from
    torch.rand(100, generator=__(torch.Generator().manual_seed(7)))
    assert torch.equal(torch.rand(3), a)
    # why: each generator has a state of its own, which no other one moves. Give one to each thing
    #     that must be repeatable by itself: splitting the data, shuffling, the first weights.


def test_each_device_has_a_stream_of_its_own(accelerator):
    """From one seed a GPU draws other numbers than the CPU. Bring the CPU's numbers to a GPU."""
    torch.manual_seed(42)

    # claims: A103
    # hint: which generator draws is decided by where the drawing is done
    # hint: a tensor may travel
    # trap: torch.rand(3, device=accelerator) -> here the generator over there draws
    # trap: torch.rand(3) -> these are the right numbers, and they are still at home
    # trap: torch.rand(3, device=accelerator).cpu() -> drawn over there and brought home: the wrong
    #     numbers in the wrong place
    # trap: torch.rand(1).to(accelerator) -> draw as many as are drawn at home
    away = __(torch.rand(3).to(accelerator))
    torch.manual_seed(42)
    at_home = torch.rand(3)
    assert (away.device.type, away.tolist()) == (accelerator.type, at_home.tolist())
    # why: numbers drawn on the CPU and then moved are the same on every machine of one torch
    #     version. Numbers drawn on a GPU come faster and are that GPU's.
    # picture: devices of at_home, away


@kata
def shuffled_indices(n: int, seed: int, device: torch.device) -> torch.Tensor:
    """Return the numbers 0 to n - 1 in an order shuffled by `seed`: int64, shape (n,), on `device`.

    The same n and seed give the same order, every time and on every device; another seed gives
    another order, as a rule, and every order can come up. Nobody else's random numbers are changed
    by it: those that torch, NumPy and the module random draw next are the same as without the call.
    """
    own = torch.Generator().manual_seed(seed)
    return torch.randperm(n, generator=own).to(device)


# hint: torch.randperm(n) gives 0 to n - 1, shuffled, and it takes a generator
# hint: a generator of your own disturbs nobody; on which device must it draw if the order shall be
#     the same on all?
# wrong: torch.manual_seed(seed)
#     return torch.randperm(n, device=device) -> this seeds the generators that others draw from
# wrong: own = torch.Generator().manual_seed(seed)
#     return torch.randint(0, n, (n,), generator=own).to(device) -> draws with repeats: some indices
#     come twice and others never
# wrong: return torch.randperm(n).to(device) -> the seed is not used, and the global generator is
# wrong: return torch.randperm(n, generator=torch.Generator()).to(device) -> a new generator always
#     starts with the same seed, and it is not yours
# wrong: return torch.arange(n, device=device).roll(seed) -> this turns the row round; most orders
#     never come up
# wrong: order = list(range(n))
#     random.seed(seed)
#     random.shuffle(order)
#     return torch.tensor(order, device=device) -> this seeds the generator that the whole
#     module random draws from, and an empty list becomes float32
# also: return torch.randperm(n, generator=torch.Generator().manual_seed(seed)).to(device) -> in one
#     expression
# also: own, order = random.Random(seed), list(range(n))
#     for last in range(n - 1, 0, -1):
#         other = own.randint(0, last)
#         order[last], order[other] = order[other], order[last]
#     return torch.tensor(order, dtype=torch.int64, device=device) -> with a loop
# why: a function that draws should take a seed or a generator, and leave the world's alone.


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
