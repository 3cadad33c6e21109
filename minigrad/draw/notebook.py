"""What a notebook shows of a drawing: SVG where it trusts it, else PNG; and the explorer's page."""

from __future__ import annotations

import base64
import re
import struct
from typing import Any


class Page(str):
    """The explorer as HTML text, which shows itself in a notebook in a frame that fits the cell."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f'<Page: {len(self):,} characters of HTML; save it: drawing.save("graph.html")>'

    def _repr_html_(self) -> str:
        import html  # slow to load

        return (
            f'<iframe srcdoc="{html.escape(str(self))}" title="minigrad.draw" loading="lazy" '
            'sandbox="allow-scripts allow-downloads" '
            'style="width: 100%; height: 640px; border: 1px solid #94a3b8"></iframe>'
        )


def bundle(svg: str, png: bytes, text: str) -> tuple[dict[str, str], dict[str, Any]]:
    """The pictures for a notebook, by MIME type, and their sizes: no wider than the cell."""
    fitted = re.sub("<svg ", '<svg style="max-width: 100%; height: auto" ', svg, count=1)
    data = {"image/svg+xml": fitted, "image/png": base64.b64encode(png).decode()}
    (width,) = struct.unpack(">I", png[16:20])  # of the PNG, in its first chunk
    return data | {"text/plain": text}, {"image/png": {"width": width // 2}}  # it has 192 dpi
