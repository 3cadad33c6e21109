"""The fuzzer, in short: 300 programs; every public name; the faults that it must find."""

import pytest
from fuzz.faults import FAULTS
from fuzz.names import LEFT_OUT, called, names
from fuzz.program import replay
from fuzz.search import find

PROGRAMS = 300
ENOUGH = 4000  # programs, to find a fault; with this seed 1,100 are
SEED = 2


def test_300_programs_agree_with_pytorch(torch):
    found = find(torch, PROGRAMS, SEED)
    assert found is None, f"\n{found.script}"


def test_every_public_name_is_called_or_left_out_for_a_reason(torch):
    assert names(torch) - called() == set(LEFT_OUT)


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_found_when_it_is_put_back(torch, name):
    known = []  # what is found without the fault, too, is passed over
    for _ in range(20):
        with FAULTS[name]():
            found = find(torch, ENOUGH, SEED, known, shrink=False)
        assert found, f"not found in {ENOUGH} programs"
        if replay(torch, found.steps) is None:
            return
        known.append(found)
    raise AssertionError(f"before the fault, this is found:\n{known[0].script}")
