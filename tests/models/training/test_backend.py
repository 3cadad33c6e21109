"""The model files run on PyTorch, with the word minigrad replaced, and give the same numbers."""

import ast
import itertools
import sys
import traceback
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import minigrad
import models
from models import seq2seq
from models.decoding import beam, greedy, sample
from models.gpt import GPT
from models.kinds import KINDS
from models.rnn import RNN
from models.self_attention import BareSelfAttention, SelfAttention
from models.tasks import coreference, stories
from models.tasks.batches import make_batch
from models.tasks.calendar import corpus
from models.training import reading, transformer, translating, writing
from models.training.backend import MINIGRAD, Backend
from models.transformer import Transformer

HERE = Path(models.__file__).parent
FILES = ("rnn", "seq2seq", "attention", "self_attention", "transformer", "gpt", "decoding")
STEPS = 20


@pytest.fixture(scope="module")
def on_torch(torch):
    """The other framework."""
    return Backend("torch")


def twins(on_torch, kind, settings, examples, model):
    """The same run on both, in float64 and with the same weights."""
    mine, theirs = (
        kind.start("unused", settings, examples, backend, model) for backend in (MINIGRAD, on_torch)
    )
    for run in (mine, theirs):
        run.model.double()
    torch = on_torch.framework
    weights = {k: torch.from_numpy(v.numpy().copy()) for k, v in mine.model.state_dict().items()}
    theirs.model.load_state_dict(weights)  # raises if a name or a shape differs
    return mine, theirs


def train(twins, examples):
    """Each of STEPS steps gives the same loss, accuracy and norm; and then the same parameters."""
    for batch in itertools.islice(twins[0].batches(examples), STEPS):
        for run in twins:
            run.step(batch)
        (loss, accuracy, norm, _), expected = (run.metrics[-1] for run in twins)
        assert accuracy == expected[1]
        expected = expected[0], expected[2]
        assert (loss, norm) == pytest.approx(expected, rel=0, abs=1e-9)
    mine, theirs = (run.model.state_dict() for run in twins)
    for (name, value), other in zip(mine.items(), theirs.values(), strict=True):
        np.testing.assert_allclose(value.numpy(), other.numpy(), rtol=0, atol=1e-9, err_msg=name)


def assert_same(value, other):
    if other is None:
        assert value is None
    else:
        other = other.detach().numpy()
        assert other.dtype == np.float64
        np.testing.assert_allclose(value.detach().numpy(), other, rtol=0, atol=1e-9)


def outputs(run, *arrays):
    """The logits, and the weights, or None from a model without."""
    given = run.model(*map(run.framework.tensor, arrays))
    return given if isinstance(given, tuple) else (given, None)


@pytest.mark.parametrize(
    ("model", "given"),
    [
        ("seq2seq", {}),
        ("attention", {}),
        ("seq2seq", {"cell": "lstm"}),
        ("attention", {"cell": "gru", "score": "general"}),
        ("attention", {"cell": "gru", "score": "additive", "order": "bahdanau"}),
        ("attention", {"cell": "lstm", "order": "bahdanau"}),
    ],
)
def test_a_translator_trains_with_the_same_numbers(on_torch, model, given):
    pairs = corpus(size=200, validation=10, test=20, max_clauses=3)
    settings = translating.Settings(
        model=model,
        embedding=12,
        hidden=16,
        dropout=0.0,
        final_dropout=0.0,
        batch_size=16,
        steps=2 * STEPS,
        learning_rate=1e-2,
        clip=0.5,
        **given,
    )
    both = mine, _ = twins(
        on_torch, translating.Translating, settings, pairs.train, KINDS[model].model
    )
    train(both, pairs.train)
    assert max(norm for _, _, norm, _ in mine.metrics) > 0.5  # some were clipped

    batch = make_batch(pairs.test, *mine.vocabularies.values())
    for value, other in zip(
        *(outputs(run, batch.source, batch.target_in) for run in both), strict=True
    ):
        assert_same(value, other)
    for write in (greedy, beam):
        (ids, weights), (other_ids, other_weights) = (
            run.backend.version_of(write)(
                run.model, run.framework.tensor(batch.source), 1, 2, limit=15
            )
            for run in both
        )
        assert np.array_equal(ids.numpy(), other_ids.numpy())
        assert_same(weights, other_weights)


@pytest.mark.parametrize(
    ("positions", "norm", "tied"),
    [
        ("sinusoidal", "before", True),
        ("sinusoidal", "after", False),
        ("learned", "before", False),
        ("rotary", "before", True),
        ("rotary", "after", True),
    ],
)
def test_a_transformer_trains_with_the_same_numbers(on_torch, positions, norm, tied):
    class Tied(transformer.Transforming):
        """A run whose embeddings are tied or not, which is not a setting."""

        def build(self, model):
            known = map(len, self.vocabularies.values())
            return model(replace(transformer.config_of(self.settings, *known), tied=tied))

    pairs = corpus(size=200, validation=10, test=20, max_clauses=3)
    settings = transformer.Settings(
        positions=positions,
        norm=norm,
        embedding=16,
        hidden=20,
        dropout=0.0,
        final_dropout=0.0,
        batch_size=16,
        steps=2 * STEPS,
        learning_rate=1e-2,
        warmup=5,
        clip=0.5,
    )
    both = twins(on_torch, Tied, settings, pairs.train, Transformer)
    train(both, pairs.train)
    batch = make_batch(pairs.test, *both[0].vocabularies.values())
    for value, other in zip(
        *(outputs(run, batch.source, batch.target_in) for run in both), strict=True
    ):
        assert_same(value, other)
    found = [
        run.backend.version_of(greedy)(
            run.model, run.framework.tensor(batch.source), 1, 2, limit=15
        )
        for run in both
    ]
    assert np.array_equal(*(ids.numpy() for ids, _ in found))


