import math

import numpy as np
import pytest

import minigrad
from minigrad import nn
from minigrad.nn import init

INITS = {
    "uniform_": lambda init, x: init.uniform_(x),
    "uniform_ in": lambda init, x: init.uniform_(x, -3.0, 5.0),
    "normal_": lambda init, x: init.normal_(x),
    "normal_ of": lambda init, x: init.normal_(x, mean=2.0, std=0.5),
    "constant_": lambda init, x: init.constant_(x, 0.3),
    "zeros_": lambda init, x: init.zeros_(x),
    "ones_": lambda init, x: init.ones_(x),
    "xavier_uniform_": lambda init, x: init.xavier_uniform_(x),
    "xavier_uniform_ gain": lambda init, x: init.xavier_uniform_(x, gain=2.0),
    "xavier_normal_": lambda init, x: init.xavier_normal_(x),
    "xavier_normal_ gain": lambda init, x: init.xavier_normal_(x, 0.5),
    "kaiming_uniform_": lambda init, x: init.kaiming_uniform_(x),
    "kaiming_uniform_ leak": lambda init, x: init.kaiming_uniform_(x, math.sqrt(5)),
    "kaiming_uniform_ out": lambda init, x: init.kaiming_uniform_(x, 0, "fan_out", "relu"),
    "kaiming_normal_": lambda init, x: init.kaiming_normal_(x),
    "kaiming_normal_ tanh": lambda init, x: init.kaiming_normal_(
        x, mode="fan_out", nonlinearity="tanh"
    ),
    "trunc_normal_": lambda init, x: init.trunc_normal_(x),
    "trunc_normal_ of": lambda init, x: init.trunc_normal_(x, 1.0, 0.5, 0.0, 3.0),
    "trunc_normal_ of a tail": lambda init, x: init.trunc_normal_(x, 0.0, 1.0, 1.5, 2.5),
    "sparse_": lambda init, x: init.sparse_(x, 0.3, std=2.0),
    "eye_": lambda init, x: init.eye_(x),
    "orthogonal_": lambda init, x: init.orthogonal_(x),
    "orthogonal_ gain": lambda init, x: init.orthogonal_(x, gain=3.0),
}
BOUNDED = [name for name in INITS if "uniform" in name]


@pytest.mark.parametrize("name", INITS)
@pytest.mark.parametrize("shape", [(200, 150), (100, 300)])
def test_the_distribution_is_torchs(torch, name, shape):
    torch.manual_seed(0)
    ours = INITS[name](init, minigrad.zeros(shape)).value
    theirs = INITS[name](torch.nn.init, torch.zeros(shape)).numpy()
    scale = np.abs(theirs).max()
    for statistic in (np.mean, np.std, lambda x: (x**4).mean() ** 0.25):
        np.testing.assert_allclose(
            statistic(ours) / scale, statistic(theirs) / scale, rtol=0.02, atol=0.01
        ) if scale else np.testing.assert_array_equal(ours, theirs)
    if name in BOUNDED:
        np.testing.assert_allclose(
            [ours.min(), ours.max()], [theirs.min(), theirs.max()], rtol=0.02, atol=0.002
        )


@pytest.mark.parametrize("name", [name for name in INITS if "xavier" in name or "kaiming" in name])
def test_more_dims_count_as_torch_counts_them(torch, name):
    """(out, in, …): further dims multiply the numbers of inputs and outputs."""
    torch.manual_seed(0)
    ours = INITS[name](init, minigrad.zeros(50, 20, 10)).value
    theirs = INITS[name](torch.nn.init, torch.zeros(50, 20, 10)).numpy()
    np.testing.assert_allclose(ours.std(), theirs.std(), rtol=0.05)


@pytest.mark.parametrize("shape", [(5, 5), (7, 3), (3, 7), (1, 4), (4, 1), (4, 2, 3)])
@pytest.mark.parametrize("gain", [1.0, 2.5])
def test_orthogonal(shape, gain):
    weight = init.orthogonal_(minigrad.zeros(shape, dtype=minigrad.float64), gain)
    q = weight.value.reshape(shape[0], -1)
    rows, columns = q.shape
    product = q @ q.T if rows <= columns else q.T @ q
    np.testing.assert_allclose(product, gain**2 * np.eye(min(rows, columns)), atol=1e-12)


def test_orthogonal_is_drawn_uniformly():
    """Over all rotations and reflections the trace averages to 0, and both signs of det occur."""
    drawn = [init.orthogonal_(minigrad.zeros(3, 3)).value for _ in range(500)]
    assert abs(np.mean([np.trace(q) for q in drawn])) < 0.2
    assert 150 < sum(np.linalg.det(q) > 0 for q in drawn) < 350


@pytest.mark.parametrize("name", INITS)
@pytest.mark.parametrize("dtype", [minigrad.float32, minigrad.float64])
def test_in_place_under_no_grad(name, dtype):
    parameter = nn.Parameter(minigrad.zeros(4, 3, dtype=dtype))
    given = INITS[name](init, parameter)
    assert given is parameter
    assert parameter.is_leaf
    assert parameter.requires_grad
    assert parameter.dtype == dtype
    assert parameter.shape == (4, 3)
    assert minigrad.is_grad_enabled()


