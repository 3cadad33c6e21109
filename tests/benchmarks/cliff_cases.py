"""What `cliffs` times: ops over their settings, as functions of matrices x, y and positive p."""

from functools import partial

POWERS = (-3, -2, -1.5, -1, -0.5, 0, 0.5, 1, 1.5, 2, 3, 4, 5, 7, 10)
UNARY = (
    "exp", "tanh", "sigmoid", "relu", "abs", "neg", "sin", "cos", "tan", "atan", "sinh", "cosh",
    "asinh", "expm1", "exp2", "erf", "erfc", "square", "reciprocal", "floor", "ceil", "round",
    "trunc", "frac", "sign", "isnan", "isfinite", "isinf", "nan_to_num", "logical_not",
)  # fmt: skip
POSITIVE = ("log", "sqrt", "rsqrt", "log2", "log10", "log1p", "acosh")
BINARY = (
    "add", "sub", "mul", "div", "maximum", "minimum", "fmax", "fmin", "atan2", "hypot",
    "logaddexp", "copysign", "fmod", "remainder", "floor_divide", "eq", "lt", "ge", "isclose",
    "logical_and", "dist",
)  # fmt: skip
REDUCTIONS = (
    "sum", "mean", "amax", "amin", "argmax", "max", "min", "var", "std", "softmax", "log_softmax",
    "logsumexp", "argsort", "sort", "median", "prod", "cumsum", "cumprod", "cummax",
    "logcumsumexp", "norm", "any", "aminmax", "count_nonzero",
)  # fmt: skip
OF_ALL = (
    "sum", "mean", "max", "argmax", "var", "std", "norm", "median", "prod", "any", "all", "unique",
    "nonzero", "count_nonzero", "nansum",
)  # fmt: skip
ACTIVATIONS = (
    "silu", "mish", "softplus", "elu", "selu", "celu", "leaky_relu", "hardtanh", "relu6",
    "hardsigmoid", "hardswish", "logsigmoid", "softsign", "tanhshrink", "hardshrink", "softshrink",
    "glu",
)  # fmt: skip


def cases(lib, arrays):
    """Functions of x, y and p by name; those of `arrays` that are no floats are made before."""
    x, y, _ = arrays
    return (
        elementwise(lib)
        | layouts(lib)
        | places(lib, x)
        | reductions(lib)
        | products(lib)
        | networks(lib, x)
        | losses(lib, x)
        | images(lib)
        | ints(lib, x, y)
        | bools(lib, x, y)
    )


def elementwise(lib):
    """Exponents, functions of one and of two values."""
    found = {f"pow {n}": partial(lambda n, x, y, p: x**n, n) for n in POWERS}
    found |= {f"positive pow {n}": partial(lambda n, x, y, p: p**n, n) for n in (-1.5, 1.7, 3, 4)}
    found |= {
        "number ** x": lambda x, y, p: 2.0**x,
        "positive ** tensor": lambda x, y, p: p**y,
        "x ** tensor": lambda x, y, p: x**y,
        "where": lambda x, y, p: lib.where(x > 0, x, y),
        "where number": lambda x, y, p: lib.where(x > 0, x, 0.0),
        "where column": lambda x, y, p: lib.where(x[:, :1] > 0, x, y),
        "where row": lambda x, y, p: lib.where(x > 0, x, y[0]),
        "masked_fill": lambda x, y, p: x.masked_fill(y > 0, -1e9),
        "masked_fill row": lambda x, y, p: x.masked_fill(y[0] > 0, -1e9),
        "clamp": lambda x, y, p: x.clamp(-0.5, 0.5),
        "clamp_min": lambda x, y, p: x.clamp_min(0.5),
        "clamp by tensors": lambda x, y, p: lib.clamp(x, -p, p),
        "fmod number": lambda x, y, p: lib.fmod(x, 0.3),
        "remainder number": lambda x, y, p: x % 0.3,
        "div floor": lambda x, y, p: lib.div(x, y, rounding_mode="floor"),
        "div trunc": lambda x, y, p: lib.div(x, y, rounding_mode="trunc"),
        "lerp": lambda x, y, p: lib.lerp(x, y, 0.3),
        "lerp of tensors": lambda x, y, p: lib.lerp(x, y, p),
        "addcmul": lambda x, y, p: lib.addcmul(x, y, p, value=0.5),
        "addcdiv": lambda x, y, p: lib.addcdiv(x, y, p, value=0.5),
        "xlogy": lambda x, y, p: lib.xlogy(x, p),
        "erfinv": lambda x, y, p: lib.erfinv(x.clamp(-0.9, 0.9)),
        "asin": lambda x, y, p: lib.asin(x.clamp(-0.9, 0.9)),
        "round 2": lambda x, y, p: lib.round(x, decimals=2),
        "number - x": lambda x, y, p: 1.0 - x,
        "number / x": lambda x, y, p: 1.0 / x,
    }
    for name in UNARY:
        found[name] = partial(lambda f, x, y, p: f(x), getattr(lib, name))
    for name in POSITIVE:
        found[name] = partial(lambda f, x, y, p: f(p + 1), getattr(lib, name))
    for name in BINARY:
        found[name] = partial(lambda f, x, y, p: f(x, y), getattr(lib, name))
    return found


