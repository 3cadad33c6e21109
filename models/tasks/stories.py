"""Little stories about the dog, the apple and the days, from a grammar that can also check them.

    The young dog finds a red apple on Monday . It has a long tail . The next day is Tuesday .
    The cat takes the apple from the dog . It is red . Now the dog has nothing .

Whoever continues such a story must remember what was said: who has the apple now, what the dog is
like, which day it is. *It* is the animal or the thing of the sentence before: the tail belongs to
the dog, and the colour to the apple.

One table of sentences serves both directions. The generator fills its places in such a way that
they agree with the story so far, and the checker reads them back and says what does not agree.
"""

import random
import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import NamedTuple

from ..terminal import Progress

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
# What is always true of an animal, and of a thing.
ANIMALS = {
    "dog": ("has a long tail", "has a wet nose"),
    "cat": ("has a long tail", "has soft ears"),
    "fox": ("has a thick tail", "has sharp teeth"),
    "wolf": ("has sharp teeth", "has a wet nose"),
    "horse": ("has strong legs", "has a long neck"),
    "cow": ("has strong legs", "has big eyes"),
    "mouse": ("has a thin tail", "has big eyes"),
    "rabbit": ("has long ears", "has soft ears"),
}
THINGS = {
    "apple": ("has a long stem", "tastes sweet"),
    "pear": ("has a short stem", "tastes sweet"),
    "plum": ("has a hard stone", "has a thin skin"),
    "peach": ("has a hard stone", "has a soft skin"),
    "melon": ("has many seeds", "has a thick skin"),
    "lemon": ("has a thick skin", "tastes sour"),
    "orange": ("has an orange skin", "tastes sweet"),
    "fig": ("has many seeds", "has a soft skin"),
}
OF_ANIMALS = ("old", "young", "clever", "hungry", "tired")  # what one of them can be like
OF_THINGS = ("red", "green", "yellow", "ripe", "heavy")
MOST_ANIMALS, MOST_THINGS = 3, 2  # in a story
SENTENCES, MOST_WORDS = (4, 8), 64  # the least and the most sentences of a story, and its words
DELAY = 1.0  # seconds before there is a progress bar


class Form(NamedTuple):
    """A sentence with places to fill.

    words  A and B are animals, X and Y things that are known, N a new thing, D a day, Q what
           something is like, and T what is always true of it
    needs  who must have what before: "AX" A has X, "-X" nobody has X any more, "A-" A has nothing
    then   who has what after it
    often  how often the generator chooses it
    """

    words: str
    needs: str = ""
    then: str = ""
    often: int = 2


FIRST = tuple(Form(f"A {verb} N", "", "AN") for verb in ("finds", "buys", "gets", "picks"))
FORMS = (
    *FIRST,
    Form("A gives X to B", "AX", "BX", 6),
    Form("A sells X to B", "AX", "BX", 3),
    Form("A takes X from B", "BX", "AX", 6),
    Form("A buys X from B", "BX", "AX", 3),
    Form("A loses X , but B finds it", "AX", "BX", 3),
    Form("A hides X , but B finds it", "AX", "BX", 3),
    Form("A wants X , but B keeps it", "BX", "", 3),
    Form("A eats X", "AX", "-X", 1),
    Form("now A has X", "AX", "", 8),
    Form("now A has X and Y", "AX AY", "", 6),
    Form("now A has nothing", "A-", "", 4),
    Form("now nobody has X", "-X", "", 3),
    Form("it is Q", often=6),
    Form("it T", often=8),
    Form("the next day is D", often=4),
    Form("tomorrow is D", often=1),
    Form("yesterday was D", often=1),
)
# How many days a sentence is after the one before it, by the words that it begins with.
LATER = {
    "on D": 1,
    "the next day , on D ,": 1,
    "two days later , on D ,": 2,
    "a week later , on D ,": 7,
}
FROM_TODAY = {"the next day is D": 1, "tomorrow is D": 1, "yesterday was D": -1}

KINDS = {"A": ANIMALS, "B": ANIMALS, "X": THINGS, "Y": THINGS, "N": THINGS}
LIKE = {"A": OF_ANIMALS, "B": OF_ANIMALS, "N": OF_THINGS}

