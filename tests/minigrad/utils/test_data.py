"""Datasets, collating and DataLoader beside PyTorch: batches, lengths and mistakes."""

import inspect
from collections import OrderedDict, namedtuple

import numpy as np
import pytest

import minigrad
from minigrad.utils import data
from minigrad.utils.checkpoint import checkpoint, checkpoint_sequential

Pair = namedtuple("Pair", ["x", "y"])


def plain(value):
    """A batch as it compares: types, dtypes and numbers."""
    if hasattr(value, "detach"):
        dtype = str(value.dtype).removeprefix("torch.")
        return ("tensor", dtype, tuple(value.shape), value.detach().tolist())
    if isinstance(value, dict):
        return {key: plain(part) for key, part in value.items()} | {"kind": type(value).__name__}
    if isinstance(value, list | tuple):
        return [type(value).__name__, *map(plain, value)]
    return value.tolist() if isinstance(value, np.ndarray) else value


def module(library):
    if library is minigrad:
        return data
    import torch.utils.data as theirs

    return theirs


def squares(library, n=7):
    x = library.arange(2 * n, dtype=library.float32).reshape(n, 2)
    return module(library).TensorDataset(x, library.arange(n))


def counting(library, n=7, length=False):
    class Counting(module(library).IterableDataset):
        def __iter__(self):
            return iter(range(n))

    class Sized(Counting):
        def __len__(self):
            return n

    return Sized() if length else Counting()


def own(library):
    class Words(module(library).Dataset):
        words = ("a", "bc", "def", "g", "hi")

        def __len__(self):
            return len(self.words)

        def __getitem__(self, index):
            return {"word": self.words[index], "long": len(self.words[index]), "half": index / 2}

    return Words()


# Functions of a library and its utils.data, whose batches and lengths are compared.
LOADERS = {
    "one by one": lambda t, d: d.DataLoader(squares(t)),
    "batches": lambda t, d: d.DataLoader(squares(t), batch_size=3),
    "drop_last": lambda t, d: d.DataLoader(squares(t), 3, drop_last=True),
    "all in one": lambda t, d: d.DataLoader(squares(t), 100, num_workers=0, pin_memory=False),
    "no batches": lambda t, d: d.DataLoader(squares(t), batch_size=None),
    "own": lambda t, d: d.DataLoader(own(t), 2),
    "a list": lambda t, d: d.DataLoader([3, 1, 2, 5], 2),
    "arrays": lambda t, d: d.DataLoader(np.arange(10.0).reshape(5, 2), 2),
    "arrays, no batches": lambda t, d: d.DataLoader(np.arange(6.0).reshape(3, 2), None),
    "sampler": lambda t, d: d.DataLoader(squares(t), 2, sampler=[4, 4, 1]),
    "batch_sampler": lambda t, d: d.DataLoader(squares(t), batch_sampler=[[1, 2], [0], [5, 5, 5]]),
    "of samplers": lambda t, d: d.DataLoader(
        squares(t), batch_sampler=d.BatchSampler(d.SequentialSampler(range(7)), 2, drop_last=True)
    ),
    "collate_fn": lambda t, d: d.DataLoader(squares(t), 3, collate_fn=len),
    "iterable": lambda t, d: d.DataLoader(counting(t, length=True), 3),
    "iterable, drop_last": lambda t, d: d.DataLoader(counting(t, length=True), 3, drop_last=True),
    "iterable, no batches": lambda t, d: d.DataLoader(counting(t, length=True), None),
    "chain": lambda t, d: d.DataLoader(counting(t, 2, True) + counting(t, 3, True), 2),
    "concat": lambda t, d: d.DataLoader(squares(t, 2) + squares(t, 3), 2),
    "subset": lambda t, d: d.DataLoader(d.Subset(squares(t), [5, 0, 3]), 2),
    "subset of a subset": lambda t, d: d.DataLoader(
        d.Subset(d.Subset(squares(t), [5, 0, 3, 1]), [2, 0]), 2
    ),
    "stacked": lambda t, d: d.DataLoader(d.StackDataset(squares(t, 5), own(t)), 2),
    "stacked by name": lambda t, d: d.DataLoader(d.StackDataset(x=squares(t, 5), w=own(t)), 2),
    "empty": lambda t, d: d.DataLoader(squares(t, 0), 2),
}


