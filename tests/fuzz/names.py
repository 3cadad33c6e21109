"""Which public names the fuzzer calls, and why it does not call the others."""

import minigrad
from minigrad import Tensor
from minigrad.nn import functional
from minigrad.rooms import listed
from minigrad.tensor import METHOD_ROOMS

from . import generate, rooms_writes
from .elementwise import OPERATORS
from .table import ROOMS, ROWS

# Called by generate.py and by the lines of many programs.
GENERATED = {
    "fill_", "zero_", "copy_", "requires_grad_", "retain_grad", "backward", "no_grad", "grad",
    "autograd", "nn", "requires_grad", "is_leaf", "Tensor", "is_grad_enabled", "retains_grad",
    "float32", "float64", "int64", "float", "double", "long", "bool",
}  # fmt: skip
LEFT_OUT = {
    "draw": "makes pictures",
    "save": "writes files: tests/minigrad/test_serialization.py",
    "load": "reads files: tests/minigrad/test_serialization.py",
    "manual_seed": "the same seed gives other numbers in PyTorch",
    "enable_grad": "gradients are enabled already",
    "optim": "test_optimizers.py",
    "gelu": "tests/minigrad/nn/test_activations.py",
    "detach_": "later graphs of what it was end there in PyTorch: tests/minigrad/test_tensor.py",
    **dict.fromkeys(("e", "inf", "nan", "pi"), "numbers"),
    **dict.fromkeys(
        ("int", "short", "half", "int8", "int16", "int32", "uint8", "float16", "bfloat16"),
        "tests/minigrad/test_dtypes.py",
    ),
}


TURNED = ("t_", "transpose_", "squeeze_", "unsqueeze_", "swapaxes_", "swapdims_")
LEFT_OUT_OF_ROOMS = {
    reason: names.split()
    for reason, names in {
        "random numbers": """
            bernoulli bernoulli_ normal normal_ uniform_ random_ exponential_ gumbel_softmax seed
            initial_seed default_generator get_rng_state set_rng_state Generator dropout1d dropout2d
            alpha_dropout""",
        "settings of a process": """
            compile jit set_default_dtype set_default_tensor_type set_default_device
            get_default_device get_num_threads set_num_threads get_num_interop_threads autocast
            set_num_interop_threads use_deterministic_algorithms get_float32_matmul_precision
            are_deterministic_algorithms_enabled set_float32_matmul_precision set_printoptions
            is_inference_mode_enabled""",
        "neither function nor method": """
            memory_format strided contiguous_format preserve_format channels_last minigrad.backends
            minigrad.cuda minigrad.distributions minigrad.draw minigrad.random minigrad.utils cuda
            share_memory_ bfloat16 half save load newaxis minigrad.distributed minigrad.testing""",
        "tests/minigrad/test_places.py": "minigrad.linalg new range GradScaler",
        "three dims, as one and two": """
            conv3d conv_transpose3d avg_pool3d max_pool3d adaptive_avg_pool3d
            adaptive_max_pool3d""",
        "hooks and graphs: tests/minigrad/autograd": """
            grad_fn register_hook register_post_accumulate_grad_hook""",
        "the function is called, and others of its family in place": """
            addbmm_ addcdiv_ addmm_ addmv_ addr_ baddbmm_ arctan2_ atan2_ cumprod_ hypot_ heaviside_
            logit_ xlogy_ logical_not_ elu_ leaky_relu_ floor_divide_ apply_
            multi_head_attention_forward""",
    }.items()
}


def in_rooms():
    """Every name that the tables of rooms list: functions, methods, and those of nn.functional."""
    return {*listed(minigrad.ROOMS), *METHOD_ROOMS, *listed(functional.ROOMS)}


def left_out_of_rooms():
    return {name for several in LEFT_OUT_OF_ROOMS.values() for name in several}


def names(torch):
    """Every public name of minigrad, nn.functional and tensors that PyTorch has too, and draw."""
    tensors = {name for name in dir(Tensor) if name[0] != "_" and hasattr(torch.Tensor, name)}
    tensors -= METHOD_ROOMS.keys()
    return set(minigrad.__all__) | set(functional.__all__) | tensors


def called():
    """The names that the table has a row for, and the others that programs call."""
    return set(ROWS) | set(OPERATORS) | GENERATED


def called_in_rooms():
    """The names in rooms that the table has a row for, and those that are called in place."""
    several = (rooms_writes.MILD, rooms_writes.SINGULAR, rooms_writes.WITH_OTHER, rooms_writes.BITS)
    more = (rooms_writes.DIVISIONS, rooms_writes.OF_FLOATS, rooms_writes.PLACED, TURNED)
    written = {text.partition("(")[0] for texts in (*several, *more) for text in texts}
    return set(ROOMS) | written | called() | set(generate.WRITTEN)
