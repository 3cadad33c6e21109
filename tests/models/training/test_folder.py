"""The files of a run: what is damaged, exchanged or odd is refused in one line."""

import json
import os
import random
import shutil
import time

import numpy as np
import pytest

import minigrad
from models import kinds
from models.tasks import coreference
from models.tasks.calendar import corpus
from models.training import folder as files
from models.training.reading import Reading
from models.training.translating import Translating

PAIRS = corpus(size=40, validation=2, test=2, max_clauses=1)
SETTINGS = {"embedding": 4, "hidden": 4, "steps": 6, "batch_size": 8}
READER = {"embedding": 4, "heads": 2, "layers": 1, "steps": 2, "batch_size": 4}
ODD = [
    None, True, False, -1, 0, 0.5, 1e308, 2**31, 2**63, 99_999, 10**400, float("nan"), float("inf"),
    "x", "", "attention\n\x1b[2J", "\u202e" * 9, "y" * 200_000, "\ud800", [], [1], {}, {"a": 1},
]  # fmt: skip


@pytest.fixture(scope="module", params=[Translating, Reading])
def trained(request, tmp_path_factory):
    """A run of each kind, trained and saved twice."""
    kind, folder = request.param, tmp_path_factory.mktemp("folder") / "run"
    given = SETTINGS if kind is Translating else READER
    texts = PAIRS.train if kind is Translating else coreference.corpus(60, 0, 4, 4).train
    run = kind.start(folder, kind.Settings(**given), texts)
    assert run.train(texts, save_every=2)
    return folder


@pytest.fixture
def folder(trained, tmp_path):
    """A copy of it, to damage."""
    return shutil.copytree(trained, tmp_path / "run")


def contents(folder):
    """All that a run consists of, as it is opened."""
    run = kinds.open_run(folder)[0]
    state = {k: (v.shape, v.tobytes()) for k, v in run._state().items()}
    return run.settings, [known.words for known in run.vocabularies.values()], state, run.sealed


def refused(folder, resume=False):
    """The error when a run is opened or resumed: one printable line that names the folder."""
    start = time.monotonic()
    with pytest.raises((ValueError, FileNotFoundError)) as error:
        kinds.resume(folder, {}) if resume else kinds.open_run(folder)
    said = str(error.value)
    assert said.isprintable(), said
    assert str(folder) in said
    assert len(said) < 700
    assert time.monotonic() - start < 5  # a hang, or gigabytes that are filled
    return said


def write_config(folder, config):
    (folder / files.CONFIG).write_text(json.dumps(config), encoding="utf-8")


def read_config(folder):
    return json.loads((folder / files.CONFIG).read_text(encoding="utf-8"))


def reseal(path, change):
    """Change the arrays and the config of a file, and give it the digest that fits."""
    saved = files.unsealed(path)
    arrays, config = dict(saved.arrays), json.loads(json.dumps(saved.config))
    change(arrays, config)
    path.write_bytes(files.sealed(arrays, config))


def of_the_first_edition(folder):
    """Write the files as they were before there were digests."""
    config = read_config(folder)
    del config["edition"]
    write_config(folder, config)
    for name in (files.CHECKPOINT, files.MODEL):
        minigrad.save(files.unsealed(folder / name).arrays, folder / name)
    (folder / files.PREVIOUS).unlink()


# Damage.


@pytest.mark.parametrize("name", [files.CHECKPOINT, files.MODEL])
def test_a_flipped_bit_is_noticed_wherever_it_is(folder, name):
    if name == files.MODEL:
        (folder / files.CHECKPOINT).unlink()
        (folder / files.PREVIOUS).unlink()
    good = (folder / name).read_bytes()
    rng = random.Random(0)
    places = [*range(0, 200, 3), *(rng.randrange(len(good)) for _ in range(100))]
    for place in places:
        content = bytearray(good)
        content[place] ^= 1 << rng.randrange(8)
        (folder / name).write_bytes(content)
        said = refused(folder)
        assert name in said
        assert "not as it was saved" in said
        assert ("rename checkpoint.previous" in said) == (name == files.CHECKPOINT)


