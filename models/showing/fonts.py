"""Fonts, reduced to the letters of a text, so that a page can bring them along."""

import base64
import importlib.util
import io
import logging
import re
from pathlib import Path


def subset(package, file, text, unicodes=()):
    """A font file of a package as WOFF, with the letters of a text and these code points alone."""
    from fontTools.subset import Options, Subsetter
    from fontTools.ttLib import TTFont

    logging.getLogger("fontTools").setLevel(logging.ERROR)  # it would report every table
    folder = Path(importlib.util.find_spec(package).origin).parent
    whole = TTFont(str(folder / "fonts" / file), recalcTimestamp=False)
    subsetter = Subsetter(Options(layout_features=["*"]))
    subsetter.populate(text=text, unicodes=unicodes)
    subsetter.subset(whole)
    whole.flavor, out = "woff", io.BytesIO()
    whole.save(out)
    return out.getvalue()


def korean(text):
    """A @font-face with the Korean letters of a text, inside the style sheet; "" if it has none.

    Its name is `korean`, and it is used for Korean alone.
    """
    letters = "".join(sorted(set(re.findall("[가-힣]", text))))
    if not letters:
        return ""
    data = subset("koreanize_matplotlib", "NanumGothic.ttf", letters)
    address = f"data:font/woff;base64,{base64.b64encode(data).decode()}"
    return (
        f'@font-face {{ font-family: "korean"; unicode-range: U+AC00-D7A3; src: url({address}); }}'
    )
