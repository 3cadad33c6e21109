"""What a notebook shows: PNG beside SVG, no wider than the cell; the explorer in a frame."""

import base64
import html
import struct

from drawn import small_graph

from minigrad.draw import draw


def test_a_notebook_that_is_not_trusted_shows_a_png():
    """It removes SVG, and only the repr was left."""
    drawing = draw(small_graph()[2])
    data, sizes = drawing._repr_mimebundle_()
    assert set(data) == {"image/svg+xml", "image/png", "text/plain"}
    png = base64.b64decode(data["image/png"])
    assert png.startswith(b"\x89PNG")
    (width,) = struct.unpack(">I", png[16:20])
    assert sizes == {"image/png": {"width": width // 2}}
    assert data["text/plain"] == repr(drawing)


def test_the_picture_is_no_wider_than_the_cell():
    drawing = draw(small_graph()[2])
    assert '<svg style="max-width: 100%; height: auto"' in drawing._repr_svg_()
    assert "max-width" not in drawing.svg()


def test_the_page_shows_itself_in_a_frame():
    drawing = draw(small_graph()[2])
    page = drawing.page()
    frame = page._repr_html_()
    assert frame.startswith("<iframe srcdoc=")
    assert 'style="width: 100%' in frame
    assert 'sandbox="allow-scripts' in frame
    inside = frame.split('srcdoc="')[1].split('"')[0]
    assert html.unescape(inside) == page
    assert len(repr(page)) < 100
    assert page.encode().startswith(b"<!")
