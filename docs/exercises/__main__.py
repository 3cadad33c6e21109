"""python -m docs.exercises 7: check your solutions in docs/exercises/chapter_07.py.

    python -m docs.exercises 7 attend              check only this exercise
    python -m docs.exercises 7 attend --hint       print the first hint
    python -m docs.exercises 7 attend --hint 2     print the second hint
    python -m docs.exercises 7 attend --solution   print one way to write it

With --language ko, or LANG=ko_KR.UTF-8, all of this is in Korean, and the solutions that are
checked are in docs/ko/exercises/chapter_07.py.
"""

import argparse
import inspect
import sys
from importlib import import_module

from .checking import check, exercises
from .language import FOLDERS, HERE, preferred, say, speaking, translated

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
    parser.add_argument(
        "--language", choices=FOLDERS, default=preferred(), help="default: that of the environment"
    )
    arguments = parser.parse_args(argv)
    solutions = import_module(f".solutions.chapter_{arguments.chapter:02}", __package__)
    names = arguments.names or exercises(solutions)
    for name in names:
        if name not in exercises(solutions):
            parser.error(f"chapter {arguments.chapter} has {', '.join(exercises(solutions))}")
    with speaking(arguments.language, arguments.chapter):
        if arguments.hint is None and not arguments.solution:
            return report(arguments.chapter, names, solutions, FOLDERS[arguments.language])
        for name in names:
            tries, worked = (getattr(solutions, f"{what}{name}") for what in ("check_", ""))
            said = f"{name}: {hint(tries, arguments.hint)}\n" if arguments.hint is not None else ""
            print(said or inspect.getsource(worked))
    return 0


def report(chapter, names, solutions, folder):
    """Check exercises of a chapter in this folder. Returns 1 if one is not right yet."""
    file = (folder / f"chapter_{chapter:02}.py").relative_to(HERE.parents[1])
    attempts = import_module(".".join(file.with_suffix("").parts))
    width = max(map(len, names))
    right = 0
    for name in names:
        state, why = check(getattr(attempts, name), getattr(solutions, f"check_{name}"))
        right += state == "right"
        first, *more = why.splitlines() or [""]
        print(f"{MARKS[state]} {name:{width}}  {first}".rstrip())
        for line in more:
            print(f"  {'':{width}}  {line}")
    print("\n" + say("{} of {} right, in {}", right, len(names), file.as_posix()))
    if right < len(names):
        print(say("hints: python -m docs.exercises {} --hint", chapter))
    return int(right < len(names))


def hint(tries, number):
    """One hint, a paragraph of the docstring of a `check_…`; and whether there is another."""
    hints = inspect.getdoc(tries).split("\n\n")
    if not 1 <= number <= len(hints):
        return say("there are {} hints, not {}", len(hints), number)
    after = "\n" + say("(the next hint: --hint {})", number + 1) if number < len(hints) else ""
    return translated(hints[number - 1]) + after


if __name__ == "__main__":
    sys.stdout.reconfigure(errors="replace")  # a file on a Korean Windows has no ✓
    sys.exit(main())
