"""Generators, and tensors filled with random numbers: contracts, distributions, and mistakes."""

import copy

import numpy as np
import pytest

import minigrad
from minigrad import Generator
from minigrad.tensor import METHODS

N = 20_000
DRAWS = {
    "rand": lambda g: minigrad.rand(3, 4, generator=g),
    "randn": lambda g: minigrad.randn((3, 4), generator=g),
    "randint": lambda g: minigrad.randint(0, 100, (13,), generator=g),
    "randint, high": lambda g: minigrad.randint(100, (12,), generator=g),
    "randperm": lambda g: minigrad.randperm(30, generator=g),
    "multinomial": lambda g: minigrad.multinomial(minigrad.ones(50), 12, generator=g),
    "method": lambda g: minigrad.ones(2, 50).multinomial(12, True, generator=g),
    "normal": lambda g: minigrad.normal(0.0, 1.0, (12,), generator=g),
    "normal of tensors": lambda g: minigrad.normal(minigrad.ones(12), 2.0, generator=g),
    "bernoulli": lambda g: minigrad.bernoulli(minigrad.full((99,), 0.5), generator=g),
    "bernoulli, method": lambda g: minigrad.ones(99).bernoulli(0.5, generator=g),
    "normal_": lambda g: minigrad.zeros(12).normal_(generator=g),
    "uniform_": lambda g: minigrad.zeros(12).uniform_(generator=g),
    "bernoulli_": lambda g: minigrad.zeros(99).bernoulli_(generator=g),
    "random_": lambda g: minigrad.zeros(12).random_(generator=g),
    "exponential_": lambda g: minigrad.zeros(12).exponential_(generator=g),
}
ALL = pytest.mark.parametrize("name", DRAWS)


@ALL
def test_a_generator_gives_its_own_numbers(name):
    draw = DRAWS[name]
    before = minigrad.get_rng_state()
    first, second = draw(Generator().manual_seed(3)), draw(Generator().manual_seed(3))
    other = draw(Generator().manual_seed(4))
    assert first.tolist() == second.tolist() != other.tolist()
    assert minigrad.get_rng_state().tolist() == before.tolist()
    g = Generator().manual_seed(3)
    assert draw(g).tolist() != draw(g).tolist()


@ALL
def test_without_one_it_is_the_default_generator(name):
    draw = DRAWS[name]
    minigrad.manual_seed(5)
    first = draw(None).tolist()
    minigrad.manual_seed(5)
    assert draw(minigrad.default_generator).tolist() == first
    minigrad.default_generator.manual_seed(5)
    assert draw(None).tolist() == first
    with pytest.raises(TypeError, match="generator must be a Generator, not int 3"):
        draw(3)


@ALL
def test_a_state_goes_on_with_the_same_numbers(name):
    draw, g = DRAWS[name], Generator().manual_seed(8)
    draw(g)
    state, other = g.get_state(), Generator()
    expected = draw(g).tolist()
    assert draw(other.set_state(state)).tolist() == expected
    assert other.initial_seed() == 8
    assert draw(Generator().set_state(state).clone_state()).tolist() == expected
    assert draw(copy.deepcopy(Generator().set_state(state))).tolist() == expected
    draw(None)
    state = minigrad.get_rng_state()
    expected = draw(None).tolist()
    minigrad.set_rng_state(state)
    assert draw(None).tolist() == expected


def test_the_state_is_a_tensor_of_bytes():
    state = minigrad.get_rng_state()
    assert isinstance(state, minigrad.Tensor)
    assert state.dtype == np.uint8
    for wrong in (3, minigrad.zeros(48), state[:5]):
        with pytest.raises(TypeError, match=r"set_state: expected the state of a generator"):
            minigrad.set_rng_state(wrong)


@pytest.mark.parametrize("seed", [0, 1, -1, -(2**63), 2**63 + 5, 2**64 - 1])
def test_seeds_as_torch(torch, seed):
    for library in (minigrad, torch):
        library.manual_seed(7)
        assert library.initial_seed() == 7
        g = library.Generator(device="cpu")
        assert g.initial_seed() == 67280421310721
        assert g.manual_seed(seed) is g
        assert str(g.device) == "cpu"
        assert g.initial_seed() == seed % 2**64
        library.manual_seed(seed)
    assert minigrad.initial_seed() == torch.initial_seed()
    assert minigrad.random.initial_seed() == minigrad.default_generator.initial_seed()


def test_seed_is_another_each_time():
    g = Generator()
    found = {g.seed(), g.seed(), minigrad.seed(), minigrad.seed()}
    assert len(found) == 4
    assert g.initial_seed() in found
    assert minigrad.initial_seed() in found


def test_fork_rng():
    state = minigrad.get_rng_state().tolist()
    with minigrad.random.fork_rng():
        minigrad.manual_seed(1)
        minigrad.rand(3)
    assert minigrad.get_rng_state().tolist() == state


# --- distributions -----------------------------------------------------------------------------


def moments(x):
    x = x.value.astype(np.float64)
    return [x.mean(), x.std()]