def test_a_damaged_copy_does_not_change_the_run(folder):
    right = contents(folder)
    for name in (files.MODEL, files.METRICS):
        (folder / name).write_bytes(b"nothing")
        assert contents(folder) == right
    (folder / files.CONFIG).unlink()
    assert contents(folder) == right
    (folder / files.CONFIG).write_bytes(b"nothing")
    assert "not a valid run config" in refused(folder)


@pytest.mark.parametrize("size", [0, 1, 7, 8, 9, 300, -1, 10**12])
def test_a_file_that_is_cut_off_or_endless(folder, size):
    path = folder / files.CHECKPOINT
    os.truncate(path, size if size >= 0 else path.stat().st_size + size)
    assert "is damaged" in refused(folder)
    os.truncate(folder / files.CONFIG, max(0, size))
    assert "config.json" in refused(folder)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no FIFO")
@pytest.mark.parametrize("name", [files.CHECKPOINT, files.CONFIG])
def test_a_file_that_never_ends(folder, name):
    for make in (os.mkfifo, lambda path: path.symlink_to("/dev/zero"), os.mkdir):
        (folder / name).unlink()
        make(folder / name)
        assert "not a regular file" in refused(folder)
        os.rmdir(folder / name) if make is os.mkdir else (folder / name).unlink()
        (folder / name).touch()


@pytest.mark.parametrize("text", ["[" * 100_000, "1" * 5000, "[]", "null", '"x"', "{}", "\ufeff{}"])
def test_a_config_that_is_not_one(folder, text):
    (folder / files.CONFIG).write_text(text, encoding="utf-8")
    assert "not a valid run config" in refused(folder)


def test_the_last_good_checkpoint_goes_on(folder):
    whole = (folder / files.CHECKPOINT).read_bytes()
    (folder / files.CHECKPOINT).write_bytes(whole[:-1])
    assert "rename checkpoint.previous.safetensors to checkpoint.safetensors" in refused(folder)
    (folder / files.CHECKPOINT).unlink()
    said = refused(folder, resume=True)
    assert "has no checkpoint.safetensors" in said
    assert "rename checkpoint.previous.safetensors" in said
    (folder / files.PREVIOUS).rename(folder / files.CHECKPOINT)
    assert contents(folder)


def test_without_a_previous_checkpoint_the_model_is_offered(folder):
    (folder / files.PREVIOUS).write_bytes(b"nothing")
    (folder / files.CHECKPOINT).write_bytes(b"nothing")
    assert refused(folder).endswith(
        "remove checkpoint.safetensors to use the model without resuming"
    )
    (folder / files.CHECKPOINT).unlink()
    assert contents(folder)
    (folder / files.MODEL).write_bytes(b"nothing")
    assert refused(folder).endswith(")")


def test_the_previous_checkpoint_of_another_run_is_not_offered(folder):
    (folder / files.CHECKPOINT).write_bytes(b"nothing")
    reseal(folder / files.PREVIOUS, lambda arrays, config: config["settings"].update(seed=9))
    assert "rename" not in refused(folder)


# What does not belong together.


def test_a_checkpoint_holds_its_own_config(folder):
    config = read_config(folder)
    config["settings"]["seed"] = 5
    write_config(folder, config)
    assert "config.json is not the one that checkpoint.safetensors was saved with" in refused(
        folder
    )
    (folder / files.CONFIG).unlink()
    assert kinds.open_run(folder)[0].settings.seed == 0
    of_another = read_words(config)
    assert of_another != config
    write_config(folder, of_another)
    assert "is not the one" in refused(folder)


def read_words(config):
    """The config with two words of its first vocabulary exchanged."""
    name = next(key for key in config if key.endswith("_vocabulary"))
    words = list(config[name])
    words[5], words[6] = words[6], words[5]
    return config | {name: words, "settings": config["settings"] | {"seed": 0}}


