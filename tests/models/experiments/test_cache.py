import numpy as np

import minigrad
from models import gpt
from models.experiments import cache
from models.showing import plots


def of(result, name, way):
    """The numbers of a way: an array (lengths, seeds)."""
    found = np.array(result[name][way])
    assert found.shape[0] == len(result["lengths"])
    assert found.shape[1] >= 3
    return found


def test_a_token_costs_as_much_less_as_the_text_is_long(result):
    lengths = np.array(result["lengths"])[:, None]
    np.testing.assert_array_equal(
        of(result, "work", "uncached"), lengths * of(result, "work", "cached")
    )


def test_the_exponents_differ_by_one(result):
    cached, uncached = (np.array(result["exponents"]["work"][way]) for way in cache.WAYS)
    np.testing.assert_allclose(uncached - cached, 1, atol=1e-4)
    assert (cached > 0).all()  # attention to a longer text
    assert (cached < 1).all()


def test_the_work_is_that_of_the_linear_layers_and_of_attention():
    config = gpt.Config(words=11, embedding=8, hidden=12, layers=2, heads=2)
    model = gpt.GPT(config).eval()
    text = minigrad.full((1, 5), 3)

    def expected(read, attended):
        layer = read * (4 * 8 * 8 + 2 * 8 * 12) + 2 * read * attended * 8
        return 2 * layer + read * 8 * 11

    assert cache.work_of(model, text) == expected(5, 5)
    state = model.decode(text)[2]
    assert cache.work_of(model, text[:, :1], state) == expected(1, 6)
    assert cache.work_of(model, text) == expected(5, 5)  # no hook stays


def test_exponents():
    lengths = (2, 4, 8, 16, 32)
    values = [[n**2, 7 * n**0.5] for n in lengths]
    np.testing.assert_allclose(cache.exponents_of(lengths, values), [2, 0.5])


def test_seconds_are_measured_if_asked_for():
    settings = cache.Settings(lengths=(4, 8, 16), embedding=8, hidden=8, repeats=1, seeds=(0, 1, 2))
    result = cache.measure(settings)
    assert (of(result, "seconds", "cached") >= 0).all()
    assert len(cache.report(result | {"exponents": result["exponents"]}).splitlines()) == 10


def test_the_report_has_one_line_per_length(result):
    header, *lines = cache.report(result).splitlines()
    assert header.startswith("text")
    assert [int(line.split()[0]) for line in lines[: len(result["lengths"])]] == result["lengths"]


def test_the_figure(result, tmp_path):
    (name, fig), *others = cache.draw(result).items()
    assert name == "cache"
    assert not others
    assert len(fig.axes) == 1 + ("seconds" in result)
    for ax in fig.axes:
        assert ax.get_xlabel()
        assert ax.get_ylabel()
        assert ax.get_title()
        assert np.array_equal(ax.lines[0].get_xdata(), result["lengths"])
    assert plots.save(fig, tmp_path / f"{name}.png").stat().st_size > 10_000
