"""The optimizer: groups, steps, the state, and mistakes."""

import copy
import importlib

import numpy as np
import pytest
from optimizing import NAMES, OPTIMIZERS, assert_same, loss, parameters, train

import minigrad
from minigrad import nn
from minigrad.optim import SGD, Adam, AdamW, Optimizer


# --- groups and steps


@NAMES
def test_groups_as_torch(torch, name):
    kind, settings = OPTIMIZERS[name]
    own = {"lr": 0.2} if kind.__name__ == "Rprop" else {"weight_decay": 0.2}

    def run(framework):
        params = parameters(framework)
        groups = [{"params": params[:2], "lr": 0.03}, {"params": iter(params[2:3]), **own}]
        optimizer = getattr(framework.optim, kind.__name__)(groups, **settings)
        train(framework, params, optimizer, range(3))
        optimizer.add_param_group({"params": params[3], "lr": 0.5})
        assert [len(group["params"]) for group in optimizer.param_groups] == [2, 1, 1]
        optimizer.param_groups[0]["lr"] *= 0.1
        return train(framework, params, optimizer, range(3, 10))

    assert_same(run(minigrad), run(torch), atol=1e-10)


def test_the_parameter_stays_the_same_leaf():
    p = nn.Parameter(minigrad.ones(3))
    p.sum().backward()
    SGD([p], lr=1.0).step()
    assert p.is_leaf
    assert p.requires_grad
    assert p.tolist() == [0, 0, 0]
    assert p.grad.tolist() == [1, 1, 1]


@NAMES
def test_without_a_gradient_nothing_moves(name):
    kind, settings = OPTIMIZERS[name]
    p, used = (nn.Parameter(minigrad.ones(3)) for _ in range(2))
    optimizer = kind([p, used], **settings)
    used.sum().backward()
    optimizer.step()
    assert p.tolist() == [1, 1, 1]
    assert used.tolist() != [1, 1, 1]


def test_plain_leaves_can_be_trained():
    x = minigrad.ones(3, requires_grad=True)
    (x * 2).sum().backward()
    SGD([x], lr=0.5).step()
    assert x.tolist() == [0, 0, 0]


def test_zero_grad():
    params = parameters(minigrad)
    optimizer = SGD(params, lr=0.1)
    loss(minigrad, params, 0).backward()
    optimizer.zero_grad(set_to_none=False)
    assert all((p.grad.value == 0).all() and p.grad.shape == p.shape for p in params)
    assert all(p.grad.dtype == minigrad.float64 for p in params)
    optimizer.zero_grad()
    assert all(p.grad is None for p in params)


def test_a_closure_is_called_first():
    params = parameters(minigrad)
    optimizer = SGD(params, lr=0.1)

    def closure():
        optimizer.zero_grad()
        value = loss(minigrad, params, 0)
        value.backward()
        return value

    with minigrad.no_grad():
        given = optimizer.step(closure)
    np.testing.assert_allclose(given.item(), loss(minigrad, parameters(minigrad), 0).item())
    reference = parameters(minigrad)
    train(minigrad, reference, SGD(reference, lr=0.1), [0])
    assert_same([p.value for p in params], [p.value for p in reference], rtol=0)
    assert optimizer.step() is None


def test_an_optimizer_of_your_own():
    class Sign(Optimizer):
        def update(self, p, g, state, **group):
            return p - group["lr"] * np.sign(g)

    p = nn.Parameter(minigrad.tensor([3.0, -2.0]))
    (p * p).sum().backward()
    Sign([p], lr=0.5).step()
    assert p.tolist() == [2.5, -1.5]
    with pytest.raises(NotImplementedError, match="Optimizer has no update"):
        Optimizer([p]).step()


def heavy_ball(library):
    """An optimizer in the manner of PyTorch's tutorials: its own step, and defaults as one dict."""

    class HeavyBall(library.optim.Optimizer):
        def __init__(self, params, lr=0.1, mass=-0.5, warm=None, names=("a", "b"), maximize=True):
            defaults = {"lr": lr, "mass": mass, "warm": warm, "names": names, "maximize": maximize}
            super().__init__(params, defaults)

        def __setstate__(self, state):
            super().__setstate__(state)
            for group in self.param_groups:
                group.setdefault("newer", 1)

        @library.no_grad()
        def step(self, closure=None):
            loss = closure() if closure else None
            self.state["calls"] = self.state.get("calls", 0) + 1
            for group in self.param_groups:
                for p in group["params"]:
                    if p.grad is None:
                        continue
                    state = self.state[p]
                    if len(state) == 0:
                        state["step"], state["v"] = 0, library.zeros_like(p)
                    state["step"] += 1
                    state["v"] = state["v"] * group["mass"] + p.grad
                    p -= state["v"] * group["lr"]
            return loss

    return HeavyBall


