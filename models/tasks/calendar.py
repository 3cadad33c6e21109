"""A Korean → English corpus about days, from a small grammar that knows the true word alignment.

    오늘은   금요일   이고      내일은       토요일      입니다   .
    today  Friday  is+and  tomorrow  Saturday  is    .

    Today is Friday and tomorrow is Saturday .

The two languages order their words differently: Korean puts the verb last, and the weekday after
the date (3월 5일 금요일: March 5 Friday), so a translator must look back and forth. What is said
about a day is random, true or not (tomorrow need not follow today): no word can be guessed from
another one, it has to be looked up in the source.

The sentences are made of tokens. A Korean word and its particle are one token, and the copula,
which is written together with its noun, is another: 오늘은 금요일이고 내일은 토요일입니다.

The alignment links every English word to the Korean token that it translates; each word of "the day
after tomorrow" to the one token 모레. An "on" is linked to the noun with 에 (금요일에: on Friday).
Articles, commas and all other "on" have no link: Korean does without them.

The file goes from words to phrases to clauses to sentences to the corpus.
"""

import random
from bisect import bisect
from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import NamedTuple

from .korean import ATTACHED, ends_in_consonant, verb_of
from .pairs import Pair, Splits
from .tokens import Words

COURSE = Pair(
    source=("오늘은", "금요일", "입니다", "."),  # today, Friday, is
    target=("Today", "is", "Friday", "."),
    alignment=((0, 0), (1, 2), (2, 1), (3, 3)),
    content=(0, 2),
    text=("오늘은 금요일입니다.", "Today is Friday."),
)

KOREAN, ENGLISH = Words(ATTACHED), Words()
MOST_CLAUSES = 6
MOST_WORDS = 40  # of a source sentence, with its final mark

NOT_CONTENT = {"the", "a", "on", "is", "was", "will", "be", "not", "and", "but", ",", ".", "?"}


# Phrases: Korean words and the English that says the same.

Tenses = frozenset[str]  # each named by its verb
PAST: Tenses = frozenset({"was"})
PRESENT: Tenses = frozenset({"is"})
AHEAD: Tenses = frozenset({"is", "will be"})  # tomorrow is Friday, tomorrow will be Friday
ANY: Tenses = PAST | AHEAD

English = tuple[tuple[str, int | None], ...]


class Phrase(NamedTuple):
    """Korean words, and the same in English: words, each with the index of its Korean word, if any.

    `tenses` are those that fit the phrase: with 어제 (yesterday) nothing *will be*.
    """

    korean: tuple[str, ...]
    english: English
    tenses: Tenses = ANY


def gloss(korean: str, english: str, tenses: Tenses = ANY) -> Phrase:
    """One Korean word, and the English words that all translate it."""
    return Phrase((korean,), tuple((word, 0) for word in english.split()), tenses)


def arrange(order: str, *parts: Phrase) -> Phrase:
    """The parts one after the other in Korean, and in the given order in English.

    {i} in the order is part i; all other words are English alone. For 3월 5일 (March 5) and 금요일
    (Friday), "{1} , {0}" gives: 3월 5일 금요일, Friday , March 5.
    """
    korean: tuple[str, ...] = ()
    places: dict[str, English] = {}
    tenses = ANY
    for i, part in enumerate(parts):
        places[f"{{{i}}}"] = _moved(part.english, by=len(korean))
        korean += part.korean
        tenses &= part.tenses
    english: English = ()
    for word in order.split():
        english += places.get(word) or ((word, None),)
    return Phrase(korean, english, tenses)


def _moved(english: English, by: int) -> English:
    if not by:
        return english
    return tuple([(word, link if link is None else link + by) for word, link in english])


def with_particle(phrase: Phrase, after_consonant: str, after_vowel: str) -> Phrase:
    """The phrase with a particle after its last Korean word: 오늘은, 모레는."""
    *words, last = phrase.korean
    last += after_consonant if ends_in_consonant(last) else after_vowel
    return phrase._replace(korean=(*words, last))


# The words.

DAYS = (
    gloss("그저께", "the day before yesterday", PAST),
    gloss("어제", "yesterday", PAST),
    gloss("오늘", "today", PRESENT),
    gloss("내일", "tomorrow", AHEAD),
    gloss("모레", "the day after tomorrow", AHEAD),
)
WEEKDAYS = (
    gloss("월요일", "Monday"),
    gloss("화요일", "Tuesday"),
    gloss("수요일", "Wednesday"),
    gloss("목요일", "Thursday"),
    gloss("금요일", "Friday"),
    gloss("토요일", "Saturday"),
    gloss("일요일", "Sunday"),
)
MONTHS = (
    gloss("1월", "January"),  # "month 1"
    gloss("2월", "February"),
    gloss("3월", "March"),
    gloss("4월", "April"),
    gloss("5월", "May"),
    gloss("6월", "June"),
    gloss("7월", "July"),
    gloss("8월", "August"),
    gloss("9월", "September"),
    gloss("10월", "October"),
    gloss("11월", "November"),
    gloss("12월", "December"),
)
MONTH_LENGTHS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
DAY_NUMBERS = tuple(gloss(f"{number}일", str(number)) for number in range(1, 32))

