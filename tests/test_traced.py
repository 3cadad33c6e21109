"""The heart is small: what `z = x * y; z.backward()` enters can be read in one sitting."""

import minigrad
import numpy as np
from minigrad.autograd.sweep import kinds
from traced import product, traced


def test_a_product_and_its_backward_pass_enter_at_most_150_lines_in_6_files(monkeypatch):
    monkeypatch.setattr(kinds, "grads", dict)  # as before other tests registered hooks
    monkeypatch.setattr(kinds, "done", dict)
    shared = minigrad.from_numpy(np.ones(2))  # is not looked at: it has no part in this graph
    (shared * minigrad.ones(2, requires_grad=True)).sum().backward()
    table = traced(product())
    report = "\n".join(f"{lines:4}  {file} {name}" for (file, name), lines in table.items())
    assert {("ops.py", "mul"), ("ops.py", "_")} <= set(table), report
    assert sum(table.values()) <= 150, report
    assert len({file for file, _ in table}) <= 6, report


def test_every_line_of_an_entered_function_counts_once():
    table = traced(lambda: minigrad.functions.mT(minigrad.ones(1, 2, 2).value))
    assert table["functions.py", "mT"] == 3  # def, docstring, return
    again = traced(lambda: [minigrad.functions.mT(x) for x in minigrad.ones(1, 2, 2).value])
    assert again["functions.py", "mT"] == 3