class Unscaled(reading.Reading):
    """A reader without 1/√d, which is not a setting."""

    def build(self, model):
        return model(replace(reading.config_of(self.settings, len(self.vocabulary)), scaled=False))


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        (reading.Reading, {"model": "bare_attention"}),
        (reading.Reading, {"positions": "sinusoidal"}),
        (reading.Reading, {"positions": "learned", "heads": 4, "layers": 3}),
        (Unscaled, {"positions": "none"}),
    ],
)
def test_a_reader_trains_with_the_same_numbers(on_torch, kind, given):
    texts = coreference.corpus(size=200, validation=0, test=20)
    settings = reading.Settings(
        embedding=12, batch_size=16, steps=2 * STEPS, learning_rate=1e-2, clip=0.5, **given
    )
    model = BareSelfAttention if "model" in given else SelfAttention
    both = twins(on_torch, kind, settings, texts.train, model)
    train(both, texts.train)
    batch = both[0].batch(texts.test)
    for value, other in zip(*(outputs(run, batch.text) for run in both), strict=True):
        assert_same(value, other)


@pytest.mark.parametrize(
    ("positions", "norm"), [("rotary", "before"), ("learned", "after"), ("sinusoidal", "before")]
)
def test_a_gpt_trains_and_writes_with_the_same_numbers(on_torch, positions, norm):
    texts = stories.corpus(size=100, validation=20)
    settings = writing.Settings(
        positions=positions,
        norm=norm,
        embedding=16,
        hidden=20,
        layers=2,
        batch_size=16,
        steps=2 * STEPS,
        learning_rate=1e-2,
        warmup=5,
        clip=0.5,
    )
    both = twins(on_torch, writing.Writing, settings, texts.train, GPT)
    train(both, texts.train)
    batch = both[0].batch(texts.validation)
    for value, other in zip(*(outputs(run, batch.text) for run in both), strict=True):
        assert_same(value, other)
    found = [
        list(
            run.backend.version_of(sample)(
                run.model.decode, run.framework.tensor(batch.text[:, :4]), limit=10, temperature=0
            )
        )
        for run in both
    ]
    assert np.array_equal(*(np.hstack([ids.numpy() for ids in texts]) for texts in found))


def test_a_run_on_pytorch_is_saved_and_opens_on_minigrad(on_torch, tmp_path):
    texts = coreference.corpus(size=100, validation=0, test=0).train
    settings = reading.Settings(embedding=8, steps=3)
    run = reading.Reading.start(tmp_path, settings, texts, on_torch)
    assert run.train(texts)
    again = reading.Reading.open(tmp_path)
    assert again.metrics == run.metrics
    for name, value in run.model.state_dict().items():
        assert np.array_equal(again.model.state_dict()[name].numpy(), value.numpy())


# The backend itself.


def test_minigrad_is_a_backend_whose_versions_are_the_files_themselves():
    assert MINIGRAD.framework is minigrad
    assert MINIGRAD.version_of(SelfAttention) is SelfAttention
    with pytest.raises(ValueError, match='"minigrad" or "torch", not \'jax\''):
        Backend("jax")


def test_pytorch_is_imported_only_when_it_is_asked_for(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    backend = Backend("torch")
    with pytest.raises(ModuleNotFoundError, match="torch"):
        _ = backend.framework


def test_the_files_keep_to_one_version_of_each_other(torch, on_torch):
    theirs = on_torch.version_of(models.attention.Attention)
    assert issubclass(theirs, on_torch.version_of(seq2seq.Seq2Seq))
    assert issubclass(theirs, torch.nn.Module)
    assert not issubclass(theirs, minigrad.nn.Module)


def test_a_traceback_on_pytorch_shows_the_lines_of_the_file(torch, on_torch):
    layer = on_torch.version_of(RNN)(2, 3)
    with pytest.raises(RuntimeError) as error:
        layer(torch.zeros(1, 1, 5), torch.zeros(1, 3))
    (frame,) = (f for f in traceback.extract_tb(error.tb) if f.filename == str(HERE / "rnn.py"))
    assert frame.line.startswith("x = self.input(x)")


@pytest.mark.parametrize("name", FILES)
def test_a_model_file_speaks_the_common_tongue(torch, name):
    tree = ast.parse((HERE / f"{name}.py").read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=imported):
                assert {alias.name for alias in imported} <= {"math", "minigrad"}
            case ast.ImportFrom(level=0, module="minigrad", names=imported):
                for alias in imported:
                    assert hasattr(torch, alias.name), alias.name
            case ast.ImportFrom(level=0, module=module):
                assert module == "dataclasses"
            case ast.ImportFrom(level=1, module=module):
                assert module in FILES
            case ast.ImportFrom():
                pytest.fail(f"line {node.lineno} imports from outside models/")
            case ast.Attribute(value=ast.Name(id="minigrad"), attr=attribute):
                assert hasattr(torch, attribute), attribute
            case ast.Attribute(value=ast.Name(id="nn"), attr=attribute):
                assert hasattr(torch.nn, attribute), attribute
