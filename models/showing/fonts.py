"""Fonts for pages, reduced to the letters that a page has: every machine can show 금요일."""

import base64
import importlib.util
import io
import logging
import re
from pathlib import Path


def hangul(text):
    """A CSS rule with a font, named hangul, for the Hangul in a text; "" if it has none."""
    letters = "".join(sorted(set(re.findall("[ㄱ-ㆎ가-힣]", text))))
    if not letters:
        return ""
    package = importlib.util.find_spec("koreanize_matplotlib")
    file = Path(package.origin).parent / "fonts" / "NanumGothic.ttf"
    data = base64.b64encode(reduced(file, letters)).decode()
    return f"@font-face {{ font-family: hangul; src: url(data:font/woff;base64,{data}); }}"


def reduced(file, text, unicodes=()):
    """A font file (WOFF) with only the letters of a text, and those with these numbers."""
    from fontTools.subset import Options, Subsetter
    from fontTools.ttLib import TTFont

    logging.getLogger("fontTools").setLevel(logging.ERROR)  # it would report every table
    whole = TTFont(str(file))
    subsetter = Subsetter(Options(layout_features=["*"]))
    subsetter.populate(text=text, unicodes=unicodes)
    subsetter.subset(whole)
    whole.flavor, out = "woff", io.BytesIO()
    whole.save(out)
    return out.getvalue()
