"""Optimizers on random parameters, gradients and settings, beside PyTorch, through state dicts."""

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import minigrad

RATES = st.sampled_from([0.1, 0.01, 0.5, 0.0])
DECAY = st.sampled_from([0.0, 0.1, 0.01])
BETAS = st.tuples(st.sampled_from([0.9, 0.0, 0.5]), st.sampled_from([0.999, 0.0, 0.9]))
EPS = st.sampled_from([1e-8, 1e-3])
ADAM = {"lr": RATES, "betas": BETAS, "eps": EPS, "weight_decay": DECAY}
SETTINGS = {
    "SGD": {"lr": RATES, "momentum": st.sampled_from([0.0, 0.9, 0.5]), "weight_decay": DECAY},
    "Adam": ADAM,
    "AdamW": ADAM,
}
SHAPES = st.lists(st.sampled_from([(), (3,), (2, 2), (0,), (1, 4)]), min_size=1, max_size=4)
# What happens in a step: gradients arrive for some of the parameters, or what was kept is loaded
# into an optimizer of its own, or a setting is changed.
STEP = st.one_of(
    st.lists(st.booleans(), min_size=4, max_size=4),
    st.sampled_from(["reload", "slower", "zero_grad", "clip"]),
)


def some(draw, options):
    """Values for some settings; the others keep their defaults."""
    return {name: draw(values) for name, values in options.items() if draw(st.booleans())}


@st.composite
def runs(draw):
    """The name of an optimizer, its settings, groups of shapes with settings, and steps."""
    name = draw(st.sampled_from(sorted(SETTINGS)))
    groups = [(draw(SHAPES), some(draw, SETTINGS[name])) for _ in range(draw(st.integers(1, 2)))]
    return name, some(draw, SETTINGS[name]), groups, draw(st.lists(STEP, min_size=2, max_size=8))


def numbers(shape, seed, scale=1.0):
    return np.asarray(np.random.default_rng(seed).standard_normal(shape) * scale)


def trained(library, name, defaults, groups, steps):
    """The values of the parameters after each step, and all that the optimizer keeps at the end."""
    made = [
        {
            "params": [
                library.nn.Parameter(library.tensor(numbers(s, i))) for i, s in enumerate(sizes)
            ]
        }
        | own
        for sizes, own in groups
    ]
    kind, values = getattr(library.optim, name), []
    optimizer = kind(made, **defaults)
    params = [p for group in made for p in group["params"]]
    for n, step in enumerate(steps):
        if step == "reload":
            state = optimizer.state_dict()
            optimizer = kind([{"params": group["params"]} for group in made])
            optimizer.load_state_dict(state)
        elif step == "slower":
            optimizer.param_groups[0]["lr"] *= 0.5
        elif step == "zero_grad":
            optimizer.zero_grad(set_to_none=n % 2 == 0)
        elif step == "clip":
            norm = library.nn.utils.clip_grad_norm_(params, 0.5)
            values.append(np.asarray(norm.detach().numpy()))
        else:
            for i, p in enumerate(params):
                if step[i % len(step)]:
                    p.grad = library.tensor(numbers(tuple(p.shape), 100 * n + i, 3.0))
        if step != "clip":
            optimizer.step()
        values += [p.detach().numpy().copy() for p in params]
    return values, optimizer.state_dict()


@settings(max_examples=60, deadline=None, derandomize=True, database=None,
          suppress_health_check=list(HealthCheck))  # fmt: skip
@given(runs())
def test_training_as_pytorch(torch, run):
    (ours, kept), (theirs, kept_there) = (trained(lib, *run) for lib in (minigrad, torch))
    for x, y in zip(ours, theirs, strict=True):
        assert x.shape == y.shape
        np.testing.assert_allclose(x, y, rtol=1e-9, atol=1e-9)
    assert kept["state"].keys() == kept_there["state"].keys()
    for number, state in kept["state"].items():
        for name, value in state.items():
            there = kept_there["state"][number][name]
            np.testing.assert_allclose(value, np.asarray(there), rtol=1e-6, atol=1e-9)
    for group, there in zip(kept["param_groups"], kept_there["param_groups"], strict=True):
        assert group == {name: there[name] for name in group}
