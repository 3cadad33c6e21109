"""Attention weights of several layers and heads: which of them are shown, and under which title."""


def by_layer(weights, heads=False):
    """Weights (layers, heads, rows, columns) by title: one entry per layer, averaged over heads.

    With `heads`, one entry per head.
    """
    titles = {}
    for i, layer in enumerate(weights, start=1):
        if heads and len(layer) > 1:
            titles |= {f"layer {i}, head {j}": head for j, head in enumerate(layer, start=1)}
        else:
            titles[f"layer {i}"] = layer.mean(0)
    return titles


def chosen(run, weights, layer=None, head=None):
    """The weights to show, by title: those of a layer, or of each; of a head, or their mean.

    weights (layers, heads, rows, columns); layers and heads count from 1. Raises ValueError for one
    that is not there.
    """
    for name, number, count in zip(("layer", "head"), (layer, head), weights.shape, strict=False):
        if number is not None and not 1 <= number <= count:
            there = f"{count} {name}{'s' * (count > 1)}"
            raise ValueError(f"{run.folder} has {there}: there is no {name} {number}")
    maps = by_layer(weights if head is None else weights[:, head - 1 : head])
    return maps if layer is None else dict([list(maps.items())[layer - 1]])


def check_kind(run, kind, *kinds):
    """Raise ValueError if the model does not have this kind of attention, only these."""
    if kind not in kinds:
        raise ValueError(
            f"--kind {kind}: {run.folder} is a run of {run.settings.model}, whose attention is of "
            f"--kind {' or '.join(kinds)}"
        )
