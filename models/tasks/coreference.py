"""Coreference: two sentences, and the second is about *it*. Is *it* the animal, or the thing?

    The dog likes an apple . It has a long tail .      it: the dog
    The dog likes an apple . It tastes sweet .         it: the apple

Up to *it* the two texts are the same; only what follows decides. So every text has a twin with the
same beginning and the other answer: a model that looks only at the nouns, or at their order, is
right half of the time.

The first sentence may say such things as well: "The hungry dog likes an apple with a long stem .
It tastes sweet ." So the position of a word matters: what counts is said after *it*.

Every predicate is true of all animals, or of all things, and training combines it with four fifths
of them. A model that accepts a long tail for the dog as well has learned that a dog is an animal.
"""

import random
from collections.abc import Sequence
from typing import NamedTuple

ANIMALS = (
    "dog", "cat", "horse", "fox", "mouse", "cow", "rabbit", "wolf", "pig", "elephant", "goat",
    "otter",
)  # fmt: skip
THINGS = (
    "apple", "pear", "peach", "plum", "melon", "orange", "cherry", "fig", "apricot", "mango",
    "lemon", "banana",
)  # fmt: skip
ADJECTIVES = ("small", "big", "brown", "beautiful", "round", "heavy", "ugly", "yellow", "odd")
DETERMINERS = ("the", "a", "this", "my")

SUBJECT_FIRST = (
    "likes", "eats", "smells", "finds", "wants", "sees", "carries", "hides", "drops", "watches",
)  # fmt: skip
OBJECT_FIRST = (
    "pleases",
    "belongs to",
    "lies beside",
    "falls before",
    "is liked by",
    "is eaten by",
    "is found by",
    "is carried by",
    "rolls towards",
    "waits for",
)
SETTINGS = ("", "", "", "today", "every morning", "in the garden", "look ,", "after the rain")
OPENINGS = ("it", "it", "it", "but it", "and it", "I think it", "we know that it")

# What can be said of every animal, and of every thing; the two lists differ in only a word or two.
OF_ANIMALS = (
    "has a long tail", "has a short tail", "has soft ears", "has sharp teeth", "has four legs",
    "is very hungry", "is very tired", "is very clever", "is afraid of snakes", "was born in May",
    "was asleep at noon", "runs fast", "hears well", "drinks cold water", "needs more sleep",
    "dreams at night",
)  # fmt: skip
OF_THINGS = (
    "has a long stem", "has a short stem", "has soft flesh", "has bitter seeds", "has four leaves",
    "is very ripe", "is very juicy", "is very fresh", "is made of sugar", "was picked in May",
    "was peeled at noon", "tastes sweet", "cooks well", "contains cold water", "needs more sun",
    "grows on a tree",
)  # fmt: skip


class Text(NamedTuple):
    """A text, and the indices of *it* and of the two nouns that it may refer to."""

    words: tuple[str, ...]
    it: int
    answer: int  # the noun that *it* refers to
    other: int  # the other noun


class Splits(NamedTuple):
    """Three lists of texts; every second text is the twin of the one before it."""

    train: list[Text]
    validation: list[Text]
    test: list[Text]


COURSE = Text(
    ("The", "dog", "likes", "an", "apple", ".", "It", "has", "a", "long", "tail", "."),
    it=6,
    answer=1,
    other=4,
)


def held_out() -> set[tuple[str, str]]:
    """The pairs (noun, predicate) that no training text has: a fifth of all.

    Each noun misses about a fifth of the predicates, and each predicate about a fifth of the nouns.
    """
    pairs = {
        (noun, predicate)
        for nouns, predicates in ((ANIMALS, OF_ANIMALS), (THINGS, OF_THINGS))
        for i, noun in enumerate(nouns)
        for j, predicate in enumerate(predicates)
        if (i + j) % 5 == 0  # the dog and its long tail: the first of each
    }
    return pairs


def corpus(size: int = 8_000, seed: int = 0, validation: int = 1_000, test: int = 1_000) -> Splits:
    """Texts for training (`size` of them), validation and test; every second one is a twin.

    Training never combines a noun with a predicate that `held_out` pairs it with; in validation and
    test every answer is such a pair. The course's own text is excluded. The same seed gives the
    same corpus.
    """
    if size % 2 or validation % 2 or test % 2:
        raise ValueError(
            f"corpus: {size}, {validation}, {test}: texts come in twins, so all three must be even"
        )
    rng = random.Random(seed)
    new = held_out()
    known = {COURSE.words}
    splits = Splits([], [], [])
    for texts, wanted in zip(splits, (size, validation, test), strict=True):
        while len(texts) < wanted:
            twins = draw(rng, new, texts is not splits.train)
            if not known.intersection(text.words for text in twins):
                known.update(text.words for text in twins)
                texts += twins
    return splits


def draw(rng: random.Random, new: set[tuple[str, str]], unseen: bool) -> tuple[Text, Text]:
    """A text about the animal, and its twin about the thing; both or neither are `unseen` pairs."""
    while True:
        animal, thing = rng.choice(ANIMALS), rng.choice(THINGS)
        said, of_thing = rng.choice(OF_ANIMALS), rng.choice(OF_THINGS)
        if ((animal, said) in new) == ((thing, of_thing) in new) == unseen:
            break
    one = phrase(rng, animal, [what for what in OF_ANIMALS if (animal, what) not in new])
    two = phrase(rng, thing, [what for what in OF_THINGS if (thing, what) not in new])
    if rng.random() < 0.5:
        first = f"{one} {rng.choice(SUBJECT_FIRST)} {two}"
    else:
        first = f"{two} {rng.choice(OBJECT_FIRST)} {one}"
    opening = rng.choice(OPENINGS)
    beginning = sentence(f"{rng.choice(SETTINGS)} {first} .")
    it = len(beginning) + len(opening.split()) - 1
    nouns = beginning.index(animal), beginning.index(thing)
    return (
        Text(beginning + sentence(f"{opening} {said} ."), it, *nouns),
        Text(beginning + sentence(f"{opening} {of_thing} ."), it, *reversed(nouns)),
    )


def phrase(rng: random.Random, noun: str, truths: Sequence[str]) -> str:
    """A noun with a determiner, and often an adjective or something that is true of it.

    "is very hungry" and "has a long tail" become: a hungry dog, and a dog with a long tail.
    """
    what = rng.choice(truths)
    if what.startswith("is very "):
        words = [what.split()[-1], noun]
    elif what.startswith("has "):
        words = [noun, "with", *what.split()[1:]]
    else:
        words = rng.choice([[rng.choice(ADJECTIVES), noun], [noun]])
    determiner = rng.choice(DETERMINERS)
    if determiner == "a" and words[0][0] in "aeiou":
        determiner = "an"
    return " ".join([determiner, *words])


def sentence(text: str) -> tuple[str, ...]:
    """The words of a sentence, the first with a capital letter."""
    first, *rest = text.split()
    return (first[0].upper() + first[1:], *rest)
