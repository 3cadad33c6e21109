"""Examples of the ops that Transformers are made of, and the same ops in PyTorch."""

NORMS = [
    ((2, 3), (3,), (3,)), ((2, 3, 4), (3, 4), (3, 4)), ((3,), (3,), (3,)), ((2, 1), (1,), (1,)),
    ((32, 4), (4,), (4,)), ((0, 3), (3,), (3,)),
]  # fmt: skip
QUERIES = [  # shapes of query, key, value, and of a mask
    ((3, 2), (3, 2), (3, 2)),
    ((2, 3, 2), (4, 2), (2, 4, 1)),
    ((2, 2), (3, 2), (3, 2), (2, 3)),
    ((2, 2, 2), (3, 2), (3, 2), (3,)),
    ((2, 1, 3, 2), (2, 3, 2), (3, 4)),
    ((0, 2, 2), (3, 2), (3, 2)),
]
CAUSAL = [((2, 3, 2), (2, 3, 2), (2, 3, 2)), ((3, 2), (4, 2), (4, 2))]
ONE = [((),), ((2, 3),), ((0,),)]
ROWS = {  # shapes of inputs, and settings
    "layer_norm": [(NORMS, {"eps": 0.1})],
    "gauss": [(ONE, {})],
    "gelu": [(ONE, {}), (ONE, {"approximate": "tanh"})],
    "attend": [
        (QUERIES, {"scale": 0.7, "causal": False}),
        (CAUSAL, {"scale": 0.5, "causal": True}),
    ],
}


def _attend(torch, q, k, v, *mask, scale, causal):
    scores = q @ k.mT * scale + sum(mask)
    if causal:
        scores = scores.masked_fill(torch.ones(scores.shape[-2:]).triu(1) > 0, -float("inf"))
    return scores.softmax(-1) @ v


IN_TORCH = {
    "layer_norm": lambda torch, x, w, b, eps: torch.nn.functional.layer_norm(x, w.shape, w, b, eps),
    "gauss": lambda torch, x: torch.erf(x * 0.5**0.5),
    "gelu": lambda torch, x, **settings: torch.nn.functional.gelu(x, **settings),
    "attend": _attend,
}
