"""The same module in minigrad and in PyTorch: outputs, and gradients of inputs and parameters."""

import numpy as np

import minigrad


def same(torch, name, *sizes, **settings):
    """The same module in both libraries, in float64, with random parameters."""
    ours, theirs = (getattr(lib.nn, name)(*sizes, **settings) for lib in (minigrad, torch))
    theirs.double()
    for i, parameter in enumerate(theirs.parameters()):
        generator = torch.Generator().manual_seed(i)
        torch.nn.init.normal_(parameter, std=0.5, generator=generator)
    return loaded(ours, theirs), theirs


def loaded(ours, theirs):
    """Our module, with the parameters of theirs."""
    ours.double().load_state_dict({k: v.numpy() for k, v in theirs.double().state_dict().items()})
    return ours


def flat(outputs):
    """The tensors in nested tuples and lists, without None."""
    if isinstance(outputs, tuple | list):
        return [x for output in outputs if output is not None for x in flat(output)]
    return [outputs]


def results(library, module, xs, call, order):
    """The outputs of a call, and the derivatives by the xs and the parameters, up to an order."""
    xs = [library.tensor(x, requires_grad=True) for x in xs]
    found = last = flat(call(library, module, *xs))
    wanted = [*xs, *module.parameters()]
    for k in range(order):
        total = sum((y * y * y).sum() for y in last if y.requires_grad)
        again = k + 1 < order
        last = library.autograd.grad(total, wanted, create_graph=again, allow_unused=k > 0)
        pairs = zip(wanted, last, strict=True)
        last = [library.zeros_like(x) if g is None else g for x, g in pairs]
        found = [*found, *last]
    return [y.detach().numpy() for y in found]


def agree(torch, modules, xs, call, order=1):
    """A call gives the same outputs and derivatives in both libraries.

    modules  our module and theirs
    xs       arrays of floats: the inputs, which require grad
    call     a function of a library, its module and its tensors
    """
    ours, theirs = modules
    found = results(minigrad, ours, xs, call, order)
    for our, their in zip(found, results(torch, theirs, xs, call, order), strict=True):
        assert our.dtype == their.dtype
        assert our.shape == their.shape
        np.testing.assert_allclose(our, their, rtol=1e-9, atol=1e-9)


def agree_in_structure(ours, theirs):
    """Both modules have the same parameters, and print the same."""
    shapes = [(name, tuple(p.shape)) for name, p in theirs.named_parameters()]
    assert [(name, tuple(p.shape)) for name, p in ours.named_parameters()] == shapes
    assert repr(ours) == repr(theirs)


def tensors(library, settings):
    """Settings of a call, with arrays as tensors."""
    arrays = {name: s for name, s in settings.items() if isinstance(s, np.ndarray)}
    return settings | {name: library.tensor(array) for name, array in arrays.items()}