@pytest.mark.parametrize("name", LOADERS)
def test_batches_and_lengths_as_torch(torch, name):
    found = []
    for library in (minigrad, torch):
        loader = LOADERS[name](library, module(library))
        twice = [plain(list(loader)), plain(list(loader))]
        assert twice[0] == twice[1]
        assert len(loader) == len(twice[0]) - 1
        found.append([*twice, len(loader), loader.batch_size, loader.drop_last])
    assert found[0] == found[1]


COLLATED = {
    "ints": lambda t: [1, 2, 3],
    "floats": lambda t: [1.0, 2.0],
    "mixed": lambda t: [1, 2.5],
    "bools": lambda t: [True, False],
    "text": lambda t: ["a", "b"],
    "bytes": lambda t: [b"a", b"b"],
    "tensors": lambda t: [t.zeros(2, 3), t.ones(2, 3)],
    "numbers": lambda t: [t.tensor(1.0), t.tensor(2.0)],
    "arrays": lambda t: [np.zeros(2, np.float32), np.ones(2, np.float32)],
    "numpy": lambda t: [np.float32(1), np.float32(2)],
    "doubles": lambda t: [np.float64(1), np.float64(2)],
    "numpy's ints": lambda t: [np.int64(1), np.int64(2)],
    "tuples": lambda t: [(1, 2.0), (3, 4.0)],
    "lists": lambda t: [[1, 2.0, "a"], [3, 4.0, "b"]],
    "named": lambda t: [Pair(1, t.zeros(2)), Pair(2, t.ones(2))],
    "dicts": lambda t: [{"a": 1, "b": [1.0, 2]}, {"a": 3, "b": [4.0, 5]}],
    "ordered": lambda t: [OrderedDict(a=1), OrderedDict(a=2)],
    "nested": lambda t: [((1, (2.0, "a")), {"x": t.zeros(1)}), ((3, (4.0, "b")), {"x": t.ones(1)})],
    "ranges": lambda t: [range(2), range(2)],
}


@pytest.mark.parametrize("name", COLLATED)
def test_collating_as_torch(torch, name):
    found = []
    for library in (minigrad, torch):
        batch = COLLATED[name](library)
        d = module(library)
        found.append([plain(d.default_collate(batch)), plain(d.default_convert(batch))])
    assert found[0] == found[1]


@pytest.mark.parametrize(
    "batch", [[[1, 2], [3]], [None], [object()], [np.array(["a"])], [{1}], [{"a": 1}, {"b": 1}], []]
)
def test_batches_that_cannot_be_collated(torch, batch):
    kinds = []
    for library in (torch, minigrad):
        with pytest.raises((TypeError, RuntimeError, KeyError, IndexError)) as error:
            module(library).default_collate(batch)
        kinds.append(error.type)
    assert kinds[0] is kinds[1]


def test_shuffling():
    dataset = squares(minigrad, 20)
    loader = data.DataLoader(dataset, 6, shuffle=True)
    passes = [[y for _, batch in loader for y in batch.tolist()] for _ in range(2)]
    assert passes[0] != passes[1]
    assert sorted(passes[0]) == sorted(passes[1]) == list(range(20))
    orders = []
    for _ in range(2):
        generator = minigrad.Generator().manual_seed(3)
        loader = data.DataLoader(dataset, 6, True, generator=generator)
        orders.append([y for _, batch in loader for y in batch.tolist()])
    assert orders[0] == orders[1]
    minigrad.manual_seed(1)
    first = [y for _, batch in data.DataLoader(dataset, 6, True) for y in batch.tolist()]
    minigrad.manual_seed(1)
    assert [y for _, batch in data.DataLoader(dataset, 6, True) for y in batch.tolist()] == first


