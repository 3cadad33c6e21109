"""Pictures of words: what a model does with a sentence, drawn as SVG without a library.

    embedded            tokens, their IDs, and their rows of the table of embeddings
    recurrent           a recurrent network, with one state per token
    unrolled            an encoder and a decoder, one box per token
    attention_lines     from each word to the words it attends to; the wider, the larger the weight
    query_key_value     one word's query against all keys, with every number
    mask                which word may attend to which
    block               a Transformer block: sublayers, residual connections, layer norm
    residual_stream     one word's vector on its way through the layers

Each returns a `Diagram`. One colour has one meaning in all of them, in light and in dark.
"""

import numpy as np

from .canvas import CELL, GAP, SIZE, SMALL, WIDEST, Canvas, short, width
from .language import named, said

FAINTEST = 0.02  # smaller weights have no line


def rooms(words, least=52):
    """How wide the box of each word is."""
    return [max(least, width(word) + 18) for word in words]


def places(widths, start):
    """The middle of each box in a row of boxes."""
    ends = np.cumsum([wide + GAP for wide in widths])
    return [start + end - GAP - wide / 2 for end, wide in zip(ends, widths, strict=True)]


def matrix_of(name, array, rows, columns):
    """An array with one number for each pair of a row and a column."""
    array = np.asarray(getattr(array, "value", array), float)
    if array.shape != (len(rows), len(columns)):
        raise ValueError(
            f"{name}: an array of shape {array.shape} for {len(rows)} rows and {len(columns)} "
            "columns; it must have one row per word that attends, one column per word attended to"
        )
    return array


def embedded(tokens, ids, vectors):
    """How tokens become vectors: each token, its ID, and its row of the table of embeddings."""
    vectors = np.asarray(getattr(vectors, "value", vectors), float)
    canvas, wide = Canvas(), max(rooms(tokens))
    x, of_ids, of_rows = GAP + wide / 2, GAP + wide + 70, GAP + wide + 140
    heads = (x, "token"), (of_ids, "token ID"), (of_rows + CELL / 2 * vectors.shape[1], "embedding")
    for at, head in heads:
        canvas.text(at, 18, said(head), "quiet", SMALL)
    for i, (token, number, vector) in enumerate(zip(tokens, ids, vectors, strict=True)):
        y = 52 + 42 * i
        canvas.box(x, y, wide, 32, token)
        canvas.line((x + wide / 2, y), (of_ids - 20, y), head=True)
        canvas.text(of_ids, y, number)
        canvas.line((of_ids + 20, y), (of_rows, y), head=True)
        canvas.numbers(of_rows, y, vector, "state")
    return canvas.diagram(said("Tokens, IDs and embeddings: {}", " ".join(tokens)))


def recurrent(tokens, outputs=(), gradients=()):
    """A recurrent network that reads the tokens: h0 is its start, h1 its state after the first.

    outputs: what is computed from each state, one text per token; without them there is none.
    gradients: the norm of the gradient at each token; the larger it is, the wider its arrow.
    """
    canvas, start = Canvas(), 52
    outputs = outputs or [""] * len(tokens)
    gradients = np.asarray(getattr(gradients, "value", gradients), float)
    widths = [max(pair) for pair in zip(rooms(tokens), rooms(outputs), strict=True)]
    low, middle, high = (168, 102, 36) if any(outputs) else (102, 36, 0)
    xs = [GAP + start / 2, *places(widths, 2 * GAP + start + 12)]
    for i, (x, wide) in enumerate(zip(xs, [start, *widths], strict=True)):
        if i:
            canvas.line((xs[i - 1] + 26, middle), (x - 26, middle), head=True)
            if len(gradients):
                lost = np.log10(gradients.max() / gradients[i - 1])  # in powers of ten
                canvas.line((x, low - 17), (x, middle + 17), wide=max(0.5, WIDEST - 2 * lost))
                canvas.text(x, low + 30, f"{gradients[i - 1]:.0e}", "quiet", SMALL)
            else:
                canvas.line((x, low - 17), (x, middle + 17), head=True)
            canvas.box(x, low, wide, 34, tokens[i - 1])
        canvas.box(x, middle, 52, 34, f"h{i}", "state", SMALL)
        if i and outputs[i - 1]:
            canvas.line((x, middle - 17), (x, high + 17), head=True)
            canvas.box(x, high, wide, 34, outputs[i - 1], "output")
    return canvas.diagram(said("A recurrent network reads: {}", " ".join(tokens)))