HOLIDAYS = (
    gloss("설날", "Seollal"),  # the lunar New Year
    gloss("추석", "Chuseok"),  # the harvest moon
    gloss("부활절", "Easter"),
    gloss("크리스마스", "Christmas"),
)
KINDS_OF_DAY = (gloss("휴일", "holiday"), gloss("평일", "weekday"))
EVENTS = (
    gloss("시험", "exam"),
    gloss("회의", "meeting"),
    gloss("면접", "interview"),
    gloss("결혼식", "wedding"),
    gloss("여행", "trip"),
    gloss("파티", "party"),
)
OWNERS = (gloss("제", "my"), gloss("지수의", "Jisu's"), gloss("우리", "our"))


# Random phrases; `detail` is the probability of every word that could be left out.

Draw = Callable[[random.Random, float], Phrase]


def one_of(phrases: Sequence[Phrase]) -> Draw:
    """One of the phrases, all equally likely."""
    return lambda rng, detail: rng.choice(phrases)


def on(draw: Draw) -> Draw:
    """The time of a birthday or holiday: in Korean it is Friday, in English it is *on* Friday."""
    return lambda rng, detail: arrange("on {0}", draw(rng, detail))


def at(draw: Draw) -> Draw:
    """The time of an event, with 에: 금요일에, on Friday."""

    def drawn(rng: random.Random, detail: float) -> Phrase:
        phrase = with_particle(draw(rng, detail), "에", "에")
        return phrase._replace(english=(("on", len(phrase.korean) - 1), *phrase.english))

    return drawn


def month_and_day(rng: random.Random, detail: float) -> Phrase:
    """3월 5일: March 5."""
    month = rng.randrange(12)
    day = rng.randrange(MONTH_LENGTHS[month])
    return arrange("{0} {1}", MONTHS[month], DAY_NUMBERS[day])


def date(rng: random.Random, detail: float) -> Phrase:
    """3월 5일: March 5, or 3월 5일 금요일: Friday , March 5."""
    phrase = month_and_day(rng, detail)
    return arrange("{1} , {0}", phrase, weekday(rng, detail)) if rng.random() < detail else phrase


def birthday(rng: random.Random, detail: float) -> Phrase:
    """제 생일: my birthday."""
    return arrange("{0} {1}", rng.choice(OWNERS[:2]), gloss("생일", "birthday"))


def event(rng: random.Random, detail: float) -> Phrase:
    """시험: the exam, or 제 시험: my exam."""
    phrase = rng.choice(EVENTS)
    if rng.random() < detail:
        return arrange("{0} {1}", rng.choice(OWNERS), phrase)
    return arrange("the {0}", phrase)


def kind_of_day(rng: random.Random, detail: float) -> Phrase:
    """휴일: a holiday."""
    return arrange("a {0}", rng.choice(KINDS_OF_DAY))


day, weekday, holiday = one_of(DAYS), one_of(WEEKDAYS), one_of(HOLIDAYS)


class Topic(NamedTuple):
    """Something to talk about, and what can be said about it."""

    share: int  # the percentage of all clauses
    subject: Draw
    predicates: tuple[Draw, ...]


TOPICS = (
    Topic(40, day, (weekday, date, date, holiday, kind_of_day, birthday)),
    Topic(10, weekday, (month_and_day, holiday, kind_of_day, birthday)),
    Topic(10, holiday, (day, on(weekday), on(date))),
    Topic(15, birthday, (day, on(weekday), on(date), on(holiday), kind_of_day)),
    Topic(25, event, (day, at(weekday), at(date), at(holiday))),
)
SHARES = tuple(accumulate(topic.share for topic in TOPICS))


# Clauses: subject, predicate, verb.


def clause(subject: Phrase, predicate: Phrase, verb: str, ending: str) -> Phrase:
    """오늘 (today), 금요일 (Friday), "is", "but": 오늘은 금요일이지만, today is Friday but.

    The ending of a Korean verb says what English says with a word or with word order: the "and",
    the question. In a verb of two words the last one is the "will": 아닐 (not be) 것입니다 (will).
    """
    korean_verb = verb_of(predicate.korean[-1], verb, ending)
    if korean_verb.startswith("아"):  # 아닙니다: the copula with "not" follows a noun with 이 or 가
        predicate = with_particle(predicate, "이", "가")
    subject = with_particle(subject, "은", "는")
    korean = subject.korean + predicate.korean
    first = len(korean)
    korean += tuple(korean_verb.split())
    last = len(korean) - 1

    auxiliary, *others = verb.split()
    helper: English = ((auxiliary, last),)
    english = helper + subject.english if ending == "?" else subject.english + helper
    english += tuple((word, first) for word in others)
    english += _moved(predicate.english, len(subject.korean))
    if ending in ("and", "but"):
        if (",", None) in predicate.english:  # Friday, March 5, and
            english += ((",", None),)
        english += ((ending, last),)
    return Phrase(korean, english)


