"""Modules: the names of their parts, their repr, their parameters, and calling them."""

import pytest
from nets import names

import minigrad
from minigrad import nn


class Holder(nn.Module):
    """A module whose attributes are the arguments."""

    def __init__(self, **held):
        super().__init__()
        for name, value in held.items():
            setattr(self, name, value)


# --- names


@pytest.mark.parametrize(
    "listed",
    [
        lambda net: list(net.state_dict()),
        lambda net: names(net.named_parameters()),
        lambda net: names(net.named_parameters(recurse=False)),
        lambda net: names(net.named_parameters("net")),
        lambda net: names(net.named_buffers()),
        lambda net: names(net.named_modules()),
        lambda net: names(net.named_children()),
        lambda net: names(net.blocks.named_modules(prefix="at")),
        lambda net: [type(module).__name__ for module in net.modules()],
        lambda net: [tuple(parameter.shape) for parameter in net.parameters()],
        lambda net: [tuple(buffer.shape) for buffer in net.buffers()],
        lambda net: list(net.blocks),
        lambda net: list(net.blocks.keys()),
        lambda net: [len(net.head), len(net.blocks), len(net.blocks["first"].layers)],
        lambda net: ["first" in net.blocks, "third" in net.blocks],
    ],
)
def test_names_and_order_as_torch(net, theirs, listed):
    assert listed(net) == listed(theirs)


def test_attributes_are_what_was_assigned(net):
    block = net.blocks["first"]
    assert block.size == 4
    assert type(block.scale) is nn.Parameter
    assert block.layers[0].weight is dict(net.named_parameters())["blocks.first.layers.0.weight"]
    assert block.layers[-1] is block.layers[1]
    assert net.head[0] is next(iter(net.head))
    assert net.head[-1] is net.head[4]
    with pytest.raises(AttributeError, match="'Net' object has no attribute 'tail'"):
        _ = net.tail
    assert {"scale", "mean", "norm", "size"} <= set(dir(block))


def test_shared_parameters_are_listed_once(torch):
    def tied(framework):
        net = framework.nn.Sequential(framework.nn.Linear(2, 2), framework.nn.Linear(2, 2))
        net[1].weight = net[0].weight
        net.again = net[0]
        return net

    ours, theirs = tied(minigrad), tied(torch)
    for listed in (
        lambda net: names(net.named_parameters()),
        lambda net: names(net.named_modules()),
        lambda net: names(net.named_children()),
        lambda net: list(net.state_dict()),
    ):
        assert listed(ours) == listed(theirs)
    assert len(list(ours.parameters())) == 3
    assert names(ours.named_parameters()) == ["0.weight", "0.bias", "1.bias"]


def test_modules_in_the_memo_are_left_out_as_torch(torch):
    def met(nn):
        net = nn.Sequential(nn.Linear(1, 1), nn.Tanh())
        memo = {net[0]}
        return [names(net.named_modules(memo, "net")), len(memo)]

    assert met(nn) == met(torch.nn)


# --- repr


def test_repr_as_torch(net, theirs):
    assert repr(net) == repr(theirs)


@pytest.mark.parametrize(
    "make",
    [
        lambda nn: nn.Linear(3, 2),
        lambda nn: nn.Linear(3, 2, bias=False),
        lambda nn: nn.Embedding(5, 2),
        lambda nn: nn.Embedding(5, 2, padding_idx=-1),
        lambda nn: nn.LayerNorm(3),
        lambda nn: nn.LayerNorm((2, 3), eps=1e-6),
        lambda nn: nn.Dropout(0.1),
        lambda nn: nn.Tanh(),
        lambda nn: nn.ReLU(),
        lambda nn: nn.Sigmoid(),
        lambda nn: nn.Sequential(),
        lambda nn: nn.ModuleList(),
        lambda nn: nn.ModuleList([nn.Tanh(), nn.Tanh(), nn.ReLU(), nn.Tanh()]),
        lambda nn: nn.ModuleList([nn.Sequential(nn.Tanh()), nn.Sequential(nn.Tanh())]),
        lambda nn: nn.ModuleDict({"a": nn.Tanh(), "b": nn.Sequential(nn.Linear(1, 1), nn.ReLU())}),
    ],
)
def test_repr_of_layers_as_torch(torch, make):
    assert repr(make(nn)) == repr(make(torch.nn))


def test_repr_of_a_module_with_its_own_text_as_torch(torch):
    def texts(nn):
        class Layer(nn.Module):
            def __init__(self, text, *inner):
                super().__init__()
                self.text = text
                for i, module in enumerate(inner):
                    setattr(self, f"inner{i}", module)

            def extra_repr(self):
                return self.text

        return [
            repr(Layer(text, *inner))
            for text in ("", "size=3", "size=3,\nscale=2")
            for inner in ([], [nn.Tanh()], [Layer("a=1", nn.Tanh()), nn.ReLU()])
        ]

    assert texts(nn) == texts(torch.nn)


# --- parameters


def test_a_result_computed_from_a_parameter_is_a_tensor():
    p = nn.Parameter(minigrad.ones(3))
    for made in (p * 2, p[0], p.detach(), p.clone(), p.reshape(3, 1), p > 0, p.tanh()):
        assert type(made) is minigrad.Tensor
    p.sum().backward()
    assert type(p.grad) is minigrad.Tensor
    assert p.is_leaf
    assert p.requires_grad
    assert repr(p) == "Parameter containing:\ntensor([1., 1., 1.], requires_grad=True)"


def test_parameters_are_floats_and_may_be_frozen():
    with pytest.raises(RuntimeError, match="int64"):
        nn.Parameter(minigrad.tensor([1]))
    frozen = nn.Parameter(minigrad.tensor([1]), requires_grad=False)
    assert not frozen.requires_grad
    assert names(Holder(p=frozen).named_parameters()) == ["p"]


def test_a_parameter_of_something_computed_is_a_leaf():
    made = minigrad.ones(3, requires_grad=True) * 2
    p = nn.Parameter(made)
    assert p.is_leaf
    assert p.tolist() == [2, 2, 2]


# --- calling


def test_a_module_without_forward():
    with pytest.raises(NotImplementedError, match="Holder has no forward"):
        Holder()(1)


def test_calling_passes_everything_on():
    class Sum(nn.Module):
        def forward(self, x, *more, scale=1):
            return (x + sum(more)) * scale

    assert Sum()(1, 2, 3, scale=10) == 60