def unrolled(source, target, weights=None, begin="<begin>"):
    """An encoder reads `source`, and a decoder writes `target`, one box per token.

    Without weights the decoder gets the last hidden state alone. With weights (target words, source
    words) each of its states attends to all states of the encoder.
    """
    canvas = Canvas()
    reads = [begin, *target[:-1]]
    low, middle, high = (214, 148, 36) if weights is None else (284, 218, 36)
    encoder = rooms(source)
    decoder = [max(pair) for pair in zip(rooms(reads), rooms(target), strict=True)]
    xs = places(encoder, GAP)
    ys = places(decoder, xs[-1] + encoder[-1] / 2 + 4 * GAP)
    if weights is not None:
        weights = matrix_of("unrolled", weights, target, source)
        for i, j in np.argwhere(weights > 0.1):  # smaller ones would hide the others
            arc(canvas, (xs[j], middle - 17), (ys[i], middle - 17), weights[i, j])
    for tokens, widths, at, name, look in (
        (source, encoder, xs, "h", "state"),
        (reads, decoder, ys, "hd", "query"),  # with attention, they ask
    ):
        for i, (token, wide, x) in enumerate(zip(tokens, widths, at, strict=True)):
            canvas.box(x, low, wide, 34, token)
            canvas.line((x, low - 17), (x, middle + 17), head=True)
            canvas.box(x, middle, wide, 34, f"{name}{i}", look, SMALL)
            if i:
                canvas.line(
                    (at[i - 1] + widths[i - 1] / 2, middle), (x - wide / 2, middle), head=True
                )
    canvas.line((xs[-1] + encoder[-1] / 2, middle), (ys[0] - decoder[0] / 2, middle), head=True)
    for x, wide, word in zip(ys, decoder, target, strict=True):
        canvas.line((x, middle - 17), (x, high + 17), head=True)
        canvas.box(x, high, wide, 34, word, "output")
    halves = (xs, said("the encoder reads")), (ys, said("the decoder reads, and writes"))
    for at, text in halves:
        canvas.text((at[0] + at[-1]) / 2, low + 34, text, "quiet", SMALL)
    title = said("Encoder and decoder: {} → {}", " ".join(source), " ".join(target))
    return canvas.diagram(title)


def arc(canvas, start, end, weight):
    """An arc from a state of the encoder to one of the decoder, as wide as the weight."""
    (x0, y), (x1, _) = start, end
    top = max(40, y - 30 - (x1 - x0) / 3)
    path = f"M{x0:.1f} {y:.1f} C{x0:.1f} {top:.1f} {x1:.1f} {top:.1f} {x1:.1f} {y:.1f}"
    canvas.parts.append(
        f'<path class="weight" stroke-width="{WIDEST * weight:.1f}" stroke-opacity="0.75" '
        f'd="{path}"/>'
    )


def attention_lines(rows, columns, weights, only=None):
    """Lines from the words that attend (`rows`, above) to those they attend to (`columns`).

    weights (rows, columns); a line is as wide as its weight, and the largest of each row is
    written beside its word. only: the index of a row, to draw only its lines.
    """
    weights = matrix_of("attention_lines", weights, rows, columns)
    canvas, high, low = Canvas(), 44, 180
    above, below = rooms(rows), rooms(columns)
    shift = (sum(above) + GAP * len(above) - sum(below) - GAP * len(below)) / 2
    xs, ys = places(above, GAP + max(0, -shift)), places(below, GAP + max(0, shift))
    shown = range(len(rows)) if only is None else [only]
    for i in shown:
        for j in np.flatnonzero(weights[i] > FAINTEST):
            canvas.curve((xs[i], high + 17), (ys[j], low - 17), WIDEST * weights[i, j])
        canvas.text(xs[i], high - 28, f"{weights[i].max():.0%}", "quiet", SMALL)
    for i, (word, wide, x) in enumerate(zip(rows, above, xs, strict=True)):
        canvas.box(x, high, wide, 34, word, "output" if i in shown else "token")
    for word, wide, x in zip(columns, below, ys, strict=True):
        canvas.box(x, low, wide, 34, word)
    return canvas.diagram(said("Attention from {} to {}", " ".join(rows), " ".join(columns)))


