"""Names that only PyTorch's history explains."""

import numpy as np
import pytest
from programs import agree, both_refuse

import minigrad
from minigrad import legacy
from minigrad.rooms import listed

PROGRAMS = [
    "log += [torch.FloatTensor([1, 2]), torch.DoubleTensor([[1.5, 2]]), torch.LongTensor([1, 2])]",
    "a = torch.BoolTensor([1, 0]); b = torch.FloatTensor((1, 2)); c = torch.FloatTensor()",
    "log += [list(torch.FloatTensor(2, 3).shape), list(torch.LongTensor(4).shape)]",
    "a = torch.FloatTensor(np.ones((2, 2), np.float32)); b = torch.LongTensor(np.array([1, 2]))",
    "a = torch.DoubleTensor(d); a.add_(1)", "a = torch.LongTensor([1.7])",
    "a = torch.FloatTensor([torch.tensor(1.0), 2])",
    "log += [isinstance(d, torch.DoubleTensor), isinstance(d, torch.FloatTensor)]",
    "V = torch.autograd.Variable; a = V(d); b = V(d, requires_grad=True); c = V(x * 2)\n"
    "log += [isinstance(a, V), isinstance(b, torch.Tensor), isinstance(3, V)]; a.add_(1)",
    "a = d.new(2, 2).zero_(); b = d.new([1, 2]); c = i.new(d.size()).fill_(2)",
    "a = torch.range(0, 4); b = torch.range(1, 2, 0.25); log += [d[:, torch.newaxis]]",
    "torch.autograd.set_detect_anomaly(True)\n"
    "with torch.autograd.detect_anomaly(): (x * 2).sum().backward()\n"
    "torch.autograd.set_detect_anomaly(False)",
    "(x * 5).sum().backward(); a = torch.nn.utils.clip_grad_norm([x], 1.0)",
    "log += [torch.conv1d(d[None], torch.ones(1, 2, 2, dtype=torch.float64)), torch.selu(d)]",
    "log += [torch.cosine_similarity(d, d + 1), torch.max_pool1d(d[None], 2), torch.celu(d)]",
    "log += [torch.layer_norm(d, (3,)), torch.dropout(d, 0.5, False), torch.threshold(d, 0.3, 0.)]",
    "with torch.inference_mode(): log += [torch.is_grad_enabled(), (x * 2).requires_grad]",
    "with torch.inference_mode(False): log.append((x * 2).requires_grad)",
    "with torch.no_grad():\n  with torch.inference_mode(): pass\n"
    "  log.append(torch.is_grad_enabled())",
    "@torch.inference_mode()\ndef f(): return (x * 2).requires_grad\n"
    "log += [f(), (x * 2).requires_grad]",
    "@torch.inference_mode\ndef f(): return (x * 2).requires_grad\n"
    "log += [f(), (x * 2).requires_grad]",
    "torch.set_grad_enabled(False); log.append((x * 2).requires_grad)\n"
    "torch.set_grad_enabled(True); log.append((x * 2).requires_grad)",
    "with torch.set_grad_enabled(False): log.append((x * 2).requires_grad)\n"
    "log.append((x * 2).requires_grad)",
    "with torch.no_grad():\n"
    "  with torch.set_grad_enabled(True): log.append((x * 2).requires_grad)\n"
    "  log.append((x * 2).requires_grad)",
    "@torch.set_grad_enabled(False)\ndef f(): return (x * 2).requires_grad\n"
    "log += [f(), (x * 2).requires_grad]",
    "log += [torch.cuda.is_available(), torch.cuda.device_count()]",
    "torch.cuda.manual_seed(1); torch.cuda.manual_seed_all(2); torch.cuda.empty_cache()",
    "log.append(torch.backends.mps.is_available())",
    "with torch.autocast('cpu', enabled=False): y = x * 2",
    "with torch.amp.autocast('cuda', enabled=False): y = x * 2",
    "with torch.cuda.amp.autocast(False): y = x * 2",
    "a = torch.amp.GradScaler('cuda', enabled=False); b = torch.optim.SGD([x], lr=0.1)\n"
    "a.scale((x * 2).sum()).backward(); a.unscale_(b); a.step(b); a.update()\n"
    "log += [a.get_scale(), a.is_enabled(), a.state_dict()]; del a, b",
    "log += [torch.typename(d), torch.typename(i), torch.typename(3), torch.typename('a')]",
    "torch.set_default_dtype(torch.float32); "
    "log.append(torch.get_default_dtype() == torch.float32)",
    "torch.set_default_tensor_type(torch.FloatTensor)",
    "torch.set_default_device('cpu'); torch.set_default_device(None)",  # else it stays in a mode
    "torch.use_deterministic_algorithms(True); "
    "log.append(torch.are_deterministic_algorithms_enabled())\n"
    "torch.use_deterministic_algorithms(False)",
    "log.append(torch.is_storage(d)); torch.set_float32_matmul_precision('highest')",
]  # fmt: skip


