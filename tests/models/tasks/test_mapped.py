import gc
import os

import numpy as np
import pytest

from models.tasks import mapped
from models.tasks.mapped import counts


def test_the_numbers_of_all_parts_in_their_order():
    numbers = mapped.mapped([[3, 1], [], [2], range(4)])
    assert numbers.tolist() == [3, 1, 2, 0, 1, 2, 3]
    assert numbers.dtype == np.int32
    assert isinstance(numbers, np.memmap)
    assert numbers[2:].tolist() == [2, 0, 1, 2, 3]
    assert mapped.mapped([]).tolist() == mapped.mapped([[]]).tolist() == []


def test_the_parts_are_read_one_at_a_time_and_the_file_leaves_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    alive = []

    def parts():
        for part in range(5):
            alive.append(np.full(1000, part))
            yield alive.pop()

    numbers = mapped.mapped(parts())
    assert numbers[4999] == 4
    assert list(tmp_path.iterdir()) == []
    if os.path.exists("/proc/self/maps"):
        del numbers
        gc.collect()
        with open("/proc/self/maps", encoding="utf-8") as maps:
            assert str(tmp_path) not in maps.read()


@pytest.mark.skipif(not os.path.exists("/proc/self/status"), reason="Linux says it there")
def test_counting_keeps_the_memory_flat():
    def resident():
        with open("/proc/self/status", encoding="utf-8") as status:
            return sum(int(line.split()[1]) for line in status if line.startswith("RssFile"))

    part = np.arange(2**20) % 100
    numbers = mapped.mapped(part for _ in range(16))  # 64 MB
    before = resident()
    assert counts(numbers[5:-5], 100).sum() == 16 * 2**20 - 10
    assert resident() - before < 16_000  # kB
    assert numbers[7] == 7


def test_counts_are_those_of_bincount(monkeypatch):
    numbers = np.random.default_rng(0).integers(7, size=1000).astype(np.int32)
    monkeypatch.setattr(mapped, "AT_ONCE", 64)
    assert np.array_equal(counts(numbers, 9), np.bincount(numbers, minlength=9))
    assert counts(numbers[:0], 3).tolist() == [0, 0, 0]