def test_an_optimizer_with_its_own_step_as_torch(torch):
    found = []
    for library in (torch, minigrad):
        params = parameters(library)
        kind = heavy_ball(library)
        groups = [{"params": params[:2], "lr": 0.05, "mine": 3}, {"params": params[2:]}]
        optimizer = kind(groups)
        schedule = library.optim.lr_scheduler.ExponentialLR(optimizer, 0.9)
        for step in range(6):
            train(library, params, optimizer, [step])
            schedule.step()
        other = kind([{"params": params[:2]}, {"params": params[2:]}], lr=7.0)
        state = optimizer.state_dict()
        other.load_state_dict(copy.deepcopy(state))
        kept = other.state[params[0]]["step"], other.state["calls"]
        found.append([str(other), kept, optimizer.defaults, sorted(map(str, state["state"]))])
        found.append(train(library, params, other, range(6, 12)))
    assert found[0] == found[2]
    assert_same(found[1], found[3], rtol=1e-10)


def test_a_group_must_give_what_has_no_default(torch):
    for library in (torch, minigrad):
        required = importlib.import_module(f"{library.__name__}.optim.optimizer").required
        p = library.nn.Parameter(library.ones(2))
        optimizer = library.optim.Optimizer([{"params": [p], "lr": 1.0}], {"lr": required})
        assert optimizer.param_groups[0]["lr"] == 1.0
        with pytest.raises(ValueError, match="lr"):
            library.optim.Optimizer([p], {"lr": required})


def test_parameters_with_names_as_torch(torch):
    found = []
    for library in (torch, minigrad):
        layer = library.nn.Linear(2, 3)
        group = library.optim.SGD(layer.named_parameters(), lr=0.1).param_groups[0]
        assert group["params"] == list(layer.parameters())
        found.append(group["param_names"])
        with pytest.raises(TypeError):
            library.optim.SGD([{"params": set(layer.parameters())}])
        with pytest.raises(ValueError, match="leaf"):
            library.optim.SGD([layer.weight * 2])
    assert found[0] == found[1]


def test_flags_that_exclude_each_other_as_torch(torch):
    for library in (torch, minigrad):
        p, optim = library.nn.Parameter(library.ones(2)), library.optim
        for call in (
            lambda: optim.Adam([p], foreach=True, fused=True),  # noqa: B023
            lambda: optim.SGD([p], foreach=True, fused=True),  # noqa: B023
        ):
            with pytest.raises(RuntimeError, match="fused"):
                call()
        for settings in ({}, {"momentum": 0.9, "dampening": 0.1}):
            with pytest.raises(ValueError, match=r"(?i)nesterov"):
                optim.SGD([p], nesterov=True, **settings)
        with pytest.raises(ValueError, match="rho"):
            optim.Adadelta([p], rho=1.5)


def test_what_schedulers_note_and_names_stay_in_a_group(torch):
    found = []
    for library in (minigrad, torch):
        params = parameters(library)
        noted = {
            "initial_lr": 0.5,
            "max_lr": 1.0,
            "max_momentum": 0.9,
            "name": "decoder",
            "lr_scale": 2,
        }
        optimizer = library.optim.SGD([{"params": params} | noted], lr=0.1)
        other = library.optim.SGD(params, lr=0.3)
        other.load_state_dict(optimizer.state_dict())
        found.append([{k: g[k] for k in g if k != "params"} for g in other.param_groups])
    assert found[0] == found[1]


# --- the state


@NAMES
@pytest.mark.parametrize("copied", [copy.deepcopy, lambda state: state])
def test_a_restored_optimizer_continues_as_if_uninterrupted(name, copied):
    kind, settings = OPTIMIZERS[name]
    whole = parameters(minigrad)
    expected = train(minigrad, whole, kind(whole, **settings), range(20))

    first = parameters(minigrad)
    optimizer = kind(first, **settings)
    values = train(minigrad, first, optimizer, range(7))
    saved = copied(optimizer.state_dict())

    second = [nn.Parameter(minigrad.tensor(value)) for value in values]
    restored = kind(second, lr=123.0)
    restored.load_state_dict(saved)
    result = train(minigrad, second, restored, range(7, 20))
    for x, y in zip(result, expected, strict=True):
        np.testing.assert_array_equal(x, y)


def test_a_loaded_state_is_a_copy():
    params = parameters(minigrad)
    optimizer = Adam(params, lr=0.1)
    train(minigrad, params, optimizer, range(3))
    saved = optimizer.state_dict()
    before = copy.deepcopy(saved)
    other = parameters(minigrad)
    restored = Adam(other)
    restored.load_state_dict(saved)
    train(minigrad, other, restored, range(3))
    restored.param_groups[0]["lr"] = 7
    assert saved["param_groups"] == before["param_groups"]
    for number, state in before["state"].items():
        for key, value in state.items():
            np.testing.assert_array_equal(saved["state"][number][key], value)


