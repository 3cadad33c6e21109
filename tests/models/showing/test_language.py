"""Pictures in Korean: every text has a translation, every translation is used."""

import pytest

from models.showing.language import name, said, speaking


def test_english_is_as_it_stands_in_the_code():
    assert said("anything") == "anything"
    assert said("query · {}", "key") == "query · key"


def test_korean_is_spoken_inside_alone():
    with speaking("ko"):
        assert said("weight") == "가중치"
        assert said("query · {}", said("key")) == "쿼리 · 키"
        assert name("attention 12") == "어텐션 12"
        with speaking("en"):
            assert said("weight") == "weight"
    assert said("weight") == "weight"


def test_a_text_without_a_translation_is_an_error_in_korean():
    with speaking("ko"), pytest.raises(LookupError, match=r"'anything' has no Korean text"):
        said("anything")
    with pytest.raises(ValueError, match=r"'fr' must be one of en, ko"), speaking("fr"):
        pass