@pytest.mark.parametrize("change", ["a moment", "metrics", "weights", "nothing"])
def test_a_checkpoint_that_was_saved_again_without_its_digest(folder, change):
    arrays = dict(files.unsealed(folder / files.CHECKPOINT).arrays)
    if change == "a moment":
        del arrays["adam.0.exp_avg"]
    elif change == "metrics":
        arrays["metrics"] = arrays["metrics"][:-1]
    elif change == "weights":
        name = next(name for name in arrays if name.startswith("model."))
        arrays[name] = arrays[name] + 1
    minigrad.save(arrays, folder / files.CHECKPOINT)
    said = refused(folder)
    assert "checkpoint.safetensors is not as it was saved: it has no digest" in said
    assert "rename checkpoint.previous.safetensors" in said


def test_a_run_of_the_first_edition_opens_but_does_not_resume(folder):
    right = contents(folder)
    of_the_first_edition(folder)
    assert contents(folder) == (*right[:3], False)
    assert "saved no digest" in refused(folder, resume=True)
    (folder / files.CHECKPOINT).unlink()
    assert contents(folder)[:2] == right[:2]
    (folder / files.CONFIG).unlink()
    assert "holds no run" in refused(folder)


# Odd values.


def odd_configs(config, values=ODD[::3]):
    """The config with every setting missing, or replaced by every one of the odd values."""
    for part in ("settings", None):
        for name in config["settings"] if part else config:
            inner = config["settings"] if part else config
            rest = {key: value for key, value in inner.items() if key != name}
            for changed in (rest, *({**rest, name: odd} for odd in values)):
                yield (config | {"settings": changed}) if part else changed


def expect_one_line(folder, right):
    """The run is refused in one line, or it is what it was."""
    try:
        found = contents(folder)
    except (ValueError, FileNotFoundError):
        refused(folder)
        return
    assert found[:2] == right[:2]


def test_odd_values_in_a_config(folder):
    right = contents(folder)
    for config in odd_configs(read_config(folder), ODD):
        write_config(folder, config)
        expect_one_line(folder, right)


def test_odd_values_in_a_config_of_the_first_edition(folder):
    of_the_first_edition(folder)
    for keep in (True, False):
        if not keep:
            (folder / files.CHECKPOINT).unlink()
        config = read_config(folder)
        for changed in odd_configs(config):
            write_config(folder, changed)
            try:
                kinds.open_run(folder)
            except (ValueError, FileNotFoundError):
                refused(folder)
        write_config(folder, config)


def test_odd_values_under_a_digest_that_fits(folder):
    path = folder / files.CHECKPOINT
    good, config = path.read_bytes(), dict(files.unsealed(path).config)
    (folder / files.CONFIG).unlink()
    for changed in odd_configs(config):
        reseal(path, lambda arrays, config, new=changed: (config.clear(), config.update(new)))
        try:
            kinds.open_run(folder)
        except (ValueError, FileNotFoundError):
            refused(folder)
        path.write_bytes(good)


@pytest.mark.parametrize(
    "value",
    [np.zeros(0), np.zeros((3, 4, 5)), np.array(1), np.zeros(7, bool), np.full((2, 4), np.nan)],
)
def test_odd_arrays_under_a_digest_that_fits(folder, value):
    path = folder / files.CHECKPOINT
    good = path.read_bytes()
    for name in files.unsealed(path).arrays:
        for change in (lambda a, c, n=name: a.pop(n), lambda a, c, n=name: a.update({n: value})):
            reseal(path, change)
            try:
                kinds.open_run(folder)
            except (ValueError, FileNotFoundError):
                refused(folder)
            path.write_bytes(good)


# Saving.


def test_files_keep_their_permissions(folder):
    for path in folder.iterdir():
        path.chmod(0o640)
    kinds.open_run(folder)[0].save()
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o640}


def test_a_file_system_without_links_keeps_no_previous_checkpoint(folder, monkeypatch):
    def no_links(source, target):
        raise OSError("there are no links here")

    monkeypatch.setattr(os, "link", no_links)
    kinds.open_run(folder)[0].save()
    assert not (folder / files.PREVIOUS).exists()
    assert contents(folder)
