import random
import re
import subprocess
import sys
from collections import Counter, defaultdict
from itertools import pairwise

import pytest

from models.tasks import calendar
from models.tasks.calendar import (
    COURSE,
    DAYS,
    WEEKDAYS,
    at,
    clause,
    corpus,
    gloss,
    one_of,
    sentence,
    with_particle,
)
from models.tasks.korean import ATTACHED, COPULA, EXISTENCE, Korean, ends_in_consonant
from models.tasks.tokens import Words

# A dictionary independent of the grammar: Korean stems and the English words they may mean.
DICTIONARY = {
    "오늘": "today", "내일": "tomorrow", "어제": "yesterday",
    "모레": "the day after tomorrow", "그저께": "the day before yesterday",
    "월요일": "Monday", "화요일": "Tuesday", "수요일": "Wednesday", "목요일": "Thursday",
    "금요일": "Friday", "토요일": "Saturday", "일요일": "Sunday",
    "1월": "January", "2월": "February", "3월": "March", "4월": "April", "5월": "May",
    "6월": "June", "7월": "July", "8월": "August", "9월": "September", "10월": "October",
    "11월": "November", "12월": "December",
    **{f"{day}일": str(day) for day in range(1, 32)},
    "설날": "Seollal", "추석": "Chuseok", "부활절": "Easter", "크리스마스": "Christmas",
    "휴일": "holiday", "평일": "weekday",
    "시험": "exam", "회의": "meeting", "면접": "interview", "결혼식": "wedding", "여행": "trip",
    "파티": "party", "생일": "birthday",
    "제": "my", "지수의": "Jisu's", "우리": "our", ".": ".", "?": "?",
    "일": "be", "아닐": "not be", "있을": "be", "없을": "not be",
    "것입니다": "will", "것입니까": "will", "것이고": "will and",
    "이겠지만": "will be but", "겠지만": "will be but", "아니겠지만": "will not be but",
    "있겠지만": "will be but", "없겠지만": "will not be but",
    "입니다": "is", "입니까": "is", "이고": "is and", "이지만": "is but",
    "아닙니다": "is not", "아닙니까": "is not", "아니고": "is not and", "아니지만": "is not but",
    "이었습니다": "was", "이었습니까": "was", "이었고": "was and", "이었지만": "was but",
    "였습니다": "was", "였습니까": "was", "였고": "was and", "였지만": "was but",
    "아니었습니다": "was not", "아니었습니까": "was not", "아니었고": "was not and",
    "아니었지만": "was not but", "고": "is and", "지만": "is but",
    "있습니다": "is", "있습니까": "is", "있고": "is and", "있지만": "is but",
    "있었습니다": "was", "있었습니까": "was", "있었고": "was and", "있었지만": "was but",
    "없습니다": "is not", "없습니까": "is not", "없고": "is not and", "없지만": "is not but",
    "없었습니다": "was not", "없었습니까": "was not", "없었고": "was not and",
    "없었지만": "was not but",
}  # fmt: skip
NOT_CONTENT = {"the", "a", "on", "is", "was", "will", "be", "not", "and", "but", *",.?"}
NAMES = {word for english in DICTIONARY.values() for word in english.split() if word[0].isupper()}


def meaning(korean):
    """The English words of a Korean word, with or without its particle."""
    if korean in DICTIONARY:
        return DICTIONARY[korean].split()
    assert korean[-1] in "은는이가에", korean
    return DICTIONARY[korean[:-1]].split() + ["on"] * (korean[-1] == "에")


@pytest.fixture(scope="module")
def splits():
    return corpus()


@pytest.fixture(scope="module")
def everything(splits):
    return [pair for split in splits for pair in split]


def test_the_course_sentence():
    assert " ".join(COURSE.source) == "오늘은 금요일 입니다 ."
    assert " ".join(COURSE.target) == "Today is Friday ."
    assert COURSE.text == ("오늘은 금요일입니다.", "Today is Friday.")
    assert [(COURSE.target[t], COURSE.source[s]) for t, s in COURSE.alignment] == [
        ("Today", "오늘은"),
        ("is", "입니다"),
        ("Friday", "금요일"),
        (".", "."),
    ]
    assert [COURSE.target[i] for i in COURSE.content] == ["Today", "Friday"]


def test_the_grammar_can_say_the_course_sentence():
    rng = random.Random(0)
    said = {pair.source: pair for pair in (sentence(rng, 1) for _ in range(3_000))}
    assert said[COURSE.source] == COURSE


TODAY, FRIDAY, CHRISTMAS = DAYS[2], WEEKDAYS[4], gloss("크리스마스", "Christmas")
ON_FRIDAY = at(one_of([FRIDAY]))(random, 0)


