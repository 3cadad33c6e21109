"""Distributions beside PyTorch: everything but the samples, whose contract is tested instead."""

import importlib
import inspect

import numpy as np
import pytest
from agreement import agree, draw

import minigrad
from minigrad import distributions


def module(library):
    return importlib.import_module(f"{library.__name__}.distributions")


P = np.array([[0.1, 0.2, 0.7], [0.25, 0.25, 0.5]])
L = draw(2, 3)
Q = np.array([0.2, 0.8, 0.5])
X, Y = draw(3), np.abs(draw(3, seed=1)) + 0.1
BITS, INTS = np.array([0.0, 1.0, 1.0]), np.array([2, 0])

# Each is an expression of the module of distributions, the library and two tensors.
TABLE = {
    "categorical, log_prob": (lambda d, t, p, i: d.Categorical(p).log_prob(i), P, INTS),
    "of logits": (lambda d, t, x, i: d.Categorical(logits=x).log_prob(i), L, INTS),
    "one value for all": (lambda d, t, x: d.Categorical(logits=x).log_prob(t.tensor(1)), L),
    "several values": (
        lambda d, t, x, i: d.Categorical(logits=x).log_prob(i),
        L,
        np.array([[0, 1], [2, 2], [1, 0]]),
    ),
    "one row": (lambda d, t, x: d.Categorical(logits=x[0]).log_prob(t.tensor([0, 2, 2])), L),
    "weights": (lambda d, t, p: d.Categorical(3 * p).probs, P),
    "categorical, logits": (lambda d, t, p: d.Categorical(p).logits, P),
    "categorical, probs": (lambda d, t, x: d.Categorical(logits=x).probs, L),
    "categorical, entropy": (lambda d, t, p: d.Categorical(p).entropy(), P),
    "entropy of logits": (lambda d, t, x: d.Categorical(logits=x).entropy(), L),
    "perplexity": (lambda d, t, x: d.Categorical(logits=x).perplexity(), L),
    "entropy, zeros": (lambda d, t: d.Categorical(t.tensor([0.0, 0.5, 0.5])).entropy(),),
    "entropy, -inf": (
        lambda d, t: d.Categorical(logits=t.tensor([float("-inf"), 0.5, 0.5])).entropy(),
    ),
    "categorical, mode": (lambda d, t, p: d.Categorical(p).mode, P),
    "categorical, mean": (lambda d, t, p: d.Categorical(p).mean, P),
    "categorical, variance": (lambda d, t, p: d.Categorical(p).variance, P),
    "categories": (lambda d, t, p: d.Categorical(p).enumerate_support(), P),
    "categories, short": (lambda d, t, p: d.Categorical(p).enumerate_support(expand=False), P),
    "categorical, expand": (
        lambda d, t, x, i: d.Categorical(logits=x).expand((4, 2)).log_prob(i),
        L,
        INTS,
    ),
    "multinomial, log_prob": (
        lambda d, t, x, n: d.Multinomial(5, logits=x).log_prob(n.detach()),
        L,
        np.array([[1.0, 2.0, 2.0], [0.0, 5.0, 0.0]]),
    ),
    "multinomial, never": (
        lambda d, t: d.Multinomial(2, t.tensor([0.0, 0.5, 0.5])).log_prob(t.tensor([0.0, 1, 1])),
    ),
    "multinomial, mean": (lambda d, t, p: d.Multinomial(5, p).mean, P),
    "multinomial, variance": (lambda d, t, p: d.Multinomial(5, p).variance, P),
    "bernoulli, log_prob": (lambda d, t, p, x: d.Bernoulli(p).log_prob(x.detach()), Q, BITS),
    "bernoulli, logits": (lambda d, t, z, x: d.Bernoulli(logits=z).log_prob(x.detach()), X, BITS),
    "large logits": (
        lambda d, t: d.Bernoulli(logits=t.tensor([-200.0, 0.0, 200.0])).log_prob(t.ones(3)),
    ),
    "bernoulli, entropy": (lambda d, t, p: d.Bernoulli(p).entropy(), Q),
    "bernoulli, logits, entropy": (lambda d, t, z: d.Bernoulli(logits=z).entropy(), X),
    "bernoulli, mean": (lambda d, t, z: d.Bernoulli(logits=z).mean, X),
    "bernoulli, mode": (lambda d, t, p: d.Bernoulli(p).mode, Q),
    "bernoulli, variance": (lambda d, t, p: d.Bernoulli(p).variance, Q),
    "bernoulli, stddev": (lambda d, t, p: d.Bernoulli(p).stddev, Q),
    "bits": (lambda d, t, p: d.Bernoulli(p).enumerate_support(), Q),
    "a number": (lambda d, t: d.Bernoulli(0.3).log_prob(t.tensor(1.0)),),
    "normal, log_prob": (lambda d, t, x, y: d.Normal(x, y).log_prob(t.zeros(3)), X, Y),
    "normal, values": (lambda d, t, x, y: d.Normal(0.5, 2.0).log_prob(x * y), X, Y),
    "normal, broadcast": (lambda d, t, x, y: d.Normal(x, y[0]).log_prob(t.zeros(2, 3)), X, Y),
    "normal, numbers": (lambda d, t: d.Normal(0, 1).log_prob(t.tensor(2.0)),),
    "normal, entropy": (lambda d, t, x, y: d.Normal(x, y).entropy(), X, Y),
    "normal, moments": (
        lambda d, t, x, y: t.stack(
            [d.Normal(x, y).mean, d.Normal(x, y).mode, d.Normal(x, y).variance]
        ),
        X,
        Y,
    ),
    "uniform, log_prob": (lambda d, t, x, y: d.Uniform(x, x + y).log_prob(x.detach()), X, Y),
    "outside": (
        lambda d, t: d.Uniform(0.0, 2.0, validate_args=False).log_prob(t.tensor([-1.0, 1.0, 2.0])),
    ),
    "uniform, entropy": (lambda d, t, x, y: d.Uniform(x, x + y).entropy(), X, Y),
    "uniform, moments": (
        lambda d, t, x, y: t.stack([d.Uniform(x, x + y).mean, d.Uniform(x, x + y).variance]),
        X,
        Y,
    ),
    "uniform, stddev": (lambda d, t, x, y: d.Uniform(x, x + y).stddev, X, Y),
    "uniform, mode": (lambda d, t, x, y: d.Uniform(x, x + y).mode, X, Y),
    "uniform, cdf": (lambda d, t, x, y: d.Uniform(x, x + y).cdf(x.detach() + 0.05), X, Y),
    "uniform, icdf": (lambda d, t, x, y: d.Uniform(x, x + y).icdf(t.full((3,), 0.25)), X, Y),
    "kl, categorical": (
        lambda d, t, p, x: d.kl_divergence(d.Categorical(p), d.Categorical(logits=x)),
        P,
        L,
    ),
    "kl, zeros": (
        lambda d, t: d.kl_divergence(
            d.Categorical(t.tensor([[0.5, 0.5, 0.0], [0.5, 0.5, 0.0]])),
            d.Categorical(t.tensor([[0.2, 0.3, 0.5], [0.0, 0.5, 0.5]])),
        ),
    ),
    "kl, bernoulli": (
        lambda d, t, p, x: d.kl_divergence(d.Bernoulli(p), d.Bernoulli(logits=x)),
        Q,
        X,
    ),
    "kl, certain": (
        lambda d, t: d.kl_divergence(
            d.Bernoulli(t.tensor([0.0, 1.0, 1.0, 0.5])), d.Bernoulli(t.tensor([0.5, 0.5, 0.0, 1.0]))
        ),
    ),
    "kl, normal": (lambda d, t, x, y: d.kl_divergence(d.Normal(x, y), d.Normal(0.5, 2.0)), X, Y),
    "kl, uniform": (
        lambda d, t, x, y: d.kl_divergence(d.Uniform(x, x + y), d.Uniform(x - 1, x + 2 * y)),
        X,
        Y,
    ),
    "kl, uniform, outside": (
        lambda d, t: d.kl_divergence(d.Uniform(0.0, 2.0), d.Uniform(0.0, 1.0)),
    ),
}