def query_key_value(words, asks, query, keys, values, scale=1.0, names=("key", "value")):
    """How one word attends: its query, every key and value, scores, weights and the context.

    asks: the index of the word that asks, or its text if it is in another sentence.

    query (size,), keys (words, size), values (words, size of a value). score = query · key · scale,
    the weights are the softmax of the scores, and the context is the values' weighted sum.
    """
    query, keys, values = (np.asarray(getattr(x, "value", x), float) for x in (query, keys, values))
    if keys.shape != (len(words), *query.shape) or len(values) != len(words):
        raise ValueError(
            f"query_key_value: query {query.shape}, keys {keys.shape}, values {values.shape}; for "
            f"{len(words)} words there must be {len(words)} keys as long as the query, and values"
        )
    scores = keys @ query * scale
    exps = np.exp(scores - scores.max())
    weights = exps / exps.sum()
    word = asks if isinstance(asks, str) else words[asks]
    asking, of_keys, of_values = said("{} asks", word), *map(said, names)
    canvas, x = Canvas(), GAP + max(width(asking, SMALL), *map(width, words)) + 26
    canvas.text(x - GAP, 28, asking, anchor="end", size=SMALL)
    end = canvas.numbers(x, 28, query, "query")
    canvas.text(end + GAP, 28, said("its query"), "quiet", SMALL, "start")
    xs = x, end + 70, end + 174, end + 250  # of keys, scores, weights and values
    middles = (x + end) / 2, *xs[1:3], xs[3] + CELL / 2 * values.shape[1]
    times = f" · {short(scale)}" if scale != 1 else ""
    heads = of_keys, said("query · {}", of_keys) + times, said("weight"), of_values
    for middle, head in zip(middles, heads, strict=True):
        canvas.text(middle, 66, head, "quiet", SMALL)
    for i, row in enumerate(zip(words, keys, scores, weights, values, strict=True)):
        attended(canvas, xs, 92 + 36 * i, *row)
    y = 102 + 36 * len(words)
    text = said("{} receives Σ weight · {}", word, of_values)
    canvas.text(xs[3] - GAP, y, text, "quiet", SMALL, "end")
    canvas.numbers(xs[3], y, weights @ values, "output")
    return canvas.diagram(said("Query, key and value for {}", word))


def attended(canvas, xs, y, word, key, score, weight, value):
    """A row of `query_key_value`: a word, its key, score, weight and value."""
    of_key, of_score, of_weight, of_value = xs
    canvas.text(of_key - GAP, y, word, anchor="end")
    canvas.numbers(of_key, y, key, "key")
    canvas.text(of_score, y, short(score), size=SMALL)
    canvas.line((of_weight - 24, y + 13), (of_weight - 24, y - 13), wide=1)
    canvas.line((of_weight - 24, y), (of_weight - 24 + 48 * weight, y), look="weight", wide=22)
    canvas.text(of_weight + 28, y, short(weight), size=SMALL, anchor="start")
    canvas.numbers(of_value, y, value, "value")


def mask(words, allowed=None):
    """Which word (row) may attend to which (column): by default to itself and those before it."""
    causal = np.tri(len(words), dtype=bool)
    allowed = causal if allowed is None else matrix_of("mask", allowed, words, words) > 0
    canvas, cell = Canvas(), 36
    label = GAP + max(width(word) for word in words) + 12
    slanted = max(width(word, SMALL) for word in words) + 10
    for j, word in enumerate(words):
        x = label + (j + 0.5) * cell
        canvas.parts.append(f'<g transform="translate({x:.1f} {slanted:.1f}) rotate(-60)">')
        reach = canvas.right, canvas.bottom
        canvas.text(0, -2, word, size=SMALL, anchor="start")
        canvas.right, canvas.bottom = reach
        canvas.parts.append("</g>")
        canvas._reach(x + slanted * 0.6, slanted)
    for i, word in enumerate(words):
        y = slanted + 12 + (i + 0.5) * cell
        canvas.text(label - 10, y, word, anchor="end")
        for j in range(len(words)):
            look = "state" if allowed[i, j] else "blocked"
            mark = "" if allowed[i, j] else "−∞"
            canvas.box(label + (j + 0.5) * cell, y, cell - 3, cell - 3, mark, look, SMALL, 3)
    return canvas.diagram(said("The mask for {}", " ".join(words)))