@pytest.mark.parametrize(
    ("predicate", "verb", "ending", "korean", "english"),
    [
        (FRIDAY, "is", ".", "오늘은 금요일 입니다", "today/0 is/2 Friday/1"),
        (FRIDAY, "is", "?", "오늘은 금요일 입니까", "is/2 today/0 Friday/1"),
        (FRIDAY, "is", "and", "오늘은 금요일 이고", "today/0 is/2 Friday/1 and/2"),
        (FRIDAY, "is not", ".", "오늘은 금요일이 아닙니다", "today/0 is/2 not/2 Friday/1"),
        (CHRISTMAS, "is not", "?", "오늘은 크리스마스가 아닙니까",
         "is/2 today/0 not/2 Christmas/1"),
        (FRIDAY, "was", ".", "오늘은 금요일 이었습니다", "today/0 was/2 Friday/1"),
        (CHRISTMAS, "was", "but", "오늘은 크리스마스 였지만", "today/0 was/2 Christmas/1 but/2"),
        (CHRISTMAS, "is", ".", "오늘은 크리스마스 입니다", "today/0 is/2 Christmas/1"),
        (CHRISTMAS, "is", "and", "오늘은 크리스마스 고", "today/0 is/2 Christmas/1 and/2"),
        (CHRISTMAS, "is", "but", "오늘은 크리스마스 지만", "today/0 is/2 Christmas/1 but/2"),
        (CHRISTMAS, "will be", "but", "오늘은 크리스마스 겠지만",
         "today/0 will/2 be/2 Christmas/1 but/2"),
        (CHRISTMAS, "will be", ".", "오늘은 크리스마스 일 것입니다",
         "today/0 will/3 be/2 Christmas/1"),
        (CHRISTMAS, "was not", "and", "오늘은 크리스마스가 아니었고",
         "today/0 was/2 not/2 Christmas/1 and/2"),
        (FRIDAY, "will be", ".", "오늘은 금요일 일 것입니다", "today/0 will/3 be/2 Friday/1"),
        (FRIDAY, "will be", "?", "오늘은 금요일 일 것입니까", "will/3 today/0 be/2 Friday/1"),
        (FRIDAY, "will be", "but", "오늘은 금요일 이겠지만", "today/0 will/2 be/2 Friday/1 but/2"),
        (FRIDAY, "will not be", "and", "오늘은 금요일이 아닐 것이고",
         "today/0 will/3 not/2 be/2 Friday/1 and/3"),
        (ON_FRIDAY, "is", ".", "오늘은 금요일에 있습니다", "today/0 is/2 on/1 Friday/1"),
        (ON_FRIDAY, "is not", "but", "오늘은 금요일에 없지만",
         "today/0 is/2 not/2 on/1 Friday/1 but/2"),
        (ON_FRIDAY, "was", "?", "오늘은 금요일에 있었습니까", "was/2 today/0 on/1 Friday/1"),
        (ON_FRIDAY, "will not be", "?", "오늘은 금요일에 없을 것입니까",
         "will/3 today/0 not/2 be/2 on/1 Friday/1"),
    ],
)  # fmt: skip
def test_clauses(predicate, verb, ending, korean, english):
    said = clause(TODAY, predicate, verb, ending)
    assert " ".join(said.korean) == korean
    assert " ".join(f"{word}/{link}" for word, link in said.english) == english


COPULAS = {form.split()[0] for forms in COPULA.values() for form in forms} | ATTACHED
EXISTENCES = {form.split()[0] for forms in EXISTENCE.values() for form in forms}
CONTRACTED = {"였습니다", "였습니까", "였고", "였지만", "고", "지만", "겠지만"}
UNCONTRACTED = {"이었습니다", "이었습니까", "이었고", "이었지만", "이고", "이지만", "이겠지만"}


def test_particles_follow_the_last_sound():
    assert all(ends_in_consonant(word) for word in ("금요일", "오늘", "3월", "추석", "결혼식"))
    assert not any(ends_in_consonant(word) for word in ("모레", "회의", "파티", "크리스마스"))
    assert with_particle(gloss("오늘", "today"), "은", "는").korean == ("오늘은",)
    assert with_particle(gloss("모레", "the day after tomorrow"), "은", "는").korean == ("모레는",)


def test_every_particle_and_verb_of_the_corpus_fits_its_word(everything):
    for pair in everything:
        for word, following in pairwise(pair.source):
            stem, last = word[:-1], word[-1]
            if stem in DICTIONARY and last in "은는이가":
                assert ends_in_consonant(stem) == (last in "은이"), word
            if following in CONTRACTED | UNCONTRACTED:
                assert ends_in_consonant(word) == (following in UNCONTRACTED), (word, following)
            if following.startswith(("아니", "아닙", "아닐")):
                assert last in "이가", (word, following)
                assert stem in DICTIONARY, (word, following)
            assert following.startswith(("있", "없")) == (stem in DICTIONARY and last == "에"), pair