@pytest.mark.parametrize("name", TABLE)
def test_values_and_derivatives_as_torch(torch, name):
    expression, *arrays = TABLE[name]
    agree(torch, lambda library, *xs: expression(module(library), library, *xs), *arrays)


@pytest.mark.parametrize("q", [0.01, 0.3, 0.9])
def test_the_normal_cdf_as_torch(torch, q):
    pytest.importorskip("minigrad.elementwise")
    agree(torch, lambda t, x, y: module(t).Normal(x, y).cdf(t.zeros(3, dtype=t.float64)), X, Y)
    agree(torch, lambda t, x, y: module(t).Normal(x, y).icdf(x.detach() * 0 + q), X, Y)


# --- samples -----------------------------------------------------------------------------------

MADE = {
    "categorical": lambda t, d: d.Categorical(t.tensor(P)),
    "one row": lambda t, d: d.Categorical(logits=t.tensor([0.5, 1.5, -3.0])),
    "bernoulli": lambda t, d: d.Bernoulli(t.tensor(Q)),
    "of logits": lambda t, d: d.Bernoulli(logits=t.tensor([0.5, 1.5, -3.0])),
    "one": lambda t, d: d.Bernoulli(0.5),
    "normal": lambda t, d: d.Normal(t.tensor(X), t.tensor(Y)),
    "numbers": lambda t, d: d.Normal(0.0, 1.0),
    "uniform": lambda t, d: d.Uniform(t.tensor(X), t.tensor(X + Y)),
    "expanded": lambda t, d: d.Normal(0.0, 1.0).expand((2, 3)),
    "expanded rows": lambda t, d: d.Categorical(t.tensor(P)).expand((4, 2)),
}