def test_workers_and_pinned_memory_change_nothing():
    def never(worker):
        raise AssertionError

    settings = {"num_workers": 4, "persistent_workers": True, "prefetch_factor": 2}
    loader = data.DataLoader(
        squares(minigrad), 3, pin_memory=True, timeout=5, worker_init_fn=never, **settings
    )
    assert plain(list(loader)) == plain(list(data.DataLoader(squares(minigrad), 3)))
    assert data.get_worker_info() is None
    assert data.DataLoader([1], num_workers=1).prefetch_factor == 2


class Several(data.Dataset):
    asked = 0

    def __getitems__(self, indices):
        self.asked += 1
        return [10 * i for i in indices]

    def __len__(self):
        return 5


def test_a_dataset_may_give_a_batch_at_once():
    dataset = Several()
    assert [batch.tolist() for batch in data.DataLoader(dataset, 3)] == [[0, 10, 20], [30, 40]]
    assert dataset.asked == 2
    subset = data.Subset(dataset, [4, 1])
    assert next(iter(data.DataLoader(subset, 2))).tolist() == [40, 10]
    assert dataset.asked == 3


def test_rows_taken_at_once_are_the_examples_collated(torch):
    """Datasets of tensors, subsets of them, and those that a script derived from them."""

    class Negative(data.TensorDataset):
        def __getitem__(self, index):
            return tuple(-x for x in super().__getitem__(index))

    x = minigrad.arange(12.0).reshape(6, 2)
    order = [5, 0, 0, -1]
    for dataset, sign in (
        (data.TensorDataset(x, x.long()), 1),
        (data.Subset(data.TensorDataset(x, x.long()), [*range(6)]), 1),
        (Negative(x, x.long()), -1),
        (data.Subset(Negative(x, x.long()), [*range(6)]), -1),
    ):
        for indices in (order, [minigrad.tensor(i) for i in order], list(map(np.int64, order))):
            loader = data.DataLoader(dataset, batch_sampler=[indices])
            (batch,) = loader
            assert plain(batch) == plain([sign * x[order], sign * x.long()[order]])
            (single,) = data.DataLoader(dataset, batch_sampler=[order], collate_fn=lambda b: b)
            assert plain(data.default_collate(single)) == plain(batch)


def test_gradients_flow_through_a_batch():
    x = minigrad.ones(4, 2, requires_grad=True)
    for (batch,) in data.DataLoader(data.TensorDataset(x), 2):
        (batch * 3).sum().backward()
    assert x.grad.tolist() == [[3, 3]] * 4


def test_indices_of_datasets(torch):
    for library in (minigrad, torch):
        d = module(library)
        both = d.ConcatDataset([squares(library, 2), squares(library, 3)])
        assert [both[i][1].item() for i in (0, 1, 2, -1, -5)] == [0, 1, 0, 2, 0]
        assert both.cumulative_sizes == [2, 5]
        assert squares(library)[2:4][1].tolist() == [2, 3]
        with pytest.raises(ValueError, match="index"):
            both[-6]
        with pytest.raises(IndexError):
            both[5]
        assert d.Subset(squares(library), [3, 5])[[0, 1]][1].tolist() == [3, 5]
        assert d.Dataset[int] is not None
        assert d.DataLoader[int] is not None


@pytest.mark.parametrize("lengths", [[3, 4], [7, 0], [0.5, 0.5], [0.3, 0.3, 0.4], (0.99, 0.01)])
@pytest.mark.filterwarnings("ignore:.*Length of split")
def test_random_split(torch, lengths):
    found = []
    for library in (minigrad, torch):
        generator = library.Generator().manual_seed(3)
        dataset = squares(library)
        parts = module(library).random_split(dataset, lengths, generator=generator)
        assert sorted(i for part in parts for i in part.indices) == list(range(7))
        assert all(part.dataset is dataset for part in parts)
        found.append([len(part) for part in parts])
    assert found[0] == found[1]
    again = data.random_split(squares(minigrad), lengths, minigrad.Generator().manual_seed(3))
    first = data.random_split(squares(minigrad), lengths, minigrad.Generator().manual_seed(3))
    assert [part.indices for part in again] == [part.indices for part in first]


