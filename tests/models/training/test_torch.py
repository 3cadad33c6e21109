"""Runs on PyTorch: the same numbers and files as on minigrad, whichever of them goes on."""

import itertools
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import minigrad
from models import gpt, kinds, transformer
from models.kinds import KINDS
from models.training import folder as files
from models.tasks import stories
from models.training.backend import MINIGRAD, Backend
from models.training.ranks import part

CHECKOUT = Path(__file__).parents[3]
STEPS = 50
FOLDER = "unused"
LOADED = {}  # examples to train on, by the function that makes them


@pytest.fixture(scope="module")
def on_torch(torch):
    return Backend("torch")


@pytest.fixture(scope="module", params=KINDS)
def task(request):
    """The settings of a small run without dropout, its examples, and its kind."""
    kind = KINDS[request.param]
    given = {"model": request.param, **kind.run.SMALL, "steps": STEPS, "batch_size": 7}
    rates = {name: 0.0 for name in ("dropout", "final_dropout") if hasattr(kind.run.Settings, name)}
    settings = kind.run.settings_from(given | rates)
    if kind.run.load not in LOADED:
        with pytest.MonkeyPatch.context() as patch:  # a small corpus of stories is enough
            told = stories.corpus
            patch.setattr(stories, "corpus", lambda seed: told(60, seed, 10))
            LOADED[kind.run.load] = kind.run.load(settings).train[:60]
    return settings, LOADED[kind.run.load], kind


def started(task, backend=MINIGRAD, folder=FOLDER):
    settings, examples, kind = task
    return kind.run.start(folder, settings, examples, backend, kind.model)


def losses(run, examples):
    for batch in itertools.islice(run.batches(examples, len(run.metrics)), STEPS):
        run.step(batch)
    return np.array(run.metrics)[:, 0]


# The same numbers.


@pytest.mark.parametrize(("dtype", "atol"), [("float64", 1e-9), ("float32", 1e-4)])
def test_both_give_the_same_losses(task, on_torch, dtype, atol):
    both = started(task), started(task, on_torch)
    for run in both:
        run.model.to(getattr(run.framework, dtype))
    mine, theirs = (losses(run, task[1]) for run in both)
    np.testing.assert_allclose(mine, theirs, rtol=0, atol=atol)


def test_both_start_from_the_same_weights(task, on_torch):
    states = [started(task, backend)._state() for backend in (MINIGRAD, on_torch)]
    assert states[0].keys() == states[1].keys()
    for name, value in states[0].items():
        assert value.tobytes() == states[1][name].tobytes(), name


def test_the_loss_of_a_batch_is_the_weighted_mean_of_its_parts(task):
    """So says `count`: two ranks with equal weights would be wrong where rows are padded."""
    run = started(task)
    for batch in itertools.islice(run.batches(task[1]), 3):
        whole = run.loss(batch)[0].item()
        parts = [part(batch, rank, 3) for rank in range(3)]
        weights = [run.count(some) / run.count(batch) for some in parts]
        assert sum(weights) == pytest.approx(1)
        mean = sum(w * run.loss(some)[0].item() for w, some in zip(weights, parts, strict=True))
        assert mean == pytest.approx(whole, rel=1e-5)


# The same files.


def bytes_of(folder):
    return {
        name: (folder / name).read_bytes()
        for name in (files.CHECKPOINT, files.CONFIG, files.METRICS)
    }


@pytest.mark.parametrize("first", ["minigrad", "torch"])
def test_a_run_goes_on_on_the_other_backend(task, torch, tmp_path, first):
    backends = [Backend("torch"), MINIGRAD] if first == "torch" else [MINIGRAD, Backend("torch")]
    run = started(task, backends[0], tmp_path)
    stream = run.batches(task[1])
    for _ in range(4):
        run.step(next(stream))
    run.save()
    before = bytes_of(tmp_path)
    again, _ = kinds.open_run(tmp_path, backend=backends[1])
    again.save()  # its weights, the state of the optimizer and the metrics, to the bit
    assert bytes_of(tmp_path) == before
    for other in (run, again):
        batches = other.batches(task[1], 4)
        for _ in range(4):
            other.step(next(batches))
    np.testing.assert_allclose(run.metrics, again.metrics, rtol=1e-4, atol=1e-6)