PLACE = re.compile(r"\b[A-Z]\b")  # in the words of a form
OFTEN = [form for form in FORMS for _ in range(form.often)]
WEIGHTS = {1: [1], 2: [1, 1], 6: [8, 2, 2, 2, 1, 1]}  # of the ways to say when, as `ways` has them

Story = tuple[str, ...]
Places = dict[str, str]
Kind = dict[str, tuple[str, ...]]

COURSE: Story = (
    *("The", "young", "dog", "finds", "a", "red", "apple", "on", "Monday", "."),
    *("It", "has", "a", "long", "tail", "."),
    *("The", "next", "day", "is", "Tuesday", "."),
    *("The", "cat", "takes", "the", "apple", "from", "the", "dog", "."),
    *("It", "is", "red", "."),
)


class Splits(NamedTuple):
    """Two lists of different stories."""

    train: list[Story]
    validation: list[Story]


class World:
    """The state of things after some sentences of a story, and the faults that were found."""

    def __init__(self) -> None:
        self.day = ""
        self.like: dict[str, str] = {}  # the nouns so far, and what they are like: "old", or ""
        self.owner: dict[str, str] = {}  # who has a thing: "" if it is eaten
        self.last: list[str] = []  # the nouns of the sentence before
        self.faults: list[str] = []

    def hear(self, form: Form, when: str, places: Places) -> None:
        """Take over what a sentence says, and add what is wrong with it to the faults.

        when: the words with a day that it begins or ends with, a key of LATER or "".
        """
        self._time(form, when, places.get("D", ""))
        if places.get("A") == places.get("X") == "it":
            self.faults.append("it: twice, and not the same")
        known = {place: self._noun(place, places[place]) for place in KINDS if place in places}
        if "Q" in places or "T" in places:
            known["A"] = self._described(places.get("Q", ""), places.get("T", ""))
        if len(set(known.values())) < len(known):
            self.faults.append(f"{' and '.join(known.values())}: twice the same")
        for owner, thing in form.needs.split():
            self._need(known.get(owner, ""), known.get(thing, ""))
        for owner, thing in form.then.split():
            self.owner[known[thing]] = known.get(owner, "")
        self.last = list(known.values())

    def of_last(self, kind: Kind) -> list[str]:
        """The animals, or the things, of the sentence before."""
        return [noun for noun in self.last if noun in kind]

    def _time(self, form: Form, when: str, day: str) -> None:
        """A sentence with this day, or "": it must be the right number of days later."""
        days = LATER.get(when, FROM_TODAY.get(form.words))
        if self.day and days and day != (right := after(self.day, days)):
            self.faults.append(f"{day} must be {right}")
        if form.words not in ("tomorrow is D", "yesterday was D"):
            self.day = day or self.day

    def _noun(self, place: str, phrase: str) -> str:
        """The noun of a phrase."""
        if phrase == "it":
            return self._it(KINDS[place])
        *article, noun = phrase.split()
        like, known = " ".join(article[1:]), noun in self.like
        right = an(f"{like} {noun}".strip()) if place == "N" else phrase
        if phrase != right:
            self.faults.append(f"{phrase} must be {right}")
        if place == "N" and known:
            self.faults.append(f"{phrase}: there is {an(noun)} already")
        elif place in "XY" and not known:
            self.faults.append(f"{phrase}: there is none yet")
        elif like and known:
            self.faults.append(f"{phrase}: {an(noun)} is known already")
        self.like.setdefault(noun, like)
        return noun

    def _it(self, kind: Kind) -> str:
        """The noun that *it* refers to: the only animal, or thing, of the sentence before."""
        nouns = self.of_last(kind)
        if len(nouns) != 1:
            what = "animals" if kind is ANIMALS else "things"
            self.faults.append(f"it: there are {len(nouns)} {what} in the sentence before")
            return "it"
        return nouns[0]

    def _described(self, like: str, always: str) -> str:
        """The noun that is described as like this, or as always like that."""
        of_animal = like in OF_ANIMALS or any(always in true for true in ANIMALS.values())
        kind = ANIMALS if of_animal else THINGS
        noun = self._it(kind)
        if noun in kind and like and (self.like[noun] or like) != like:
            self.faults.append(f"it is {like}: the {noun} is {self.like[noun]}")
        elif noun in kind and like:
            self.like[noun] = like
        if noun in kind and always and always not in kind[noun]:
            self.faults.append(f"it {always}: that is not true of the {noun}")
        return noun

    def _need(self, owner: str, thing: str) -> None:
        """The owner must have the thing; without a thing nothing, without an owner nobody."""
        if not thing and owner in self.owner.values():
            self.faults.append(f"the {owner} has something")
        elif thing and self.owner.get(thing, "") != owner:
            has = self.owner.get(thing) or "nobody"
            self.faults.append(f"the {thing}: {has} has it, not {owner or 'nobody'}")


