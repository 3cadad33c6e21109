import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.tasks.vocabulary import Vocabulary

SPECIALS = ["<pad>", "<begin>", "<end>", "<unknown>"]
SENTENCES = [["b", "a", "c"], ["b", "a", "d"], ["b", "e"]]


def test_the_special_tokens_have_the_first_ids():
    assert (Vocabulary.PAD, Vocabulary.BEGIN, Vocabulary.END, Vocabulary.UNKNOWN) == (0, 1, 2, 3)
    assert Vocabulary.build([]).words == SPECIALS


def test_the_most_frequent_word_comes_first_and_ties_go_by_the_alphabet():
    assert Vocabulary.build(SENTENCES).words == [*SPECIALS, "b", "a", "c", "d", "e"]
    assert Vocabulary.build(reversed(SENTENCES)).words == Vocabulary.build(SENTENCES).words


def test_rare_words_can_be_left_out():
    assert Vocabulary.build(SENTENCES, min_count=2).words == [*SPECIALS, "b", "a"]


def test_encode_and_decode():
    vocabulary = Vocabulary.build(SENTENCES)
    assert len(vocabulary) == 9
    assert "a" in vocabulary
    assert "z" not in vocabulary
    assert vocabulary.encode(["a", "z", "b"]) == [5, Vocabulary.UNKNOWN, 4]
    assert vocabulary.unknown(["a", "z", "b", "y"]) == ["z", "y"]
    assert vocabulary.decode([1, 5, 0, 3, 4, 2, 5, 0]) == ["a", "<unknown>", "b"]
    assert vocabulary.decode(np.array([5, 2])) == ["a"]


@given(st.lists(st.lists(st.sampled_from([*SPECIALS, "a", "b", "c"]))))
def test_what_is_known_comes_back(sentences):
    vocabulary = Vocabulary.build(sentences)
    for sentence in sentences:
        known = [word for word in sentence if word in vocabulary]
        assert vocabulary.decode(vocabulary.encode(known)) == known
        assert set(sentence) - set(known) <= set(SPECIALS)


@pytest.mark.parametrize("special", SPECIALS)
def test_no_text_can_contain_a_special_token(special):
    vocabulary = Vocabulary.build([[special, "a", special]])
    assert vocabulary.words == [*SPECIALS, "a"]
    assert vocabulary.encode([special, "a"]) == [Vocabulary.UNKNOWN, 4]
    assert special not in vocabulary
    assert vocabulary.unknown([special]) == [special]


def test_words_restore_the_vocabulary():
    vocabulary = Vocabulary.build(SENTENCES)
    again = Vocabulary(json.loads(json.dumps(vocabulary.words)))
    assert again.words == vocabulary.words
    assert again.encode(["e", "b"]) == vocabulary.encode(["e", "b"])


def test_mistakes_are_explained():
    with pytest.raises(ValueError, match=r"Vocabulary\.build\(sentences\)"):
        Vocabulary(["a", "b"])
    with pytest.raises(ValueError, match=r"\['a'\].*one id"):
        Vocabulary([*SPECIALS, "a", "b", "a"])
    vocabulary = Vocabulary.build(SENTENCES)
    for wrong in (-1, 9):
        with pytest.raises(ValueError, match=f"id {wrong}: .* 0 to 8"):
            vocabulary.decode([wrong])
    for use in (vocabulary.encode, vocabulary.unknown, lambda text: Vocabulary.build([text])):
        with pytest.raises(TypeError, match="'Today is' is one string"):
            use("Today is")
