"""The measurements as tables in Markdown, and the machine they were made on."""

import os
import platform
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np

from .timing import US

UNITS = {"ms": 1e3, "µs": 1e6, "MB": 1 / 2**20}
ORDER = [US, "before", "PyTorch", "PyTorch fused", "HIPS autograd", "by hand"]


def comparison(rows, labels, unit):
    """A table of what each framework took, with the ratios; and the means of the ratios.

    Each row has its `labels`, what was `taken` in seconds or bytes, the `ratios`, and a list of the
    peers that were `busy`.
    """
    names = sorted({name for row in rows for name in row["taken"]}, key=ORDER.index)
    peers = names[1:]
    lines = [
        [
            *(row[label] for label in labels),
            *(shown(UNITS[unit] * row["taken"][name]) for name in names),
            *(ratio(row, peer) for peer in peers),
        ]
        for row in rows
    ]
    header = [*labels, *(f"{name} {unit}" for name in names), *(f"/ {peer}" for peer in peers)]
    return table(header, lines, len(labels)), {f"/ {peer}": means(rows, peer) for peer in peers}


def shown(number):
    """A number with three significant digits, or as an integer if it is larger."""
    return f"{number:#.3g}" if number < 99.95 else f"{number:,.0f}"


def ratio(row, peer):
    """A ratio as text: marked if its rounds disagree; if the losses do, there is none."""
    if peer not in row["ratios"]:
        return f"losses differ by {row['difference']:.0e}"
    return f"{'~' if peer in row['busy'] else ''}{row['ratios'][peer]:.2f}"


def means(rows, peer):
    """The geometric mean of minigrad's ratio to a peer, and the largest; busy cells left out."""
    found = [r["ratios"][peer] for r in rows if peer in r["ratios"] and peer not in r["busy"]]
    if not found:
        return None
    mean = float(np.exp(np.mean(np.log(found))))
    return {"mean": mean, "largest": max(found), "left_out": len(rows) - len(found)}


def table(header, rows, left):
    """The lines of a Markdown table; all columns after the first `left` are right-aligned."""
    wide = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    sides = [str.ljust if i < left else str.rjust for i in range(len(header))]
    rule = ["-" * n if i < left else "-" * (n - 1) + ":" for i, n in enumerate(wide)]
    return [
        "| " + " | ".join(s(cell, n) for s, cell, n in zip(sides, row, wide, strict=True)) + " |"
        for row in (header, rule, *rows)
    ]


def summary(parts, found):
    """A table of all parts by number of threads: the geometric mean of the ratios, the largest."""
    threads = sorted({int(n) for part in found.values() for n in part})
    rows = [
        [f"{parts[name].TITLE} {what}", *(came_to(part.get(str(n)), what) for n in threads)]
        for name, part in found.items()
        for what in next(iter(part.values()))["summary"]
    ]
    return table(["", *map(of_threads, threads)], rows, 1)


def came_to(part, what):
    """A mean of ratios or an exponent as text; a dash if it was not measured."""
    value = part and part["summary"][what]
    if isinstance(value, dict):
        without = f" ({n} left out)" if (n := value["left_out"]) else ""
        return f"{value['mean']:.2f}, at most {value['largest']:.2f}{without}"
    return f"{value:.2f}" if value else "-"


def of_threads(count):
    return f"{count} thread{'s' if count > 1 else ''}"


def machine():
    """The machine and the versions that the measurements depend on, by name."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    models = [line.partition(": ")[2] for line in lines if line.startswith("model name")]
    blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
    return {
        "processor": f"{(models or [platform.processor()])[0]}, {os.cpu_count()} cores",
        "system": platform.system(),
        "Python": " ".join(sys.version.split()),
        "NumPy": f"{np.__version__}, with {blas['name']} {blas['version']}{kernels()}",
        "PyTorch": installed("torch"),
        "HIPS autograd": installed("autograd"),
    }


def kernels():
    """The processor that NumPy's BLAS has chosen kernels for, if threadpoolctl is installed."""
    try:
        from threadpoolctl import threadpool_info
    except ModuleNotFoundError:
        return ""
    cores = [found["architecture"] for found in threadpool_info() if "architecture" in found]
    return f", its kernels for {cores[0]}" if cores else ""


def installed(name):
    """The version of a package, or "not installed"."""
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"
