"""The model files run on PyTorch, with the word minigrad replaced, and give the same numbers."""

import ast
import itertools
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import minigrad
import models
from models.reading import Reading, Settings
from models.tasks import coreference
from models.tasks.batches import batch_stream, make_batch
from models.tasks.calendar import corpus
from models.tasks.vocabulary import Vocabulary
from on_torch import on_torch as loaded_on_torch

HERE = Path(models.__file__).parent
FILES = ("rnn", "seq2seq", "attention", "self_attention")
STEPS = 20


@pytest.fixture(scope="module")
def on_torch(torch):
    """The model files on PyTorch."""
    with loaded_on_torch(HERE, FILES) as package:
        yield package


@pytest.fixture(scope="module")
def ours():
    from models import attention, rnn, self_attention, seq2seq

    return SimpleNamespace(
        rnn=rnn, seq2seq=seq2seq, attention=attention, self_attention=self_attention
    )


class Twin:
    """A model on one framework: the words below are all that the training and the test need."""

    def __init__(self, framework, model, lr=1e-2):
        self.framework, self.model = framework, model.double()
        self.optimizer = framework.optim.Adam(self.model.parameters(), lr=lr)

    def tensors(self, *arrays):
        return map(self.framework.tensor, arrays)

    def step(self, logits, target, ignore_index=-100):
        """One step of training: its loss, and the length of the gradient before clipping."""
        loss = self.framework.nn.functional.cross_entropy(
            logits, self.framework.tensor(target), ignore_index=ignore_index
        )
        self.optimizer.zero_grad()
        loss.backward()
        norm = self.framework.nn.utils.clip_grad_norm_(self.model.parameters(), 0.5)
        self.optimizer.step()
        return loss.item(), norm.item()


def twins(torch, mine, theirs):
    """The same model on both, with the same weights."""
    twins = Twin(minigrad, mine), Twin(torch, theirs)
    weights = {k: torch.from_numpy(v.numpy().copy()) for k, v in mine.state_dict().items()}
    theirs.load_state_dict(weights)  # which says if a name or a shape differs
    return twins


def assert_same_parameters(mine, theirs):
    for (name, value), other in zip(
        mine.model.state_dict().items(), theirs.model.state_dict().values(), strict=True
    ):
        np.testing.assert_allclose(value.numpy(), other.numpy(), rtol=0, atol=1e-9, err_msg=name)


def assert_same(value, other):
    if other is None:
        assert value is None
    else:
        other = other.detach().numpy()
        assert other.dtype == np.float64
        np.testing.assert_allclose(value.detach().numpy(), other, rtol=0, atol=1e-9)


def translated(twin, batch):
    """The logits, and the weights, or None from a model without."""
    given = twin.model(*twin.tensors(batch.source, batch.target_in))
    return given if isinstance(given, tuple) else (given, None)


@pytest.mark.parametrize("model", ["seq2seq", "attention"])
def test_a_translator_trains_with_the_same_numbers(torch, ours, on_torch, model):
    pairs = corpus(size=200, validation=10, test=20, max_clauses=3)
    vocabularies = [
        Vocabulary.build(pair.source for pair in pairs.train),
        Vocabulary.build(pair.target for pair in pairs.train),
    ]
    config = {
        "source_words": len(vocabularies[0]),
        "target_words": len(vocabularies[1]),
        "embedding": 12,
        "hidden": 16,
        "dropout": 0.0,
    }
    kind = {"seq2seq": "Seq2Seq", "attention": "Attention"}[model]
    mine, theirs = twins(
        torch,
        *(
            getattr(getattr(package, model), kind)(package.seq2seq.Config(**config))
            for package in (ours, on_torch)
        ),
    )
    norms = []
    stream = batch_stream(pairs.train, *vocabularies, batch_size=16, seed=0)
    for batch in itertools.islice(stream, STEPS):
        (loss, norm), expected = [
            twin.step(
                translated(twin, batch)[0].flatten(0, 1), batch.target_out.ravel(), Vocabulary.PAD
            )
            for twin in (mine, theirs)
        ]
        assert (loss, norm) == pytest.approx(expected, rel=0, abs=1e-9)
        norms.append(norm)
    assert max(norms) > 0.5  # some were clipped
    assert_same_parameters(mine, theirs)

    batch = make_batch(pairs.test, *vocabularies)
    for value, other in zip(translated(mine, batch), translated(theirs, batch), strict=True):
        assert_same(value, other)
    (ids, weights), (other_ids, other_weights) = [
        package.seq2seq.greedy(twin.model, *twin.tensors(batch.source), 1, 2, limit=15)
        for twin, package in ((mine, ours), (theirs, on_torch))
    ]
    assert np.array_equal(ids.numpy(), other_ids.numpy())
    assert_same(weights, other_weights)


@pytest.mark.parametrize(
    ("kind", "settings"),
    [
        ("BareSelfAttention", {}),
        ("SelfAttention", {"positions": "sinusoidal"}),
        ("SelfAttention", {"positions": "learned", "heads": 4, "layers": 3}),
        ("SelfAttention", {"scaled": False}),
    ],
)
def test_a_reader_trains_with_the_same_numbers(torch, ours, on_torch, tmp_path, kind, settings):
    texts = coreference.corpus(size=200, validation=0, test=20)
    reader = Reading.start(tmp_path, Settings(batch_size=16), texts.train)
    mine, theirs = twins(
        torch,
        *(
            getattr(package, kind)(package.Config(len(reader.vocabulary), 12, **settings))
            for package in (ours.self_attention, on_torch.self_attention)
        ),
    )
    for batch in itertools.islice(reader.batches(texts.train), STEPS):
        (loss, norm), expected = [
            twin.step(twin.model(*twin.tensors(batch.text))[0][range(16), batch.it], batch.answer)
            for twin in (mine, theirs)
        ]
        assert (loss, norm) == pytest.approx(expected, rel=0, abs=1e-9)
    assert_same_parameters(mine, theirs)

    batch = reader.batch(texts.test)
    for value, other in zip(
        *(twin.model(*twin.tensors(batch.text)) for twin in (mine, theirs)), strict=True
    ):
        assert_same(value, other)


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
