"""Tables of what was measured, in Markdown, and the machine it was measured on."""

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np

from .timing import US

UNITS = {"ms": 1e3, "µs": 1e6}


def comparison(rows, labels, unit):
    """A table of rows as `timing.compared` gives them: times, then ratios; and their means."""
    names = sorted({name for row in rows for name in row["seconds"]}, key=order)
    peers = names[1:]
    lines = []
    for row in rows:
        times = [shown(UNITS[unit] * row["seconds"][name]) for name in names]
        ratios = [ratio(row, peer) for peer in peers]
        lines.append([*(str(row[label]) for label in labels), *times, *ratios])
    header = [*labels, *(f"{name} {unit}" for name in names), *(f"/ {peer}" for peer in peers)]
    return table(header, lines, len(labels)), {peer: means(rows, peer) for peer in peers}


def order(name):
    return [US, "PyTorch", "PyTorch fused", "HIPS autograd", "by hand"].index(name)


def shown(number):
    """Three digits, or all before the point."""
    return f"{number:.3g}" if number < 100 else f"{number:,.0f}"


def ratio(row, peer):
    """As text; marked where the rounds disagree, and none where the losses do."""
    if peer not in row["ratios"]:
        return f"losses differ by {row['difference']:.0e}"
    return f"{'~' if peer in row['busy'] else ''}{row['ratios'][peer]:.2f}"


def means(rows, peer):
    """The geometric mean of minigrad's ratio to a peer, and the largest; busy cells left out."""
    found = [r["ratios"][peer] for r in rows if peer in r["ratios"] and peer not in r["busy"]]
    if not found:
        return None
    mean = float(np.exp(np.mean(np.log(found))))
    return {"mean": mean, "largest": max(found), "cells": len(found)}


def said(found):
    """A line for each peer: what the ratios come to."""
    return [
        f"- minigrad / {peer}: {m['mean']:.2f} in the geometric mean of {m['cells']} cells, "
        f"{m['largest']:.2f} at the most"
        for peer, m in found.items()
        if m
    ]


def table(header, rows, left):
    """Lines of a Markdown table; all columns but the first `left` stand at the right."""
    wide = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    sides = [str.ljust if i < left else str.rjust for i in range(len(header))]
    rule = ["-" * n if i < left else "-" * (n - 1) + ":" for i, n in enumerate(wide)]
    return [
        "| " + " | ".join(s(cell, n) for s, cell, n in zip(sides, row, wide, strict=True)) + " |"
        for row in (header, rule, *rows)
    ]


def machine():
    """What it was measured on, by name."""
    info = Path("/proc/cpuinfo")
    models = [line.partition(": ")[2] for line in info.read_text().splitlines()
              if line.startswith("model name")] if info.exists() else []  # fmt: skip
    blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
    return {
        "processor": f"{models[0] if models else platform.processor()}, {os.cpu_count()} cores",
        "system": platform.system(),
        "Python": platform.python_version(),
        "NumPy": f"{np.__version__} with {blas['name']} {blas['version']}",
        "PyTorch": installed("torch"),
        "HIPS autograd": installed("autograd"),
    }


def installed(name):
    """The version of a package, or that there is none."""
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"
