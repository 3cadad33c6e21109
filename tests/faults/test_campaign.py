"""A short form of the fault campaign; `python -m tests.faults` is the long one."""

import signal

import pytest

from tests.faults import campaign

if not campaign.SIGNALS:
    pytest.skip("Windows has no such signals", allow_module_level=True)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A training that nothing disturbed."""
    return campaign.finished(tmp_path_factory.mktemp("campaign") / "whole")


def test_kills(tmp_path, whole):
    campaign.kills(tmp_path, whole, number=3)


def test_a_signal(tmp_path, whole):
    campaign.a_signal(tmp_path, whole, signal.SIGTERM)


def test_a_full_disk(tmp_path, whole):
    campaign.full_disk(tmp_path, whole, largest=20_000)


def test_damaged_bytes(tmp_path, whole):
    campaign.damaged_bytes(tmp_path, whole, number=20)