def layouts(lib):
    """Strides, broadcasting, and what moves elements."""
    found = {
        "add row": lambda x, y, p: x + y[0],
        "add column": lambda x, y, p: x + y[:, :1],
        "mul column": lambda x, y, p: x * y[:, :1],
        "add of strided": lambda x, y, p: x[:, ::2] + y[:, ::2],
        "add of transposed": lambda x, y, p: x + y.reshape(y.shape[1], y.shape[0]).t(),
        "add of steps": lambda x, y, p: x[::2] + y[::2],
        "add to short rows": lambda x, y, p: x.view(-1, 10) + y[0, :10],
        "mul short rows by a column": lambda x, y, p: x.view(-1, 10) * y.view(-1, 10)[:, :1],
        "contiguous of transposed": lambda x, y, p: x.t().contiguous(),
        "contiguous of heads": lambda x, y, p: heads(x).contiguous(),
        "exp of transposed": lambda x, y, p: lib.exp(x.t()),
        "sum of transposed": lambda x, y, p: x.t().sum(1),
        "softmax of transposed": lambda x, y, p: x.t().softmax(1),
        "softmax of heads": lambda x, y, p: heads(x).softmax(-1),
        "tril": lambda x, y, p: lib.tril(x),
        "triu": lambda x, y, p: lib.triu(x, 1),
        "repeat": lambda x, y, p: x[: len(x) // 4].repeat(4, 1),
        "repeat columns": lambda x, y, p: x[:, :10].repeat(1, x.shape[1] // 10),
        "repeat_interleave": lambda x, y, p: x[: len(x) // 4].repeat_interleave(4, 0),
        "split and cat": lambda x, y, p: lib.cat(x.chunk(5, 1), 0),
        "unbind and stack": lambda x, y, p: lib.stack(x[:20].unbind(1), 0),
        "expand and copy": lambda x, y, p: x[:1].expand(len(x), -1).contiguous(),
        "rot90": lambda x, y, p: lib.rot90(x),
        "pad": lambda x, y, p: lib.nn.functional.pad(x, (1, 1, 1, 1)),
        "unfold": lambda x, y, p: x.unfold(1, 4, 4).contiguous(),
        "to other floats": lambda x, y, p: x.float() if x.dtype == lib.float64 else x.double(),
        "clone": lambda x, y, p: x.clone(),
    }
    for dim in (0, 1, -1):
        found[f"stack {dim}"] = partial(lambda d, x, y, p: lib.stack([x, y], d), dim)
    for dim in (0, 1):
        found[f"cat {dim}"] = partial(lambda d, x, y, p: lib.cat([x, y], d), dim)
        found[f"flip {dim}"] = partial(lambda d, x, y, p: x.flip(d), dim)
        found[f"roll {dim}"] = partial(lambda d, x, y, p: x.roll(3, d), dim)
        found[f"diff {dim}"] = partial(lambda d, x, y, p: lib.diff(x, dim=d), dim)
    return found


def heads(x):
    """A view (a, b, c, d) with the middle dims exchanged, as attention has it."""
    return x.view(-1, x.shape[0] // 10, 10, x.shape[1]).transpose(1, 2)


def places(lib, x):
    """Elements picked by an index or a mask, and put to places."""
    n, m = x.shape
    some = lib.arange(n - 1, -1, -1)
    others = lib.arange(m - 1, -1, -1)
    each = lib.argsort(lib.tensor(x), 1)
    along = lib.argsort(lib.tensor(x), 0)
    mask = lib.tensor(x) > 0
    found = {
        "rows by index": lambda x, y, p: x[some],
        "columns by index": lambda x, y, p: x[:, others],
        "pairs by index": lambda x, y, p: x[along, others],
        "rows by mask": lambda x, y, p: x[mask[:, 0]],
        "elements by mask": lambda x, y, p: x[mask],
        "take": lambda x, y, p: lib.take(x, each),
        "index_select 0": lambda x, y, p: x.index_select(0, some),
        "index_select 1": lambda x, y, p: x.index_select(1, others),
        "masked_scatter": lambda x, y, p: x.masked_scatter(mask, y),
        "index_put": lambda x, y, p: x.index_put((along, others), y),
        "index_put added": lambda x, y, p: x.index_put((along, others), y, accumulate=True),
        "diag": lambda x, y, p: lib.diag(x[:, 0]),
        "trace": lambda x, y, p: lib.trace(x),
    }
    for dim, index, row in ((0, along, some), (1, each, others)):
        found |= {
            f"gather {dim}": partial(lambda d, i, x, y, p: x.gather(d, i), dim, index),
            f"scatter {dim}": partial(lambda d, i, x, y, p: x.scatter(d, i, y), dim, index),
            f"scatter_add {dim}": partial(lambda d, i, x, y, p: x.scatter_add(d, i, y), dim, index),
            f"scatter amax {dim}": partial(
                lambda d, i, x, y, p: x.scatter_reduce(d, i, y, "amax"), dim, index
            ),
            f"index_add {dim}": partial(lambda d, i, x, y, p: x.index_add(d, i, y), dim, row),
            f"index_copy {dim}": partial(lambda d, i, x, y, p: x.index_copy(d, i, y), dim, row),
            f"index_fill {dim}": partial(lambda d, i, x, y, p: x.index_fill(d, i, 0.5), dim, row),
        }
    return found


def reductions(lib):
    """Over each dim, over all, and over short rows; and what sorts."""
    found = {}
    for name in REDUCTIONS:
        f = getattr(lib, name)
        for dim in (0, 1):
            found[f"{name} {dim}"] = partial(lambda f, d, x, y, p: first(f(x, dim=d)), f, dim)
        for width in (5, 10, 50, 200):
            found[f"{name} of rows of {width}"] = partial(
                lambda f, n, x, y, p: first(f(x.view(-1, n), dim=-1)), f, width
            )
    for name in OF_ALL:
        found[f"{name} of all"] = partial(lambda f, x, y, p: f(x), getattr(lib, name))
    for n in (1, 3, float("inf")):
        found[f"norm {n}"] = partial(lambda n, x, y, p: lib.norm(x, n, dim=1), n)
        found[f"norm {n} of all"] = partial(lambda n, x, y, p: lib.norm(x, n), n)
    for dim in (0, 1):
        found[f"topk {dim}"] = partial(lambda d, x, y, p: lib.topk(x, 5, d)[0], dim)
        found[f"kthvalue {dim}"] = partial(lambda d, x, y, p: lib.kthvalue(x, 5, d)[0], dim)
        found[f"quantile {dim}"] = partial(lambda d, x, y, p: lib.quantile(x, 0.3, d), dim)
    found |= {
        "sum of the first of three": lambda x, y, p: x.view(-1, 10, 10).sum(0),
        "sum of the middle of three": lambda x, y, p: x.view(-1, 10, 10).sum(1),
        "mean of two of three": lambda x, y, p: x.view(-1, 10, 10).mean((0, 1)),
        "var of the middle of three": lambda x, y, p: x.view(-1, 10, 10).var(1),
        "var of two of four": lambda x, y, p: heads(x).var((0, 2)),
        "sort of all": lambda x, y, p: x.view(-1).sort()[0],
        "searchsorted": lambda x, y, p: lib.searchsorted(p[0].cumsum(0), y),
        "histc": lambda x, y, p: lib.histc(x, 50, -2, 2),
    }
    return found


def products(lib):
    """Matrix products, sums of products, distances."""
    F = lib.nn.functional
    return {
        "matmul": lambda x, y, p: x @ y.mT,
        "matmul of transposed": lambda x, y, p: x.mT @ y,
        "matmul of batches": lambda x, y, p: x.view(-1, 10, 10) @ y.view(-1, 10, 10),
        "matmul of heads": lambda x, y, p: heads(x) @ heads(y).mT,
        "matmul with a vector": lambda x, y, p: x @ y[0],
        "vector with a matrix": lambda x, y, p: y[:, 0] @ x,
        "dot": lambda x, y, p: lib.dot(x.view(-1), y.view(-1)),
        "outer": lambda x, y, p: lib.outer(x[0], y[0]),
        "kron": lambda x, y, p: lib.kron(x[:10, :10], y[:, :10]),
        "addmm": lambda x, y, p: lib.addmm(y[:, : len(y)], x, x.mT) if len(y) < 100 else x,
        "einsum bij,bjk->bik": lambda x, y, p: lib.einsum(
            "bij,bjk->bik", x.view(-1, 10, 10), y.view(-1, 10, 10)
        ),
        "einsum ij,ij->i": lambda x, y, p: lib.einsum("ij,ij->i", x, y),
        "einsum ij,ij->j": lambda x, y, p: lib.einsum("ij,ij->j", x, y),
        "einsum ij->ji": lambda x, y, p: lib.einsum("ij->ji", x).contiguous(),
        "einsum ij->j": lambda x, y, p: lib.einsum("ij->j", x),
        "einsum bhid,bhjd->bhij": lambda x, y, p: lib.einsum("bhid,bhjd->bhij", heads(x), heads(y)),
        "cdist": lambda x, y, p: lib.cdist(x[:, :20], y[:, :20]),
        "cdist 1": lambda x, y, p: lib.cdist(x[:, :20], y[:, :20], 1.0),
        "cdist of few": lambda x, y, p: lib.cdist(x[:20], y[:20]),
        "cosine_similarity": lambda x, y, p: F.cosine_similarity(x, y),
        "pairwise_distance": lambda x, y, p: F.pairwise_distance(x, y),
        "normalize": lambda x, y, p: F.normalize(x),
        "cross": lambda x, y, p: lib.cross(x[:9, :3], y[:9, :3], 1),
    }


def networks(lib, x):
    """Functions of neural networks."""
    F = lib.nn.functional
    words = lib.argmax(lib.tensor(x), 1) % 20
    found = {
        "gelu": lambda x, y, p: F.gelu(x),
        "gelu tanh": lambda x, y, p: F.gelu(x, approximate="tanh"),
        "prelu": lambda x, y, p: F.prelu(x, y[0, :1]),
        "dropout": lambda x, y, p: F.dropout(x, 0.1),
        "linear": lambda x, y, p: F.linear(x, y[:20], y[0, :20]),
        "linear of three dims": lambda x, y, p: F.linear(x.view(-1, 5, 10), y[:20, :10], y[0, :20]),
        "embedding": lambda x, y, p: F.embedding(words, x),
        "masked softmax": lambda x, y, p: x.masked_fill(y > 0, -1e9).softmax(-1),
        "layer_norm": lambda x, y, p: F.layer_norm(x, x.shape[1:], p[0], y[0]),
        "layer_norm of rows of 50": lambda x, y, p: F.layer_norm(
            x.view(-1, 50), (50,), p[0, :50], y[0, :50]
        ),
        "layer_norm without weight": lambda x, y, p: F.layer_norm(x, x.shape[1:]),
        "rms_norm": lambda x, y, p: F.rms_norm(x, x.shape[1:], p[0]),
        "batch_norm": lambda x, y, p: F.batch_norm(x, None, None, p[0], y[0], training=True),
        "batch_norm in evaluation": lambda x, y, p: F.batch_norm(
            x, y[0].detach(), p[0].detach(), p[0], y[0]
        ),
        "group_norm": lambda x, y, p: F.group_norm(x, 5, p[0], y[0]),
    }
    for name in ACTIVATIONS:
        found[name] = partial(lambda f, x, y, p: f(x), getattr(F, name))
    return found


def losses(lib, x):
    """Of classes, of probabilities, and of numbers."""
    F = lib.nn.functional
    classes = lib.argmax(lib.tensor(x), 1)
    few = lib.argmax(lib.tensor(x).view(-1, 10), 1)
    chance = lib.tensor(abs(x) % 1)
    return {
        "mse_loss": lambda x, y, p: F.mse_loss(x, y),
        "l1_loss": lambda x, y, p: F.l1_loss(x, y),
        "smooth_l1_loss": lambda x, y, p: F.smooth_l1_loss(x, y),
        "huber_loss": lambda x, y, p: F.huber_loss(x, y),
        "bce with logits": lambda x, y, p: F.binary_cross_entropy_with_logits(x, chance),
        "bce": lambda x, y, p: F.binary_cross_entropy(x.sigmoid(), chance),
        "kl_div": lambda x, y, p: F.kl_div(x, p, reduction="sum"),
        "cross_entropy": lambda x, y, p: F.cross_entropy(x, classes),
        "cross_entropy of 10": lambda x, y, p: F.cross_entropy(x.view(-1, 10), few),
        "label smoothing": lambda x, y, p: F.cross_entropy(x, classes, label_smoothing=0.1),
        "nll_loss": lambda x, y, p: F.nll_loss(x, classes),
        "one_hot": lambda x, y, p: F.one_hot(few, 10),
    }


def images(lib):
    """Convolutions, pooling, and norms of images."""
    F = lib.nn.functional

    def image(x):
        side = 100 if x.shape[0] > 100 else 10
        return x.view(-1, 5, side, side)

    def weight(y, size, inputs=5):
        return y.view(-1)[: 8 * inputs * size].view(8, inputs, size)

    def square(y, n, inputs=5):
        return weight(y, n * n, inputs).view(8, inputs, n, n)

    return {
        "conv1d": lambda x, y, p: F.conv1d(image(x).flatten(2), weight(y, 3), padding=1),
        "conv2d": lambda x, y, p: F.conv2d(image(x), square(y, 3), y[0, :8], padding=1),
        "conv2d 1": lambda x, y, p: F.conv2d(image(x), square(y, 1)),
        "conv2d 5": lambda x, y, p: F.conv2d(image(x), square(y, 5, 5)[:, :5]),
        "conv2d stride 2": lambda x, y, p: F.conv2d(image(x), square(y, 3), stride=2),
        "conv_transpose2d": lambda x, y, p: F.conv_transpose2d(
            image(x), square(y, 2).transpose(0, 1).contiguous(), stride=2
        ),
        "max_pool2d": lambda x, y, p: F.max_pool2d(image(x), 2),
        "max_pool2d 3": lambda x, y, p: F.max_pool2d(image(x), 3, 1, 1),
        "max_pool1d": lambda x, y, p: F.max_pool1d(image(x).flatten(2), 2),
        "avg_pool2d": lambda x, y, p: F.avg_pool2d(image(x), 2),
        "adaptive_avg_pool2d": lambda x, y, p: F.adaptive_avg_pool2d(image(x), 1),
        "batch_norm of images": lambda x, y, p: F.batch_norm(
            image(x), None, None, p[0, :5], y[0, :5], training=True
        ),
        "instance_norm": lambda x, y, p: F.instance_norm(image(x)),
        "group_norm of images": lambda x, y, p: F.group_norm(image(x), 5, p[0, :5], y[0, :5]),
        "pad of images": lambda x, y, p: F.pad(image(x), (1, 1, 1, 1)),
        "nearest": lambda x, y, p: F.interpolate(image(x), scale_factor=2),
        "bilinear": lambda x, y, p: F.interpolate(image(x), scale_factor=2, mode="bilinear"),
        "F.unfold": lambda x, y, p: F.unfold(image(x), 3),
        "pixel_shuffle": lambda x, y, p: F.pixel_shuffle(x.view(-1, 4, 5, 10), 2),
    }


def ints(lib, x, y):
    """Of int64; without gradients."""
    i, j = (lib.tensor((array * 100).astype("int64")) for array in (x, y))
    n, mask = lib.tensor((abs(y) * 100).astype("int64") + 1), lib.tensor(x > 0)
    found = {
        "ints / ints": lambda: i / n,
        "ints // ints": lambda: i // n,
        "ints % ints": lambda: i % n,
        "ints % number": lambda: i % 7,
        "ints ** 2": lambda: i**2,
        "ints + float": lambda: i + 0.5,
        "ints to float": lambda: i.float(),
        "where of ints": lambda: lib.where(mask, i, j),
        "masked_fill of ints": lambda: i.masked_fill(mask, 0),
        "bincount": lambda: lib.bincount(n.view(-1)),
        "unique of ints": lambda: lib.unique(i),
        "unique with counts": lambda: lib.unique(i, return_counts=True),
        "isin": lambda: lib.isin(i, j[0]),
        "gather of ints": lambda: i.gather(1, n % i.shape[1]),
    }
    for name in ("add", "mul", "maximum", "eq", "lt"):
        found[f"ints {name}"] = partial(lambda f: f(i, j), getattr(lib, name))
    for name in ("abs", "neg", "sort", "argsort", "nonzero", "clone"):
        found[f"ints {name}"] = partial(lambda f: f(i), getattr(lib, name))
    for name in ("sum", "amax", "argmax", "cumsum", "prod"):
        for dim in (0, 1):
            found[f"ints {name} {dim}"] = partial(lambda f, d: f(i, dim=d), getattr(lib, name), dim)
    return {name: partial(lambda f, x, y, p: f(), f) for name, f in found.items()}


def bools(lib, x, y):
    """Of bool, and to bools and back; without gradients."""
    b, c, floats = lib.tensor(x > 0), lib.tensor(y > 0), lib.tensor(x)
    found = {
        "bools to float": lambda: b.float(),
        "floats to ints": lambda: floats.long(),
        "not bools": lambda: ~b,
        "sum of bools": lambda: b.sum(),
        "sum of bools 1": lambda: b.sum(1),
        "floats * bools": lambda: floats * b,
    }
    for name in ("any", "all"):
        f = getattr(lib, name)
        found[f"bools {name}"] = partial(lambda f: f(b), f)
        for dim in (0, 1):
            found[f"bools {name} {dim}"] = partial(lambda f, d: f(b, dim=d), f, dim)
    for name in ("logical_and", "logical_or", "logical_xor"):
        found[f"bools {name}"] = partial(lambda f: f(b, c), getattr(lib, name))
    return {name: partial(lambda f, x, y, p: f(), f) for name, f in found.items()}


def first(found):
    """The values, if an op gives values and indices."""
    return found[0] if isinstance(found, tuple) else found
