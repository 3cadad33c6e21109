"""python -m docs.exercises 7: check your solutions in docs/exercises/chapter_07.py.

    python -m docs.exercises 7 attend              check only this exercise
    python -m docs.exercises 7 attend --hint       print the first hint
    python -m docs.exercises 7 attend --hint 2     print the second hint
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
    about = "Check the exercises of a chapter."
    parser = argparse.ArgumentParser(prog="python -m docs.exercises", description=about)
    parser.add_argument("chapter", type=int, choices=NUMBERS, help="the number of the chapter")
    parser.add_argument("names", nargs="*", metavar="NAME", help="only these exercises")
    parser.add_argument(
        "--hint", type=int, nargs="?", const=1, metavar="N", help="print the first hint, or hint N"
    )
    parser.add_argument("--solution", action="store_true", help="print solutions")
    arguments = parser.parse_args(argv)

    number = f"chapter_{arguments.chapter:02}"
    file = (HERE / f"{number}.py").relative_to(HERE.parents[1]).as_posix()
    solutions = import_module(f".solutions.{number}", __package__)
    names = arguments.names or exercises(solutions)
    for name in names:
        if name not in exercises(solutions):
            parser.error(f"chapter {arguments.chapter} has {', '.join(exercises(solutions))}")
    if arguments.hint is not None or arguments.solution:
        for name in names:
            tries, worked = (getattr(solutions, f"{what}{name}") for what in ("check_", ""))
            said = f"{name}: {hint(tries, arguments.hint)}\n" if arguments.hint is not None else ""
            print(said or inspect.getsource(worked))
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


def hint(tries, number):
    """One hint, a paragraph of the docstring of a `check_…`; and whether there is another."""
    hints = inspect.getdoc(tries).split("\n\n")
    if not 1 <= number <= len(hints):
        return f"there are {len(hints)} hints, not {number}"
    after = f"\n(the next hint: --hint {number + 1})" if number < len(hints) else ""
    return hints[number - 1] + after


if __name__ == "__main__":
    sys.exit(main())
