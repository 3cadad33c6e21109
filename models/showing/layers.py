"""Attention weights of several layers and heads: which of them are shown, and under which title."""

EACH = "each"  # instead of the number of a head: every head by itself


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

    weights (layers, heads, rows, columns); layers and heads count from 1, and the head EACH gives
    every one its own map. Raises ValueError for one that is not there.
    """
    each, head = head == EACH, None if head == EACH else head
    for name, number, count in zip(("layer", "head"), (layer, head), weights.shape, strict=False):
        if number is not None and not 1 <= number <= count:
            there = f"{count} {name}{'s' * (count > 1)}"
            raise ValueError(f"{run.folder} has {there}: there is no {name} {number}")
    heads = weights if head is None else weights[:, head - 1 : head]
    maps = by_layer(heads, each)
    if layer is None:
        return maps
    shown = len(maps) // len(heads)  # per layer
    return dict(list(maps.items())[(layer - 1) * shown : layer * shown])


def check_kind(run, kind, *kinds):
    """Raise ValueError if the model does not have this kind of attention, only these."""
    if kind not in kinds:
        raise ValueError(
            f"--kind {kind}: {run.folder} is a run of {run.settings.model}, whose attention is of "
            f"--kind {' or '.join(kinds)}"
        )
