import copy
import pickle
import subprocess
import sys
from collections import OrderedDict
from pathlib import Path

import numpy as np
import pytest

import minigrad
from minigrad import nn


def nets(framework):
    """A nested net with everything in it, written once for both frameworks."""
    nn = framework.nn

    class Block(nn.Module):
        def __init__(self, size):
            super().__init__()
            self.size = size
            self.norm = nn.LayerNorm(size)
            self.scale = nn.Parameter(framework.ones(size))
            self.register_buffer("mean", framework.zeros(size))
            self.register_buffer("steps", framework.tensor(3))
            self.register_buffer("cache", framework.zeros(2), persistent=False)
            self.layers = nn.ModuleList([nn.Linear(size, size), nn.Linear(size, size, bias=False)])

        def forward(self, x):
            for layer in self.layers:
                x = x + layer(self.norm(x) - self.mean).tanh() * self.scale
            return x

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.embedding = nn.Embedding(7, 4, padding_idx=0)
            self.blocks = nn.ModuleDict({"first": Block(4), "second": Block(4)})
            self.head = nn.Sequential(
                nn.Linear(4, 8), nn.ReLU(), nn.Dropout(0.25), nn.Linear(8, 3), nn.Sigmoid()
            )

        def forward(self, ids):
            x = self.embedding(ids)
            for block in self.blocks.values():
                x = block(x)
            return self.head(x)

    return Net()


IDS = np.array([[1, 0, 6], [2, 2, 5]])


@pytest.fixture
def net():
    return nets(minigrad)


@pytest.fixture
def theirs(torch):
    torch.manual_seed(0)
    return nets(torch)


def arrays(state_dict):
    return {name: value.numpy() for name, value in state_dict.items()}


def names(named):
    return [name for name, _ in named]


def as_ours(text):
    """torch's repr without the options that there are not."""
    return text.replace(", elementwise_affine=True, bias=True", "").replace(", inplace=False", "")


class Holder(nn.Module):
    """A module that holds what it is given."""

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


def test_repr_as_torch(net, theirs):
    assert repr(net) == as_ours(repr(theirs))


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
    assert repr(make(nn)) == as_ours(repr(make(torch.nn)))


def test_repr_of_a_module_with_a_text_of_its_own_as_torch(torch):
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


def test_what_is_computed_from_a_parameter_is_a_tensor():
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


def test_a_module_that_stands_twice_in_a_sequence_runs_twice():
    layer = nn.Linear(2, 2)
    net = nn.Sequential(layer, nn.Tanh(), layer)
    x = minigrad.randn(3, 2)
    np.testing.assert_array_equal(net(x).value, layer(layer(x).tanh()).value)
    assert len(net) == 3
    assert len(list(net)) == 3


def test_a_modules_part_in_two_places_is_applied_once(torch):
    def applied(framework):
        layer = framework.nn.Linear(2, 2)
        net = framework.nn.Sequential(layer, layer)
        seen = []
        net.apply(lambda module: seen.append(type(module).__name__))
        return seen

    assert applied(minigrad) == applied(torch)


# --- assigning, replacing, deleting


@pytest.mark.parametrize("value", [nn.Parameter(minigrad.ones(1)), nn.Tanh()])
def test_assigning_before_init_is_an_error(value):
    class Forgetful(nn.Module):
        def __init__(self):
            self.part = value

    with pytest.raises(AttributeError, match=r"Forgetful: call super\(\).__init__\(\).*'part'"):
        Forgetful()


def test_plain_attributes_may_be_set_before_init(torch):
    for framework in (torch, minigrad):

        class Early(framework.nn.Module):
            def __init__(self, module):
                self.size = 3
                super().__init__()
                self.part = module

        early = Early(framework.nn.Tanh())
        assert early.size == 3
        assert names(early.named_children()) == ["part"]
        with pytest.raises(AttributeError, match="init"):
            framework.nn.Module.__new__(Early).register_buffer("x", framework.ones(1))


