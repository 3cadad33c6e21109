"""Sequential, ModuleList and ModuleDict."""

from collections import OrderedDict

import numpy as np
import pytest
from nets import names

import minigrad
from minigrad import nn


def test_a_module_that_appears_twice_in_a_sequence_runs_twice():
    layer = nn.Linear(2, 2)
    net = nn.Sequential(layer, nn.Tanh(), layer)
    x = minigrad.randn(3, 2)
    np.testing.assert_array_equal(net(x).value, layer(layer(x).tanh()).value)
    assert len(net) == 3
    assert len(list(net)) == 3


def test_a_module_in_two_places_is_applied_once(torch):
    def applied(framework):
        layer = framework.nn.Linear(2, 2)
        net = framework.nn.Sequential(layer, layer)
        seen = []
        net.apply(lambda module: seen.append(type(module).__name__))
        return seen

    assert applied(minigrad) == applied(torch)


def test_no_module_under_a_name_as_torch(torch):
    def listed(nn):
        net = nn.ModuleDict({"a": nn.Linear(1, 1), "b": nn.Tanh()})
        net.a = None
        net.double().eval().zero_grad()
        return [names(net.named_modules()), list(net.state_dict()), len(net), repr(net)]

    assert listed(nn) == listed(torch.nn)


@pytest.mark.parametrize(
    "make",
    [
        lambda nn: nn.Sequential(nn.Tanh(), 3),
        lambda nn: nn.Sequential([nn.Tanh()]),
        lambda nn: nn.ModuleList([nn.Tanh(), None, "x"]),
        lambda nn: nn.ModuleList().append(3),
        lambda nn: nn.ModuleDict({"a": 3}),
    ],
)
def test_containers_hold_modules(torch, make):
    """Anything else would silently be left out."""
    for framework in (torch, minigrad):
        with pytest.raises(TypeError):
            make(framework.nn)


def test_a_sequence_with_names_as_torch(torch):
    def named(nn):
        net = nn.Sequential(OrderedDict(first=nn.Linear(2, 3), then=nn.Tanh()))
        return list(net.state_dict()), len(net), repr(net)

    assert named(nn) == named(torch.nn)


def test_a_slice_of_a_container_is_one_as_torch(torch):
    def sliced(nn):
        net = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1))
        pieces = [net[:2], net[1:], nn.ModuleList(net)[1:]]
        return [(type(piece).__name__, list(piece.state_dict())) for piece in pieces]

    assert sliced(nn) == sliced(torch.nn)


def test_module_lists_grow():
    layers = nn.ModuleList()
    assert layers.append(nn.Tanh()) is layers
    assert layers.extend([nn.ReLU(), nn.Linear(1, 1)]) is layers
    assert [type(layer) for layer in layers] == [nn.Tanh, nn.ReLU, nn.Linear]
    assert list(layers.state_dict()) == ["2.weight", "2.bias"]
    with pytest.raises(IndexError):
        layers[3]


def test_module_dicts_grow():
    layers = nn.ModuleDict({"a": nn.Tanh()})
    layers["b"] = nn.Linear(1, 1)
    assert [(name, type(layer)) for name, layer in layers.items()] == [
        ("a", nn.Tanh),
        ("b", nn.Linear),
    ]
    with pytest.raises(KeyError, match="c"):
        layers["c"]
