"""Training loops as scripts write them, beside PyTorch: batches, clipping, optimizer, schedule."""

import importlib

import numpy as np
import pytest

import minigrad


def dataset(library):
    rng = np.random.default_rng(0)
    x = rng.standard_normal((40, 3))
    y = np.sin(x.sum(1, keepdims=True))
    data = importlib.import_module(f"{library.__name__}.utils.data")
    return data, data.TensorDataset(library.tensor(x), library.tensor(y))


def net(library):
    rng = np.random.default_rng(1)
    model = library.nn.Sequential(
        library.nn.Linear(3, 8), library.nn.Tanh(), library.nn.Linear(8, 1)
    )
    model.double()
    with library.no_grad():
        for p in model.parameters():
            p.copy_(library.tensor(rng.standard_normal(tuple(p.shape)) * 0.5))
    return model


LOOPS = {
    "adagrad, step": lambda t, m: (t.optim.Adagrad(m, lr=0.1), "StepLR", (3,)),
    "rmsprop, cosine": lambda t, m: (t.optim.RMSprop(m, momentum=0.5), "CosineAnnealingLR", (9,)),
    "sgd, one cycle": lambda t, m: (t.optim.SGD(m, 0.1, momentum=0.9), "OneCycleLR", (0.3, 60)),
    "adamw, cycles": lambda t, m: (t.optim.AdamW(m, amsgrad=True), "CyclicLR", (1e-3, 1e-2, 5)),
    "adam, noam": lambda t, m: (
        t.optim.Adam(m, lr=1.0, betas=(0.9, 0.98), eps=1e-9),
        "LambdaLR",
        (lambda step: 0.1 * min((step + 1) ** -0.5, (step + 1) * 10**-1.5),),
    ),
    "nadam, plateau": lambda t, m: (t.optim.NAdam(m), "ReduceLROnPlateau", ("min", 0.5, 1)),
}


@pytest.mark.parametrize("name", LOOPS)
def test_loops_as_torch(torch, name):
    found = []
    for library in (minigrad, torch):
        data, examples = dataset(library)
        loader = data.DataLoader(examples, batch_size=8, num_workers=0, drop_last=True)
        model, losses = net(library), []
        optimizer, kind, settings = LOOPS[name](library, model.parameters())
        scheduler = getattr(library.optim.lr_scheduler, kind)(optimizer, *settings)
        for _ in range(12):
            total = 0.0
            for x, y in loader:
                optimizer.zero_grad(set_to_none=False)
                loss = ((model(x) - y) ** 2).mean()
                loss.backward()
                library.nn.utils.clip_grad_norm_(model.parameters(), 0.5)
                library.nn.utils.clip_grad_value_(model.parameters(), 0.25)
                optimizer.step()
                if kind != "ReduceLROnPlateau":
                    scheduler.step()
                total += loss.item() * x.size(0)
            if kind == "ReduceLROnPlateau":
                scheduler.step(total)
            losses += [total / len(examples), optimizer.param_groups[0]["lr"]]
        found.append(losses)
    np.testing.assert_allclose(*found, rtol=1e-9)
    assert found[0][-2] < found[0][0]