def test_a_model_without_a_checkpoint_opens_on_pytorch(task, on_torch, tmp_path):
    run = started(task, MINIGRAD, tmp_path)
    run.save()
    (tmp_path / files.CHECKPOINT).unlink()
    again, _ = kinds.open_run(tmp_path, backend=on_torch)
    for name, value in run.model.state_dict().items():
        assert np.array_equal(value.numpy(), again.model.state_dict()[name].numpy())


# Precision, compilation, devices.


def test_bf16_computes_in_bfloat16_and_keeps_float32(task, torch):
    run = started(task, Backend("torch", precision="bf16"))
    seen = set()
    for layer in run.model.modules():
        if isinstance(layer, torch.nn.Linear):
            layer.register_forward_hook(lambda layer, given, out: seen.add(out.dtype))
    found = losses(run, task[1])
    assert seen == {torch.bfloat16}
    assert {p.dtype for p in run.parameters} == {torch.float32}
    expected = losses(started(task), task[1])
    assert not np.array_equal(found, expected)
    np.testing.assert_allclose(found, expected, rtol=0.1)


def test_a_compiled_model_has_the_same_names(task, torch, monkeypatch):
    compiled = []
    monkeypatch.setattr(torch.nn.Module, "compile", lambda model: compiled.append(model))
    run = started(task, Backend("torch", compiled=True))
    assert compiled == [run.model]
    assert run.model.state_dict().keys() == started(task).model.state_dict().keys()


@pytest.mark.filterwarnings("ignore:.*meta parameter")
def test_a_step_makes_all_its_tensors_on_the_device(task, torch, monkeypatch):
    """As on a GPU, of which there is none: "meta" tensors have a device, and no numbers."""
    with monkeypatch.context() as patch:
        patch.setattr(
            torch.Tensor, "cpu", lambda x: torch.zeros(x.shape, dtype=x.dtype, device="cpu")
        )
        patch.setattr(torch.Tensor, "item", lambda tensor: 1.0)
        run = started(task, Backend("torch", "meta"))
        run.step(next(run.batches(task[1])))  # which would not mix devices
        arrays = run._state().values()
    assert {array.dtype.name for array in arrays} == {"float32", "float64", "int64"}
    assert {p.device.type for p in run.parameters} == {"meta"}


@pytest.mark.parametrize(
    ("model", "config", "texts"),
    [
        (gpt.GPT, gpt.Config(9, 8, 16, 2, 2), 1),
        (transformer.Transformer, transformer.Config(9, 9, 8, 16, 2, 2), 2),
    ],
)
def test_fused_attention_gives_the_same_logits_and_gradients(torch, model, config, texts):
    given = [torch.tensor([[4, 5, 6, 0], [7, 8, 3, 4]])] * texts
    found = []
    for backend in (Backend("torch"), Backend("torch", fused=True)):
        minigrad.manual_seed(0)
        built = backend.built(lambda version: version(config), model).double()
        logits, weights = built(*given)
        logits.square().mean().backward()
        grads = [p.grad for p in built.parameters() if p.grad is not None]
        found.append([logits, *grads])
        assert (weights.numel() == 0) == backend.fused
    for value, other in zip(*found, strict=True):
        torch.testing.assert_close(value, other, rtol=0, atol=1e-12)


def test_fused_attention_is_for_models_made_of_transformer(torch, tmp_path):
    backend = Backend("torch", fused=True)
    for name, kind in KINDS.items():
        if kind.model.__module__ in (gpt.__name__, transformer.__name__):
            backend.check(kind.model)
            continue
        with pytest.raises(ValueError, match=r"transformer\.py, not for"):
            kinds.start(tmp_path / name, name, {}, backend)
        assert not (tmp_path / name).exists()


# PyTorch is imported only when it is asked for.


def test_nothing_of_pytorch_is_imported_without_the_flag(tmp_path):
    code = (
        "import sys; from models.__main__ import main; "
        "code = main(sys.argv[1:]); assert 'torch' not in sys.modules; sys.exit(code)"
    )
    options = [
        "train",
        "self_attention",
        "--steps",
        "2",
        "--embedding",
        "4",
        "--out",
        tmp_path / "run",
    ]
    done = subprocess.run(
        [sys.executable, "-c", code, *options], cwd=CHECKOUT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
