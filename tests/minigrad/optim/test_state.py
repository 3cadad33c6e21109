"""The state of an optimizer: live, as in PyTorch, also where parameters are joined; and loaded."""

import copy
import pickle

import numpy as np
import pytest
from optimizing import KINDS, NAMES, OPTIMIZERS, assert_same, parameters, train

import minigrad
from minigrad import nn
from minigrad.optim import SGD, Adam, AdamW, Optimizer

KEPT = {"momentum": ["momentum_buffer"], "adam": ["exp_avg", "exp_avg_sq"]}


@pytest.fixture
def small(monkeypatch, request):
    monkeypatch.setattr("minigrad.optim.bundles.SMALL", request.param)


# What is done to the state between two steps: a function of a library, the state, the parameters
# and the name of something that is kept.


def write(library, state, params, name):
    state[params[0]][name][...] = 0.5


def scale(library, state, params, name):
    for p in params:
        state[p][name] *= 2


def exchange(library, state, params, name):
    state[params[1]][name] = state[params[1]][name] * 3


def another(library, state, params, name):
    state[params[2]] = copy.deepcopy(state[params[2]])
    state[params[2]][name][0, 1] = 7.0


def clear(library, state, params, name):
    state.clear()


def pop(library, state, params, name):
    state.pop(params[3])


def empty(library, state, params, name):
    state[params[0]].clear()


def count(library, state, params, name):
    if "step" in state[params[0]]:
        state[params[0]]["step"] = library.tensor(40.0)


CHANGES = [write, scale, exchange, another, clear, pop, empty, count]