REPLACING = {
    "a parameter": lambda f, m: setattr(m, "weight", f.nn.Parameter(f.zeros(3, 3))),
    "a parameter by None": lambda f, m: setattr(m, "weight", None),
    "None by a parameter": lambda f, m: setattr(m, "nothing", f.nn.Parameter(f.zeros(3))),
    "a parameter by None and back": lambda f, m: [
        setattr(m, "weight", None),
        setattr(m, "weight", f.nn.Parameter(f.zeros(3))),
    ],
    "a module": lambda f, m: setattr(m, "first", f.nn.Linear(1, 1)),
    "a module by None": lambda f, m: setattr(m, "first", None),
    "a module by None and back": lambda f, m: [
        setattr(m, "first", None),
        setattr(m, "first", f.nn.Linear(1, 1)),
    ],
    "a buffer": lambda f, m: setattr(m, "mean", f.ones(5)),
    "a buffer by None and back": lambda f, m: [
        setattr(m, "mean", None),
        setattr(m, "mean", f.ones(5)),
    ],
    "a number by a module": lambda f, m: setattr(m, "number", f.nn.Linear(1, 1)),
    "a number by a parameter": lambda f, m: setattr(m, "number", f.nn.Parameter(f.ones(1))),
    "a module by a parameter": lambda f, m: setattr(m, "first", f.nn.Parameter(f.ones(1))),
    "a tensor is no parameter": lambda f, m: setattr(m, "extra", f.ones(1)),
    "delete a parameter": lambda f, m: delattr(m, "weight"),
    "delete a module": lambda f, m: delattr(m, "first"),
    "delete a buffer": lambda f, m: delattr(m, "mean"),
    "delete a parameter that is None": lambda f, m: delattr(m, "nothing"),
    "delete a number": lambda f, m: delattr(m, "number"),
    "delete and register anew": lambda f, m: [
        delattr(m, "hidden"),
        m.register_buffer("hidden", f.ones(2)),
    ],
}


def replaced(framework, change):
    """A module with a bit of everything after a change: what it lists."""
    nn = framework.nn

    class Parts(nn.Module):
        def __init__(self):
            super().__init__()
            self.weight = nn.Parameter(framework.ones(2))
            self.bias = nn.Parameter(framework.ones(1))
            self.register_parameter("nothing", None)
            self.register_buffer("mean", framework.zeros(1))
            self.register_buffer("hidden", framework.zeros(1), persistent=False)
            self.first = nn.Linear(2, 2)
            self.second = nn.Tanh()
            self.number = 3

    module = Parts()
    change(framework, module)
    return (
        {name: tuple(value.shape) for name, value in module.named_parameters()},
        names(module.named_parameters()),
        names(module.named_buffers()),
        names(module.named_modules()),
        list(module.state_dict()),
        [hasattr(module, name) for name in ("weight", "nothing", "mean", "first", "number")],
    )


@pytest.mark.parametrize("name", REPLACING)
def test_replacing_and_deleting_as_torch(torch, name):
    assert replaced(minigrad, REPLACING[name]) == replaced(torch, REPLACING[name])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("weight", lambda f: f.ones(2, 2)),
        ("weight", lambda f: 3.0),
        ("0", lambda f: f.ones(1)),
        ("0", lambda f: 3),
        ("mean", lambda f: 3.0),
    ],
)
def test_what_is_no_parameter_cannot_silently_replace_one(torch, name, value):
    """`layer.weight = layer.weight * 0.5` would train nothing any more."""
    for framework in (torch, minigrad):
        module = framework.nn.Sequential(framework.nn.Tanh())
        module.weight = framework.nn.Parameter(framework.ones(2, 2))
        module.register_buffer("mean", framework.ones(2))
        with pytest.raises(TypeError, match=name):
            setattr(module, name, value(framework))
        assert name in [*module.state_dict(), *names(module.named_children())]


