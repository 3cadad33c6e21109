"""Counts, in the SVG of a drawing, the labels of arrows that an arrow runs over."""

import re
from xml.etree import ElementTree

SVG = "{http://www.w3.org/2000/svg}"


def covered(svg):
    """The labels of arrows in an SVG: how many an arrow runs over, and how many there are."""
    edges = [e for e in ElementTree.fromstring(svg).iter(f"{SVG}g") if e.get("class") == "edge"]
    labels = [box(text) for edge in edges for text in edge.iter(f"{SVG}text") if text.text.strip()]
    points = [point for edge in edges for path in edge.iter(f"{SVG}path") for point in along(path)]
    under = [any(left < x < right and top < y < low for x, y in points)
             for left, right, top, low in labels]  # fmt: skip
    return sum(under), len(under)


def box(text):
    """The left, right, top and bottom of the ink of a text in the middle of its own space."""
    x, y, size = (float(text.get(key)) for key in ("x", "y", "font-size"))
    words = text.text.replace("\xa0", " ")
    width = float(text.get("textLength") or 0.5 * size * len(words))
    if text.get("text-anchor") == "middle":
        x -= width / 2
    one = width / max(len(words), 1)  # spaces at the ends are free
    left = x + one * (len(words) - len(words.lstrip()))
    return left, left + one * len(words.strip()), y - 0.7 * size, y + 0.1 * size


def along(path, steps=40):
    """Points along a path of M, C and L commands."""
    numbers = [float(n) for n in re.findall(r"-?\d+(?:\.\d+)?(?:e-?\d+)?", path.get("d"))]
    spots = list(zip(numbers[::2], numbers[1::2], strict=True))
    if "L" in path.get("d"):
        spots = [spots[0], spots[0], spots[1], spots[1]]
    for i in range(0, len(spots) - 3, 3):
        for k in range(steps + 1):
            t = k / steps
            weights = (1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3
            yield tuple(
                sum(w * spot[axis] for w, spot in zip(weights, spots[i : i + 4], strict=True))
                for axis in (0, 1)
            )