def dtype_of(x):
    return str(x.dtype).removeprefix("torch.")


@pytest.mark.parametrize("name", MADE)
def test_shapes_dtypes_and_text_as_torch(torch, name):
    found = []
    for library in (minigrad, torch):
        dist = MADE[name](library, module(library))
        shapes = [tuple(dist.batch_shape), tuple(dist.event_shape), dist.has_rsample]
        for shape in ((), (5,), (2, 3), library.zeros(4, 1).shape):
            x = dist.sample(shape)
            assert not x.requires_grad
            shapes += [tuple(x.shape), dtype_of(x), tuple(dist.log_prob(x).shape)]
            shapes.append(dtype_of(dist.log_prob(x)))
            if dist.has_rsample:
                shapes.append(tuple(dist.rsample(shape).shape))
        text = str(dist).replace("torch.Size(", "").replace("])", "]")
        found.append([shapes, text.replace("(", "[").replace(",)", "]").replace(")", "]")])
    assert found[0] == found[1]


def test_samples_have_the_distribution():
    n, d = 20_000, distributions
    counts = np.stack([np.bincount(row, minlength=3) for row in d.Categorical(
        minigrad.tensor(P)).sample((n,)).value.T]) / n  # fmt: skip
    np.testing.assert_allclose(counts, P, atol=0.02)
    for dist in (d.Bernoulli(minigrad.tensor(Q)), d.Normal(1.0, 2.0), d.Uniform(-1.0, 3.0)):
        x = dist.sample((n,)).value
        np.testing.assert_allclose(x.mean(0), dist.mean.value, atol=0.05)
        np.testing.assert_allclose(x.std(0), dist.stddev.value, atol=0.05)


def test_the_seed_decides():
    for make in MADE.values():
        dist, found = make(minigrad, distributions), []
        for _ in range(2):
            minigrad.manual_seed(3)
            found.append(dist.sample((20,)).tolist())
        assert found[0] == found[1]


def test_rsample_has_a_gradient():
    for kind in (distributions.Normal, distributions.Uniform):
        a = minigrad.tensor([0.5], requires_grad=True)
        b = minigrad.tensor([2.0], requires_grad=True)
        x = kind(a, b).rsample((100,))
        x.sum().backward()
        np.testing.assert_allclose(((x - a) / (b if kind is distributions.Normal else b - a)).value
                                   .sum(), b.grad.value[0], rtol=1e-4)  # fmt: skip
        assert not kind(a, b).sample().requires_grad


