"""python -m tests.faults: the whole fault campaign; takes a few minutes."""

import argparse
import tempfile
from pathlib import Path

from tests.faults import campaign


def main():
    """Run the campaign in a temporary folder, and print what was done."""
    options = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    options.add_argument("--kills", type=int, default=50, help="how many kills (default: 50)")
    options.add_argument("--flips", type=int, default=300, help="bits per file (default: 300)")
    options.add_argument("--seed", type=int, default=0)
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        whole = campaign.finished(root / "whole")
        littered = campaign.kills(root, whole, given.kills, given.seed)
        print(f"{given.kills} kills, {littered} of them amid a save: resumed to the bit")
        for number in campaign.SIGNALS:
            campaign.a_signal(root, whole, number)
            print(f"{number.name}: saved, resumed to the bit")
        for largest in (0, 100, 2_000, 8_000, 12_000, 20_000):
            campaign.full_disk(root, whole, largest)
            print(f"a disk that is full after {largest:,} bytes: one line, resumed to the bit")
        campaign.damaged_bytes(root, whole, given.flips, given.seed)
        print(f"{given.flips} flipped bits in each file: refused, or opened as saved")


if __name__ == "__main__":
    main()