def after(day: str, days: int) -> str:
    """The day that is this number of days after another one."""
    return DAYS[(DAYS.index(day) + days) % 7]


def an(words: str) -> str:
    """The words with their indefinite article."""
    return f"{'an' if words[0] in 'aeiou' else 'a'} {words}"


# From a story to what is wrong with it.


def check(story: Sequence[str]) -> list[str]:
    """The faults of a story: of its grammar, and where it contradicts its own beginning.

    story: its words, as `text.words` finds them. The list is empty if nothing is wrong.
    """
    world, texts = World(), sentences(story)
    for number, text in enumerate(texts, start=1):
        before, read = len(world.faults), parse(text, first=number == 1)
        if read is None:
            world.faults.append("not a sentence of these stories")
            world.last = []
        else:
            world.hear(*read)
        named = [f"sentence {number}, «{text}»: {fault}" for fault in world.faults[before:]]
        world.faults[before:] = named
    if not SENTENCES[0] <= len(texts) <= SENTENCES[1]:
        least, most = SENTENCES
        world.faults.append(f"{len(texts)} sentences: a story has {least} to {most}")
    return world.faults


def sentences(story: Sequence[str]) -> list[str]:
    """The sentences of a story as text, each up to its full stop."""
    return re.findall(r"(?:[^ ]+ )*?(?:\.|[^ ]+$)", " ".join(story))


def parse(text: str, first: bool = False) -> tuple[Form, str, Places] | None:
    """The form of a sentence, the words that say when, and what fills its places; None if none."""
    for pattern, form, when in patterns(first):
        if found := pattern.fullmatch(text[:1].lower() + text[1:]):
            return (form, when, found.groupdict()) if text[0].isupper() else None
    return None


@cache
def patterns(first: bool) -> list[tuple[re.Pattern[str], Form, str]]:
    """A pattern for each form, in each way to say when; those of a story's first sentence."""
    animal = f"the (?:(?:{'|'.join(OF_ANIMALS)}) )?(?:{'|'.join(ANIMALS)})"
    thing = f"(?:{'|'.join(THINGS)})"
    always = {true for kind in (ANIMALS, THINGS) for both in kind.values() for true in both}
    choices = {
        "A": f"{animal}|it",
        "B": animal,
        "X": f"the {thing}|it",
        "Y": f"the {thing}",
        "N": f"an? (?:(?:{'|'.join(OF_THINGS)}) )?{thing}",
        "D": "|".join(DAYS),
        "Q": "|".join(OF_ANIMALS + OF_THINGS),
        "T": "|".join(sorted(always)),
    }
    return [
        (re.compile(PLACE.sub(lambda m: f"(?P<{m[0]}>{choices[m[0]]})", words)), form, when)
        for form in (FIRST if first else FORMS)
        for when, words in ways(form, first)
    ]


def ways(form: Form, first: bool) -> Iterator[tuple[str, str]]:
    """The ways to say when something happens: (a key of LATER or "", the whole sentence)."""
    if first:
        yield from (("on D", f"on D {form.words} ."), ("on D", f"{form.words} on D ."))
    else:
        yield "", f"{form.words} ."
        if form.words.startswith("A "):
            yield "", f"then {form.words} ."
            yield from ((when, f"{when} {form.words} .") for when in LATER)


# A new story.


