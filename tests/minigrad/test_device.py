"""Devices: names as in PyTorch, of which only the CPU can be used."""

import copy
import pickle

import pytest

import minigrad

TEXTS = [
    "device('cpu')", "device('cuda:1')", "device('cuda', 1)", "device(type='cpu', index=0)",
    "device(device('cuda:3'))", "str(device('cuda', 0))", "device('cpu').index",
    "device('cuda:2').type", "device('cpu') == device('cpu')", "device('cpu') == device('cpu:0')",
    "device('cpu') == 'cpu'", "len({device('cpu'), device('cpu'), device('cuda')})",
    "device('mps')", "device('meta')",
]  # fmt: skip
REFUSED = [
    "device('foo')", "device('cuda:x')", "device('cuda:')", "device('cuda:01')", "device('')",
    "device('cpu', -1)", "device('cpu:0', 1)", "device(None)", "device(1.5)", "device()",
]  # fmt: skip


@pytest.mark.parametrize("code", TEXTS)
def test_devices_as_in_torch(torch, code):
    ours, theirs = (repr(eval(code, {"device": lib.device})) for lib in (minigrad, torch))
    assert ours == theirs


@pytest.mark.parametrize("code", REFUSED)
def test_what_is_no_device_is_named(torch, code):
    for library in (minigrad, torch):
        with pytest.raises((RuntimeError, TypeError)) as error:
            eval(code, {"device": library.device})
        assert library is torch or "\n" not in str(error.value)


def test_a_tensor_is_on_the_cpu():
    x = minigrad.ones(2)
    assert x.device == minigrad.device("cpu")
    assert (x.device.type, x.device.index, str(x.device)) == ("cpu", None, "cpu")
    assert minigrad.ones(2, device=x.device).to(x.device).device == x.device
    assert pickle.loads(pickle.dumps(x.device)) == copy.deepcopy(x.device) == x.device


@pytest.mark.parametrize("name", ["cuda", "cuda:1", "mps"])
def test_another_device_can_be_named_but_not_used(name):
    uses = {
        "to": lambda given: minigrad.ones(2).to(given),
        "cuda": lambda given: minigrad.ones(2).cuda(given),
        "zeros": lambda given: minigrad.zeros(2, device=given),
        "tensor": lambda given: minigrad.tensor([1], device=given),
        "Tensor": lambda given: minigrad.Tensor(2, device=given),
        "module": lambda given: minigrad.nn.Linear(2, 2).to(given),
    }
    for use in uses.values():
        for given in (minigrad.device(name), name):
            with pytest.raises(ValueError, match=f'{name}.: minigrad computes on "cpu" only$'):
                use(given)