@pytest.mark.parametrize("small", [0, 5, 1000], indirect=True)
@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
@pytest.mark.parametrize("name", KEPT)
def test_what_is_written_into_the_state_counts_as_in_torch(torch, small, change, name):
    kind, settings = OPTIMIZERS[name]
    found = []
    for library in (minigrad, torch):
        params = parameters(library)
        optimizer = getattr(library.optim, kind.__name__)(params, **settings)
        state = optimizer.state
        for step in range(6):
            train(library, params, optimizer, [step])
            if step in (1, 3):
                change(library, state, params, KEPT[name][-1])
            if step == 2:
                params[1].grad = None  # so that other parameters are joined
                optimizer.step()
        kept = [state[p][key] for p in params for key in KEPT[name]]
        assert all(state[p].get("step", 1) >= 1 for p in params)
        found.append([p.detach().numpy() for p in params] + [np.asarray(value) for value in kept])
    assert_same(*found, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("small", [0, 5, 1000], indirect=True)
@pytest.mark.parametrize("name", KEPT)
def test_what_was_read_from_the_state_changes_with_it(small, name):
    kind, settings = OPTIMIZERS[name]
    params = parameters(minigrad)
    optimizer = kind(params, **settings)
    train(minigrad, params, optimizer, [0])
    read, numbered = optimizer.state[params[2]], optimizer.state_dict()["state"]
    arrays = {key: read[key] for key in KEPT[name]}
    before = copy.deepcopy(read)
    train(minigrad, params, optimizer, range(1, 4))
    assert read is optimizer.state[params[2]] is numbered[2]
    for key, array in arrays.items():
        assert array is read[key]
        assert (array != before[key]).all()
    assert read.get("step", 4) == 4


def test_the_state_is_a_defaultdict_as_in_torch(torch):
    for library in (minigrad, torch):
        params = parameters(library)
        optimizer = library.optim.Adam(params)
        assert len(optimizer.state) == 0
        assert optimizer.state[params[0]] == {}
        assert params[1] not in optimizer.state
        train(library, params, optimizer, range(2))
        assert [id(p) for p in optimizer.state] == [id(p) for p in params]
        assert sorted(optimizer.state[params[0]]) == ["exp_avg", "exp_avg_sq", "step"]
        optimizer.state.clear()
        assert optimizer.state_dict()["state"] == {}


@pytest.mark.parametrize("small", [0, 5, 1000], indirect=True)
def test_a_state_that_was_asked_for_before_the_first_step_changes_nothing(small):
    found = []
    for asked in ((), (0,), (1, 2), (3, 2, 1, 0)):
        params = parameters(minigrad)
        optimizer = Adam(params, lr=0.1)
        for i in asked:
            assert optimizer.state[params[i]] == {}
        found.append(train(minigrad, params, optimizer, range(3)))
        assert {optimizer.state[p]["step"] for p in params} == {3}
    for others in found[1:]:
        assert_same(others, found[0], rtol=0)


def test_reading_the_state_leaves_the_parameters_joined():
    class Counting(Adam):
        updates = 0

        def update(self, p, g, state, **group):
            self.updates += 1
            return super().update(p, g, state, **group)

    params = parameters(minigrad)
    optimizer = Counting(params)
    for step in range(3):
        train(minigrad, params, optimizer, [step])
        optimizer.state[params[0]]["exp_avg"] *= 2
        optimizer.state_dict()
    assert optimizer.updates == 3


def test_an_update_may_keep_new_arrays_and_numbers():
    class Average(Optimizer):
        elementwise = True

        def update(self, p, g, state, **group):
            state["mean"] = g if "mean" not in state else 0.5 * state["mean"] + g
            state["times"] = state.get("times", 0) + 1
            return p - group["lr"] * state["mean"]

    params = parameters(minigrad)
    optimizer = Average(params, lr=0.1)
    expected = [p.value.copy() for p in params]
    means = [0 for _ in params]
    for step in range(1, 4):
        for i, p in enumerate(params):
            p.grad = minigrad.full_like(p, step + i)
            means[i] = 0.5 * means[i] + (step + i)
            expected[i] -= 0.1 * means[i]
        optimizer.step()
        assert {optimizer.state[p]["times"] for p in params} == {step}
    assert_same([p.value for p in params], expected, rtol=1e-12)
    assert_same(
        [optimizer.state[p]["mean"] for p in params],
        [m + 0 * p for m, p in zip(means, expected, strict=True)],
        rtol=1e-12,
    )


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])
@NAMES
def test_a_copied_optimizer_goes_on_by_itself(name, copied):
    kind, settings = OPTIMIZERS[name]
    params = parameters(minigrad)
    optimizer = kind(params, **settings)
    train(minigrad, params, optimizer, range(3))
    theirs, others = copied((params, optimizer))
    for kept in (*optimizer.state.values(), *others.state.values()):
        for key in kept.keys() - {"step"}:
            kept[key] *= 2
    train(minigrad, theirs, others, range(3, 6))
    before = [p.value.copy() for p in params]
    assert all((p != q.value).any() for p, q in zip(before, theirs, strict=True))
    train(minigrad, params, optimizer, range(3, 6))
    assert_same([p.value for p in params], [p.value for p in theirs], rtol=0)
    for p, q in zip(params, theirs, strict=True):
        assert_same(optimizer.state[p].values(), others.state[q].values(), rtol=0)


# --- a state of PyTorch


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@NAMES
def test_torchs_own_state_goes_on_as_in_torch(torch, name, dtype):
    kind, settings = OPTIMIZERS[name]
    theirs = [torch.nn.Parameter(p.detach().to(getattr(torch, dtype))) for p in parameters(torch)]
    other = getattr(torch.optim, kind.__name__)(theirs, **settings)

    def trained(library, params, optimizer, steps):
        for step in steps:
            rng = np.random.default_rng(step)
            for p in params:
                p.grad = library.tensor(rng.standard_normal(tuple(p.shape)).astype(dtype))
            optimizer.step()
        return [p.detach().numpy().copy() for p in params]

    values = trained(torch, theirs, other, range(5))
    ours = [nn.Parameter(minigrad.tensor(value)) for value in values]
    optimizer = kind(ours, lr=123.0)
    optimizer.load_state_dict(other.state_dict())
    assert {type(s["step"]) for s in optimizer.state.values() if "step" in s} <= {int}
    trained(torch, theirs, other, range(5, 25))
    trained(minigrad, ours, optimizer, range(5, 25))
    rtol = 1e-5 if dtype == "float32" else 1e-11
    assert_same([p.value for p in ours], [p.detach().numpy() for p in theirs], rtol=rtol, atol=rtol)


