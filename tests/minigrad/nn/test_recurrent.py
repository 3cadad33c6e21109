"""RNN, LSTM and GRU: layers and cells beside PyTorch, and layers beside their own cells."""

import copy
import itertools

import numpy as np
import pytest
from agreement import draw
from beside import agree, agree_in_structure, flat, same

import minigrad
from minigrad import nn
from minigrad.autograd import grad, gradcheck
from minigrad.nn import cells, recurrent

KINDS = ["RNN", "LSTM", "GRU"]
SETTINGS = [
    {},
    {"num_layers": 2, "bidirectional": True},
    {"batch_first": True, "bias": False},
    {"bidirectional": True, "batch_first": True},
]
CASES = [*itertools.product(KINDS, SETTINGS)]
CASES += [("RNN", {"nonlinearity": "relu", "bidirectional": True})]
CASES += [("LSTM", {"proj_size": 2, **settings}) for settings in SETTINGS]
over_the_cases = pytest.mark.parametrize(("kind", "settings"), CASES)
LENGTHS = {
    "batch": None, "no states": None, "alone": None,
    "sorted": [4, 3, 3, 1], "unsorted": [3, 1, 4, 3],
}  # fmt: skip


def states(kind, settings, batch=4):
    """h, and c of an LSTM: (layers · directions, batch, hidden)."""
    number = settings.get("num_layers", 1) * (1 + settings.get("bidirectional", False))
    sizes = [settings.get("proj_size", 4)] + [4] * (kind == "LSTM")
    return [draw(number, batch, size, seed=i)[:, :batch] for i, size in enumerate(sizes)]


@pytest.mark.parametrize("form", LENGTHS)
@over_the_cases
def test_layers_as_torch(torch, kind, settings, form):
    """Outputs, last states, first and second derivatives; a batch, one sequence, or packed."""
    x, hx = draw(4, 4, 3), states(kind, settings)
    first = settings.get("batch_first", False)
    x = x.swapaxes(0, 1) if first else x
    if form == "alone":
        x, hx = draw(4, 3), [state[:, 0] for state in hx]

    def call(library, layer, x, *hx):
        hx = (tuple(hx) if kind == "LSTM" else hx[0]) if hx else None
        if LENGTHS[form] is None:
            return layer(x, hx)
        rnn, ordered = library.nn.utils.rnn, form == "sorted"
        packed = rnn.pack_padded_sequence(x, LENGTHS[form], first, enforce_sorted=ordered)
        output, last = layer(packed, hx)
        return output, last, rnn.pad_packed_sequence(output, first)

    layers = same(torch, kind, 3, 4, **settings)
    agree(torch, layers, [x] if form == "no states" else [x, *hx], call, order=2)


CELLS = [("RNNCell", {}), ("RNNCell", {"nonlinearity": "relu"}), ("RNNCell", {"bias": False})]
CELLS += [
    ("LSTMCell", {}),
    ("LSTMCell", {"bias": False}),
    ("GRUCell", {}),
    ("GRUCell", {"bias": False}),
]


@pytest.mark.parametrize("batch", [(2,), ()])
@pytest.mark.parametrize(("kind", "settings"), CELLS)
def test_cells_as_torch(torch, kind, settings, batch):
    def call(_, cell, x, *hx):
        return cell(x, (tuple(hx) if kind == "LSTMCell" else hx[0]) if hx else None)

    layers = same(torch, kind, 3, 4, **settings)
    hx = [draw(*batch, 4, seed=i) for i in range(2 if kind == "LSTMCell" else 1)]
    agree(torch, layers, [draw(*batch, 3), *hx], call, order=2)
    agree(torch, layers, [draw(*batch, 3)], call)


@over_the_cases
def test_the_same_parameters_and_repr_as_torch(torch, kind, settings):
    ours, theirs = same(torch, kind, 3, 4, **settings)
    agree_in_structure(ours, theirs)
    assert [len(weights) for weights in ours.all_weights] == [len(w) for w in theirs.all_weights]


def test_every_name_of_the_rooms_is_there():
    for room in (cells, recurrent):
        for name in nn.ROOMS[room.__name__].split():
            assert getattr(nn, name) is getattr(room, name)