def test_registering_what_is_there_is_an_error(torch):
    for framework in (torch, minigrad):
        layer = framework.nn.Linear(2, 2)
        layer.number = 3
        for name in ("weight", "number", "forward"):
            with pytest.raises(KeyError, match=name):
                layer.register_buffer(name, framework.ones(1))
            if name != "weight":
                with pytest.raises(KeyError, match=name):
                    layer.register_parameter(name, framework.nn.Parameter(framework.ones(1)))
        with pytest.raises(TypeError, match="wrong"):
            layer.register_buffer("wrong", 3.0)
        with pytest.raises(TypeError, match="wrong"):
            layer.register_parameter("wrong", framework.ones(1))


@pytest.mark.parametrize("name", ["", "a.b", "keys"])
def test_names_that_cannot_be(torch, name):
    for framework in (torch, minigrad):
        with pytest.raises(KeyError):
            framework.nn.ModuleDict({name: framework.nn.Tanh()})
        if name != "keys":
            with pytest.raises(KeyError):
                framework.nn.Tanh().register_buffer(name, framework.ones(1))


def test_a_buffer_stays_unsaved_until_registered_anew(torch):
    for framework in (torch, minigrad):
        module = framework.nn.Tanh()
        module.register_buffer("cache", framework.ones(1), persistent=False)
        module.cache = framework.zeros(2)
        assert list(module.state_dict()) == []
        module.register_buffer("cache", framework.ones(1))
        assert list(module.state_dict()) == ["cache"]


def test_no_module_under_a_name_as_torch(torch):
    def listed(nn):
        net = nn.ModuleDict({"a": nn.Linear(1, 1), "b": nn.Tanh()})
        net.a = None
        net.double().eval().zero_grad()
        return [names(net.named_modules()), list(net.state_dict()), len(net), repr(net)]

    assert listed(nn) == listed(torch.nn)


def test_modules_already_met_are_left_out_as_torch(torch):
    def met(nn):
        net = nn.Sequential(nn.Linear(1, 1), nn.Tanh())
        memo = {net[0]}
        return [names(net.named_modules(memo, "net")), len(memo)]

    assert met(nn) == met(torch.nn)


def test_deleting_what_is_not_there():
    with pytest.raises(AttributeError, match="nowhere"):
        del nn.Tanh().nowhere


def test_a_module_without_forward():
    with pytest.raises(NotImplementedError, match="Holder has no forward"):
        Holder()(1)


def test_calling_passes_everything_on():
    class Sum(nn.Module):
        def forward(self, x, *more, scale=1):
            return (x + sum(more)) * scale

    assert Sum()(1, 2, 3, scale=10) == 60


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
    """What is none would silently be left out."""
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


# --- the state


def test_torchs_arrays_give_torchs_outputs(torch, net, theirs):
    net.double().eval()
    theirs.double().eval()
    net.load_state_dict(arrays(theirs.state_dict()))
    expected = theirs(torch.tensor(IDS))
    np.testing.assert_allclose(
        net(minigrad.tensor(IDS)).detach().numpy(), expected.detach().numpy(), atol=1e-12
    )
    assert {name: value.dtype.name for name, value in net.state_dict().items()} == {
        name: str(value.dtype).removeprefix("torch.") for name, value in theirs.state_dict().items()
    }


def test_gradients_of_the_whole_net_as_torch(torch, net, theirs):
    net.double().eval()
    theirs.double().eval()
    net.load_state_dict(arrays(theirs.state_dict()))
    (net(minigrad.tensor(IDS)) ** 2).sum().backward()
    (theirs(torch.tensor(IDS)) ** 2).sum().backward()
    expected = dict(theirs.named_parameters())
    for name, parameter in net.named_parameters():
        np.testing.assert_allclose(
            parameter.grad.value, expected[name].grad.numpy(), atol=1e-12, err_msg=name
        )


def test_a_state_dict_shares_its_memory(torch):
    for framework in (torch, minigrad):
        layer = framework.nn.Linear(2, 2)
        state = layer.state_dict()
        assert not any(value.requires_grad for value in state.values())
        state["weight"].fill_(7.0)
        assert layer.weight.tolist() == [[7, 7], [7, 7]]