def test_the_correction_of_the_bias_is_computed_in_float64():
    """In float32, 1 - 0.999**3 has only four digits."""
    p = nn.Parameter(minigrad.ones(3))
    optimizer = Adam([p], lr=0.1)
    moments = {"exp_avg": np.ones(3, np.float32), "exp_avg_sq": np.ones(3, np.float32)}
    step = np.float32(2)
    groups = optimizer.state_dict()["param_groups"]
    optimizer.load_state_dict({"state": {0: {"step": step} | moments}, "param_groups": groups})
    p.grad = minigrad.ones(3)
    optimizer.step()
    expected = 1 - 0.1 / (1 - 0.9**3) / np.sqrt(1 / (1 - 0.999**3))
    np.testing.assert_allclose(p.value, expected, rtol=1e-7)


OFF = {"differentiable": False, "capturable": False, "rate": 0, "label": None, "foreach": None}
ON = {"differentiable": True, "capturable": True, "rate": 0.5, "label": True}


@pytest.mark.parametrize("kind", KINDS)
def test_settings_that_do_not_exist_are_taken_only_if_they_are_off(kind):
    p = nn.Parameter(minigrad.ones(2))
    optimizer = kind([p])
    before = copy.deepcopy(optimizer.param_groups)
    state = optimizer.state_dict()
    group = state["param_groups"][0]
    optimizer.load_state_dict(state | {"param_groups": [group | OFF]})
    given = dict(ON)
    if kind is AdamW:
        given["decoupled_weight_decay"] = False
    for name, value in given.items():
        changed = [group | {"lr": 7.0, name: value}]
        with pytest.raises(ValueError, match=f"{kind.__name__} has no setting {name} = .*; it has"):
            optimizer.load_state_dict(state | {"param_groups": changed})
        with pytest.raises(ValueError, match=f"has no setting {name}"):
            kind([{"params": [p], name: value}])
    assert optimizer.param_groups[0]["lr"] == before[0]["lr"]


@pytest.mark.parametrize("library", ["minigrad", "torch"])
def test_a_learning_rate_may_be_a_tensor_as_in_torch(torch, library):
    library = {"minigrad": minigrad, "torch": torch}[library]
    for kind in (SGD, Adam, AdamW):
        found = []
        for rate in (library.tensor(0.25), 0.25):
            params = parameters(library)
            optimizer = getattr(library.optim, kind.__name__)(params, lr=rate)
            train(library, params, optimizer, range(2))
            if rate is not optimizer.param_groups[0]["lr"] or isinstance(rate, float):
                optimizer.param_groups[0]["lr"] = 0.5
            else:
                rate.fill_(0.5)  # the tensor itself counts
            found.append(train(library, params, optimizer, range(2, 4)))
        assert_same(*found, rtol=1e-6)


MISTAKES = {
    "text": ("lr", "0.1", TypeError, "SGD: lr must be a number, not str '0.1'"),
    "None": ("momentum", None, TypeError, "SGD: momentum must be a number, not None"),
    "a list": (
        "weight_decay",
        [0.1],
        TypeError,
        r"weight_decay must be a number, not list \[0.1\]",
    ),
    "two numbers": (
        "lr",
        np.ones(2),
        TypeError,
        r"lr must be a number, not float64 of shape \(2,\)",
    ),
    "a negative tensor": (
        "lr",
        minigrad.tensor(-1.0),
        ValueError,
        "lr must not be negative, got -1",
    ),
    "NaN": ("momentum", float("nan"), ValueError, "momentum must not be negative, got nan"),
}


@pytest.mark.parametrize("case", MISTAKES)
def test_a_setting_of_the_wrong_kind_is_named(case):
    name, value, kind, message = MISTAKES[case]
    p = nn.Parameter(minigrad.ones(2))
    p.grad = minigrad.ones(2)
    optimizer = SGD([p])
    state = copy.deepcopy(optimizer.state_dict())
    state["param_groups"][0][name] = value
    for call in (
        lambda: SGD([p], **{name: value}),
        lambda: SGD([{"params": [p], name: value}]),
        lambda: optimizer.load_state_dict(state),
    ):
        with pytest.raises(kind, match=message):
            call()
    if kind is TypeError and name != "momentum" or case == "None":
        optimizer.param_groups[0][name] = value
        with pytest.raises(kind, match=message):
            optimizer.step()
    assert p.tolist() == [1, 1]


