"""What scripts ask tensors now and then: memory, dtypes by name, limits."""

import copy
import pickle

import numpy as np
import pytest

import minigrad
from minigrad.rooms import listed
from minigrad.tensor import METHODS

TABLE = {
    "type": [
        "x.type()", "x.type(torch.int32)", "x.type('torch.LongTensor')", "x.long().type()",
        "x.type(dtype=torch.bool).type()",
    ],
    "type_as": ["x.type_as(torch.tensor([1]))"],
    "int": ["x.int()"], "short": ["x.short()"], "char": ["x.char()"], "byte": ["x.byte()"],
    "is_signed": ["x.is_signed()", "x.byte().is_signed()", "(x > 0).is_signed()"],
    "is_complex": ["x.is_complex()"], "nelement": ["x.nelement()"],
    "ndimension": ["x.ndimension()"], "element_size": ["x.element_size(), x.int().element_size()"],
    "itemsize": ["x.itemsize"], "nbytes": ["x.nbytes"], "layout": ["x.layout"],
    "stride": ["x.stride()", "x.mT.stride()", "x.mT.stride(-1)", "x[0].stride(dim=0)"],
    "is_contiguous": [
        "x.is_contiguous(), x.mT.is_contiguous()",
        "x.is_contiguous(memory_format=torch.contiguous_format)",
    ],
    "data_ptr": ["x.data_ptr() == x[:1].data_ptr()", "x[1].data_ptr() - x.data_ptr()"],
    "storage_offset": ["x.storage_offset(), x[1, 1:].storage_offset()"],
    "H": ["x.H"], "mH": ["x.mH"], "cpu": ["x.cpu()"],
    "get_device": ["x.get_device()"], "share_memory_": ["x.share_memory_()"],
    **{name: [f"x.{name}"] for name in ("is_cpu", "is_cuda", "is_mps", "is_xpu", "is_meta",
       "is_sparse", "is_quantized", "is_nested")},
    "result_type": ["torch.result_type(x, 2.5)", "torch.result_type(x.byte(), x.char())"],
    "promote_types": ["torch.promote_types(torch.uint8, torch.int8)"],
    "can_cast": [
        "torch.can_cast(torch.float64, torch.int64)",
        "torch.can_cast(torch.bool, torch.int8)",
    ],
    "finfo": [
        "torch.finfo(torch.float32).max, torch.finfo(torch.float32).min", "torch.finfo().eps",
        "torch.finfo(x.dtype).tiny", "torch.finfo(torch.float16).max", "torch.finfo(x.dtype).dtype",
    ],
    "iinfo": ["torch.iinfo(torch.int8).min", "torch.iinfo(x.long().dtype).max"],
    "strided": ["torch.strided"],
    "memory_format": ["isinstance(torch.channels_last, torch.memory_format)"],
    "contiguous_format": ["torch.contiguous_format"], "channels_last": ["torch.channels_last"],
    "preserve_format": ["torch.preserve_format, x.clone(memory_format=torch.preserve_format)"],
}  # fmt: skip
ELSEWHERE = {"half", "bfloat16", "cuda", "pin_memory"}  # refused, or without effect: see below


@pytest.mark.parametrize("code", [code for codes in TABLE.values() for code in codes])
def test_as_in_torch(torch, code):
    found = []
    for library in (minigrad, torch):
        x = library.tensor([[1.5, 2.0, 3.0], [4.0, 5.0, 6.0]], dtype=library.float64)
        found.append(repr(eval(code, {"torch": library, "x": x})))
    assert found[0] == found[1]


def test_every_name_of_the_room_is_in_the_table():
    rooms = {"minigrad.attributes": METHODS["minigrad.attributes"]}
    names = listed(rooms) + listed({"": minigrad.ROOMS["minigrad.attributes"]})
    assert set(TABLE) | ELSEWHERE == set(names)
    for name in names:
        assert hasattr(minigrad.attributes, name)


def test_what_is_not_there_is_named():
    x = minigrad.ones(2)
    for refused in (x.half, x.bfloat16):
        with pytest.raises(TypeError, match="float16: minigrad computes in float32 and float64"):
            refused()
    with pytest.raises(ValueError, match='"cpu" only'):
        x.type("torch.cuda.FloatTensor")
    with pytest.raises(ValueError, match=r"'foo' is not a type: one is torch\.FloatTensor"):
        x.type("foo")
    with pytest.raises(RuntimeError, match=r"H: .* not shape \(2,\)"):
        _ = x.H
    assert x.pin_memory() is x.cpu() is x


def test_gradients_pass_through_conversions_of_floats():
    x = minigrad.ones(2, 2, requires_grad=True)
    (x.type(minigrad.float64).H * 3).sum().backward()
    assert x.grad.tolist() == [[3, 3], [3, 3]]
    assert not x.int().requires_grad


def test_formats_are_single_objects():
    for name in ("strided", "preserve_format"):
        one = getattr(minigrad, name)
        assert pickle.loads(pickle.dumps(one)) is copy.deepcopy(one) is one


def test_limits_are_pythons_numbers():
    assert type(minigrad.finfo(minigrad.float32).max) is float
    assert minigrad.finfo(minigrad.float64).max == np.finfo(np.float64).max
    assert type(minigrad.iinfo(minigrad.int32).max) is int
