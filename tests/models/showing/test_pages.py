import json
import re

import numpy as np
import pytest

import minigrad
import minigrad.nn.functional as F
from models import attention, self_attention
from models.__main__ import main
from models.showing import pages
from models.showing import reading as shows_reading
from models.showing import translating as shows_translating
from models.tasks import coreference
from models.tasks.text import words
from models.training import evaluation
from models.training.reading import weights_of
from models.training.translating import Settings, Translating

TEXT = coreference.COURSE.words
SENTENCE = ("오늘은", "금요일", "입니다")
IT = coreference.COURSE.it


@pytest.fixture(scope="module")
def translator(splits):
    run = Translating.start("", Settings(embedding=8, hidden=8, steps=9), splits.train)
    for _, batch in zip(range(5), run.batches(splits.train), strict=False):
        run.step(batch)
    return run


@pytest.fixture
def reading(reader):
    return shows_reading.page(reader, TEXT)


@pytest.fixture
def short(monkeypatch):
    """Translations of at most four words, because such a small model does not know when to end."""
    monkeypatch.setattr(evaluation, "LIMIT", 4)


@pytest.fixture
def translating(translator, short):
    return shows_translating.page(translator, SENTENCE)


def softmax(logits):
    return F.softmax(logits.detach(), -1).numpy()


def close(given, expected, tolerance=1e-4):
    assert np.shape(given) == np.shape(expected)
    assert np.allclose(given, expected, rtol=1e-3, atol=tolerance)


def change(before, after, names):
    """The expected entries: every word that is among the three likeliest before or after."""
    top = [set(np.argsort(-p)[:3]) for p in (before, after)]
    return {names[i]: (before[i], after[i]) for i in set.union(*top)}


def same_change(given, expected):
    assert {name for name, _, _ in given} == set(expected)
    for name, before, after in given:
        assert (before, after) == pytest.approx(expected[name], abs=1e-4)


# What it shows of a text


def test_the_weights_of_a_text(reader, reading):
    close(reading["weights"], weights_of(reader, TEXT))
    assert reading["rows"] == reading["columns"] == TEXT
    assert reading["unknown"] == []


def test_the_answer_is_where_it_points(reader, reading):
    row = weights_of(reader, TEXT)[-1].mean(0)[IT]
    assert reading["asked"] == IT
    assert [i for i, answer in enumerate(reading["answers"]) if answer] == [IT]
    names, shares = zip(*reading["answers"][IT], strict=True)
    assert list(names) == np.argsort(-row, kind="stable")[:3].tolist()
    close(shares, row[list(names)])


@pytest.mark.parametrize(
    ("text", "asked"), [("It has a tail", 0), ("it sees it .", 2), ("The dog runs", 2), ("dog", 0)]
)
def test_which_word_is_resolved(reader, text, asked):
    assert shows_reading.page(reader, words(text))["asked"] == asked


def nudged(monkeypatch, module, name, call, place, by):
    """Change the weights of one attention call in one place, by `by`."""
    original, calls = getattr(module, name), []

    def other(*inputs):
        value = inputs[2] if name == "attention" else inputs[1]
        context, weights = original(*inputs)
        calls.append(None)
        if len(calls) == call + 1:
            nudge = np.zeros(weights.shape, np.float32)
            nudge[place] = by
            weights = weights + minigrad.tensor(nudge)
            context = weights @ value
        return context, weights

    monkeypatch.setattr(module, name, other)


@pytest.mark.parametrize("layer", [0, 1])
@pytest.mark.parametrize("head", [0, 1])
def test_gradients_of_a_reader_are_differences(reader, reading, monkeypatch, layer, head):
    answer = reading["answers"][IT][0][0]
    text = minigrad.tensor([reader.vocabulary.encode(TEXT)])
    for i, j in ((IT, 3), (IT, answer), (1, 4)):
        ends = []
        for by in (0.02, -0.02):
            with monkeypatch.context() as patch, minigrad.no_grad():
                nudged(patch, self_attention, "attention", layer, (0, head, i, j), by)
                ends.append(reader.model(text)[0][0, IT, answer].item())
        slope = (ends[0] - ends[1]) / 0.04
        assert reading["gradients"][layer][head][i][j] == pytest.approx(slope, rel=0.02, abs=1e-4)


