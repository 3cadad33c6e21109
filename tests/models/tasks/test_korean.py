import pytest

from models.tasks.calendar import COURSE, corpus
from models.tasks.korean import ATTACHED, Korean, verb_of


@pytest.fixture(scope="module")
def korean():
    return Korean(
        {word for pair in corpus(3_000, validation=0, test=0).train for word in pair.source}
    )


@pytest.mark.parametrize(
    ("noun", "verb", "ending", "spelled"),
    [
        ("금요일", "is", "and", "이고"),
        ("모레", "is", "and", "고"),
        ("모레", "is", "but", "지만"),
        ("모레", "is", ".", "입니다"),
        ("모레", "will be", "but", "겠지만"),
        ("모레", "was", "but", "였지만"),
        ("금요일", "was", "?", "이었습니까"),
        ("모레", "was not", "but", "아니었지만"),
        ("모레", "will be", "?", "일 것입니까"),
        ("추석에", "is", ".", "있습니다"),
        ("추석에", "is not", ".", "없습니다"),
        ("추석에", "will not be", "and", "없을 것이고"),
    ],
)
def test_verbs(noun, verb, ending, spelled):
    assert verb_of(noun, verb, ending) == spelled


@pytest.mark.parametrize(
    "text",
    [
        "오늘은 금요일입니다.",
        "오늘은 금요일입니다",
        "오늘은 금요일 입니다",
        "오늘은 금요일 입니다.",
        "  오늘은   금요일 입니다 .",
    ],
)
def test_every_spelling_of_the_course_s_sentence(korean, text):
    assert tuple(korean.encode(text)) == COURSE.source


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("오늘은 금요일이고", "오늘은 금요일 이고"),
        ("오늘은 금요일이지만", "오늘은 금요일 이지만"),
        ("오늘은 금요일이 아니고", "오늘은 금요일이 아니고"),
        ("내일은 31일일 것입니다", "내일은 31일 일 것입니다 ."),
        ("내일은 31일일것입니까", "내일은 31일 일 것입니까 ?"),
        ("제 생일은 모레고", "제 생일은 모레 고"),
        ("제 생일은 모레이고", "제 생일은 모레 이고"),
        ("제 생일은 크리스마스였습니까", "제 생일은 크리스마스 였습니까 ?"),
        ("시험은 추석에 있습니다", "시험은 추석에 있습니다 ."),
        ("오늘은 수박입니다!", "오늘은 수박 입니다 !"),
        ("32일입니다", "32 일 입니다 ."),  # not 2일: a number is not divided
        ("", ""),
    ],
)
def test_other_sentences(korean, text, tokens):
    assert korean.encode(text) == tokens.split()


def test_a_mark_that_the_model_does_not_know_is_not_added():
    assert Korean({"오늘은", "입니다"}).encode("오늘은 입니다") == ["오늘은", "입니다"]


def test_the_copula_is_written_together_with_its_noun(korean):
    assert {"입니다", "이고", "고", "일", "였습니다", "이었습니다", "겠지만"} <= ATTACHED
    assert not {"아닙니다", "있습니다", "것입니다", "아닐"} & ATTACHED
    assert korean.decode(["내일은", "금요일", "일", "것입니까", "?"]) == "내일은 금요일일 것입니까?"
    assert korean.decode(["금요일이", "아닙니다", "."]) == "금요일이 아닙니다."
