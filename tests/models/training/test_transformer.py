"""Training a Transformer: warm-up, label smoothing, alignment by head, saving and resuming."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest

import minigrad
from models import kinds
from models.training import evaluation
from models.training.run import Settings as AnySettings
from models.training.transformer import Settings, Transforming
from models.training.translating import loss_of

SMALL = Settings(embedding=8, hidden=8, heads=2, steps=12, warmup=4, batch_size=16)


@pytest.fixture
def start(tmp_path, splits):
    """A function that starts a new run."""
    return lambda name="run", **settings: Transforming.start(
        tmp_path / name, replace(SMALL, **settings), splits.train
    )


def test_the_learning_rate_rises_and_falls(start, splits):
    run = start()
    assert run.train(splits.train)
    rates = [row[3] for row in run.metrics]
    falling = SMALL.learning_rate * (1 - np.arange(12) / 12)
    rising = np.minimum(1, np.arange(1, 13) / 4)
    assert rates == pytest.approx(list(falling * rising))
    assert rates[0] < rates[1] < rates[2] < rates[3] > rates[4]


def test_without_warm_up_the_learning_rate_only_falls(start, splits):
    run = start(warmup=0)
    assert run.train(splits.train)
    assert [row[3] for row in run.metrics] == pytest.approx(
        list(SMALL.learning_rate * (1 - np.arange(12) / 12))
    )


def test_label_smoothing_shares_the_probability(start, splits):
    """The loss is the cross-entropy with a target of 1 - ε, and ε spread over all words."""
    run = start(dropout=0.0, final_dropout=0.0, label_smoothing=0.3)
    batch = run.batch(splits.train[:8])
    loss, _ = run.loss(batch)
    logits, _ = run.model(*map(minigrad.tensor, batch[:2]))
    log_p = minigrad.log_softmax(logits, -1).detach().numpy()
    words = batch.target_out != 0
    true = np.take_along_axis(log_p, batch.target_out[..., None], -1)[..., 0]
    expected = -(0.7 * true + 0.3 * log_p.mean(-1))[words].mean()
    assert loss.item() == pytest.approx(expected, rel=1e-5)
    run.model.eval()  # there it is the loss itself
    assert run.loss(batch)[0].item() == pytest.approx(-true[words].mean(), rel=1e-5)
    assert loss_of(run.model, batch)[0].item() == run.loss(batch)[0].item()


def test_a_resumed_run_gives_the_same_numbers(start, splits):
    whole, first = start("whole"), start("first")
    assert whole.train(splits.train)
    for _, batch in zip(range(5), first.batches(splits.train), strict=False):
        first.step(batch)
    first.save()
    again, _ = kinds.open_run(first.folder)
    assert again.train(splits.train)
    assert again.metrics == whole.metrics
    for name in ("model.safetensors", "checkpoint.safetensors"):
        assert (again.folder / name).read_bytes() == (whole.folder / name).read_bytes()


def test_tied_weights_are_still_tied_in_a_run_that_was_opened(start, splits):
    run = start()
    assert run.train(splits.train)
    again, _ = kinds.open_run(run.folder)
    assert again.model.output.weight is again.model.target.words.weight
    assert len(again.parameters) == len(run.parameters)


def test_it_learns(splits):
    settings = replace(SMALL, embedding=16, steps=60, learning_rate=2e-2, label_smoothing=0.0)
    run = Transforming.start("", settings, splits.train)
    for _, batch in zip(range(60), run.batches(splits.train), strict=False):
        run.step(batch)
    losses = [row[0] for row in run.metrics]
    assert losses[0] == pytest.approx(math.log(len(run.target_vocabulary)), abs=3)
    assert np.mean(losses[-5:]) < 0.5 * losses[0]


def test_alignment_has_an_entry_for_each_head(start, splits):
    run = start(layers=3)
    found = evaluation.aligned(run, splits.test)
    assert found.shape == (3, 2)
    batch = run.batch(splits.test)
    with minigrad.no_grad():
        _, weights = run.model(*map(minigrad.tensor, batch[:2]))
    for layer, head in np.ndindex(3, 2):
        hits = [
            (i, int(weights[row, layer, head, i].argmax())) in pair.alignment
            for row, pair in enumerate(splits.test)
            for i in pair.content
        ]
        assert found[layer, head] == pytest.approx(np.mean(hits))


def test_a_translation_has_the_weights_of_all_heads(start, splits):
    run = start()
    for pair, (words, weights) in zip(
        splits.test, evaluation.translate(run, splits.test), strict=True
    ):
        if not words:
            continue
        assert np.shape(weights) == (2, 2, len(words), len(pair.source))
        np.testing.assert_allclose(np.sum(weights, -1), 1, atol=1e-5)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"heads": 3}, "the heads must divide the embedding"),
        ({"positions": "none"}, "positions must be sinusoidal or learned or rotary"),
        ({"norm": "both"}, "norm must be before or after"),
        ({"label_smoothing": 1.5}, "label_smoothing must be at most 1"),
        ({"warmup": -1}, "warmup must be at least 0"),
        ({"dropout": 1.0}, "dropout must be below 1"),
    ],
)
def test_settings_that_make_no_sense(given, message):
    with pytest.raises(ValueError, match=message):
        replace(SMALL, **given)


def test_a_run_of_the_time_before_there_was_a_warm_up_opens(tmp_path):
    run, _ = kinds.start(tmp_path / "run", "self_attention", {"steps": 1, "embedding": 4})
    run.save()
    path = run.folder / "config.json"
    config = json.loads(path.read_text(encoding="utf-8"))
    del config["settings"]["warmup"]
    for name in ("checkpoint.safetensors", "model.safetensors"):
        assert (run.folder / name).exists()
    parsed, _ = type(run).parsed(config, path)
    assert parsed == run.settings
    assert AnySettings.__dataclass_fields__["warmup"].metadata["former"] == 0
