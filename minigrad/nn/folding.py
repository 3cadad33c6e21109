"""Images as columns of windows, and in other sizes. Loaded when asked for."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .. import checks
from ..errors import describe, shown
from ..functions import transpose
from ..graph import value_of
from ..ops import getitem, matmul, permute, reshape
from ..tensor import Tensor
from .adaptive import adaptive_avg_pool1d, adaptive_avg_pool2d, adaptive_avg_pool3d
from .applied import Applied
from .convolution import Sizes, batched, several
from .more_ops import add_patches, surrounded, patches
from .module import Module


def _settings(name: str, size: Any, dilation: Any, padding: Any, stride: Any) -> Any:
    return (
        several(f"{name}: kernel_size", size, 2, 1),
        several(f"{name}: dilation", dilation, 2, 1),
        several(f"{name}: padding", padding, 2),
        several(f"{name}: stride", stride, 2, 1),
    )


def _positions(name: str, sizes: Any, settings: Any) -> tuple[int, ...]:
    """The number of windows along each dim of a padded image."""
    each = zip(sizes, *settings, strict=True)
    counts = tuple([(n + 2 * p - d * (k - 1) - 1) // s + 1 for n, k, d, p, s in each])
    if min(counts) < 1:
        raise RuntimeError(f"{name}: no window of {settings[0]} fits into {tuple(sizes)}")
    return counts


def _copied(x: Any, shape: tuple[int, ...]) -> Any:
    """x in another shape, in memory of its own: never a view, whatever the sizes are."""
    own = value_of(x)
    copy = own.flags.c_contiguous and isinstance(x, Tensor)
    return reshape(x.clone() if copy else x, shape=shape)


def unfold(
    input: Tensor, kernel_size: Sizes, dilation: Sizes = 1, padding: Sizes = 0, stride: Sizes = 1
) -> Tensor:
    """Each window of an image as a column: (N, C, H, W) to (N, C · kh · kw, windows)."""
    x, has_batch = batched("unfold", input, 2)
    settings = _settings("unfold", kernel_size, dilation, padding, stride)
    size, by, around, step = settings
    counts = _positions("unfold", x.shape[2:], settings)
    x = surrounded(x, widths=tuple([(p, p) for p in around])) if any(around) else x
    found = patches(x, size=size, stride=step, dilation=by)
    columns = permute(found, dims=(0, 1, 4, 5, 2, 3))
    shape = (len(x), x.shape[1] * math.prod(size), math.prod(counts))
    return _copied(columns, shape if has_batch else shape[1:])


def fold(
    input: Tensor,
    output_size: Sizes,
    kernel_size: Sizes,
    dilation: Sizes = 1,
    padding: Sizes = 0,
    stride: Sizes = 1,
) -> Tensor:
    """Columns added up to an image: (N, C · kh · kw, windows) to (N, C, *output_size)."""
    checks.tensors("fold", input=input)
    sizes = several("fold: output_size", output_size, 2, 1)
    settings = _settings("fold", kernel_size, dilation, padding, stride)
    size, by, around, step = settings
    counts = _positions("fold", sizes, settings)
    row = math.prod(size)
    if input.ndim not in (2, 3) or input.shape[-2] % row or input.shape[-1] != math.prod(counts):
        wanted = f"(N, C · {row}, {math.prod(counts)})"
        raise RuntimeError(f"fold: input {describe(input)} must be {wanted} for {sizes}")
    channels, lead = input.shape[-2] // row, input.shape[:-2]
    columns = reshape(input, shape=(math.prod(lead), channels, *size, *counts))
    columns = permute(columns, dims=(0, 1, 4, 5, 2, 3))
    whole = tuple([n + 2 * p for n, p in zip(sizes, around, strict=True)])
    image = add_patches(columns, shape=whole, stride=step, dilation=by)
    cut = [slice(p, p + n) for n, p in zip(sizes, around, strict=True)]
    image = getitem(image, index=(..., *cut)) if any(around) else image
    return reshape(image, shape=(*lead, channels, *sizes))


class Unfold(
    Applied,
    of=unfold,
    shows="kernel_size={kernel_size}, dilation={dilation}, padding={padding}, stride={stride}",
):
    """`unfold`: (N, C, H, W) to (N, C · kh · kw, windows)."""

    kernel_size: Sizes
    dilation: Sizes = 1
    padding: Sizes = 0
    stride: Sizes = 1


class Fold(
    Applied,
    of=fold,
    shows="output_size={output_size}, kernel_size={kernel_size}, dilation={dilation}, "
    "padding={padding}, stride={stride}",
):
    """`fold`: (N, C · kh · kw, windows) to (N, C, *output_size)."""

    output_size: Sizes
    kernel_size: Sizes
    dilation: Sizes = 1
    padding: Sizes = 0
    stride: Sizes = 1


# --- other sizes --------------------------------------------------------------------------------

LINEAR = {"linear": 1, "bilinear": 2, "trilinear": 3}  # and the number of dims they are for
AREA = {1: adaptive_avg_pool1d, 2: adaptive_avg_pool2d, 3: adaptive_avg_pool3d}
MODES = ("nearest", "nearest-exact", "area", *LINEAR)


def interpolate(
    input: Tensor,
    size: Any = None,
    scale_factor: Any = None,
    mode: str = "nearest",
    align_corners: bool | None = None,
    recompute_scale_factor: bool | None = None,
    antialias: bool = False,
) -> Tensor:
    """(N, C, *size) in another size, or a size times scale_factor.

    mode  "nearest" and "nearest-exact": the element in whose place it falls; "linear", "bilinear"
          and "trilinear": weighted by the distance to its neighbours. align_corners: the first and
          the last elements stay in their places. "area": the mean of the elements in its place.

    PyTorch also has the mode "bicubic", and antialias.
    """
    n = _check_interpolation(input, size, scale_factor, mode, align_corners, antialias)
    scales = _each(scale_factor, n)
    old = input.shape[2:]
    if size is None:
        new = tuple([math.floor(m * s) for m, s in zip(old, scales, strict=True)])
        scales = (None,) * n if recompute_scale_factor else scales
    else:
        new = several("interpolate: size", size, n, 1)
    if mode == "area":
        return AREA[n](input, new)
    steps = [m / k if s is None else 1 / s for m, k, s in zip(old, new, scales, strict=True)]
    if mode in LINEAR:
        for dim, (m, k, step) in enumerate(zip(old, new, steps, strict=True), 2):
            weights = _linear_weights(m, k, step, bool(align_corners)).astype(value_of(input).dtype)
            input = transpose(matmul(transpose(input, dim, -1), weights), dim, -1)
        return input
    offset = 0.5 if mode == "nearest-exact" else 0.0
    picked = []
    for m, k, step in zip(old, new, steps, strict=True):
        at = np.floor((np.arange(k, dtype=np.float32) + np.float32(offset)) * np.float32(step))
        picked.append(np.minimum(at.astype(np.int64), m - 1))
    return getitem(input, index=(..., *np.ix_(*picked)))


def _check_interpolation(
    input: Any, size: Any, scale_factor: Any, mode: str, align_corners: Any, antialias: bool
) -> int:
    """The number of dims to interpolate. Raises an error unless the arguments fit together."""
    checks.tensors("interpolate", input=input)
    n = input.ndim - 2
    if n not in (1, 2, 3) or LINEAR.get(mode, n) != n:
        raise ValueError(f"interpolate: mode {mode!r} does not fit an input {describe(input)}")
    if mode not in MODES or antialias:
        known = ", ".join(MODES)
        raise NotImplementedError(f"interpolate: without antialias, and mode is one of {known}")
    if align_corners is not None and mode not in LINEAR:
        raise ValueError(f"interpolate: align_corners is for linear modes, not {mode!r}")
    if (size is None) == (scale_factor is None):
        raise ValueError("interpolate: give either size or scale_factor")
    return n


def _each(scale_factor: Any, n: int) -> tuple[Any, ...]:
    """One scale per dim."""
    given = scale_factor if isinstance(scale_factor, tuple | list) else (scale_factor,) * n
    if len(given) != n:
        raise ValueError(f"interpolate: scale_factor is one number, or {n}, not {shown(given)}")
    return tuple(given)


def _linear_weights(m: int, k: int, step: float, corners: bool) -> Any:
    """The weights of m elements in each of k between them: (m, k)."""
    if corners:
        at = np.arange(k) * ((m - 1) / (k - 1) if k > 1 else 0.0)
    else:
        at = np.maximum((np.arange(k) + 0.5) * step - 0.5, 0)
    low = np.minimum(at.astype(np.int64), m - 1)
    high, part = np.minimum(low + 1, m - 1), at - low
    weights, columns = np.zeros((m, k)), np.arange(k)
    np.add.at(weights, (low, columns), 1 - part)
    np.add.at(weights, (high, columns), part)
    return weights


def upsample(
    input: Tensor,
    size: Any = None,
    scale_factor: Any = None,
    mode: str = "nearest",
    align_corners: bool | None = None,
) -> Tensor:
    """`interpolate`, by its older name."""
    return interpolate(input, size, scale_factor, mode, align_corners)


class Upsample(Module):
    """`interpolate` to a size, or by a factor."""

    def __init__(
        self,
        size: Any = None,
        scale_factor: Any = None,
        mode: str = "nearest",
        align_corners: bool | None = None,
        recompute_scale_factor: bool | None = None,
    ) -> None:
        super().__init__()
        several = isinstance(scale_factor, tuple | list)
        self.scale_factor: Any = tuple(map(float, scale_factor)) if several else scale_factor
        if isinstance(scale_factor, int | float):
            self.scale_factor = float(scale_factor)
        self.size, self.mode, self.align_corners = size, mode, align_corners
        self.recompute_scale_factor = recompute_scale_factor

    def forward(self, input: Tensor) -> Tensor:
        """(N, C, *size) to (N, C, *size')."""
        how = self.mode, self.align_corners, self.recompute_scale_factor
        return interpolate(input, self.size, self.scale_factor, *how)

    def extra_repr(self) -> str:
        by = f"size={self.size}" if self.scale_factor is None else None
        return f"{by or f'scale_factor={self.scale_factor}'}, mode={self.mode!r}"


def pixel_shuffle(input: Tensor, upscale_factor: int) -> Tensor:
    """Channels as pixels: (…, C · r², H, W) to (…, C, H · r, W · r) (Shi et al. 2016)."""
    r = checks.whole("pixel_shuffle: upscale_factor", upscale_factor, 1)
    if input.ndim < 3 or input.shape[-3] % (r * r):
        raise RuntimeError(f"pixel_shuffle: {r}² does not divide the channels of {describe(input)}")
    *lead, c, h, w = input.shape
    x = reshape(input, shape=(math.prod(lead), c // (r * r), r, r, h, w))
    return _copied(permute(x, dims=(0, 1, 4, 2, 5, 3)), (*lead, c // (r * r), h * r, w * r))


def pixel_unshuffle(input: Tensor, downscale_factor: int) -> Tensor:
    """Pixels as channels: (…, C, H · r, W · r) to (…, C · r², H, W)."""
    r = checks.whole("pixel_unshuffle: downscale_factor", downscale_factor, 1)
    if input.ndim < 3 or input.shape[-1] % r or input.shape[-2] % r:
        raise RuntimeError(f"pixel_unshuffle: {r} does not divide the size of {describe(input)}")
    *lead, c, h, w = input.shape
    x = reshape(input, shape=(math.prod(lead), c, h // r, r, w // r, r))
    return _copied(permute(x, dims=(0, 1, 3, 5, 2, 4)), (*lead, c * r * r, h // r, w // r))


class PixelShuffle(Applied, of=pixel_shuffle, shows="upscale_factor={upscale_factor}"):
    """`pixel_shuffle`: (…, C · r², H, W) to (…, C, H · r, W · r)."""

    upscale_factor: int


class PixelUnshuffle(Applied, of=pixel_unshuffle, shows="downscale_factor={downscale_factor}"):
    """`pixel_unshuffle`: (…, C, H · r, W · r) to (…, C · r², H, W)."""

    downscale_factor: int