def test_the_cuts_of_a_text(reader, reading):
    text = minigrad.tensor([reader.vocabulary.encode(TEXT)])
    before = weights_of(reader, TEXT)[-1].mean(0)[IT]
    for layer, i, j in ((0, IT, 10), (0, 1, IT), (1, IT, 1), (1, IT, IT)):
        cut = np.zeros((2, 1, 1, 12, 12), bool)
        cut[layer, ..., i, j] = True
        with minigrad.no_grad():
            _, weights = reader.model(text, minigrad.tensor(cut))
        assert np.all(weights.numpy()[0, layer, :, i, j] == 0)
        after = weights.numpy()[0, -1].mean(0)[IT]
        same_change(reading["cuts"][layer][i][j], change(before, after, range(12)))


def test_in_the_last_layer_only_the_row_of_it_counts(reader, reading):
    for i, row in enumerate(reading["cuts"][-1]):
        assert (row == [None] * 12) == (i != IT)
    assert all(cell for row in reading["cuts"][0] for cell in row)


def test_the_only_edge_of_the_only_word_is_not_cut(reader, translator, short):
    assert shows_reading.page(reader, ("It",))["cuts"] == [[[None]], [[None]]]
    (cuts,) = shows_translating.page(translator, ("오늘은",))["cuts"]
    assert cuts
    assert all(row == [None] for row in cuts)


# What it shows of a translation


def steps(run, names):
    """The states of the encoder, and of the decoder that reads the translation."""
    source = minigrad.tensor([run.source_vocabulary.encode(SENTENCE)])
    ids = [run.target_vocabulary.BEGIN, *run.target_vocabulary.encode(names)][:-1]
    h, (hs, _) = run.model.encode(source)
    return hs, run.model.decoder(minigrad.tensor([ids]), h)[0]


def test_the_weights_of_a_translation(translator, translating):
    translation = evaluation.translate_words(translator, SENTENCE)
    assert translating["rows"] == translation.words
    assert translating["rows"]
    assert translating["columns"] == SENTENCE
    assert translating["asked"] is None
    close(translating["weights"], [[translation.weights]])
    assert [answer[0][0] for answer in translating["answers"]] == translation.words


def test_gradients_of_a_translator_are_differences(translator, translating, monkeypatch):
    hs, hds = steps(translator, translating["rows"])
    known = minigrad.tensor(np.ones((1, 3), bool))
    ids = translator.target_vocabulary.encode(translating["rows"])
    for t, s in ((0, 0), (1, 2), (len(ids) - 1, 1)):
        ends = []
        for by in (0.02, -0.02):
            with monkeypatch.context() as patch, minigrad.no_grad():
                nudged(patch, attention, "attend", 0, (0, t, s), by)
                context, _ = attention.attend(hds, hs, known)
                logits = translator.model.output(minigrad.cat([context, hds], -1))
                ends.append(F.log_softmax(logits, -1)[0, t, ids[t]].item())
        slope = (ends[0] - ends[1]) / 0.04
        assert translating["gradients"][0][0][t][s] == pytest.approx(slope, rel=0.02, abs=1e-4)


