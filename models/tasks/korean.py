"""Korean as it is spelled: what a noun takes after it, the verbs of the calendar, and its tokens.

A particle or the copula (이다, to be) is written together with its noun, and its form depends on
whether that ends in a consonant: 금요일은, 금요일이고 (Friday), but 모레는, 모레고 (the day after
tomorrow). See the rules of spelling (한글 맞춤법, §41; §36 about 였) and the dictionary of the
National Institute of Korean Language (표준국어대사전, under 이다).
All sentences are in the formal polite style (합쇼체): statements end in -다, questions in -까.
"""

from collections.abc import Iterable

from .tokens import Known

ENDINGS = (".", "?", "and", "but")  # of a clause
COPULA = {  # 금요일입니다: it is Friday
    "is": ("입니다", "입니까", "이고", "이지만"),
    "was": ("이었습니다", "이었습니까", "이었고", "이었지만"),
    "will be": ("일 것입니다", "일 것입니까", "일 것이고", "이겠지만"),
    "is not": ("아닙니다", "아닙니까", "아니고", "아니지만"),
    "was not": ("아니었습니다", "아니었습니까", "아니었고", "아니었지만"),
    "will not be": ("아닐 것입니다", "아닐 것입니까", "아닐 것이고", "아니겠지만"),
}
EXISTENCE = {  # 금요일에 있습니다: it is on Friday, it takes place then
    "is": ("있습니다", "있습니까", "있고", "있지만"),
    "was": ("있었습니다", "있었습니까", "있었고", "있었지만"),
    "will be": ("있을 것입니다", "있을 것입니까", "있을 것이고", "있겠지만"),
    "is not": ("없습니다", "없습니까", "없고", "없지만"),
    "was not": ("없었습니다", "없었습니까", "없었고", "없었지만"),
    "will not be": ("없을 것입니다", "없을 것입니까", "없을 것이고", "없겠지만"),
}
MARKS = {"다": ".", "까": "?"}  # the mark of a sentence, by the last letter of its verb


def ends_in_consonant(word: str) -> bool:
    """True if the last syllable has a final consonant: 금요일 (il) has one, 모레 (re) has none.

    Unicode orders the syllables from U+AC00 by first consonant, vowel and final consonant. There
    are 28 final consonants, and the first of them is "none".
    """
    return (ord(word[-1]) - 0xAC00) % 28 > 0


def verb_of(noun: str, verb: str, ending: str) -> str:
    """The Korean verb after this noun: 금요일 takes 이고 and 이었고, 모레 takes 고 and 였고.

    A noun with 에 (on, at) takes 있다 or 없다, to exist or not; any other takes the copula.
    """
    if noun.endswith("에"):
        return EXISTENCE[verb][ENDINGS.index(ending)]
    form = COPULA[verb][ENDINGS.index(ending)]
    return form if ends_in_consonant(noun) else _after_vowel(form)


def _after_vowel(form: str) -> str:
    """The form without its first syllable 이, which contracts with 었 to 였, or is dropped."""
    return form.replace("이었", "였") if form.startswith("이었") else form.removeprefix("이")


# What is written together with the noun before it.
ATTACHED = frozenset(
    form.split()[0]
    for verb, forms in COPULA.items()
    if "not" not in verb
    for full in forms
    for form in (full, _after_vowel(full))
)


class Korean(Known):
    """The tokens of the calendar's Korean: 오늘은 금요일입니다. → 오늘은 금요일 입니다 .

    A space before the copula makes no difference. A final mark that is missing is added, if it is
    known: after -다 a full stop, after -까 a question mark.
    """

    def __init__(self, known: Iterable[str]) -> None:
        super().__init__(known, ATTACHED)

    def encode(self, text: str) -> list[str]:
        """The tokens of the text, with its final mark."""
        tokens = super().encode(text)
        mark = MARKS.get(tokens[-1][-1]) if tokens else None
        return [*tokens, mark] if mark and mark in self.known else tokens