@pytest.mark.parametrize("program", PROGRAMS)
def test_as_in_pytorch(torch, program):
    agree(torch, program)


REFUSED = {
    "torch.FloatTensor(3.5)": "sizes or one list, not float 3.5", "torch.FloatTensor(i)": "int64",
    "torch.autograd.Variable([1])": "takes a tensor, not list",
    "torch.set_default_dtype(torch.int64)": "default dtype is float32",
}  # fmt: skip


@pytest.mark.parametrize("program", REFUSED)
def test_refused_in_both(torch, program):
    both_refuse(torch, program, REFUSED[program])


# --- without PyTorch


KINDS = ["Float", "Double", "Long", "Int", "Short", "Char", "Byte", "Bool"]


@pytest.mark.parametrize("name", KINDS)
def test_a_class_of_tensors_for_each_dtype(name):
    kind = getattr(minigrad, f"{name}Tensor")
    if not hasattr(minigrad, kind.dtype.name):
        pytest.skip(f"tensors are not {kind.dtype}")
    made = kind([1, 0])
    assert isinstance(made, kind)
    assert made.value.dtype == kind.dtype
    assert made.tolist() == [1, 0]
    assert kind(2, 3).tolist() == np.zeros((2, 3)).tolist()


def test_a_size_is_no_data():
    shape = minigrad.ones(2, 3).shape
    if type(shape) is tuple:
        pytest.skip("a shape is a tuple like others")
    assert minigrad.FloatTensor(shape).shape == (2, 3)


def test_what_compiles_returns_what_it_is_given():
    model = minigrad.nn.Linear(1, 1)
    assert minigrad.compile(model) is model
    assert minigrad.compile(mode="default")(model) is model
    assert minigrad.jit.script(model) is model
    assert minigrad.jit.trace(model, minigrad.ones(1)) is model


def test_half_precision_is_refused():
    with pytest.raises(RuntimeError, match="enabled=False"), minigrad.autocast("cuda"):
        pass
    with minigrad.autocast("cpu", dtype=minigrad.float32):
        pass


def test_modules_of_switches_can_be_imported():
    import minigrad.backends
    import minigrad.cuda
    import minigrad.cuda.amp

    assert not minigrad.cuda.is_available()
    assert minigrad.cuda.amp.autocast is minigrad.amp.autocast is minigrad.autocast
    with pytest.raises(ValueError, match="cpu"):
        minigrad.cuda.current_device()
    with pytest.raises(AttributeError, match=r"minigrad\.cuda\.nothing"):
        _ = minigrad.cuda.nothing


def test_every_name_of_the_table_is_there():
    for module, table in (
        (minigrad, minigrad.ROOMS), (minigrad.autograd, minigrad.autograd.ROOMS),
    ):  # fmt: skip
        mine = ("legacy", "amp", "cuda", "backends", "autograd", "overwriting", "grad_mode")
        own = {place: names for place, names in table.items() if place.split(".")[1] in mine}
        for name in listed(own):
            assert hasattr(module, name.rpartition(".")[2]), name


def test_the_threads_are_a_number():
    legacy.set_num_threads(1)
    assert legacy.get_num_threads() >= 1
    with pytest.raises(ValueError, match="at least 1"):
        legacy.set_num_threads(0)


def test_settings_of_gpus_are_kept_and_change_nothing():
    minigrad.backends.cudnn.deterministic = True
    minigrad.backends.cuda.matmul.allow_tf32 = True
    assert minigrad.backends.cudnn.deterministic
    minigrad.backends.cudnn.deterministic = False