MISTAKES = {
    "sizes": lambda t, d: d.TensorDataset(t.zeros(2), t.zeros(3)),
    "no datasets": lambda t, d: d.ConcatDataset([]),
    "concat iterable": lambda t, d: d.ConcatDataset([counting(t)]),
    "chain": lambda t, d: list(d.ChainDataset([squares(t)])),
    "nothing to stack": lambda t, d: d.StackDataset(),
    "stack both": lambda t, d: d.StackDataset([1], a=[1]),
    "stack sizes": lambda t, d: d.StackDataset([1], [1, 2]),
    "lengths": lambda t, d: d.random_split(range(5), [2, 2]),
    "fractions": lambda t, d: d.random_split(range(5), [1.5, -0.5]),
    "workers": lambda t, d: d.DataLoader([1], num_workers=-1),
    "timeout": lambda t, d: d.DataLoader([1], timeout=-1),
    "prefetch": lambda t, d: d.DataLoader([1], prefetch_factor=2),
    "persistent": lambda t, d: d.DataLoader([1], persistent_workers=True),
    "sampler and shuffle": lambda t, d: d.DataLoader([1], shuffle=True, sampler=[0]),
    "batch_sampler and size": lambda t, d: d.DataLoader([1], 2, batch_sampler=[[0]]),
    "batch_sampler and drop": lambda t, d: d.DataLoader([1], drop_last=True, batch_sampler=[[0]]),
    "no batches, drop": lambda t, d: d.DataLoader([1], None, drop_last=True),
    "size 0": lambda t, d: d.DataLoader([1], 0),
    "size of float": lambda t, d: d.DataLoader([1], 1.5),
    "nothing to shuffle": lambda t, d: d.DataLoader([], shuffle=True),
    "shuffle a stream": lambda t, d: d.DataLoader(counting(t), shuffle=True),
    "sample a stream": lambda t, d: d.DataLoader(counting(t), sampler=[0]),
    "batch a stream": lambda t, d: d.DataLoader(counting(t), batch_sampler=[[0]]),
    "length of a stream": lambda t, d: len(d.DataLoader(counting(t))),
    "change": lambda t, d: setattr(d.DataLoader([1]), "batch_size", 3),
    "no __getitem__": lambda t, d: d.Dataset()[0],
    "no __iter__": lambda t, d: iter(d.Sampler()),
    "abstract": lambda t, d: d.IterableDataset(),
    "subset": lambda t, d: type("S", (d.Subset,), {"__getitem__": len})([1], [0]),
    "num_samples": lambda t, d: d.RandomSampler([1], num_samples=0),
    "replacement": lambda t, d: d.RandomSampler([1], replacement="no"),
    "weights": lambda t, d: d.WeightedRandomSampler([[1.0]], 1),
    "number": lambda t, d: d.WeightedRandomSampler([1.0], 0),
    "weighted replacement": lambda t, d: d.WeightedRandomSampler([1.0], 1, replacement=1),
    "drop_last": lambda t, d: d.BatchSampler([1], 2, drop_last=1),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes_are_errors_as_in_torch(torch, name):
    kinds = []
    for library in (torch, minigrad):
        with pytest.raises(Exception) as error:  # noqa: PT011
            MISTAKES[name](library, module(library))
        kinds.append(error.type)
    assert "\n" not in str(error.value)
    assert kinds[0] is kinds[1]


def test_signatures_are_torchs(torch):
    theirs = module(torch)
    for name in set(data.__all__) - {"random_split", "get_worker_info", "Dataset"}:
        ours = inspect.signature(getattr(data, name)).parameters.values()
        wanted = inspect.signature(getattr(theirs, name)).parameters.values()
        assert [(p.name, p.kind, p.default) for p in ours] == [
            (p.name, p.kind, p.default) for p in wanted
        ], name


def test_checkpoints_just_call():
    x = minigrad.ones(2, requires_grad=True)
    y = checkpoint(lambda a, b, scale: a * b * scale, x, 2.0, use_reentrant=False, scale=3.0)
    y = checkpoint_sequential([minigrad.abs, minigrad.neg], 2, -y)
    y.sum().backward()
    assert x.grad.tolist() == [-6, -6]
