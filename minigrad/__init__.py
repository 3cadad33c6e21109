"""minigrad: tensors that remember how they were made, and the gradients that follow from it.

    >>> import minigrad
    >>> x = minigrad.tensor([1.0, 2.0, 3.0], requires_grad=True)
    >>> loss = (x * x).sum()
    >>> loss.backward()
    >>> x.grad
    tensor([2., 4., 6.])

Where PyTorch has a name, it means the same here: `import minigrad as torch`.
"""

from math import e, inf, nan, pi

from . import autograd, heap, nn, optim
from .compare import (
    all, allclose, any, argmax, argmin, argsort, bitwise_and, bitwise_not, bitwise_or, eq,
    equal, ge, gt, isnan, le, lt, ne,
)  # fmt: skip
from .creation import (
    arange, eye, from_numpy, full, full_like, manual_seed, multinomial, ones, ones_like, rand,
    rand_like, randint, randn, randn_like, randperm, tensor, zeros, zeros_like,
)  # fmt: skip
from .device import device
from .dims import Size
from .dtypes import dtype
from .functions import (
    cat, chunk, clamp, flatten, logsumexp, max, mean, min, split, squeeze, stack, std, t, topk,
    transpose, unbind, unsqueeze, var, where,
)  # fmt: skip
from .grad_mode import enable_grad, is_grad_enabled, no_grad
from .ops import (
    abs, add, amax, amin, div, exp, log, log_softmax, matmul, maximum, minimum, mul, neg, permute,
    pow, relu, reshape, sigmoid, softmax, sqrt, sub, sum, tanh,
)  # fmt: skip
from .picking import gather, index_select, masked_fill, roll, tril, triu
from .rooms import rooms
from .tensor import METHODS, Tensor

# What is loaded when it is asked for, by the room that has it. Many functions are methods, too.
ROOMS = {
    "minigrad.elementwise": f"{METHODS['minigrad.elementwise']} rsub",
    "minigrad.reducing": f"{METHODS['minigrad.reducing']} var_mean std_mean",
    "minigrad.sorting": f"{METHODS['minigrad.sorting']} searchsorted bucketize isin unravel_index",
    "minigrad.putting": """
        scatter scatter_add scatter_reduce index_add index_copy index_fill index_put masked_scatter
        masked_select take take_along_dim select_scatter slice_scatter diagonal_scatter""",
    "minigrad.shaping": """
        repeat_interleave tile movedim moveaxis swapaxes swapdims narrow select flip fliplr flipud
        rot90 unflatten tensor_split hsplit vsplit dsplit ravel adjoint""",
    "minigrad.strides": "diag diagonal diag_embed diagflat",
    "minigrad.joining": """
        hstack vstack dstack column_stack row_stack concat concatenate meshgrid broadcast_to
        broadcast_tensors broadcast_shapes cartesian_prod combinations block_diag atleast_1d
        atleast_2d atleast_3d""",
    "minigrad.products": f"{METHODS['minigrad.products']} chain_matmul cdist",
    "minigrad.contraction": "einsum tensordot inner",
    "minigrad.creating": """
        linspace logspace empty empty_like as_tensor asarray scalar_tensor randint_like triu_indices
        tril_indices is_tensor is_floating_point is_nonzero numel clone detach""",
    "minigrad.sampling": """
        Generator default_generator initial_seed seed get_rng_state set_rng_state normal
        bernoulli""",
    "minigrad.overwriting": f"{METHODS['minigrad.overwriting']} fill_ zero_",
    "minigrad.legacy": """
        FloatTensor DoubleTensor LongTensor IntTensor ShortTensor CharTensor ByteTensor BoolTensor
        range newaxis
        inference_mode is_inference_mode_enabled set_grad_enabled compile jit get_default_dtype
        set_default_dtype set_default_tensor_type get_default_device set_default_device
        get_num_threads set_num_threads get_num_interop_threads set_num_interop_threads
        use_deterministic_algorithms are_deterministic_algorithms_enabled
        get_float32_matmul_precision set_float32_matmul_precision is_storage is_complex typename""",
    "minigrad.amp": "autocast GradScaler",
    "minigrad.cuda": "",
    "minigrad.backends": "",
    "minigrad.attributes": """
        result_type promote_types can_cast finfo iinfo memory_format strided
        contiguous_format preserve_format channels_last""",
    "minigrad.printing": "set_printoptions",
    "minigrad.serialization": "save load",
    "minigrad.draw": "",
    "minigrad.distributions": "",
    "minigrad.utils": "",
    "minigrad.linalg": "",
    "minigrad.distributed": "",
    "minigrad.testing": "",
    "minigrad.nn.functional": """
        conv1d conv2d conv3d conv_transpose1d conv_transpose2d conv_transpose3d max_pool1d
        max_pool2d max_pool3d avg_pool1d adaptive_avg_pool1d cosine_similarity pairwise_distance
        dropout layer_norm group_norm rms_norm bilinear pixel_shuffle pixel_unshuffle prelu selu
        celu rrelu threshold hardshrink""",
    "minigrad.random": "",
}
__getattr__ = rooms(__name__, ROOMS)
del METHODS

float32, float64, float16, bfloat16 = map(dtype, ("float32", "float64", "float16", "bfloat16"))
int64, int32, int16, int8, uint8 = map(dtype, ("int64", "int32", "int16", "int8", "uint8"))
bool, float, double, half = dtype("bool"), float32, float64, float16
int, short, long = int32, int16, int64

heap.keep_freed()
__version__ = "0.1.0"
__all__ = [
    "Size",
    "Tensor",
    "abs",
    "add",
    "all",
    "allclose",
    "amax",
    "amin",
    "any",
    "arange",
    "argmax",
    "argmin",
    "argsort",
    "autograd",
    "bfloat16",
    "bitwise_and",
    "bitwise_not",
    "bitwise_or",
    "bool",
    "cat",
    "chunk",
    "clamp",
    "device",
    "div",
    "double",
    "draw",
    "dtype",
    "e",
    "enable_grad",
    "eq",
    "equal",
    "exp",
    "eye",
    "flatten",
    "float",
    "float16",
    "float32",
    "float64",
    "from_numpy",
    "full",
    "full_like",
    "gather",
    "ge",
    "gt",
    "half",
    "index_select",
    "inf",
    "int",
    "int8",
    "int16",
    "int32",
    "int64",
    "is_grad_enabled",
    "isnan",
    "le",
    "load",
    "log",
    "log_softmax",
    "logsumexp",
    "long",
    "lt",
    "manual_seed",
    "masked_fill",
    "matmul",
    "max",
    "maximum",
    "mean",
    "min",
    "minimum",
    "mul",
    "multinomial",
    "nan",
    "ne",
    "neg",
    "nn",
    "no_grad",
    "ones",
    "ones_like",
    "optim",
    "permute",
    "pi",
    "pow",
    "rand",
    "rand_like",
    "randint",
    "randn",
    "randn_like",
    "randperm",
    "relu",
    "reshape",
    "roll",
    "save",
    "short",
    "sigmoid",
    "softmax",
    "split",
    "sqrt",
    "squeeze",
    "stack",
    "std",
    "sub",
    "sum",
    "t",
    "tanh",
    "tensor",
    "topk",
    "transpose",
    "tril",
    "triu",
    "uint8",
    "unbind",
    "unsqueeze",
    "var",
    "where",
    "zeros",
    "zeros_like",
]  # fmt: skip