def test_what_was_loaded_is_a_copy():
    given = {"weight": np.ones((2, 2), np.float32), "bias": np.ones(2, np.float32)}
    layer = nn.Linear(2, 2)
    weight = layer.weight
    layer.load_state_dict(given)
    assert layer.weight is weight
    assert weight.requires_grad
    given["weight"][...] = 5
    assert weight.tolist() == [[1, 1], [1, 1]]
    layer.bias.value[...] = 3
    assert given["bias"].tolist() == [1, 1]


def test_the_dtype_is_the_modules():
    layer = nn.Linear(2, 2)
    layer.load_state_dict({"weight": np.ones((2, 2)), "bias": np.ones(2)})
    assert {p.dtype for p in layer.parameters()} == {minigrad.float32}


def test_parameters_themselves_can_be_loaded(torch):
    for framework in (torch, minigrad):
        layer, other = (framework.nn.Linear(2, 2) for _ in range(2))
        keys = layer.load_state_dict(dict(other.named_parameters()))
        assert keys.missing_keys == keys.unexpected_keys == []
        assert layer.weight.tolist() == other.weight.tolist()
        assert layer.weight is not other.weight


WRONG_STATES = {
    "missing": (lambda s: s.pop("0.bias"), ["missing", "0.bias"]),
    "unknown": (lambda s: s.update(extra=np.ones(1)), ["not known", "extra"]),
    "shape": (lambda s: s.update({"2.weight": np.ones((2, 9))}), ["2.weight", "(2, 9)", "(2, 3)"]),
    "all": (
        lambda s: s.update({"2.weight": np.ones(1), "x": 1, "y": s.pop("0.weight")}),
        ["2.weight", "x", "y", "0.weight"],
    ),
}


@pytest.mark.parametrize("name", WRONG_STATES)
def test_a_wrong_state_is_refused_and_changes_nothing(name):
    change, parts = WRONG_STATES[name]
    net = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 2))
    before = {key: value.tolist() for key, value in net.state_dict().items()}
    given = {key: np.zeros(value.shape) for key, value in net.state_dict().items()}
    change(given)
    with pytest.raises(RuntimeError, match="load_state_dict of Sequential") as error:
        net.load_state_dict(given)
    for part in parts:
        assert part in str(error.value)
    assert {key: value.tolist() for key, value in net.state_dict().items()} == before


def test_values_that_are_no_numbers_change_nothing():
    layer = nn.Linear(2, 2)
    before = layer.weight.tolist()
    with pytest.raises((RuntimeError, TypeError, ValueError)):
        layer.load_state_dict({"weight": np.zeros((2, 2)), "bias": np.array(["a", "b"])})
    assert layer.weight.tolist() == before


def test_not_strict_takes_what_fits(torch):
    for framework in (torch, minigrad):
        layer = framework.nn.Linear(2, 2)
        bias = layer.bias.tolist()
        missing, unexpected = layer.load_state_dict(
            {"weight": framework.zeros(2, 2), "x": framework.zeros(1)}, strict=False
        )
        assert (missing, unexpected) == (["bias"], ["x"])
        assert layer.weight.tolist() == [[0, 0], [0, 0]]
        assert layer.bias.tolist() == bias
        with pytest.raises(RuntimeError, match="weight"):
            layer.load_state_dict({"weight": framework.zeros(3, 3)}, strict=False)


def test_what_is_not_persistent_is_not_saved(net):
    assert "blocks.first.cache" not in net.state_dict()
    assert "blocks.first.cache" in names(net.named_buffers())
    net.load_state_dict(nets(minigrad).state_dict())


# --- changing all of it


def test_train_and_eval(net):
    assert all(module.training for module in net.modules())
    assert net.eval() is net
    assert not any(module.training for module in net.modules())
    assert net.head.train() is net.head
    assert net.head[2].training
    assert not net.blocks.training


def test_apply_goes_from_the_inside_out(net, theirs):
    def order(module):
        seen = []
        assert module.apply(lambda part: seen.append(type(part).__name__)) is module
        return seen

    assert order(net) == order(theirs)


@pytest.mark.parametrize("name", ["double", "float"])
def test_changing_the_dtype_as_torch(net, theirs, name):
    def dtypes(module):
        getattr(module, name)()
        named = [*module.named_parameters(), *module.named_buffers()]
        return {key: str(value.dtype).removeprefix("torch.") for key, value in named}

    assert dtypes(net) == dtypes(theirs)