def test_reinforce_as_torch(torch):
    """The loss of a policy, sampled under no_grad, has the gradient of all its parts."""
    found = []
    for library in (minigrad, torch):
        logits = library.tensor(L, requires_grad=True)
        dist = module(library).Categorical(logits=logits)
        with library.no_grad():
            dist.sample()
        loss = -(dist.log_prob(library.tensor([2, 0])) * 1.5 + 0.1 * dist.entropy()).sum()
        loss.backward()
        found.append(logits.grad.numpy())
    np.testing.assert_allclose(*found, rtol=1e-10)


# --- the interface -----------------------------------------------------------------------------


def test_submodules_have_the_classes():
    for name in ("Bernoulli", "Categorical", "Normal", "Uniform", "Distribution"):
        part = importlib.import_module(f"minigrad.distributions.{name.lower()}")
        assert getattr(part, name) is getattr(distributions, name)
    assert minigrad.distributions is distributions
    assert minigrad.distributions.kl.kl_divergence is distributions.kl_divergence


def test_signatures_are_torchs(torch):
    for name in distributions.__all__:
        ours = inspect.signature(getattr(distributions, name)).parameters.values()
        theirs = inspect.signature(getattr(module(torch), name)).parameters.values()
        assert [p.name for p in ours] == [p.name for p in theirs]


def test_a_divergence_of_your_own():
    class Mine(distributions.Normal):
        pass

    p, q = Mine(0.0, 1.0), distributions.Normal(1.0, 1.0)
    assert distributions.kl_divergence(p, q).item() == 0.5

    @distributions.register_kl(Mine, distributions.Uniform)
    def _(p, q):
        return "mine"

    assert distributions.kl_divergence(p, distributions.Uniform(0.0, 1.0)) == "mine"
    with pytest.raises(NotImplementedError, match="Uniform and Normal"):
        distributions.kl_divergence(distributions.Uniform(0.0, 1.0), q)


@pytest.mark.parametrize(
    "call",
    [
        lambda t, d: d.Categorical(),
        lambda t, d: d.Categorical(t.ones(2), t.ones(2)),
        lambda t, d: d.Categorical(t.tensor(1.0)),
        lambda t, d: d.Categorical(t.tensor([-1.0, 2.0])),
        lambda t, d: d.Categorical(t.zeros(2)),
        lambda t, d: d.Categorical(logits=t.tensor([float("nan"), 0.0])),
        lambda t, d: d.Categorical(t.ones(3)).log_prob(t.tensor(3)),
        lambda t, d: d.Categorical(t.ones(3)).log_prob(t.tensor(0.5)),
        lambda t, d: d.Categorical(t.ones(3)).log_prob(1),
        lambda t, d: d.Categorical(t.ones(2, 3)).log_prob(t.tensor([0, 1, 2])),
        lambda t, d: d.Categorical(t.ones(3)).rsample(),
        lambda t, d: d.Bernoulli(),
        lambda t, d: d.Bernoulli(1.5),
        lambda t, d: d.Bernoulli(0.5).log_prob(t.tensor(0.5)),
        lambda t, d: d.Bernoulli("0.5"),
        lambda t, d: d.Normal(0.0, -1.0),
        lambda t, d: d.Normal(0.0, 0.0),
        lambda t, d: d.Normal(float("nan"), 1.0),
        lambda t, d: d.Normal(t.zeros(2), t.ones(3)),
        lambda t, d: d.Normal("0", 1.0),
        lambda t, d: d.Normal(0.0, 1.0).log_prob(t.tensor(float("nan"))),
        lambda t, d: d.Uniform(1.0, 1.0),
        lambda t, d: d.Uniform(0.0, 1.0).log_prob(t.tensor(2.0)),
        lambda t, d: d.Uniform(0.0, 1.0).enumerate_support(),
    ],
)
def test_mistakes_are_errors_as_in_torch(torch, call):
    kinds = []
    for library in (torch, minigrad):
        with pytest.raises((ValueError, NotImplementedError, RuntimeError)) as error:
            call(library, module(library))
        kinds.append(error.type)
    assert "\n" not in str(error.value)
    assert kinds[0] is kinds[1]


def test_what_is_not_checked():
    assert distributions.Normal(0.0, -1.0, validate_args=False).scale == -1
    distributions.Distribution.set_default_validate_args(False)
    try:
        assert distributions.Normal(0.0, -1.0).scale == -1
    finally:
        distributions.Distribution.set_default_validate_args(True)
