"""python -m docs.exercises 7: check your solutions in docs/exercises/chapter_07.py.

    python -m docs.exercises 7 attend              check only this exercise
    python -m docs.exercises 7 attend --hint       print a hint
    python -m docs.exercises 7 attend --solution   print one way to write it
"""

import argparse
import inspect
import sys
from importlib import import_module
from pathlib import Path

from .checking import check, exercises

HERE = Path(__file__).parent
NUMBERS = sorted(int(path.stem[-2:]) for path in HERE.glob("chapter_*.py"))
MARKS = {"right": "✓", "wrong": "✗", "open": "…"}


def main(argv=None):
    """Run the command. Returns 1 if an exercise is not right yet."""
    parser = argparse.ArgumentParser(
        prog="python -m docs.exercises", description="Check the exercises of a chapter."
    )
    parser.add_argument("chapter", type=int, choices=NUMBERS, help="the number of the chapter")
    parser.add_argument("names", nargs="*", metavar="NAME", help="only these exercises")
    parser.add_argument("--hint", action="store_true", help="print hints")
    parser.add_argument("--solution", action="store_true", help="print solutions")
    arguments = parser.parse_args(argv)

    number = f"chapter_{arguments.chapter:02}"
    file = (HERE / f"{number}.py").relative_to(HERE.parents[1]).as_posix()
    solutions = import_module(f".solutions.{number}", __package__)
    names = arguments.names or exercises(solutions)
    for name in names:
        if name not in exercises(solutions):
            parser.error(f"chapter {arguments.chapter} has {', '.join(exercises(solutions))}")
    if arguments.hint or arguments.solution:
        for name in names:
            asks = getattr(solutions, f"check_{name}")
            print(f"{name}: {inspect.getdoc(asks)}\n" if arguments.hint else "", end="")
            print(inspect.getsource(getattr(solutions, name)) if arguments.solution else "")
        return 0

    attempts = import_module(f".{number}", __package__)
    width = max(map(len, names))
    right = 0
    for name in names:
        state, why = check(getattr(attempts, name), getattr(solutions, f"check_{name}"))
        right += state == "right"
        first, *more = why.splitlines() or [""]
        print(f"{MARKS[state]} {name:{width}}  {first}".rstrip())
        for line in more:
            print(f"  {'':{width}}  {line}")
    print(f"\n{right} of {len(names)} right, in {file}")
    if right < len(names):
        print(f"hints: python -m docs.exercises {arguments.chapter} --hint")
    return int(right < len(names))


if __name__ == "__main__":
    sys.exit(main())