def test_every_sentence_is_in_the_formal_polite_style(everything):
    for pair in everything:
        *_, verb, mark = pair.source
        assert verb.endswith(("습니다", "입니다", "아닙니다") if mark == "." else "니까"), pair
        assert not any(word.endswith("요") for word in pair.source)
        assert "당신의" not in pair.source


def test_an_event_takes_place_and_all_else_is(everything):
    events = {event.korean[0] for event in calendar.EVENTS}
    names_of_days = {gloss.korean[0] for gloss in DAYS}
    for pair in everything:
        event = day = False
        for word in pair.source:
            if word[-1] in "은는" and word[:-1] in DICTIONARY:
                event, day = word[:-1] in events, False
            day = day or word.rstrip("이가") in names_of_days
            if word in COPULAS:
                assert day or not event, pair  # 시험은 내일입니다, 시험은 금요일에 있습니다
            if word in EXISTENCES:
                assert event, pair
                assert not day, pair


def test_in_english_days_are_times_and_all_else_is_on_a_time(everything):
    times = "Seollal|Chuseok|Easter|Christmas|[A-Z][a-z]+day|[A-Z][a-z]+ \\d+"
    rest = "birthday|exam|meeting|interview|wedding|trip|party"
    verb = "( is| was| will)?( not)?( be)?"
    for pair in everything:
        text = pair.text[1]
        assert not re.search(rf"\b({rest}){verb} ({times})\b", text), text
        assert not re.search(rf"([Tt]oday|[Tt]omorrow|[Yy]esterday){verb} on\b", text), text


def test_the_text_is_spelled_as_the_tokens_say(everything, splits):
    korean = Korean({word for pair in splits.train for word in pair.source})
    for pair in everything:
        source, target = pair.text
        assert tuple(korean.encode(source)) == pair.source
        assert tuple(korean.encode(source[:-1])) == pair.source  # without the mark,
        assert tuple(korean.encode(" ".join(pair.source))) == pair.source  # and with every space
        assert tuple(Words().encode(target)) == pair.target
        assert not ATTACHED & set(source.split())
        assert korean.decode(pair.source) == source


def test_the_sizes(splits):
    assert [len(split) for split in splits] == [20_000, 1_000, 1_000]
    small = corpus(size=50, validation=5, test=7, max_clauses=2)
    assert [len(split) for split in small] == [50, 5, 7]


def test_no_sentence_comes_twice(everything):
    assert len({pair.source for pair in everything}) == len(everything)


def test_the_course_sentence_is_held_out_and_its_parts_are_not(splits, everything):
    assert all(pair.source[-4:] != COURSE.source for pair in everything)
    assert not any("오늘은 금요일입니다" in pair.text[0] for pair in everything)
    short = [pair.source for pair in splits.train if len(pair.source) == 4]
    assert sum(source[0] == "오늘은" for source in short) > 10
    assert sum(source[1] == "금요일" for source in short) > 5
    assert sum(source[2] == "입니다" for source in short) > 50


def test_the_source_determines_the_target():
    rng = random.Random(1)
    targets = defaultdict(set)
    for _ in range(20_000):
        pair = sentence(rng, rng.choice([1, 1, 1, 2, 3]))
        targets[pair.source].add((pair.target, pair.alignment, pair.content))
    assert len(targets) < 19_000  # sentences did come again
    assert all(len(translations) == 1 for translations in targets.values())


def test_the_seed_decides_the_corpus():
    def make(seed):
        return corpus(size=200, validation=20, test=20, seed=seed)

    assert make(3) == make(3)
    assert make(3) != make(4)


def test_the_corpus_is_the_same_in_another_process():
    # Python orders its sets differently in every process; the corpus must not depend on that.
    code = "from models.tasks.calendar import corpus; print(corpus(30, validation=2, test=2))"
    runs = [
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": hash_seed, "PYTHONUTF8": "1"},
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=True,
        ).stdout
        for hash_seed in ("1", "2")
    ]
    assert runs[0] == runs[1] != ""


def test_lengths_and_clauses_vary(everything):
    lengths = Counter(len(pair.source) for pair in everything)
    assert set(lengths) == set(range(4, 41))
    rows = [*COPULA.values(), *EXISTENCE.values()]
    endings = CONTRACTED | {word for row in rows for form in row for word in form.split()[-1:]}
    clauses = Counter(sum(word in endings for word in pair.source) for pair in everything)
    parts = sum(range(1, 7))
    shares = {n: (7 - n) / parts for n in range(1, 7)}  # of one clause 6 parts, of six clauses 1
    assert {n: clauses[n] / clauses.total() for n in clauses} == pytest.approx(shares, abs=1e-3)


