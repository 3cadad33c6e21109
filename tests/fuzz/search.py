"""The search for programs on which the frameworks differ, and their shrinking, by hypothesis."""

import warnings

import hypothesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from .generate import Generator
from .program import Mismatch, without_needless_steps

QUIET = settings(
    database=None,
    deadline=None,
    print_blob=False,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate, Phase.shrink],
    report_multiple_bugs=False,
    verbosity=hypothesis.Verbosity.quiet,
)


@st.composite
def programs_run(draw, torch):
    """Writes a program and runs it; gives the Mismatch, or None."""
    try:
        Generator(draw, torch).whole()
    except Mismatch as found:
        return found
    return None


def find(torch, programs, seed, known=(), counted=lambda: None, shrink=True):
    """The first program that differs, shrunk; None if there is none among so many.

    known    what was found before: the same is passed over
    counted  called once per program, until one differs
    """
    last = []

    @hypothesis.seed(seed)
    @settings(QUIET, max_examples=programs, phases=QUIET.phases if shrink else QUIET.phases[:1])
    @given(programs_run(torch))
    def check(found):
        if not last:
            counted()
        if found and not any(found.like(other) for other in known):
            last[:] = [found]
            raise found

    try:
        with warnings.catch_warnings(action="ignore"):
            check()
    except Mismatch:
        return without_needless_steps(torch, last[0]) if shrink else last[0]
    return None


def chunk(programs, seed, known):
    """For a process of its own: how many of the programs ran, all of them, and what differed."""
    import torch

    torch.set_num_threads(1)
    run = [0]
    found = find(torch, programs, seed, known, lambda: run.append(0))
    return (len(run) - 1 if found else programs), programs, found