def test_the_cuts_of_a_translation(translator, translating):
    hs, hds = steps(translator, translating["rows"])
    names = translator.target_vocabulary.words

    def answers(mask):
        context, _ = attention.attend(hds, hs, minigrad.tensor([mask]))
        return softmax(translator.model.output(minigrad.cat([context, hds], -1)))[0]

    before = answers([True] * 3)
    for s in range(3):
        after = answers([i != s for i in range(3)])
        for t, row in enumerate(translating["cuts"][0]):
            same_change(row[s], change(before[t], after[t], names))


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"cell": "lstm", "score": "general"},
        {"cell": "gru", "order": "bahdanau"},
        {"cell": "lstm", "score": "additive", "order": "bahdanau"},
    ],
)
def test_a_word_of_every_translator_depends_on_its_own_weights(splits, short, monkeypatch, given):
    """Gradients and cuts are about one word; what was read before it stays as it was."""
    run = Translating.start("", Settings(embedding=8, hidden=8, steps=9, **given), splits.train)
    page, model, names = shows_translating.page(run, SENTENCE), run.model, run.target_vocabulary
    assert page["rows"] == evaluation.translate_words(run, SENTENCE).words
    state, (hs, mask) = model.encode(minigrad.tensor([run.source_vocabulary.encode(SENTENCE)]))
    read = names.BEGIN
    for t, name in enumerate(page["rows"]):
        words, answer = minigrad.tensor([[read]]), names.encode([name])[0]

        def logits(mask=mask, words=words, state=state):
            with minigrad.no_grad():
                return model.decode(words, state, (hs, mask))[0][0, 0]

        before, row = logits(), []
        for s in range(3):
            ends = []
            for by in (0.02, -0.02):
                with monkeypatch.context() as patch:
                    nudged(patch, attention, "attend", 0, (0, 0, s), by)
                    ends.append(F.log_softmax(logits(), -1)[answer].item())
            row.append((ends[0] - ends[1]) / 0.04)
            after = logits(minigrad.tensor([[i != s for i in range(3)]]))
            changes = change(softmax(before), softmax(after), names.words)
            same_change(page["cuts"][0][t][s], changes)
        assert page["gradients"][0][0][t] == pytest.approx(row, rel=0.02, abs=1e-4)
        _, weights, state = model.decode(words, state, (hs, mask))
        close(page["weights"][0][0][t], weights[0, 0].tolist())
        read = answer


# The page


def data_of(text):
    """The data in a page."""
    return json.loads(re.search(r'<script type="application/json"[^>]*>(.*?)</script>', text)[1])


@pytest.mark.parametrize("head", [None, 2])
def test_a_page_holds_its_data(reader, reading, tmp_path, head):
    path = pages.save(reading, tmp_path / "new" / "page.html", head)
    given = data_of(path.read_text(encoding="utf-8"))
    assert given == json.loads(json.dumps(reading)) | {"head": head}


def test_no_word_ends_the_script(reader):
    nasty = ("</script>", "<script>", "<!--", "&lt;", "{{data}}", "It")
    text = pages.html(shows_reading.page(reader, nasty) | {"head": None})
    template = pages.joined(pages.PAGE)
    for mark in ("<script", "</script", "<!--"):
        assert text.count(mark) == template.count(mark)
    assert tuple(data_of(text)["rows"]) == nasty


def test_the_page_needs_nothing_from_elsewhere():
    template = pages.joined(pages.PAGE)
    addresses = re.findall(r"[a-z]+://[^\s\"']*", template)
    assert addresses == ["http://www.w3.org/2000/svg"]  # a name, which nobody fetches
    assert not re.search(r"@import|url\(|<img|<iframe|\bsrc=|innerHTML|eval\(", template)


@pytest.mark.parametrize(
    "word", ["\ud800", "\x1b[2J\x9b", "\u202eevil", "\ufffe", "a\nb", "x" * 10**6]
)
def test_no_word_disturbs_the_page(reader, tmp_path, word):
    page = shows_reading.page(reader, ("it", word)) | {"unknown": [word]}
    page["answers"][0][0][0] = word
    given = data_of(pages.save(page, tmp_path / "page.html").read_text(encoding="utf-8"))
    seen = [given["rows"][1], given["columns"][1], given["unknown"][0], given["answers"][0][0][0]]
    assert len(set(seen)) == 1
    assert seen[0].isprintable()
    assert len(seen[0]) <= 100


