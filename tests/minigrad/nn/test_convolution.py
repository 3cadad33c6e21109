"""Convolutions, pooling, padding and folding in nn.functional: beside PyTorch; and alone."""

import numpy as np
import pytest
from agreement import draw
from room_tables import beside, cases, names, ours

import minigrad
from minigrad.autograd import gradcheck
from minigrad.nn import functional as F

inf, nan = float("inf"), float("nan")
LINE, IMAGE, BLOCK = draw(2, 4, 7), draw(2, 4, 5, 6), draw(1, 2, 3, 4, 3)
SIZED = {1: LINE, 2: IMAGE, 3: BLOCK}


def calls(name, *rows):
    """Examples of one function: arrays, and settings."""
    return [
        (lambda F, *xs, s=settings: getattr(F, name)(*xs, **s), *arrays)
        for *arrays, settings in rows
    ]


def convolutions(n):
    x, k = SIZED[n], (3, 2, 2)[:n]
    channels = x.shape[1]
    weight, bias = draw(4, channels, *k), draw(4)
    return calls(
        f"conv{n}d",
        (x, weight, bias, {}),
        (x, weight, {"stride": 2, "padding": 1}),
        (x, weight, bias, {"padding": "same", "dilation": 1}),
        (x, weight, {"padding": "valid", "dilation": (2,) + (1,) * (n - 1)})
        if n < 3
        else (x, weight, {"padding": "valid"}),
        (x, draw(4, channels // 2, *k), bias, {"groups": 2, "padding": (1,) * n}),
        (x[0], weight, bias, {"stride": (2,) + (1,) * (n - 1)}),
        (x, draw(4, channels, *(1,) * n), {}),
        (x[:0], weight, bias, {}),
    )


def transposed(n):
    x, k = SIZED[n], (3, 2, 2)[:n]
    channels = x.shape[1]
    weight, bias = draw(channels, 4, *k), draw(4)
    return calls(
        f"conv_transpose{n}d",
        (x, weight, bias, {}),
        (x, weight, bias, {"stride": 2, "padding": 1, "output_padding": 1}),
        (x, weight, {"stride": 3, "dilation": 2}),
        (x, weight, bias, {"dilation": 3, "output_padding": 2}),
        (x, draw(channels, 2, *k), bias, {"groups": 2}),
        (x[0], weight, bias, {"padding": (1,) * n}),
    )


def pooled(n):
    x = SIZED[n]
    return {
        f"max_pool{n}d": calls(
            f"max_pool{n}d",
            (x, {"kernel_size": 2}),
            (x, {"kernel_size": 3, "stride": 2, "padding": 1}),
            (x, {"kernel_size": 2, "stride": 1, "ceil_mode": True}),
            (x, {"kernel_size": 2, "stride": 2, "padding": 1, "ceil_mode": True}),
            (x, {"kernel_size": 2, "return_indices": True}),
            (x[0], {"kernel_size": 2, "dilation": 2, "padding": 1, "stride": 1}),
        ),
        f"avg_pool{n}d": calls(
            f"avg_pool{n}d",
            (x, {"kernel_size": 2}),
            (x, {"kernel_size": 3, "stride": 2, "padding": 1}),
            (x, {"kernel_size": 3, "padding": 1, "count_include_pad": False}),
            (x, {"kernel_size": 2, "stride": 2, "padding": 1, "ceil_mode": True}),
            (x[0], {"kernel_size": 2, "stride": 1}),
            *([(x, {"kernel_size": 2, "divisor_override": 3})] if n > 1 else []),
        ),
        f"adaptive_avg_pool{n}d": calls(
            f"adaptive_avg_pool{n}d",
            (x, {"output_size": 1}),
            (x, {"output_size": 3}),
            (x[0], {"output_size": (2,) * n}),
            *([(x, {"output_size": (None,) + (2,) * (n - 1)})] if n > 1 else []),
        ),
        f"adaptive_max_pool{n}d": calls(
            f"adaptive_max_pool{n}d",
            (x, {"output_size": 1}),
            (x, {"output_size": 3}),
            (x, {"output_size": 2, "return_indices": True}),
            (x[0], {"output_size": (2,) * n}),
        ),
    }


CONVOLUTIONS = {
    **{f"conv{n}d": convolutions(n) for n in SIZED},
    **{f"conv_transpose{n}d": transposed(n) for n in SIZED},
}
POOLS = {name: rows for n in SIZED for name, rows in pooled(n).items()}
PADS = {
    "pad": calls(
        "pad",
        (IMAGE, {"pad": (1, 2)}),
        (IMAGE, {"pad": [1, 0, 0, 2, 1, 1], "value": 0.5}),
        (IMAGE, {"pad": (-1, 2, 1, -2)}),
        (draw(3), {"pad": (1, 1)}),
        *[
            (x, {"pad": widths, "mode": mode})
            for mode in ("reflect", "replicate", "circular")
            for x, widths in [
                (LINE, (2, 1)), (IMAGE, (1, 2, 3, 0)), (IMAGE[0], (0, 2, 1, 1)), (LINE, (-1, 2)),
                (IMAGE, (-1, 1, 2, -2)),
            ]
        ],
    )
}  # fmt: skip
FOLDS = {
    "unfold": calls(
        "unfold",
        (IMAGE, {"kernel_size": 2}),
        (IMAGE, {"kernel_size": (3, 2), "dilation": 2, "padding": 1, "stride": (1, 2)}),
        (IMAGE[0], {"kernel_size": 2}),
    ),
    "fold": calls(
        "fold",
        (draw(2, 8, 6), {"output_size": (3, 4), "kernel_size": 2}),
        (draw(8, 6), {"output_size": (3, 4), "kernel_size": 2}),
        (
            draw(1, 6, 12),
            {"output_size": (4, 5), "kernel_size": (3, 2), "padding": 1, "stride": (1, 2)},
        ),
    ),
    "interpolate": calls(
        "interpolate",
        (LINE, {"size": 5}),
        (IMAGE, {"scale_factor": 2}),
        (IMAGE, {"size": (7, 3), "mode": "nearest-exact"}),
        (IMAGE, {"scale_factor": (1.7, 0.6)}),
        (LINE, {"size": 10, "mode": "linear"}),
        (IMAGE, {"scale_factor": 1.5, "mode": "bilinear"}),
        (IMAGE, {"size": (9, 4), "mode": "bilinear", "align_corners": True}),
        (IMAGE, {"scale_factor": 1.3, "mode": "bilinear", "recompute_scale_factor": True}),
        (BLOCK, {"size": (4, 3, 5), "mode": "trilinear"}),
        (IMAGE, {"size": (2, 3), "mode": "area"}),
    ),
    "upsample": calls("upsample", (IMAGE, {"scale_factor": 2})),
    "pixel_shuffle": calls("pixel_shuffle", (IMAGE, {"upscale_factor": 2})),
    "pixel_unshuffle": calls("pixel_unshuffle", (draw(2, 4, 6), {"downscale_factor": 2})),
}
ALL = CONVOLUTIONS | POOLS | PADS | FOLDS


def test_every_name_of_the_rooms_is_in_the_table():
    assert names(F, "convolution", "pooling", "adaptive", "padding", "folding") == set(ALL)


@pytest.mark.filterwarnings("ignore")  # PyTorch's, of its own plans
@pytest.mark.parametrize(("name", "i"), cases(ALL))
def test_beside_torch(torch, name, i):
    beside(torch, ALL[name][i])


@pytest.mark.parametrize("name", ALL)
def test_derivatives_against_differences(name):
    for example in ALL[name][: 3 if "3d" not in name else 1]:
        function, xs = ours(example)
        assert gradcheck(lambda *given, f=function: several(f(*given))[0], xs)


def several(outputs):
    return outputs if isinstance(outputs, tuple) else (outputs,)


def test_float32_beside_torch(torch):
    x, w, b = (a.astype(np.float32) for a in (IMAGE, draw(3, 4, 3, 3), draw(3)))
    for name in ("conv2d", "conv_transpose2d"):
        weight = w if name == "conv2d" else w.transpose(1, 0, 2, 3).copy()
        example = (lambda F, *xs, n=name: getattr(F, n)(*xs, padding=1), x, weight, b)
        beside(torch, example, order=1, rtol=1e-4)


# --- special points -------------------------------------------------------------------------------

HOLES = draw(1, 1, 6, 6)
HOLES[0, 0, 1, 1:3], HOLES[0, 0, 3:5, 3:5], HOLES[0, 0, 0, 0] = nan, -inf, inf
SPECIAL = {
    "nan and inf": (lambda F, x: F.max_pool2d(x, 2, 1, 1, return_indices=True), HOLES),
    "nan and inf, adaptive": (lambda F, x: F.adaptive_max_pool2d(x, (4, 3), True), HOLES),
    "nothing but -inf": (
        lambda F, x: F.max_pool2d(x, 2, 1, 1, 2, return_indices=True), np.full((1, 1, 3, 3), -inf),
    ),
    "ties": (lambda F, x: F.max_pool2d(x, 2, return_indices=True), np.ones((1, 1, 4, 4))),
    "means with nan and inf": (lambda F, x: F.avg_pool2d(x, 2, 1, 1), HOLES),
    "ints": (lambda F, x: F.max_pool2d(x, 3, 1, 1), np.arange(-8, 8).reshape(1, 4, 4)),
    "means of ints": (lambda F, x: F.avg_pool2d(x, 2, 1), np.arange(-8, 8).reshape(1, 4, 4)),
}  # fmt: skip


@pytest.mark.parametrize("name", SPECIAL)
@np.errstate(all="ignore")
def test_special_points(torch, name):
    beside(torch, SPECIAL[name], order=1)


# --- mistakes -------------------------------------------------------------------------------------

image, weight = minigrad.ones(1, 2, 4, 4), minigrad.ones(3, 2, 3, 3)
MISTAKES = {
    "dims": (lambda: F.conv2d(minigrad.ones(4, 4), weight), ValueError, r"\(N, C, H, W\)"),
    "channels": (lambda: F.conv2d(minigrad.ones(1, 3, 4, 4), weight), ValueError, "does not fit"),
    "groups": (lambda: F.conv2d(image, weight, groups=2), ValueError, "2 groups"),
    "too small": (lambda: F.conv2d(image[..., :2], weight), RuntimeError, r"kernel of \(3, 3\)"),
    "dtypes": (lambda: F.conv2d(image, weight.double()), TypeError, "float32.*float64"),
    "same": (lambda: F.conv2d(image, weight, None, 2, "same"), RuntimeError, "stride of 1"),
    "full": (lambda: F.conv2d(image, weight, padding="full"), ValueError, "'full'"),
    "stride": (lambda: F.conv2d(image, weight, stride=0), ValueError, "at least 1"),
    "strides": (lambda: F.conv2d(image, weight, stride=(1, 1, 1)), ValueError, "one int, or 2"),
    "extra": (
        lambda: F.conv_transpose2d(image, minigrad.ones(2, 3, 2, 2), output_padding=1),
        RuntimeError, "output_padding",
    ),
    "pool": (lambda: F.max_pool2d(image, 5), RuntimeError, r"\(5, 5\) fits"),
    "pool padding": (lambda: F.max_pool2d(image, 2, padding=2), RuntimeError, "half"),
    "divisor": (lambda: F.avg_pool2d(image, 2, divisor_override=0), ValueError, "not be 0"),
    "adaptive": (lambda: F.adaptive_avg_pool2d(image, (1, 2, 3)), ValueError, "one int, or 2"),
    "pad": (lambda: F.pad(image, (1, 2, 3)), ValueError, "pairs"),
    "pad mode": (lambda: F.pad(image, (1, 2), "mirror"), NotImplementedError, "mirror"),
    "reflect": (lambda: F.pad(image[0], (4, 0, 1, 1), "reflect"), RuntimeError, "at most by 3"),
    "pad away": (lambda: F.pad(image, (-3, -2)), RuntimeError, "takes away"),
    "fold": (lambda: F.fold(minigrad.ones(1, 8, 5), (3, 4), 2), RuntimeError, r"\(1, 8, 5\)"),
    "interpolate": (lambda: F.interpolate(image), ValueError, "size or scale_factor"),
    "mode": (lambda: F.interpolate(image, 3, mode="linear"), ValueError, "'linear'"),
    "shuffle": (lambda: F.pixel_shuffle(image, 2), RuntimeError, "channels"),
}  # fmt: skip


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes_are_explained(name):
    call, error, message = MISTAKES[name]
    with pytest.raises(error, match=message):
        call()


# --- known values ---------------------------------------------------------------------------------


def test_a_convolution_is_the_sum_over_its_windows():
    x, w = draw(2, 3, 6), draw(4, 3, 2)
    y = F.conv1d(minigrad.tensor(x), minigrad.tensor(w), stride=2, dilation=3)
    expected = np.zeros((2, 4, 2))
    for t in range(2):
        for k in range(2):
            expected[:, :, t] += x[:, :, 2 * t + 3 * k] @ w[:, :, k].T
    np.testing.assert_allclose(y.value, expected)


def test_a_transposed_convolution_is_the_gradient_of_a_convolution():
    x = minigrad.tensor(draw(2, 3, 5, 5), requires_grad=True)
    w, g = minigrad.tensor(draw(4, 3, 3, 3)), minigrad.tensor(draw(2, 4, 3, 3))
    (F.conv2d(x, w, stride=2, padding=1) * g).sum().backward()
    np.testing.assert_allclose(
        x.grad.value, F.conv_transpose2d(g, w, stride=2, padding=1).value, atol=1e-12
    )


def test_unfold_and_fold_count_the_windows():
    ones = minigrad.ones(1, 1, 3, 3)
    counts = F.fold(F.unfold(ones, 2), 3, 2)
    assert counts[0, 0].tolist() == [[1, 2, 1], [2, 4, 2], [1, 2, 1]]
