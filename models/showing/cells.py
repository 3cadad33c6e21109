"""The cells of a heat map, drawn as vectors: sharp in every size, and small in a file."""

import numpy as np
from matplotlib.image import AxesImage
from matplotlib.path import Path

# All in points.
GAP, SEAM = 2.0, 1.0  # between cells; and by how much they overlap, so that no line shines through
LEAST = 12  # smaller cells have no gap between them


class Cells(AxesImage):
    """A heat map of weights (rows, columns), drawn as one path per shade instead of pixels.

    To matplotlib it is an image, so it can have a colour bar. The colours are those of 0 to `most`.
    """

    def __init__(self, ax, weights, most=1):
        rows, columns = np.shape(weights)
        super().__init__(ax, cmap="Blues", extent=(-0.5, columns - 0.5, rows - 0.5, -0.5))
        self.set_data(weights)
        self.set_clim(0, most)
        ax.add_image(self)
        ax.set(xlim=self.get_extent()[:2], ylim=self.get_extent()[2:], aspect="auto")

    def can_composite(self):
        """False: matplotlib would join several images as pixels."""
        return False

    def draw(self, renderer):
        """Draw the cells, shade by shade."""
        if not self.get_visible():
            return
        rows, columns = self.get_array().shape
        box, point = self.axes.get_window_extent(renderer), renderer.points_to_pixels(1)
        side = min(box.width / columns, box.height / rows) / point
        colours = self.to_rgba(self.get_array()).reshape(-1, 4)
        shades, shade = np.unique(colours, axis=0, return_inverse=True)
        context = renderer.new_gc()
        context.set_snap(True)
        context.set_linewidth(SEAM * point)
        for number, colour in reversed(list(enumerate(shades))):  # dark ones over light ones
            context.set_foreground(colour, isRGBA=True)
            runs = rectangles(shade.reshape(rows, columns) == number)
            renderer.draw_path(context, runs, self.axes.transData, tuple(colour))
        if side >= LEAST:
            context.set_capstyle("projecting")  # the corners, too
            context.set_foreground("white")
            context.set_linewidth(min(GAP, side / LEAST) * point)
            renderer.draw_path(context, grid(rows, columns), self.axes.transData)
        context.restore()
        self.stale = False


def rectangles(chosen):
    """A path around the chosen cells of an array; neighbours in a row make one rectangle."""
    edges = np.diff(np.pad(chosen, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    row, start = np.nonzero(edges == 1)
    end = np.nonzero(edges == -1)[1]
    left, right, top, bottom = start - 0.5, end - 0.5, row - 0.5, row + 0.5
    corners = [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)]
    vertices = np.array(corners).transpose(2, 0, 1).reshape(-1, 2)  # five per rectangle
    return Path(vertices, [Path.MOVETO, *[Path.LINETO] * 3, Path.CLOSEPOLY] * len(row))


def grid(rows, columns):
    """A path of the lines between cells, and around all of them."""
    right, bottom = columns - 0.5, rows - 0.5
    lines = [[(-0.5, i - 0.5), (right, i - 0.5)] for i in range(rows + 1)]
    lines += [[(j - 0.5, -0.5), (j - 0.5, bottom)] for j in range(columns + 1)]
    return Path(np.concatenate(lines), [Path.MOVETO, Path.LINETO] * len(lines))