def test_no_sentence_is_too_long():
    rng = random.Random(2)
    lengths = [len(sentence(rng, 6).source) for _ in range(3_000)]
    assert min(lengths) >= 6 * 3 + 1
    assert max(lengths) in (39, 40)


def test_most_sentences_are_ordinary_ones():
    rng = random.Random(3)
    lengths = sorted(len(sentence(rng, 6).source) for _ in range(1_000))
    assert 22 <= lengths[500] <= 26
    assert 0.05 < sum(length > 33 for length in lengths) / 1_000 < 0.15


def test_the_vocabulary(everything):
    assert len({word for pair in everything for word in pair.source}) == 232
    assert len({word for pair in everything for word in pair.target}) == 94


def test_a_question_is_a_single_clause(everything):
    questions = [pair for pair in everything if pair.target[-1] == "?"]
    assert len(questions) > 1_000
    assert not any({"and", "but"} & set(pair.target) for pair in questions)


def test_links_translate_each_other(everything):
    for pair in everything:
        assert list(pair.alignment) == sorted(set(pair.alignment))
        for target, source in pair.alignment:
            word = pair.target[target]
            if target == 0 and word not in NAMES:
                word = word.lower()
            assert word in meaning(pair.source[source]), pair


def test_every_word_is_linked_that_has_a_counterpart(everything):
    for pair in everything:
        assert {source for _, source in pair.alignment} == set(range(len(pair.source)))
        linked = {target for target, _ in pair.alignment}
        left = {pair.target[i].lower() for i in range(len(pair.target)) if i not in linked}
        assert left <= {"the", "a", "on", ","}
        links = dict(pair.alignment)
        for i, word in enumerate(pair.target):
            if word == "on":
                linked_to = [pair.source[links[j]] for j in (i + 1, i + 2) if j in links]
                assert (i in linked) == any(korean.endswith("에") for korean in linked_to), pair
        content = [i for i, word in enumerate(pair.target) if word.lower() not in NOT_CONTENT]
        first = {links[i]: i for i in reversed(content)}  # of several for one word, the first
        assert pair.content == tuple(sorted(first.values()))
        assert linked >= set(pair.content)


def test_links_cross(everything):
    def crosses(pair):
        return any(a[1] > b[1] for a, b in pairwise(pair.alignment))

    assert all(crosses(pair) for pair in everything)


def test_the_english_is_well_formed(everything):
    for pair in everything:
        first, *middle, mark = pair.target
        assert first[0].isupper()
        assert mark in (".", "?")
        assert not {".", "?"} & set(middle)
        assert all(word in NAMES or not word[0].isupper() for word in middle), pair
        assert all(a.lower() != b.lower() for a, b in pairwise(pair.target)), pair
        assert not re.search(r"\ba [aeiou]", " ".join(pair.target).lower()), pair
        assert pair.source[-1] == mark
        assert pair.source[-2].endswith("까") == (mark == "?")
        assert not re.search(r"day, \w+ \d+ [a-z]", pair.text[1]), pair  # Friday, March 5, and


def test_yesterday_was_and_tomorrow_is_or_will_be(everything):
    for pair in everything:
        if pair.source[0] in ("어제는", "그저께는"):
            assert "was" in [word.lower() for word in pair.target[:5]]
        if pair.source[0] == "내일은" and pair.target[-1] == ".":
            assert pair.target[1] in ("is", "will")


def test_months_have_their_days(everything):
    dates = {
        (month, day)
        for pair in everything
        for month, day in pairwise(pair.target)
        if month in NAMES and day.isdigit()
    }
    assert len(dates) == 366
    assert ("February", "29") in dates
    assert ("April", "31") not in dates


def test_mistakes_are_explained():
    for clauses in (0, 7):
        with pytest.raises(ValueError, match=f"clauses={clauses}.*1 to 6"):
            sentence(random.Random(0), clauses)


def test_when_one_length_runs_out_the_others_fill_up(monkeypatch):
    def few_short_sentences(rng, clauses):
        return COURSE._replace(source=(str(rng.randrange(5 if clauses == 1 else 10**9)),))

    monkeypatch.setattr(calendar, "sentence", few_short_sentences)
    pairs = corpus(size=90, max_clauses=2, validation=5, test=5).train
    assert len(pairs) == 90
    with pytest.raises(ValueError, match="ask for fewer, or allow more clauses"):
        corpus(size=90, max_clauses=1)