def block(norm="before", cross=False, causal=False):
    """A Transformer block, read upwards: its sublayers, residual connections and layer norms.

    norm: layer norm "before" each sublayer or "after" it; cross: with cross-attention to a source;
    causal: the self-attention has a causal mask.
    """
    if norm not in ("before", "after"):
        raise ValueError(f"block: norm must be before or after, not {norm!r}")
    sublayers = [("causal self-attention" if causal else "self-attention"), "feed-forward"]
    sublayers.insert(1, "cross-attention") if cross else None
    canvas, x, wide = Canvas(), 280 if cross else 110, 120
    high = 150 * len(sublayers)
    canvas.text(x, high + 62, said("the words' vectors"), "quiet", SMALL)
    canvas.line((x, high + 52), (x, 20), head=True)
    residual = said("residual")
    for i, name in enumerate(sublayers):
        y = high - 150 * i
        branch, join = (y + 26, y - 92) if norm == "before" else (y + 26, y - 60)
        canvas.line((x, branch), (x + wide, branch), (x + wide, join), (x + 11, join), head=True)
        canvas.text(x + wide + 10, (branch + join) / 2, residual, "quiet", SMALL, "start")
        boxes = [("layer norm", y - 4), (name, y - 50)] if norm == "before" else [
            (name, y - 14), ("layer norm", y - 96)]  # fmt: skip
        for text, at in boxes:
            look = "token" if text == "layer norm" else "layer"
            canvas.box(x, at, 176, 34, said(text), look, SMALL + 1)
        canvas.box(x, join, 22, 22, "+", "output", SIZE, 11)
        if name == "cross-attention":
            at = boxes[1][1] if norm == "before" else boxes[0][1]
            canvas.line((x - 130, at), (x - 88, at), head=True)
            canvas.text(x - 136, at, said("the encoder's output"), "quiet", SMALL, "end")
    canvas.right = max(canvas.right, x + wide + 70)
    return canvas.diagram(said("A Transformer block, with layer norm {} each sublayer", said(norm)))


def residual_stream(names, added, total, start="embedding"):
    """One word's vector on its way up through the layers: each sublayer reads it, and adds to it.

    names: the sublayers, in order; added: the norm of what each one adds; total: the norm of the
    vector at the start and after each sublayer, one number more.
    """
    if not len(names) == len(added) == len(total) - 1:
        raise ValueError(
            f"residual_stream: {len(names)} names, {len(added)} numbers added, {len(total)} totals;"
            " there must be as many names as numbers added, and one total more"
        )
    names, start, step, x = [named(name) for name in names], said(start), 88, 100
    wide = max(width(name, SMALL + 1) for name in names) + 24
    canvas, y, side = Canvas(), 52 + step * len(names), x + 44 + wide / 2
    canvas.line((x, y), (x, 16), wide=4, head=True)
    canvas.box(x, y + 17, max(88, width(start) + 18), 34, start, "token")
    for name, more, norm in zip(names, added, total, strict=False):
        canvas.text(x - 12, y - 34, f"‖x‖ {short(norm)}", "quiet", SMALL, "end")
        canvas.line((x, y - 18), (side, y - 18), (side, y - 28), head=True)
        thick = max(1, 5 * more / max(*added, 1e-12))
        canvas.line((side, y - 62), (side, y - step), (x + 11, y - step), wide=thick, head=True)
        canvas.box(side, y - 45, wide, 34, name, "layer", SMALL + 1)
        canvas.text(side + 10, y - 74, f"+ {short(more)}", "ink", SMALL, "start")
        canvas.box(x, y - step, 22, 22, "+", "output", SIZE, 11)
        y -= step
    canvas.text(x - 12, y - 24, f"‖x‖ {short(total[-1])}", "quiet", SMALL, "end")
    return canvas.diagram(said("The residual stream of one word"))
