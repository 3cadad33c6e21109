import json
from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.tasks.calendar import corpus
from models.tasks.tokens import PIECE, BytePairs, Characters, joined
from models.tasks.vocabulary import Vocabulary

ANY = st.text(st.characters())  # lone surrogates and all


@given(ANY)
def test_characters_and_back(text):
    assert Characters().encode(text) == list(text)
    assert Characters().decode(Characters().encode(text)) == text


@given(st.lists(ANY, max_size=5), ANY, st.integers(0, 20))
def test_any_text_comes_back(texts, text, size):
    pairs = BytePairs.learn([*texts, text], size)
    for one in (*texts, text, text[::-1]):
        assert pairs.decode(pairs.encode(one)) == one
    assert len(pairs.merges) <= size


@given(st.lists(st.text("ab 1.\n금요일", max_size=12), max_size=6), st.integers(0, 12))
def test_the_pairs_are_counted_as_if_from_the_beginning(texts, size):
    pieces = [list(piece) for text in texts for piece in PIECE.findall(text)]
    merges = []
    while len(merges) < size:
        counts = Counter(pair for piece in pieces for pair in pairwise(piece))
        most = max(counts.values(), default=0)
        if most < 2:
            break
        merges.append(min(pair for pair, count in counts.items() if count == most))
        pieces = [joined(piece, merges[-1]) for piece in pieces]
    assert BytePairs.learn(texts, size).merges == merges
    tokens = [token for text in texts for token in BytePairs(merges).encode(text)]
    assert tokens == [token for piece in pieces for token in piece]


def test_the_example_of_the_paper():
    """Algorithm 1 of Sennrich et al. (2016); its sign for the end of a word is left out."""
    words = ["low"] * 5 + ["lower"] * 2 + ["newest"] * 6 + ["widest"] * 3
    merges = BytePairs.learn(words, 4).merges
    assert merges == [("e", "s"), ("es", "t"), ("l", "o"), ("lo", "w")]
    assert BytePairs(merges).encode("lowest") == ["low", "est"]


def test_frequent_words_are_one_token_and_rare_ones_several():
    pairs = BytePairs.learn(["the dog and the cat and the dodo"] * 2 + ["the end"], 30)
    assert pairs.encode("the dog") == ["the", " dog"]
    assert pairs.encode(" the, the") == [" the", ",", " the"]
    assert len(pairs.encode("dot")) > 1


def test_no_token_crosses_the_border_of_a_word():
    pairs = BytePairs.learn(["오늘은 금요일입니다. Is it? (Yes!)"] * 3, 1_000)
    assert pairs.encode("오늘은 금요일입니다. Is it? (Yes!)") == [
        "오늘은", " 금요일입니다", ".", " Is", " it", "?", " (", "Yes", "!)",
    ]  # fmt: skip


def test_hangul_is_learned_by_its_endings():
    texts = [pair.text[0] for pair in corpus(500, validation=0, test=0).train]
    pairs = BytePairs.learn(texts, 60)
    assert pairs.encode("바람입니다.") == ["바", "람", "입니다", "."]


def test_unknown_characters_stay_tokens():
    pairs = BytePairs.learn(["aab aab aab"], 5)
    tokens = pairs.encode("aab ☃ aab")
    assert tokens == ["aab", " ", "☃", " aab"]
    vocabulary = Vocabulary.build([pairs.encode("aab aab aab")])
    assert vocabulary.unknown(tokens) == [" ", "☃"]


def test_no_token_is_a_special_one():
    pairs = BytePairs.learn(["<pad> <end>"] * 9, 100)
    assert not {"<pad>", "<end>"} & set(pairs.encode("<pad> <end>"))


def test_merges_restore_what_was_learned():
    pairs = BytePairs.learn(["low lower lowest newer wider"] * 2, 20)
    again = BytePairs(json.loads(json.dumps(pairs.merges)))
    assert again.merges == pairs.merges
    assert again.encode("slower news") == pairs.encode("slower news")


@pytest.mark.parametrize("letters", ["a", "ab", "금"])
def test_long_words_of_one_letter(letters):
    text = letters * 50_000
    pairs = BytePairs.learn([text], 100)
    assert pairs.decode(pairs.encode(text)) == text
    assert len(pairs.encode(text)) < 20