class Statement(NamedTuple):
    """A subject, a predicate, and a verb in a tense that fits both."""

    subject: Phrase
    predicate: Phrase
    verb: str

    def length(self) -> int:
        """The number of Korean tokens; 일 것입니다 (will be) counts as two."""
        return len(self.subject.korean + self.predicate.korean) + (2 if "will" in self.verb else 1)


def statement(rng: random.Random, detail: float) -> Statement:
    """A random statement that makes sense, whether or not it is true."""
    while True:
        topic = TOPICS[bisect(SHARES, rng.random() * SHARES[-1])]  # rng.choices, but faster
        subject = topic.subject(rng, detail)
        predicate = rng.choice(topic.predicates)(rng, detail)
        tenses = sorted(subject.tenses & predicate.tenses)  # sets have no order to rely on
        if tenses:
            auxiliary, *be = rng.choice(tenses).split()
            negation = ["not"] if rng.random() < 0.25 else []
            return Statement(subject, predicate, " ".join([auxiliary, *negation, *be]))


# Sentences.


def sentence(rng: random.Random, clauses: int) -> Pair:
    """A sentence of 1 to 6 clauses and 4 to 40 Korean tokens, each clause about something else.

    The clauses are joined by "and", at most one by "but"; a single clause may be a question. In one
    sentence of ten every clause is the longest of sixteen: otherwise hardly any would reach 40
    tokens.
    """
    if not 1 <= clauses <= MOST_CLAUSES:
        raise ValueError(f"sentence: clauses={clauses}: it must be from 1 to {MOST_CLAUSES}")
    while True:
        endings = ["and"] * (clauses - 1) + [rng.choice("..?") if clauses == 1 else "."]
        if clauses > 1 and rng.random() < 0.5:
            endings[rng.randrange(clauses - 1)] = "but"
        # One for the whole sentence, so there are short and long ones, not all of medium length.
        detail = rng.random()
        choice = 16 if detail > 0.9 else 1
        said: dict[tuple[str, ...], Phrase] = {}
        while len(said) < clauses:
            drawn = [statement(rng, detail) for _ in range(choice)]
            subject, predicate, verb = max(drawn, key=Statement.length)
            if subject.korean not in said:
                said[subject.korean] = clause(subject, predicate, verb, endings[len(said)])
        pair = _pair(list(said.values()), endings[-1])
        if len(pair.source) <= MOST_WORDS:
            return pair


def _pair(clauses: Sequence[Phrase], mark: str) -> Pair:
    places = " ".join(f"{{{i}}}" for i in range(len(clauses)))
    korean, english, _ = arrange(f"{places} {{{len(clauses)}}}", *clauses, gloss(mark, mark))
    words = [word for word, _ in english]
    content = _content(english)
    words[0] = words[0][0].upper() + words[0][1:]
    links = tuple((i, link) for i, (_, link) in enumerate(english) if link is not None)
    text = KOREAN.decode(korean), ENGLISH.decode(words)
    return Pair(korean, tuple(words), links, content, text)


def _content(english: English) -> tuple[int, ...]:
    """The indices of the content words, which only the source determines.

    If several words translate one Korean word, only the first counts: after "the day" the tense
    alone determines the rest (after tomorrow, before yesterday), so no translator has to look back.
    """
    first: dict[int | None, int] = {}
    for i, (word, link) in enumerate(english):
        if word not in NOT_CONTENT:
            first.setdefault(link, i)
    return tuple(first.values())


# The corpus.


def corpus(
    size: int = 20_000,
    seed: int = 0,
    max_clauses: int = MOST_CLAUSES,
    validation: int = 1_000,
    test: int = 1_000,
) -> Splits:
    """Different sentences for training (`size` of them), validation and test.

    The more clauses, the fewer sentences: one of 6 clauses for every six of a single one, as long
    as there are enough of those. The course's own sentence is excluded, alone or at the end of a
    longer one, so a model that translates it has composed it from its parts. The same seed gives
    the same corpus.
    """
    rng = random.Random(seed)
    wanted = size + validation + test
    pairs: dict[tuple[str, ...], Pair] = {}
    numbers = range(1, max_clauses + 1)
    counts = [clauses for clauses in numbers for _ in range(max_clauses + 1 - clauses)]
    while len(pairs) < wanted:
        for clauses in counts:
            pair = _new_sentence(rng, clauses, pairs)
            if pair is None:
                counts = [c for c in counts if c != clauses]
            else:
                pairs[pair.source] = pair
        if not counts:
            raise ValueError(
                f"corpus: {wanted:,} sentences of at most {max_clauses} clauses: there are only "
                f"about {len(pairs):,}: ask for fewer, or allow more clauses"
            )
    shuffled = list(pairs.values())[:wanted]
    rng.shuffle(shuffled)
    held_out = validation + test
    return Splits(shuffled[held_out:], shuffled[:validation], shuffled[validation:held_out])


def _new_sentence(
    rng: random.Random, clauses: int, known: dict[tuple[str, ...], Pair]
) -> Pair | None:
    """A sentence that is not yet known, or None if a thousand draws found none."""
    for _ in range(1_000):
        pair = sentence(rng, clauses)
        if pair.source not in known and pair.source[-len(COURSE.source) :] != COURSE.source:
            return pair
    return None
