"""Changes to a module: its attributes, and all that it holds at once (train, to, zero_grad, …)."""

import pytest
from nets import IDS, names

import minigrad
from minigrad import nn


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
    "a tensor is not a parameter": lambda f, m: setattr(m, "extra", f.ones(1)),
    "delete a parameter": lambda f, m: delattr(m, "weight"),
    "delete a module": lambda f, m: delattr(m, "first"),
    "delete a buffer": lambda f, m: delattr(m, "mean"),
    "delete a parameter that is None": lambda f, m: delattr(m, "nothing"),
    "delete a number": lambda f, m: delattr(m, "number"),
    "delete and register again": lambda f, m: [
        delattr(m, "hidden"),
        m.register_buffer("hidden", f.ones(2)),
    ],
}


def replaced(framework, change):
    """The names that a module with a bit of everything lists after a change."""
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
def test_a_value_that_is_not_a_parameter_cannot_silently_replace_one(torch, name, value):
    """`layer.weight = layer.weight * 0.5` would no longer train anything."""
    for framework in (torch, minigrad):
        module = framework.nn.Sequential(framework.nn.Tanh())
        module.weight = framework.nn.Parameter(framework.ones(2, 2))
        module.register_buffer("mean", framework.ones(2))
        with pytest.raises(TypeError, match=name):
            setattr(module, name, value(framework))
        assert name in [*module.state_dict(), *names(module.named_children())]


def test_registering_an_existing_name_is_an_error(torch):
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
def test_names_that_are_refused(torch, name):
    for framework in (torch, minigrad):
        with pytest.raises(KeyError):
            framework.nn.ModuleDict({name: framework.nn.Tanh()})
        if name != "keys":
            with pytest.raises(KeyError):
                framework.nn.Tanh().register_buffer(name, framework.ones(1))


def test_a_buffer_stays_unsaved_until_registered_again(torch):
    for framework in (torch, minigrad):
        module = framework.nn.Tanh()
        module.register_buffer("cache", framework.ones(1), persistent=False)
        module.cache = framework.zeros(2)
        assert list(module.state_dict()) == []
        module.register_buffer("cache", framework.ones(1))
        assert list(module.state_dict()) == ["cache"]


def test_deleting_an_attribute_that_does_not_exist():
    with pytest.raises(AttributeError, match="nowhere"):
        del nn.Tanh().nowhere


# --- changes to the whole module


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
    """The dtype it already has changes nothing; with another, the graph's values would not fit."""
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


def test_a_part_that_stays_frozen():
    class Frozen(nn.Module):
        def train(self, mode=True):
            return super().train(False)

    model = nn.Sequential(nn.Dropout(0.5), Frozen())
    assert [part.training for part in model.train()] == [True, False]
