from collections import Counter

import pytest

from models.tasks.coreference import (
    ANIMALS,
    COURSE,
    OF_ANIMALS,
    OF_THINGS,
    THINGS,
    corpus,
    held_out,
)
from models.tasks.text import words


@pytest.fixture(scope="module")
def splits():
    return corpus(size=4_000, validation=400, test=400)


def all_texts(splits):
    return [text for texts in splits for text in texts]


def said(text):
    return " ".join(text.words[text.it + 1 : -1])


def test_the_course():
    assert " ".join(COURSE.words) == "The dog likes an apple . It has a long tail ."
    assert [COURSE.words[i] for i in (COURSE.it, COURSE.answer, COURSE.other)] == [
        "It",
        "dog",
        "apple",
    ]
    assert ("dog", said(COURSE)) in held_out()


def test_the_indices_of_every_text_are_right(splits):
    for text in all_texts(splits):
        assert text.words[text.it] in ("it", "It")
        assert text.words[text.it].istitle() == (text.words[text.it - 1] == ".")
        nouns = {text.words[text.answer], text.words[text.other]}
        assert len(nouns & set(ANIMALS)) == len(nouns & set(THINGS)) == 1
        kind = ANIMALS if said(text) in OF_ANIMALS else THINGS
        assert said(text) in (OF_ANIMALS if kind is ANIMALS else OF_THINGS)
        assert text.words[text.answer] in kind
        assert words(" ".join(text.words)) == text.words  # as a reader's own text is split
        assert text.words.count(text.words[text.answer]) == 1
        assert text.words[0][0].isupper()
        for before, word in zip(text.words, text.words[1:], strict=False):
            if before in ("a", "an", "A", "An"):
                assert (word[0] in "aeiou") == (before.lower() == "an")


def test_twins_begin_alike_and_have_the_other_answer(splits):
    for texts in splits:
        for one, two in zip(texts[::2], texts[1::2], strict=True):
            assert one.words[: one.it + 1] == two.words[: two.it + 1]
            assert one.words != two.words
            assert (one.it, one.answer, one.other) == (two.it, two.other, two.answer)


def test_neither_position_nor_kind_gives_the_answer_away(splits):
    for texts in splits:
        first = sum(text.answer < text.other for text in texts)
        animal = sum(text.words[text.answer] in ANIMALS for text in texts)
        assert first == animal == len(texts) / 2
        animal_first = sum(
            (text.words[text.answer] in ANIMALS) == (text.answer < text.other) for text in texts
        )
        assert 0.4 < animal_first / len(texts) < 0.6
    assert len({text.answer for text in splits.train}) > 8
    assert len({text.it for text in splits.train}) > 8


def test_no_training_text_has_a_held_out_pair(splits):
    new = held_out()
    for text in splits.train:
        assert (text.words[text.answer], said(text)) not in new
    for text in splits.validation + splits.test:
        assert (text.words[text.answer], said(text)) in new


def test_the_first_sentence_has_no_held_out_pair_either(splits):
    attributes = {what.removeprefix("is very ").removeprefix("has ") for _, what in held_out()}
    for text in all_texts(splits):
        sentence = text.words[: text.words.index(".")]
        for i in (text.answer, text.other):
            noun = sentence[i]
            before = f"is very {sentence[i - 1]}"
            assert (noun, before) not in held_out()
            if sentence[i + 1 : i + 2] == ("with",):
                what = " ".join(sentence[i + 2 :])
                for attribute in attributes:
                    if what.startswith(attribute):
                        assert (noun, f"has {attribute}") not in held_out()


def test_a_fifth_is_held_out_of_each_noun_and_of_each_predicate():
    for column in (0, 1):
        counts = Counter(pair[column] for pair in held_out())
        assert set(counts) == set((ANIMALS + THINGS, OF_ANIMALS + OF_THINGS)[column])
        assert set(counts.values()) <= {2, 3, 4}


def test_no_text_comes_twice_nor_the_course_at_all(splits):
    texts = [text.words for text in all_texts(splits)]
    assert len(set(texts)) == len(texts) == 4_800
    assert COURSE.words not in texts


def test_the_vocabulary_of_the_course_is_learned(splits):
    known = {word for text in splits.train for word in text.words}
    assert set(COURSE.words) <= known
    assert {word for text in splits.test for word in text.words} <= known


def test_the_same_seed_gives_the_same_texts(splits):
    assert corpus(size=4_000, validation=400, test=400) == splits
    assert corpus(size=4_000, validation=400, test=400, seed=1) != splits


def test_texts_come_in_twins():
    with pytest.raises(ValueError, match="twins"):
        corpus(size=3)