def test_distributions_have_the_right_mean_and_standard_deviation():
    empty = minigrad.zeros(N)
    known = {
        (0.5, 1 / 12**0.5): empty.clone().uniform_(),
        (-1.0, 6 / 12**0.5): empty.clone().uniform_(-4, 2),
        (0.0, 1.0): empty.clone().normal_(),
        (3.0, 2.0): empty.clone().normal_(3, std=2),
        (0.3, 0.21**0.5): empty.clone().bernoulli_(0.3),
        (0.2, 0.4): minigrad.bernoulli(minigrad.full((N,), 0.2)),
        (0.5, 0.5): empty.clone().double().exponential_(2.0),
        (4.5, 8.25**0.5): empty.clone().long().random_(10),
        (0.0, 2**0.5): empty.clone().random_(-2, to=3),
        (1.0, 0.5): minigrad.normal(1.0, 0.5, (N,)),
        (1.0, 3.0): minigrad.normal(minigrad.ones(N), 3.0),
        (-1.0, 0.25): minigrad.normal(-1.0, minigrad.full((N,), 0.25)),
    }
    for expected, x in known.items():
        np.testing.assert_allclose(moments(x), expected, atol=0.05)


def test_bounds():
    x = minigrad.zeros(N)
    assert 0 <= x.uniform_().min() < x.max() < 1
    assert x.uniform_(1, 1.0000002).min() >= 1
    assert x.max() < 1.0000002
    assert (x.uniform_(2, 2) == 2).all()
    assert x.exponential_().min() >= 0
    assert set(x.random_(3).tolist()) == {0, 1, 2}
    assert x.random_().max() <= 2**24
    assert set(x.bool().random_().tolist()) == {True, False}
    assert x.long().random_().min() >= 0


def test_forms_of_normal_as_torch(torch):
    for make in (
        lambda t: t.normal(2, 3, size=(1, 4)),
        lambda t: t.normal(2, 3, (4,), dtype=t.float64),
        lambda t: t.normal(mean=t.zeros(2, 1, dtype=t.float64), std=t.ones(3)),
        lambda t: t.normal(mean=0.5, std=t.ones(3, dtype=t.float64)),
        lambda t: t.normal(t.zeros(2, 3)),
        lambda t: t.normal(t.zeros(3), t.ones(2, 3, dtype=t.float64)),
        lambda t: t.bernoulli(t.ones(2, 3, dtype=t.float64)),
        lambda t: t.bernoulli(input=t.zeros(2), p=1.0),
        lambda t: t.ones(3, dtype=t.int64).bernoulli(0.0),
        lambda t: t.ones(3, dtype=t.int64).bernoulli_(t.tensor([0.0, 1.0, 0.0])),
    ):
        ours, theirs = make(minigrad), make(torch)
        assert tuple(ours.shape) == tuple(theirs.shape)
        assert str(ours.dtype).removeprefix("torch.") == str(theirs.dtype).removeprefix("torch.")


@pytest.mark.parametrize("name", ["normal_", "uniform_", "bernoulli_", "random_", "exponential_"])
def test_in_place_as_zero_(torch, name):
    for library in (minigrad, torch):
        x = library.full((3, 4), 0.25)
        assert getattr(x[1], name)() is not x
        assert (x[0] == 0.25).all()
        assert (x[1] != 0.25).any()
        assert getattr(x, name)() is x
        leaf = library.ones(3, requires_grad=True)
        with pytest.raises(RuntimeError):
            getattr(leaf, name)()
        with library.no_grad():
            assert getattr(leaf, name)() is leaf
        assert leaf.requires_grad
        made = leaf * 2
        getattr(made, name)()
        made.sum().backward()
        assert leaf.grad.tolist() == [0, 0, 0]
        with pytest.raises(RuntimeError):
            getattr(library.ones(1).expand(3), name)()


@pytest.mark.parametrize(
    "call",
    [
        lambda t: t.normal(0.0, -1.0, (2,)),
        lambda t: t.normal(t.zeros(2), t.tensor([-1.0, 1.0])),
        lambda t: t.normal(t.zeros(2), t.zeros(3)),
        lambda t: t.normal(0.0, 1.0),
        lambda t: t.bernoulli(t.tensor([1.5])),
        lambda t: t.bernoulli(t.tensor([float("nan")])),
        lambda t: t.ones(2).bernoulli_(2.0),
        lambda t: t.ones(2).uniform_(2, 1),
        lambda t: t.ones(2).normal_(0, -1),
        lambda t: t.ones(2).random_(3, 2),
        lambda t: t.ones(2).random_(5.5),
        lambda t: t.ones(2).exponential_(-1),
        lambda t: t.Generator().manual_seed(2**64),
    ],
)
def test_mistakes_are_errors_as_in_torch(torch, call):
    kinds = []
    for library in (torch, minigrad):
        with pytest.raises((RuntimeError, TypeError, ValueError)) as error:
            call(library)
        kinds.append(error.type)
    assert "\n" not in str(error.value)
    assert kinds[0] is kinds[1]


@pytest.mark.parametrize("name", ["normal_", "uniform_", "exponential_", "bernoulli"])
def test_floats_only(name):
    with pytest.raises(TypeError, match="int64"):
        getattr(minigrad.ones(2).long(), name)()


def test_the_room_has_what_its_tables_list():
    names = minigrad.ROOMS["minigrad.sampling"].split()
    assert all(hasattr(minigrad, name) for name in names)
    methods = METHODS["minigrad.sampling"].split()
    assert all(callable(getattr(minigrad.ones(1), name)) for name in methods)
    assert {name.split(",")[0] for name in DRAWS} >= set(methods)
