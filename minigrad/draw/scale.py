"""The scale of the gradients in a drawing: how wide and how dark each arrow is, and the legend."""

from __future__ import annotations

import math

import numpy as np

from ..graph import Node
from .flow import norm
from .labels import ALARM, quiet
from .scene import Scene
from .view import Arrow, View

# From the smallest gradient in the drawing to the largest: darker and wider.
GRADIENT = ("#fdba74", "#f97316", "#c2410c", "#7c2d12", "#431407")
WIDTHS = (1.0, 1.75, 2.5, 3.5, 5.0)
FAR, FEW = 5, 0.1  # of a wider range, this proportion is below the scale, and this above it


class Scale:
    """Five steps, from the norm of a gradient to the look of an arrow; each is a factor.

    They divide the range of the norms. If that is more than FAR powers of ten, they divide that of
    most norms, so that a few far away (rounding errors, say) do not leave one shade for all others.
    A step is at least a factor of 2: if all norms fall into one step, all arrows look alike.
    """

    def __init__(self, view: View) -> None:
        self.norms = {arrow: norm_along(arrow, view.scene) for arrow in view.arrows}
        norms = self.norms.values()
        logs = [float(np.log10(norm)) for norm in norms if norm and np.isfinite(norm)] or [0.0]
        few = FEW if max(logs) - min(logs) > FAR else 0
        low, self.top = np.quantile(logs, [few, 1 - few], method="nearest").tolist()
        self.step = max(math.log10(2), (self.top - low) / len(GRADIENT))
        self.differs = len({self._number(log) for log in logs}) > 1

    def _number(self, log: float) -> int:
        """The step, from 0, of a norm's logarithm."""
        below = int(max(self.top - log, 0) / self.step)
        return max(0, len(GRADIENT) - 1 - below)

    def look(self, arrow: Arrow) -> dict[str, str]:
        """Colour, width and style: dotted for a gradient of 0, red if it is not finite.

        An arrow along which no gradient came gets nothing, and keeps the default look.
        """
        norm = self.norms[arrow]
        if norm is None:
            return {}
        if not np.isfinite(norm):
            return {"color": ALARM, "penwidth": str(WIDTHS[-1]), "style": "dashed"}
        if norm == 0:
            return {"style": "dotted"}
        number = self._number(float(np.log10(norm)))
        return {"color": GRADIENT[number], "penwidth": str(WIDTHS[number])} if self.differs else {}

    def styles(self) -> list[str]:
        """The meaning of the styles of arrows that are drawn."""
        norms = [norm for norm in self.norms.values() if norm is not None]
        zero = ["dotted arrow: gradient 0"] if 0 in norms else []
        finite = all(map(np.isfinite, norms))
        return zero + ([] if finite else ["dashed red arrow: gradient not finite"])

    def legend(self) -> str:
        """The meaning of widths and colours, as a table for Graphviz; empty if all are alike."""
        if not self.differs:
            return ""
        cells = [f"<TD>{quiet('‖gradient‖ along an arrow')}</TD>"]
        for i, color in enumerate(GRADIENT):
            least = 10 ** (self.top - self.step * (len(GRADIENT) - max(i, 1)))
            color_of_text = "white" if i > 1 else "black"
            text = f"{'≥' if i else '&lt;'} {least:.2g}"
            text = f'<FONT COLOR="{color_of_text}" POINT-SIZE="10">{text}</FONT>'
            cells.append(f'<TD BGCOLOR="{color}">{text}</TD>')
        row = f"<TR>{''.join(cells)}</TR>"
        return f'<TABLE BORDER="0" CELLSPACING="0" CELLPADDING="4">{row}</TABLE>'


def norm_along(arrow: Arrow, scene: Scene) -> float | None:
    """The norm of the gradient that came back along an arrow, the largest if there are several."""
    found = []
    for x, use in zip(arrow.tensors, arrow.uses, strict=True):
        if use is None and scene.norms and isinstance(x, Node) and x in scene.gradients:
            found.append(norm(scene.gradients[x]))
        elif use is not None and use in scene.norms:
            found.append(scene.norms[use])
    return max(found, key=lambda norm: (not np.isfinite(norm), norm), default=None)
