"""The page of measurements is made from its numbers."""

import json
from pathlib import Path

from tests.benchmarks.__main__ import document

DOCS = Path(__file__).parents[2] / "docs"


def test_the_page_is_made_of_its_numbers():
    found = json.loads((DOCS / "benchmarks.json").read_text(encoding="utf-8"))
    assert document(found) == (DOCS / "benchmarks.md").read_text(encoding="utf-8")