@pytest.mark.parametrize("name", ["double", "float"])
def test_a_graph_survives_the_dtype_that_it_has(name):
    """To the dtype that it has, nothing changes; to another, the graph's values would not fit."""
    layer = nn.Linear(2, 2)
    y = (layer(minigrad.ones(2)) ** 2).sum()
    getattr(layer, name)()
    if name == "float":
        y.backward()
        assert layer.weight.grad is not None
    else:
        with pytest.raises(RuntimeError, match="changed in place"):
            y.backward()


def test_gradients_change_their_dtype_too(torch):
    for framework in (torch, minigrad):
        layer = framework.nn.Linear(2, 2)
        layer(framework.ones(2)).sum().backward()
        layer.double()
        assert layer.weight.grad.dtype == framework.float64


def test_to_takes_a_dtype_or_the_device(net):
    assert net.to("cpu") is net
    assert net.to(minigrad.float64).head[0].weight.dtype == minigrad.float64
    assert net.to(dtype=minigrad.float32).head[0].weight.dtype == minigrad.float32
    assert net.blocks["first"].steps.dtype == minigrad.int64
    with pytest.raises(TypeError, match="int64"):
        net.to(minigrad.int64)
    with pytest.raises(ValueError, match="cuda"):
        net.to("cuda")


def test_freezing(net):
    assert net.embedding.requires_grad_(False) is net.embedding
    net(minigrad.tensor(IDS)).sum().backward()
    assert net.embedding.weight.grad is None
    assert net.head[0].weight.grad is not None


def test_zero_grad(net):
    net(minigrad.tensor(IDS)).sum().backward()
    net.zero_grad(set_to_none=False)
    for parameter in net.parameters():
        assert parameter.grad.shape == parameter.shape
        assert not parameter.grad.value.any()
    net.zero_grad()
    assert all(parameter.grad is None for parameter in net.parameters())


# --- copies


@pytest.mark.parametrize(
    "copied", [copy.deepcopy, lambda net: pickle.loads(pickle.dumps(net))], ids=["deep", "pickle"]
)
def test_a_copy_is_the_same_and_its_own(copied):
    net = nn.Sequential(nn.Linear(2, 3), nn.Dropout(0.5), nn.LayerNorm(3)).eval()
    net.tied = net[0].weight
    x = minigrad.randn(4, 2)
    net(x).sum().backward()
    twin = copied(net)
    assert repr(twin) == repr(net)
    assert not twin.training
    assert twin.tied is twin[0].weight
    assert type(twin.tied) is nn.Parameter
    np.testing.assert_array_equal(twin(x).value, net(x).value)
    np.testing.assert_array_equal(twin.tied.grad.value, net.tied.grad.value)
    nn.init.zeros_(twin[0].weight)
    assert net[0].weight.value.any()
    twin.zero_grad()
    twin(x).sum().backward()
    assert twin.tied.grad is not net.tied.grad


def test_a_pickle_is_trained_in_another_process(tmp_path):
    """There, births are counted from the start."""
    for _ in range(1000):
        minigrad.zeros(1)
    (tmp_path / "net.pickle").write_bytes(pickle.dumps(nn.Linear(2, 2)))
    code = (
        "import pickle, sys, minigrad\n"
        "with open(sys.argv[1], 'rb') as file:\n"
        "    layer = pickle.load(file)\n"
        "layer(minigrad.ones(2)).sum().backward()\n"
        "print(layer.bias.grad.tolist())\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", code, tmp_path / "net.pickle"],
        cwd=Path(minigrad.__file__).parents[1],
        capture_output=True,
        text=True,
    )
    assert run.stdout == "[1.0, 1.0]\n", run.stderr


def test_a_part_that_stays_frozen():
    class Frozen(nn.Module):
        def train(self, mode=True):
            return super().train(False)

    model = nn.Sequential(nn.Dropout(0.5), Frozen())
    assert [part.training for part in model.train()] == [True, False]
