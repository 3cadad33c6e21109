"""Programs in the manner of others' run with `import minigrad as torch`, to PyTorch's numbers."""

import numpy as np
import pytest

from . import runner


def check(ours, theirs, place):
    """The same structure; numbers equal up to the rounding of float32."""
    assert isinstance(ours, type(theirs)) or isinstance(theirs, float), place
    if isinstance(theirs, list):
        assert len(ours) == len(theirs), place
        for i, (our, their) in enumerate(zip(ours, theirs, strict=True)):
            check(our, their, f"{place}[{i}]")
    elif isinstance(theirs, np.ndarray | float):
        np.testing.assert_allclose(ours, theirs, 2e-4, 1e-5, err_msg=place)
        assert np.asarray(ours).dtype == np.asarray(theirs).dtype, place
    else:
        assert ours == theirs, place


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", runner.PROGRAMS)
def test_a_program_gives_the_numbers_of_pytorch(torch, name, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    # torch.testing, which test_samples.py imports, forbids to set flags such as cudnn.benchmark.
    flags = torch.backends.flags_frozen.__globals__
    monkeypatch.setitem(flags, "__allow_nonbracketed_mutation_flag", True)
    ours, theirs = runner.run(name, "minigrad"), runner.run(name, "torch")
    assert len(ours) == len(theirs)
    for i, (our, their) in enumerate(zip(ours, theirs, strict=True)):
        check(our, their, f"results[{i}]")


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", ["hero", "gpt"])
def test_a_program_runs_without_pytorch(name, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert runner.run(name, "minigrad")
