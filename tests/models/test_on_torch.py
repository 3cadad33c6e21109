"""The model files run on PyTorch, with the word minigrad replaced, and give the same numbers."""

import ast
import importlib.util
import itertools
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import minigrad
import models
from models.tasks.batches import batch_stream, make_batch
from models.tasks.calendar import corpus
from models.tasks.vocabulary import Vocabulary

HERE = Path(models.__file__).parent
FILES = ("rnn", "seq2seq", "attention")
STEPS = 20


@pytest.fixture(scope="module")
def on_torch(torch):
    """The model files as they are, but for that one word, as a package of their own."""
    package = "models_on_torch"
    names = [package, *(f"{package}.{name}" for name in FILES)]
    for name in names:
        spec = importlib.util.spec_from_loader(name, loader=None, is_package=name == package)
        sys.modules[name] = importlib.util.module_from_spec(spec)
    try:
        for name in FILES:
            text = (HERE / f"{name}.py").read_text(encoding="utf-8").replace("minigrad", "torch")
            exec(compile(text, f"{name} on torch", "exec"), vars(sys.modules[f"{package}.{name}"]))
        yield SimpleNamespace(**{name: sys.modules[f"{package}.{name}"] for name in FILES})
    finally:
        for name in names:
            del sys.modules[name]


@pytest.fixture(scope="module")
def ours():
    from models import attention, rnn, seq2seq

    return SimpleNamespace(rnn=rnn, seq2seq=seq2seq, attention=attention)


class Twin:
    """A model on one framework: the words below are all that the training and the test need."""

    def __init__(self, framework, package, model, config):
        self.framework, self.greedy = framework, package.seq2seq.greedy
        kind = {"seq2seq": package.seq2seq.Seq2Seq, "attention": package.attention.Attention}[model]
        self.model = kind(package.seq2seq.Config(**config)).double()
        self.optimizer = framework.optim.Adam(self.model.parameters(), lr=1e-2)

    def __call__(self, batch):
        """The logits, and the weights, or None from a model without."""
        given = self.model(*map(self.framework.tensor, (batch.source, batch.target_in)))
        return given if isinstance(given, tuple) else (given, None)

    def step(self, batch):
        """One step of training: its loss, and the length of the gradient before clipping."""
        logits, _ = self(batch)
        loss = self.framework.nn.functional.cross_entropy(
            logits.flatten(0, 1),
            self.framework.tensor(batch.target_out).flatten(),
            ignore_index=Vocabulary.PAD,
        )
        self.optimizer.zero_grad()
        loss.backward()
        norm = self.framework.nn.utils.clip_grad_norm_(self.model.parameters(), 0.5)
        self.optimizer.step()
        return loss.item(), norm.item()


@pytest.mark.parametrize("model", ["seq2seq", "attention"])
def test_a_model_trains_with_the_same_numbers(torch, ours, on_torch, model):
    pairs = corpus(size=200, validation=10, test=20, max_clauses=3)
    vocabularies = [
        Vocabulary.build(pair.source for pair in pairs.train),
        Vocabulary.build(pair.target for pair in pairs.train),
    ]
    config = {
        "source_words": len(vocabularies[0]), "target_words": len(vocabularies[1]),
        "embedding": 12, "hidden": 16, "dropout": 0.0,
    }  # fmt: skip
    mine = Twin(minigrad, ours, model, config)
    theirs = Twin(torch, on_torch, model, config)
    weights = {k: torch.from_numpy(v.numpy().copy()) for k, v in mine.model.state_dict().items()}
    theirs.model.load_state_dict(weights)  # which says if a name or a shape differs

    norms = []
    stream = batch_stream(pairs.train, *vocabularies, batch_size=16, seed=0)
    for batch in itertools.islice(stream, STEPS):
        (loss, norm), expected = mine.step(batch), theirs.step(batch)
        assert (loss, norm) == pytest.approx(expected, rel=0, abs=1e-9)
        norms.append(norm)
    assert max(norms) > 0.5  # some were clipped

    for (name, value), other in zip(
        mine.model.state_dict().items(), theirs.model.state_dict().values(), strict=True
    ):
        np.testing.assert_allclose(value.numpy(), other.numpy(), rtol=0, atol=1e-9, err_msg=name)

    batch = make_batch(pairs.test, *vocabularies)
    for value, other in zip(mine(batch), theirs(batch), strict=True):
        assert_same(value, other)

    translated = [
        twin.greedy(twin.model, twin.framework.tensor(batch.source), 1, 2, limit=15)
        for twin in (mine, theirs)
    ]
    assert np.array_equal(translated[0][0].numpy(), translated[1][0].numpy())
    assert_same(translated[0][1], translated[1][1])


def assert_same(value, other):
    if other is None:
        assert value is None
    else:
        other = other.detach().numpy()
        assert other.dtype == np.float64
        np.testing.assert_allclose(value.detach().numpy(), other, rtol=0, atol=1e-9)


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
