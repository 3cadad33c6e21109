import json
from pathlib import Path

import numpy as np
import pytest

import minigrad
from models.experiments import scaling
from models.showing import plots

COURSE = Path(__file__).parents[3] / "docs" / "figures" / "scaling.json"


@pytest.fixture(scope="module", params=["quick", "course"])
def result(request):
    """The results of QUICK, and the stored results of the course."""
    if request.param == "quick":
        return scaling.measure(scaling.QUICK)
    if not COURSE.exists():
        pytest.skip(f"{COURSE} is not there")
    return json.loads(COURSE.read_text())["result"]


def of(result, name):
    """The numbers with this name: an array (sizes, seeds)."""
    found = np.array(result[name])
    assert found.shape[0] == len(result["sizes"])
    assert found.shape[1] >= 3
    return found


def test_the_variance_is_the_size(result):
    sizes = np.array(result["sizes"])[:, None]
    assert abs(of(result, "variance") / sizes - 1).max() < 0.25


@pytest.mark.parametrize("name", ["entropy", "jacobian"])
def test_what_large_vectors_lose_unless_scaled(result, name):
    unscaled, scaled = of(result, f"{name}_unscaled"), of(result, f"{name}_scaled")
    assert (np.diff(unscaled, axis=0) < 0).all()  # for every seed
    assert (unscaled[-1] < 0.02 * scaled[-1]).all()
    assert (scaled.min(0) > 0.85 * scaled.max(0)).all()
    assert scaled.max() <= {"entropy": np.log(result["words"]), "jacobian": 2}[name]


def test_the_mean_hides_what_the_median_query_loses(result):
    mean, median = of(result, "mean_jacobian_unscaled"), of(result, "jacobian_unscaled")
    assert (mean[-1] > 10 * median[-1]).all()


def test_the_jacobian_is_that_of_the_softmax():
    scores = (3 * minigrad.randn(6, 5, dtype=minigrad.float64)).requires_grad_()
    weights = minigrad.softmax(scores, -1)
    rows = [minigrad.autograd.grad(weights[:, i].sum(), scores)[0].numpy() for i in range(5)]
    expected = np.abs(rows).sum((0, 2))  # of every weight by every score
    found = scaling.jacobian_size(weights).detach().numpy()
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_jacobians_of_the_softest_and_the_hardest_weights():
    weights = minigrad.tensor([[0.25] * 4, [0.0, 1.0, 0.0, 0.0]])
    assert scaling.jacobian_size(weights).tolist() == [2 * (1 - 1 / 4), 0]


def test_the_report_has_one_line_per_size(result):
    header, *lines = scaling.report(result).splitlines()
    assert header.split()[0] == "d"
    assert [int(line.split()[0]) for line in lines] == result["sizes"]


def test_the_figure(result, tmp_path):
    (name, fig), *others = scaling.draw(result).items()
    assert name == "scaling"
    assert not others
    assert len(fig.axes) == 3
    for ax in fig.axes:
        assert ax.get_xlabel()
        assert ax.get_ylabel()
        assert ax.get_title()
        assert np.array_equal(ax.lines[0].get_xdata(), result["sizes"])
    jacobian = np.median(of(result, "jacobian_unscaled"), 1)
    np.testing.assert_allclose(fig.axes[2].lines[0].get_ydata(), jacobian)
    assert plots.save(fig, tmp_path / f"{name}.png").stat().st_size > 10_000
