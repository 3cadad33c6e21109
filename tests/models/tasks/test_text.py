"""Words by Unicode's rules: marks stay with their letters, and what nobody sees is no word."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.tasks import calendar, coreference
from models.tasks.text import words

INVISIBLE = [
    "\u200b", "\ufeff", "\u00ad", "\u200c", "\u200d", "\u200e", "\u200f", "\u061c", "\u202a",
    "\u202e", "\u2060", "\u2066", "\u2069", "\0", "\x07", "\x1b", "\x7f", "\x80", "\x9b",
    "\u180e", "\u3164", "\u115f", "\uffa0", "\ufffe", "\U000e0041",
]  # fmt: skip


@pytest.mark.parametrize("hidden", INVISIBLE)
def test_what_nobody_sees_is_no_word_and_splits_none(hidden):
    assert words(f"{hidden}Good{hidden} da{hidden}y{hidden}.{hidden} {hidden}") == (
        "Good", "day", ".",
    )  # fmt: skip
    assert words(f"금{hidden}요일") == ("금요일",)
    assert words(f"don{hidden}'t 10{hidden},000") == ("don't", "10,000")
    assert words(hidden) == ()


@pytest.mark.parametrize("space", ["\x0b", "\x0c", "\x1c", "\x1f", "\x85", "\xa0", "\u2028", "　"])
def test_every_kind_of_space_separates(space):
    assert words(f"one{space}two") == ("one", "two")


@pytest.mark.parametrize(
    "text",
    [
        "हिन्दी में लिखो",
        "ภาษาไทย สวัสดี",
        "தமிழ் மொழி",
        "مُحَمَّدٌ رَسُولُ",
        "שָׁלוֹם עוֹלָם",
        "مى\u200cخواهم ۵\u200cساله",  # Persian, with non-joiners inside
        "ක්\u200dරි ශ්\u200dරී",  # Sinhala: a joiner makes a conjunct
        "അവന്\u200d പറഞ്ഞു",  # Malayalam: at the end of a word a joiner makes half a letter
        "র\u200d্যাব",
        "👨\u200d👩\u200d👧 👍🏽 🇰🇷 🇩🇪 ❤\ufe0f 1\ufe0f⃣",
        "🏴\U000e0067\U000e0062\U000e0077\U000e006c\U000e0073\U000e007f",  # the flag of Wales
    ],
)
def test_marks_and_joiners_stay_with_their_word(text):
    assert words(text) == tuple(unicodedata.normalize("NFC", text).split())


def test_emoji_are_words_of_their_own():
    assert words("I❤\ufe0fyou🇰🇷🇩🇪!") == ("I", "❤\ufe0f", "you", "🇰🇷", "🇩🇪", "!")


def test_a_joiner_that_shapes_nothing_is_left_out():
    assert words("کتاب\u200c ها\u200d") == ("کتاب", "ها")
    assert words("مى\u200c\u200cخواهم") == words("مى\u200cخواهم")


def test_in_scripts_without_spaces_u200b_separates_words():
    assert words("สวัสดี\u200bครับ") == ("สวัสดี", "ครับ")
    assert words("日本\u200b語") == ("日本", "語")


@given(st.text())
def test_words_of_any_text(text):
    found = words(text)
    assert words(" ".join(found)) == found
    assert all(word and not any(letter.isspace() for letter in word) for word in found)
    seen = [c for word in found for c in word if unicodedata.category(c) in ("Cc", "Cf")]
    assert all(c in "\u200c\u200d" or unicodedata.bidirectional(c) in ("AN", "L") for c in seen)


OLD = re.compile(r"\w+(?:['-]\w+|(?<=\d)[.,:]\d\w*)*|[^\w\s]")  # until there was `regex`


@given(st.text("aZé금ㄱ日1²½٣_'’-.,:;!?«»·$%(） \t\n\x85", max_size=20))
def test_words_of_trained_vocabularies_stay_as_they_are(text):
    plain = unicodedata.normalize("NFC", text).replace("’", "'")
    assert words(text) == tuple(OLD.findall(plain))


def test_the_words_of_the_corpora_are_whole():
    sentences = [text.words for text in coreference.corpus(200, validation=0, test=0).train]
    for pair in calendar.corpus(200, validation=0, test=0).train:
        sentences += [pair.source, pair.target]
    assert all(words(" ".join(sentence)) == sentence for sentence in sentences)


@pytest.mark.parametrize(
    "text",
    ["🇰", "\u0301", "a\u0301\u0316", "\u200d", "م\u200c", "😀\u200d", "ก\u200b", "a'", "1:", "\0"],
)
def test_long_texts_of_any_kind_take_no_minutes(text):  # quadratic would
    assert len(words(text * 50_000)) <= 50_000
