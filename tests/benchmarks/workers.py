"""How the GPT scales to many workers with DDP, on paper: python -m tests.benchmarks.workers

Counted here, on PyTorch without computing a number: the bytes of the gradients of one step, and the
floating-point operations per token, forward and backward. The rest is arithmetic with the speeds of
HARDWARE, which are from data sheets. docs/many_workers.md shows the tables and the sources.
"""

from typing import NamedTuple

from models import gpt
from models.showing.tables import padded
from models.training.backend import Backend

WORKERS = (1, 8, 64, 1024)
FORWARD = 1 / 3  # of the operations of a step; the gradients are on their way during the rest


class Size(NamedTuple):
    """A model and its batch."""

    name: str
    config: gpt.Config
    batch: int  # texts per step, of all workers together
    tokens: int  # per text


SIZES = (
    Size("the course's", gpt.Config(300, 128, 512, 4, 4, longest=64), 32, 64),
    Size("GPT-2's", gpt.Config(50_257, 768, 3072, 12, 12, longest=1024), 512, 1024),
)


class Hardware(NamedTuple):
    """A cluster: numbers per second."""

    name: str
    flops: float  # that a worker really does
    near: float  # bytes that it sends within its machine
    far: float  # and between machines, if all workers of a machine send at once
    latency: float  # seconds of one hop of the ring
    together: int  # workers in a machine


HARDWARE = (
    Hardware("GPUs", 0.4 * 989e12, 450e9, 400e9 , 5e-6, 8),
    Hardware("CPU cores, on Ethernet", 70e9, 1.25e9, 1.25e9, 50e-6, 1),
)  # fmt: skip


class Counted(NamedTuple):
    """The measured inputs of a size."""

    parameters: int
    bytes: int  # of the gradients, in float32
    flops: int  # per token, forward and backward


def counted(size):
    """Count a step of training on tensors that have shapes and no numbers."""
    backend = Backend("torch", "meta")
    torch = backend.framework
    from torch.utils.flop_counter import FlopCounterMode

    with torch.device("meta"), FlopCounterMode(display=False) as counter:
        model = backend.version_of(gpt.GPT)(size.config)
        text = torch.zeros((2, size.tokens), dtype=torch.int64)
        logits, _ = model(text)
        torch.nn.functional.cross_entropy(logits.flatten(0, 1), text.flatten()).backward()
    parameters = list(model.parameters())
    return Counted(
        sum(p.numel() for p in parameters),
        sum(p.grad.numel() * p.grad.element_size() for p in parameters),
        counter.get_total_flops() // text.numel(),
    )


def step(size, inputs, hardware, workers):
    """Seconds of a worker's step: computing, and the ring all-reduce's bytes and hops."""
    computing = inputs.flops * size.tokens * size.batch / workers / hardware.flops
    speed = hardware.near if workers <= hardware.together else hardware.far
    sending = 2 * (workers - 1) / workers * inputs.bytes / speed
    hops = 2 * (workers - 1) * hardware.latency
    return computing, sending, hops


def efficiency(computing, sending, hops):
    """How much of the time a worker computes; DDP sends while the backward pass computes."""
    backward = computing * (1 - FORWARD)
    return computing / (computing - backward + max(backward, sending + hops))


def rows(hardware, size, inputs):
    """A row of the table for each number of workers."""
    for workers in WORKERS:
        times = step(size, inputs, hardware, workers)
        larger = step(size._replace(batch=size.batch * workers // 8), inputs, hardware, workers)
        share = size.batch / workers
        yield [
            f"{workers:,}",
            f"{share:,.0f}" if share >= 1 else f"1/{1 / share:.0f}",
            *(f"{ms:,.0f}" if ms >= 100 else f"{ms:.3g}" for ms in (1000 * s for s in times)),
            percent(efficiency(*times)),
            percent(efficiency(*larger)),
        ]


def tables():
    """All tables, as Markdown."""
    inputs = [counted(size) for size in SIZES]
    head = [
        "model",
        "parameters",
        "gradients, MB",
        "million operations per token",
        "tokens per step",
    ]
    found = [
        (size.name, f"{n.parameters:,}", f"{n.bytes / 1e6:.1f}", f"{n.flops / 1e6:.1f}",
         f"{size.batch * size.tokens:,}")
        for size, n in zip(SIZES, inputs, strict=True)
    ]  # fmt: skip
    yield table(head, found)
    head = ["workers", "texts each", "computing, ms", "sending, ms", "hops, ms", "computes"]
    head.append("with the texts of 8")
    for hardware, (size, n) in zip(HARDWARE[::-1], zip(SIZES, inputs, strict=True), strict=True):
        title = f"{size.name[0].upper()}{size.name[1:]} on {hardware.name}:"
        yield f"{title}\n\n" + table(head, rows(hardware, size, n))


def percent(fraction):
    """A fraction in percent, to one digit after the point if it is small."""
    return f"{fraction:.0%}" if fraction >= 0.1 else f"{fraction:.1%}"


def table(head, rows):
    """A table in Markdown."""
    rows = [head, *map(list, rows)]
    wide = [max(len(row[i]) for row in rows) for i in range(len(head))]
    lines = ["| " + " | ".join(map(padded, row, wide)) + " |" for row in rows]
    lines.insert(1, "| " + " | ".join("-" * n for n in wide) + " |")
    return "\n".join(lines)


if __name__ == "__main__":
    print("\n\n".join(tables()))