# --- without PyTorch -----------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_a_layer_is_its_cell_step_by_step(kind):
    layer, cell = getattr(nn, kind)(3, 4), getattr(nn, f"{kind}Cell")(3, 4)
    cell.load_state_dict({k.removesuffix("_l0"): v for k, v in layer.state_dict().items()})
    x, state, hs = minigrad.tensor(draw(5, 2, 3)).float(), None, []
    for x_t in x:
        state = cell(x_t, state)
        hs.append(state[0] if kind == "LSTM" else state)
    output, last = layer(x)
    np.testing.assert_allclose(
        output.detach().numpy(), minigrad.stack(hs).detach().numpy(), rtol=1e-5, atol=1e-6
    )
    for ours, of_cell in zip(flat(last), flat(state), strict=True):
        np.testing.assert_allclose(ours[0].detach(), of_cell.detach(), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("settings", SETTINGS)
@pytest.mark.parametrize("kind", KINDS)
def test_derivatives_against_differences(kind, settings):
    layer = getattr(nn, kind)(2, 3, **settings).double()
    x = minigrad.tensor(draw(3, 2, 2), requires_grad=True)
    assert gradcheck(lambda x: layer(x)[0], x)


def test_the_equations_of_an_lstm_with_known_numbers():
    """All gates half open, the candidate 0: half of the cell stays."""
    zeros, c = minigrad.zeros(1, 8), minigrad.tensor([[1.0, -2.0]])
    h, new = cells.lstm_step(zeros, zeros, c)
    np.testing.assert_allclose(new, c / 2)
    np.testing.assert_allclose(h, np.tanh([[0.5, -1.0]]) / 2, rtol=1e-6)


def test_a_gru_with_its_update_gate_open_keeps_its_state():
    x = minigrad.tensor([[0.0, 0.0, 50.0, 50.0, 1.0, 2.0]])
    h = minigrad.tensor([[0.25, -0.5]])
    np.testing.assert_allclose(cells.gru_step(x, x * 0, h), h)


@pytest.mark.parametrize("kind", [*KINDS, "RNNCell", "LSTMCell", "GRUCell"])
def test_all_parameters_start_uniform_within_their_bound(kind):
    layer = getattr(nn, kind)(30, 64)
    for parameter in layer.parameters():
        assert 0.9 / 8 < np.abs(parameter.value).max() <= (1 + 1e-6) / 8
        assert parameter.dtype == minigrad.float32


@pytest.mark.parametrize("kind", KINDS)
def test_padding_changes_nothing_in_a_packed_batch(kind):
    """The last states are those after each sequence's own last element."""
    layer = getattr(nn, kind)(3, 4, bidirectional=True)
    xs = [minigrad.tensor(draw(n, 3)).float() for n in (2, 4, 1)]
    packed = nn.utils.rnn.pack_sequence(xs, enforce_sorted=False)
    outputs, last = layer(packed)
    outputs = nn.utils.rnn.unpack_sequence(outputs)
    for i, x in enumerate(xs):
        output, of_one = layer(x)
        assert minigrad.allclose(outputs[i], output, atol=1e-6)
        for state, alone in zip(flat(last), flat(of_one), strict=True):
            assert minigrad.allclose(state[:, i], alone, atol=1e-6)


def test_dropout_is_applied_between_layers_and_in_training_only():
    layer, x = nn.GRU(3, 4, num_layers=2, dropout=1.0), minigrad.ones(5, 2, 3)
    evaluated = nn.GRU(3, 4, num_layers=2)
    evaluated.load_state_dict(layer.state_dict())
    above = nn.GRU(4, 4)
    above.load_state_dict(
        {k.replace("l1", "l0"): v for k, v in layer.state_dict().items() if "l1" in k}
    )
    expected, _ = above(minigrad.zeros(5, 2, 4))
    np.testing.assert_allclose(layer(x)[0].detach(), expected.detach())
    np.testing.assert_allclose(layer.eval()(x)[0].detach(), evaluated(x)[0].detach())


def test_dropout_of_one_layer_has_no_effect_and_says_so():
    with pytest.warns(UserWarning, match="between layers"):
        nn.LSTM(2, 3, dropout=0.5)


def test_a_parameter_that_is_replaced_is_used():
    layer, x = nn.RNN(2, 3), minigrad.ones(4, 1, 2)
    other = copy.deepcopy(layer)
    layer.weight_hh_l0 = nn.Parameter(minigrad.zeros(3, 3))
    layer.flatten_parameters()
    output, _ = layer(x)
    np.testing.assert_allclose(output[0].detach(), output[3].detach(), rtol=1e-6)
    assert not minigrad.allclose(other(x)[0], output)


def test_states_carry_gradients_until_they_are_detached():
    """Truncated backpropagation through time."""
    layer, x = nn.LSTM(2, 3), minigrad.tensor(draw(4, 1, 2), requires_grad=True).float()
    _, (h, c) = layer(x)
    output, _ = layer(x[:1].detach(), (h, c))
    assert grad(output.sum(), [x])[0].value.any()
    output, _ = layer(x[:1].detach(), (h.detach(), c.detach()))
    assert grad(output.sum(), [x], allow_unused=True) == (None,)


@pytest.mark.parametrize("kind", KINDS)
def test_a_batch_of_nothing(kind):
    output, last = getattr(nn, kind)(3, 4)(minigrad.zeros(2, 0, 3))
    assert output.shape == (2, 0, 4)
    assert flat(last)[0].shape == (1, 0, 4)


MISTAKES = {
    "no sequence": ("nn.LSTM(3, 4)(zeros(0, 2, 3))", RuntimeError),
    "one dim": ("nn.GRU(3, 4)(zeros(3))", ValueError),
    "four dims": ("nn.GRU(3, 4)(zeros(1, 1, 1, 3))", ValueError),
    "another size": ("nn.RNN(3, 4)(zeros(2, 3, 4))", RuntimeError),
    "another dtype": ("nn.RNN(3, 4)(zeros(2, 3, 3).double())", ValueError),
    "ints": ("nn.RNN(3, 4)(zeros(2, 3, 3).long())", ValueError),
    "a state too many": ("nn.GRU(3, 4)(zeros(2, 3, 3), zeros(2, 3, 4))", RuntimeError),
    "a state without layers": ("nn.GRU(3, 4)(zeros(2, 3, 3), zeros(3, 4))", RuntimeError),
    "a state with a batch": ("nn.GRU(3, 4)(zeros(2, 3), zeros(1, 3, 4))", RuntimeError),
    "a cell of another size": (
        "nn.LSTM(3, 4)(zeros(2, 3, 3), (zeros(1, 3, 4), zeros(1, 3, 3)))", RuntimeError,
    ),
    "a nonlinearity": ("nn.RNN(2, 3, 1, 'relo')", ValueError),
    "a nonlinearity of a cell": ("nn.RNNCell(2, 3, nonlinearity='relo')(zeros(2))", RuntimeError),
    "dropout": ("nn.LSTM(2, 3, dropout=1.5)", ValueError),
    "dropout as a bool": ("nn.LSTM(2, 3, dropout=True)", ValueError),
    "bias": ("nn.LSTM(2, 3, bias=1)", TypeError),
    "batch_first": ("nn.LSTM(2, 3, batch_first=1)", TypeError),
    "a float as size": ("nn.LSTM(2.0, 3)", TypeError),
    "no inputs": ("nn.LSTM(0, 3)", ValueError),
    "no layers": ("nn.LSTM(2, 3, num_layers=0)", ValueError),
    "a mode": ("nn.RNNBase('RNN', 2, 3)", ValueError),
    "a projection as wide": ("nn.LSTM(2, 3, proj_size=3)", ValueError),
    "a negative projection": ("nn.LSTM(2, 3, proj_size=-1)", ValueError),
    "a projection of a GRU": ("nn.GRU(2, 3, proj_size=1)", ValueError),
    "a cell's input": ("nn.GRUCell(2, 3)(zeros(4, 3))", RuntimeError),
    "a cell's batch": ("nn.GRUCell(2, 3)(zeros(4, 2), zeros(5, 3))", RuntimeError),
    "a cell's dims": ("nn.GRUCell(2, 3)(zeros(1, 4, 2))", ValueError),
    "a cell's state's dims": ("nn.GRUCell(2, 3)(zeros(4, 2), zeros(1, 4, 3))", ValueError),
    "one state of an LSTM cell": ("nn.LSTMCell(2, 3)(zeros(4, 2), zeros(4, 3))", TypeError),
}  # fmt: skip


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes_raise_what_torch_raises(torch, name):
    text, kind = MISTAKES[name]
    for library in (minigrad, torch):
        with pytest.raises(kind) as raised:
            eval(text, {"nn": library.nn, "zeros": library.zeros})
        assert library is torch or "\n" not in str(raised.value)
