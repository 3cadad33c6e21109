"""Exercises of each chapter, their solutions, and the checker (python -m docs.exercises 1)."""

from importlib import import_module
from typing import Any


def check(chapter: int, attempt: Any, language: str = "en") -> None:
    """Check one solution, as in a notebook, and print what is wrong with it."""
    from .__main__ import MARKS
    from .checking import check as checked
    from .language import speaking

    solutions = import_module(f".solutions.chapter_{chapter:02}", __package__)
    with speaking(language, chapter):
        state, why = checked(attempt, getattr(solutions, f"check_{attempt.__name__}"))
    print(f"{MARKS[state]} {attempt.__name__}  {why}".rstrip())