def test_a_page_is_written_whole_or_not_at_all(reading, tmp_path, monkeypatch):
    path = tmp_path / "page.html"
    path.write_text("old")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", full)
    with pytest.raises(OSError, match="No space left"):
        pages.save(reading, path)
    assert path.read_text() == "old"
    assert len(list(tmp_path.iterdir())) == 1


def test_in_a_long_text_only_the_strongest_edges_are_cut(reader, reading, monkeypatch):
    monkeypatch.setattr(pages, "LIMIT", 3 * len(TEXT) ** 3)
    some = shows_reading.page(reader, TEXT)["cuts"]
    mean = weights_of(reader, TEXT).mean(1)
    for layer, row in ((0, 1), (0, IT), (1, IT)):
        tried = set(np.argsort(-mean[layer][row], kind="stable")[:3].tolist())
        for column, change in enumerate(some[layer][row]):
            if column in tried:
                same_change(change, {n: (p, q) for n, p, q in reading["cuts"][layer][row][column]})
            else:
                assert change is False
    assert some[1][1] == [None] * len(TEXT)  # no answer depends on it


def test_a_page_has_a_largest_size(reader, translator):
    for showing, run in ((shows_reading, reader), (shows_translating, translator)):
        with pytest.raises(ValueError, match=r"at most 200 words, and these are 201: .*\.svg"):
            showing.page(run, ("it",) * 201)


def test_a_long_sentence_is_cut_in_several_batches(translator, short, monkeypatch):
    sentence = SENTENCE * 3
    whole = shows_translating.page(translator, sentence)
    monkeypatch.setattr(shows_translating, "AT_ONCE", 4)
    parts = shows_translating.page(translator, sentence)
    for one, other in zip(whole["cuts"][0], parts["cuts"][0], strict=True):
        for change, same in zip(one, other, strict=True):
            same_change(same, {name: (before, after) for name, before, after in change})


@pytest.mark.parametrize("size", [1, 2, 3, 4, 50])
def test_the_likeliest_words_come_first_and_ties_in_order(size):
    for answer in (np.random.default_rng(size).random(size), np.full(size, 1 / size)):
        expected = np.argsort(-answer, kind="stable")[:3].tolist()
        assert pages.likeliest(answer) == expected


def test_nan_is_refused(reading):
    with pytest.raises(ValueError, match="JSON"):
        pages.html(reading | {"weights": [float("nan")]})


# On the command line


def test_attend_writes_a_page(reader, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(reader, "folder", tmp_path / "run")
    reader.save()
    out = tmp_path / "weights.html"
    command = ["attend", "It saw the aardvark .", "--run", str(tmp_path / "run"), "--out", str(out)]
    assert main([*command, "--head", "2"]) == 0
    printed = capsys.readouterr().out
    assert "\nlayer 2\n" in printed
    assert printed.endswith(f"written:\n  {out}\n")
    given = data_of(out.read_text(encoding="utf-8"))
    assert (given["head"], given["unknown"]) == (2, ["saw", "aardvark"])


def test_an_empty_translation_has_no_picture(translator, monkeypatch):
    nothing = evaluation.Translation([], [])
    monkeypatch.setattr(evaluation, "translate_words", lambda *_: nothing)
    with pytest.raises(ValueError, match="the translation is empty"):
        shows_translating.attend(translator, SENTENCE)


# Words


def title_of(data):
    return re.search("<title>(.*?)</title>", pages.html(data | {"head": None}))[1]


def test_every_page_has_a_title_of_its_own(reader, reading, translating):
    titles = {title_of(data) for data in (reading, translating)}
    assert titles == {
        "The dog likes an apple . It has a long tail . · self_attention, self-attention",
        "오늘은 금요일 입니다 · attention, cross-attention",
    }
    other = shows_reading.page(reader, ("</title>", "It"))
    assert title_of(other).startswith("&lt;/title&gt; It · ")


def test_the_title_names_the_run(reader, monkeypatch):
    monkeypatch.setattr(reader, "folder", "runs/one_layer")
    assert pages.about(reader, "self") == "self_attention (run one_layer), self-attention"