def corpus(size: int = 50_000, seed: int = 0, validation: int = 1_000) -> Splits:
    """Different stories for training (`size` of them) and validation; the same for a seed.

    The course's own story is not among them.
    """
    rng = random.Random(seed)
    stories: dict[Story, None] = {COURSE: None}
    options = {"unit": " stories", "delay": DELAY, "leave": False}
    with Progress(size + validation, "tell stories", **options) as bar:
        while len(stories) <= size + validation:
            stories[draw(rng)] = None
            if len(stories) % 1_000 == 0:
                bar.update(1_000)
    told = list(stories)[1:]
    return Splits(told[:size], told[size:])


def draw(rng: random.Random) -> Story:
    """A random story."""
    while True:
        story = tuple(tell(rng, rng.randint(*SENTENCES)))
        if len(story) <= MOST_WORDS:
            return story


def tell(rng: random.Random, count: int) -> Iterator[str]:
    """The words of a random story with this number of sentences."""
    world, before, told = World(), None, set[str]()
    cast = rng.sample(list(ANIMALS), MOST_ANIMALS)
    cast += rng.sample(list(THINGS), rng.randint(1, MOST_THINGS))
    while len(told) < count:
        form = rng.choice(OFTEN if told else FIRST)
        nouns = None if form is before else fill(form, world, rng, cast)
        if nouns is None:
            continue
        choices = list(ways(form, first=not told))
        when, words = rng.choices(choices, WEIGHTS[len(choices)])[0]
        places = phrases(form, when, world, rng, nouns)
        text = PLACE.sub(lambda place, filled=places: filled[place[0]], words)
        if text not in told:
            world.hear(form, when, places)
            told.add(text)
            before = form
            yield from (text[0].upper() + text[1:]).split()


def fill(form: Form, world: World, rng: random.Random, cast: Sequence[str]) -> Places | None:
    """A noun for each place, so that the sentence is true; None if there are none."""
    nouns: Places = {}
    for owner, thing in form.needs.split():
        if thing == "-":
            fitting = [(a, "") for a in world.like if a in ANIMALS]
            fitting = [(a, x) for a, x in fitting if a not in world.owner.values()]
        else:
            fitting = [(a, x) for x, a in world.owner.items() if (owner == "-") == (not a)]
        fitting = [  # places that are filled stay as they are, and no noun fills two of them
            (a, x)
            for a, x in fitting
            if nouns.get(owner, a) == a and x not in nouns.values()
            if owner in nouns or a not in nouns.values()
        ]
        if not fitting:
            return None
        nouns[owner], nouns[thing] = rng.choice(fitting)
    for place in PLACE.findall(form.words):
        kind = KINDS.get(place)
        if kind is not None and place not in nouns:
            free = [noun for noun in cast if noun in kind and noun not in nouns.values()]
            free = [noun for noun in free if not (place == "N" and noun in world.like)]
            if not free:
                return None
            nouns[place] = rng.choice(free)
        elif place in "QT":
            alone = [n for kind in (ANIMALS, THINGS) if len(n := world.of_last(kind)) == 1]
            alone = [noun for (noun,) in alone if place == "T" or world.like[noun]]
            if not alone:
                return None
            nouns[place] = rng.choice(alone)
    return nouns


def phrases(form: Form, when: str, world: World, rng: random.Random, nouns: Places) -> Places:
    """The words for each place: *it* if it is clear, something new with what it is like."""
    places, first = {}, [world.of_last(kind) for kind in (ANIMALS, THINGS)]
    for place in PLACE.findall(form.words + " D"):
        noun = nouns.get(place, "")
        like = rng.choice(LIKE.get(place, ("",)))
        like = f"{like} " if like and noun not in world.like and rng.random() < 0.7 else ""
        if place == "D":
            days = LATER.get(when, FROM_TODAY.get(form.words, 0))
            places["D"] = after(world.day, days) if world.day else rng.choice(DAYS)
        elif place == "Q":
            places["Q"] = world.like[noun]
        elif place == "T":
            places["T"] = rng.choice((ANIMALS | THINGS)[noun])
        elif (
            place in "AX" and [noun] in first and "it" not in places.values() and rng.random() < 0.5
        ):
            places[place] = "it"
        else:
            places[place] = an(like + noun) if place == "N" else f"the {like}{noun}"
    return places
