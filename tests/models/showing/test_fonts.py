"""The font that a page brings: it has the Hangul of the page, and little else."""

import base64
import io
import re

from fontTools.ttLib import TTFont

from models.showing.fonts import hangul


def test_a_page_brings_the_hangul_that_it_has():
    rule = hangul("«오늘은 금요일» <b> Friday")
    data = base64.b64decode(re.search(r"base64,([^)]*)\)", rule)[1])
    letters = {chr(code) for code in TTFont(io.BytesIO(data)).getBestCmap()}
    assert letters == set("오늘은금요일")
    assert len(data) < 10_000


def test_a_page_without_hangul_brings_no_font():
    assert hangul("Friday → é") == ""
