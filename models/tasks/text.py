"""From text to words: tokenization by Unicode's rules, the same for every script."""

import unicodedata
from functools import cache

CURLY_APOSTROPHE = "\N{RIGHT SINGLE QUOTATION MARK}"

# The patterns are those of the package `regex`, which knows Unicode's properties (re does not).

# A word may contain apostrophes and hyphens (don't, well-known), a number points, commas and colons
# (10,000, 10:30); a letter's marks are part of it (हिन्दी, שָׁלוֹם). Every other character that can be
# seen is a word of its own: a mark, or an emoji with all that belongs to it.
LETTER = r"[\p{L}\p{N}_]"
REST = r"[\p{L}\p{N}_\p{M}\u200C\u200D]*"
WORD = (
    rf"{LETTER}{REST}(?:['-]{LETTER}{REST}|(?<=\d)[.,:]\d{REST})*"
    r"|\p{Regional_Indicator}{2}|(?![\s\p{Default_Ignorable_Code_Point}])\X"
)

# Characters that nobody sees: controls, direction marks, soft hyphens, byte order marks, fillers …
HIDDEN = (
    r"[[\p{Cc}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}\uFFF9-\uFFFB]"
    r"--[\p{M}\s]]"
)
# No letter has more marks than this (Unicode's stream-safe format); NFC is quadratic in them.
TOO_MANY = r"\p{M}(?<=\p{M}{31})"
# The scripts whose letters change their shape beside a joiner or a non-joiner: all but these.
SHAPED = (
    r"[[\p{L}\p{M}\p{N}]--[\p{Latin}\p{Greek}\p{Cyrillic}\p{Hangul}\p{Han}\p{Hiragana}\p{Katakana}"
    r"\p{Common}]]"
)
# Hidden characters that make a difference: they stay. (A lookbehind after its character is faster.)
SHAPING = "|".join((
    rf"[\u200C\u200D](?<={SHAPED}.)(?={HIDDEN}*{SHAPED})",  # Persian می‌خواهم
    r"\u200D(?<=\p{ccc=9}.)",  # Malayalam അവന്‍: half a letter
    r"\u200D(?<=\p{Extended_Pictographic}[\p{M}\p{Emoji_Modifier}]{0,3}.)"
    r"(?=\p{Extended_Pictographic})",
    r"[\U000E0020-\U000E007F](?<=\U0001F3F4[\U000E0020-\U000E007F]{1,9})",  # the flag of Wales
))  # fmt: skip
# Between words: in scripts that are written without spaces, U+200B.
SPACE = r"[\x1C-\x1F]|\u200B(?<=[\p{Line_Break=Complex_Context}\p{Han}\p{Hiragana}\p{Katakana}].)"


@cache
def pattern(text):
    """A compiled pattern of the package `regex`, with its set operations."""
    import regex

    return regex.compile(text, regex.VERSION1)


def words(text: str) -> tuple[str, ...]:
    """Tokenize a text: its words, in Unicode's composed form (NFC), with their case.

    Punctuation is split off, contractions stay whole: "I don't know." → I don't know .
    A curly apostrophe becomes a straight one, so don't is the same word however it is typed.
    Characters that nobody sees, such as U+200B, U+FEFF and soft hyphens, are left out.
    """
    return words_in(cleaned(text))


def words_in(text: str) -> tuple[str, ...]:
    """The words of a text that is cleaned already."""
    return tuple(pattern(WORD).findall(text))


def cleaned(text: str) -> str:
    """The text in NFC, without characters that nobody sees, and with straight apostrophes."""
    if not text.isascii() or not text.isprintable():
        text = pattern(SPACE).sub(" ", text)
        text = pattern(f"({SHAPING})|{HIDDEN}|{TOO_MANY}").sub(lambda found: found[1] or "", text)
    return unicodedata.normalize("NFC", text).replace(CURLY_APOSTROPHE, "'")