@pytest.mark.parametrize("name", ["sgd", "momentum", "adam", "adamw"])
def test_state_dict_is_laid_out_as_torchs(torch, name):
    kind, settings = OPTIMIZERS[name]
    states = []
    for framework in (minigrad, torch):
        params = parameters(framework)
        groups = [{"params": params[:1]}, {"params": params[1:]}]
        optimizer = getattr(framework.optim, kind.__name__)(groups, **settings)
        train(framework, params, optimizer, range(2))
        states.append(optimizer.state_dict())
    ours, theirs = states
    assert ours.keys() == theirs.keys()
    assert [g["params"] for g in ours["param_groups"]] == [[0], [1, 2, 3]]
    assert [g["params"] for g in theirs["param_groups"]] == [[0], [1, 2, 3]]
    for number, state in ours["state"].items():
        for key, value in state.items():
            np.testing.assert_allclose(value, theirs["state"][number][key], atol=1e-12)


def test_a_state_that_does_not_fit_changes_nothing():
    params = parameters(minigrad)
    optimizer = Adam(params, lr=0.1)
    train(minigrad, params, optimizer, range(2))
    state = optimizer.state_dict()
    before = copy.deepcopy(state)

    with pytest.raises(ValueError, match=r"4.*3|3.*4"):
        Adam(params[:3]).load_state_dict(state)
    wrong = copy.deepcopy(state)
    wrong["state"][2]["exp_avg"] = np.zeros((9, 9))
    with pytest.raises(ValueError, match=r"exp_avg of parameter 2.*\(9, 9\).*\(1, 4\)"):
        optimizer.load_state_dict(wrong)
    for number, kept in before["state"].items():
        for key, value in kept.items():
            np.testing.assert_array_equal(optimizer.state_dict()["state"][number][key], value)


# --- mistakes


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda p: SGD([]), ValueError, "SGD.*non-empty"),
        (lambda p: Adam(iter([])), ValueError, "Adam.*non-empty"),
        (lambda p: SGD(p), (TypeError, ValueError), "SGD.*list"),
        (lambda p: SGD([p], lr=-0.1), ValueError, "lr.*-0.1"),
        (lambda p: SGD([p], lr=float("nan")), ValueError, "lr"),
        (lambda p: SGD([p], momentum=-1), ValueError, "momentum"),
        (lambda p: Adam([p], eps=-1), ValueError, "eps"),
        (lambda p: AdamW([p], weight_decay=-1), ValueError, "weight_decay"),
        (lambda p: Adam([p], betas=(-0.1, 0.9)), ValueError, "betas"),
        (lambda p: Adam([p], betas=(0.9, 1.0)), ValueError, "betas"),
        (lambda p: Adam([p], betas=(1.5, 0.9)), ValueError, "betas"),
        (lambda p: SGD([p], rate=0.1), TypeError, "rate"),
        (lambda p: SGD([p], 0.1, 0.9, 0, 0.5, False, True), TypeError, "positional"),
        (lambda p: SGD([{"params": [p], "rate": 1}]), ValueError, "SGD.*rate.*lr"),
        (lambda p: SGD([{"params": [p], "lr": -1}]), ValueError, "lr"),
        (lambda p: SGD([p * 2]), (TypeError, ValueError), "leaf"),
        (lambda p: SGD([p.value]), TypeError, "SGD"),
        (lambda p: SGD([p, p]), ValueError, "SGD.*(two|twice|once)"),
        (lambda p: SGD([{"params": [p]}, {"params": [p]}]), ValueError, "SGD.*twice"),
        (lambda p: SGD([p]).add_param_group({"params": p}), ValueError, "SGD.*twice"),
        (lambda p: SGD([{"params": [p, p]}]), ValueError, "SGD.*(two|twice|once)"),
    ],
)
def test_mistakes_are_explained(call, error, message):
    with pytest.raises(error, match=message):
        call(nn.Parameter(minigrad.ones(2)))


@NAMES
def test_numpys_errors_do_not_stop_a_step(name):
    """The square of a small gradient is 0, and whoever asks NumPy to raise does not mean that."""
    kind, settings = OPTIMIZERS[name]
    p = nn.Parameter(minigrad.ones(3))
    optimizer = kind([p], **settings)
    with np.errstate(all="raise"):
        for _ in range(3):
            p.grad = minigrad.tensor([1e-30, 1e-42, 1.0])
            optimizer.step()
    assert np.isfinite(p.value).all()


def test_a_gradient_of_another_dtype_is_refused():
    p = nn.Parameter(minigrad.ones(3))
    p.grad = minigrad.ones(3)
    with pytest.raises(RuntimeError, match="dtype float64 for a tensor of dtype float32"):
        p.grad = minigrad.ones(3, dtype=minigrad.float64)
    p.replace(p.value.astype(np.float64))
    assert p.grad is None


def test_a_gradient_of_another_shape_is_refused():
    p = nn.Parameter(minigrad.ones(3))
    with pytest.raises(RuntimeError, match=r"\(2, 3\) for a tensor of shape \(3,\)"):
        p.grad = minigrad.ones(2, 3)