@pytest.mark.parametrize("name", INITS)
def test_a_parameter_that_was_used_can_be_initialized_again(name):
    parameter = nn.Parameter(minigrad.full((4, 3), 9.0))
    old = (parameter * parameter).sum()
    INITS[name](init, parameter)
    assert (parameter.value != 9).all()
    with pytest.raises(RuntimeError, match="changed in place"):
        old.backward()
    parameter.grad = None
    (parameter * parameter).sum().backward()
    np.testing.assert_allclose(parameter.grad.value, 2 * parameter.value)


def test_the_seed_determines_the_values():
    def drawn(seed):
        minigrad.manual_seed(seed)
        return init.normal_(minigrad.zeros(3)).tolist()

    assert drawn(1) == drawn(1) != drawn(2)


@pytest.mark.parametrize("fill", [init.xavier_uniform_, init.xavier_normal_, init.kaiming_uniform_])
@pytest.mark.parametrize("shape", [(), (3,)])
def test_a_vector_has_no_inputs_and_outputs(fill, shape):
    with pytest.raises(ValueError, match=r"\(out, in\)"):
        fill(minigrad.zeros(shape))


@pytest.mark.parametrize("shape", [(), (3,)])
def test_a_vector_is_not_orthogonal(torch, shape):
    for framework in (torch, minigrad):
        with pytest.raises(ValueError, match="dim"):
            framework.nn.init.orthogonal_(framework.zeros(shape))


# --- the others -----------------------------------------------------------------------------------


def test_the_truncated_numbers_lie_within_their_bounds():
    for bounds in ((-2.0, 2.0), (-0.1, 0.3), (1.5, 9.0), (-9.0, -1.8)):
        drawn = init.trunc_normal_(minigrad.zeros(100, 50), 0.0, 1.0, *bounds).value
        assert bounds[0] <= drawn.min() < drawn.max() <= bounds[1]
    with pytest.warns(UserWarning, match="more than 2 std"):
        init.trunc_normal_(minigrad.zeros(3), 9.0, 1.0)


@pytest.mark.parametrize("shape", [(4, 6), (20, 3)])
def test_each_column_of_a_sparse_matrix_has_as_many_zeros(shape):
    drawn = init.sparse_(minigrad.zeros(shape), 0.3).value
    assert ((drawn == 0).sum(0) == math.ceil(0.3 * shape[0])).all()


@pytest.mark.parametrize(
    ("shape", "groups"), [((3, 3, 5), 1), ((4, 2, 3, 3), 2), ((2, 4, 2, 3, 4), 1), ((6, 2, 3), 3)]
)
def test_dirac_as_torchs(torch, shape, groups):
    ours = init.dirac_(minigrad.ones(shape), groups)
    assert ours.tolist() == torch.nn.init.dirac_(torch.ones(shape), groups).tolist()


def test_a_convolution_with_diracs_keeps_its_input():
    layer = nn.Conv1d(4, 4, 3, padding=1, bias=False)
    init.dirac_(layer.weight)
    x = minigrad.randn(2, 4, 5)
    np.testing.assert_array_equal(layer(x).value, x.value)


@pytest.mark.parametrize("name", [*init.GAINS, "leaky_relu"])
def test_gains_as_torchs(torch, name):
    for parameter in (None, 0.3, 2) if name == "leaky_relu" else (None,):
        expected = torch.nn.init.calculate_gain(name, parameter)
        assert init.calculate_gain(name, parameter) == pytest.approx(expected, rel=1e-15)


OLD = ("uniform", "normal", "constant", "eye", "dirac", "sparse", "orthogonal", "xavier_uniform",
       "xavier_normal", "kaiming_uniform", "kaiming_normal")  # fmt: skip


@pytest.mark.parametrize("name", OLD)
def test_the_older_names_warn_and_do_the_same(torch, name):
    assert hasattr(torch.nn.init, name)
    given = {"constant": (2.0,), "sparse": (0.5,)}.get(name, ())
    shape = (3, 4, 5) if name == "dirac" else (3, 4)
    results = []
    for function in (getattr(init, name), getattr(init, name + "_")):
        minigrad.manual_seed(0)
        if function is getattr(init, name):
            with pytest.warns(FutureWarning, match=f"write {name}_"):
                results.append(function(minigrad.ones(shape), *given).tolist())
        else:
            results.append(function(minigrad.ones(shape), *given).tolist())
    assert results[0] == results[1]


def test_every_name_of_torch_is_here(torch):
    theirs = [
        name
        for name, thing in vars(torch.nn.init).items()
        if callable(thing)
        and getattr(thing, "__module__", "") == "torch.nn.init"
        and not name.startswith("_")
    ]
    assert [name for name in theirs if not hasattr(init, name)] == []


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda x: init.eye_(x[0]), ValueError, r"\(3,\)"),
        (lambda x: init.dirac_(x), ValueError, r"\(2, 3\)"),
        (lambda x: init.sparse_(x, 2.0), ValueError, "probability"),
        (lambda x: init.trunc_normal_(x, a=1, b=0), ValueError, "a < b"),
        (lambda x: init.kaiming_normal_(x, mode="fan"), ValueError, "fan_in"),
        (lambda x: init.kaiming_normal_(x, nonlinearity="gelu"), ValueError, "'gelu' is not one"),
    ],
)
def test_mistakes_of_the_others(call, error, message):
    with pytest.raises(error, match=message):
        call(minigrad.ones(2, 3))