@pytest.mark.parametrize("betas", [0.9, None, "ab", (0.9,), (0.9, "a"), (0.9, None), [[0.9], 0.9]])
def test_betas_are_two_numbers(betas):
    with pytest.raises((TypeError, ValueError), match="Adam: betas must be"):
        Adam([nn.Parameter(minigrad.ones(2))], betas=betas)


MOMENTS = {"step": 3, "exp_avg": np.zeros(2), "exp_avg_sq": np.zeros(2)}
UNFIT = {
    "no dict": (3, "takes a dict .*, not int 3"),
    "no groups": ({"state": {}}, "takes a dict"),
    "groups that are none": ({"state": {}, "param_groups": [3]}, "takes a dict"),
    "a state that is none": ({0: [1, 2]}, r"state of parameter 0 must be a dict, not list"),
    "an unknown parameter": ({7: MOMENTS}, "parameter 7, which is in none of the groups"),
    "a parameter from the end": ({-1: MOMENTS}, "parameter -1, which is in none"),
    "text for moments": ({0: MOMENTS | {"exp_avg": "a"}}, "exp_avg of parameter 0 must be an arr"),
    "a shape": (
        {0: MOMENTS | {"exp_avg": np.ones(3)}}, r"exp_avg of .* 0 has shape \(3,\), .*\(2,\)",
    ),
    "a number": ({0: MOMENTS | {"exp_avg": 0.0}}, r"exp_avg of .* 0 has shape \(\), .*\(2,\)"),
    "half a step": ({0: MOMENTS | {"step": 2.5}}, "step of parameter 0 must be an int from 0"),
    "a negative step": ({0: MOMENTS | {"step": -1}}, "step of parameter 0 must be an int from 0"),
    "several steps": ({0: MOMENTS | {"step": np.ones(2)}}, "step of parameter 0 must be an int"),
    "no step": ({0: {k: v for k, v in MOMENTS.items() if k != "step"}}, "step, exp_avg, exp_av"),
    "SGD's": ({0: {"momentum_buffer": np.zeros(2)}}, "exp_avg_sq, not momentum_buffer"),
    "another": ({0: MOMENTS | {"max_exp_avg": np.zeros(2)}}, "must have step, exp_avg"),
}  # fmt: skip


@pytest.mark.parametrize("case", UNFIT)
def test_a_state_that_does_not_fit_is_explained_and_changes_nothing(case):
    given, message = UNFIT[case]
    p = nn.Parameter(minigrad.ones(2))
    optimizer = Adam([p], lr=0.5)
    p.grad = minigrad.ones(2)
    optimizer.step()
    before = copy.deepcopy(optimizer.state_dict())
    if isinstance(given, dict) and "state" not in given:
        given = {"state": given, "param_groups": [{"params": [0], "lr": 0.1}]}
    with pytest.raises((TypeError, ValueError), match=message) as error:
        optimizer.load_state_dict(given)
    assert "\n" not in str(error.value)
    after = optimizer.state_dict()
    assert after["param_groups"] == before["param_groups"]
    for key, value in before["state"][0].items():
        np.testing.assert_array_equal(after["state"][0][key], value)


def test_a_state_that_was_made_unfit_is_explained_in_the_next_step():
    params = parameters(minigrad)
    optimizer = Adam(params)
    train(minigrad, params, optimizer, [0])
    del optimizer.state[params[1]]["exp_avg"]
    with pytest.raises(ValueError, match="the state of a parameter must have step, exp_avg"):
        optimizer.step()
    optimizer.state[params[1]] = {"step": 1, "exp_avg": "a", "exp_avg_sq": 0}
    with pytest.raises(TypeError, match="exp_avg of a parameter must be an array"):
        optimizer.step()
