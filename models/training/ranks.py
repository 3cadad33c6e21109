"""The processes that train one model together: torchrun's ranks, or one process alone.

Each rank holds the whole model and makes the same batches. It computes the gradient of its own rows
of a batch, DistributedDataParallel takes the mean of all gradients, and so all ranks take the same
step (Li et al. 2020, PyTorch Distributed). Only the first rank has the run's folder, and prints.
"""

import contextlib
import os
import time
from typing import ClassVar

from minigrad.text import printable

from .lock import claimed
from .stopping import ERRORS

PATIENCE = 30  # seconds: after that, torchrun kills a process that does not end


class Alone:
    """One process that trains by itself."""

    rank, world, first = 0, 1, True
    launcher: ClassVar = ["python"]  # how the processes are started, on each machine

    def claimed(self, folder):
        """Hold the lock of a run's folder within a block, on the rank that writes."""
        return claimed(folder) if self.first else contextlib.nullcontext()

    def together(self):
        """A block that ends on all ranks if it ends on one of them."""
        return contextlib.nullcontext()

    def of_first(self, make):
        """The result of make() on the first rank, on all of them."""
        return make()

    def any(self, asked):
        """True if something is true on at least one of the ranks."""
        return bool(asked)

    def divided(self, model, loss, count):
        """A function of a batch that gives its loss and its measure, divided among the ranks.

        loss(batch) gives both, as means over as many predictions as count(batch) says.
        """
        return loss


ALONE = Alone()


class Ranks(Alone):
    """The processes that torchrun has started, over gloo on CPUs and over NCCL on GPUs."""

    def __init__(self, torch, device):
        from torch import distributed

        distributed.init_process_group("gloo" if device == "cpu" else "cpu:gloo,cuda:nccl")
        self.torch, self.distributed = torch, distributed
        self.rank, self.world = distributed.get_rank(), distributed.get_world_size()
        self.first = self.rank == 0
        self.launcher = ["torchrun", "--nproc-per-node", str(on_this_machine())]

    @contextlib.contextmanager
    def together(self):
        """A block that ends on all ranks if it ends on one of them: they wait for each other."""
        try:
            yield
        except ArithmeticError:  # the loss is that of all ranks, so all of them raise this
            if not self.first:
                end_with_the_first()
            raise
        except RuntimeError as error:
            if "gloo" not in str(error) and not isinstance(error, self.distributed.DistError):
                raise
            about = printable(str(error), most=120)
            raise RuntimeError(
                f"rank {self.rank} ends because another one did, which may say why ({about})"
            ) from None
        else:
            self.distributed.destroy_process_group()

    def of_first(self, make):
        """The result of make() on the first rank, on all of them; its error ends all of them."""
        results = []
        try:
            results = [make()] if self.first else []
        finally:
            shared = [results]
            self.distributed.broadcast_object_list(shared, device=self.torch.device("cpu"))
        if not shared[0]:
            end_with_the_first()
        return shared[0][0]

    def any(self, asked):
        """True if something is true on at least one of the ranks."""
        (count,) = self.sum(bool(asked))
        return count > 0

    def sum(self, *numbers):
        """The sum of each of the numbers over all ranks."""
        numbers = self.torch.tensor(numbers, dtype=self.torch.float64, device="cpu")
        self.distributed.all_reduce(numbers)
        return numbers.tolist()

    def divided(self, model, loss, count):
        """The loss whose value is that of the whole batch, and whose gradient DDP makes so.

        A rank's loss is the mean over its own predictions. The mean over all is the sum of these,
        each times its fraction of all predictions; DDP divides by the number of ranks.
        """
        loss = self.parallel(model, loss)

        def loss_of(batch):
            there = self.rank < len(batch[0])  # no row is left for it in a small last batch
            mine = part(batch, self.rank if there else 0, self.world)
            fraction = count(mine) / count(batch) if there else 0.0
            own, measure = loss(mine)
            whole, measure = self.sum(fraction * own.item(), fraction * float(measure))
            scaled = own * (fraction * self.world)
            return scaled + (whole - scaled.detach()), measure

        return loss_of

    def parallel(self, model, loss):
        """The loss as a module with the model inside, because DDP calls a module forward."""
        nn = self.torch.nn

        class Loss(nn.Module):
            def __init__(self):
                super().__init__()
                self.model = model

            def forward(self, batch):
                return loss(batch)

        # Parameters that a loss does not use, such as the last layer's `value` of a reader, have
        # no gradient; which ones they are never changes.
        return nn.parallel.DistributedDataParallel(
            Loss(), forward_sync_buffers=False, static_graph=True
        )


def part(batch, rank, world):
    """A rank's rows of a batch: every world-th, because neighbours have similar lengths.

    batch: a NamedTuple of arrays or lists, in which the rows come first.
    """
    return type(batch)(*(rows[rank::world] for rows in batch))


def launched():
    """True if torchrun has started this process."""
    return {"RANK", "WORLD_SIZE", "LOCAL_RANK"} <= os.environ.keys()


def local_rank():
    """The number of this process among those that torchrun has started on this machine."""
    return int(os.environ.get("LOCAL_RANK", 0))


def on_this_machine():
    """How many processes torchrun has started on this machine."""
    return int(os.environ.get("LOCAL_WORLD_SIZE", 1))


def check_size(settings, ranks):
    """Raise ValueError if there are more ranks than rows of a batch."""
    if ranks.world > settings.batch_size:
        raise ValueError(
            f"torchrun has started {ranks.world} processes for a batch of {settings.batch_size}: "
            "at most one per example; take fewer, or a larger --batch-size"
        )


@contextlib.contextmanager
def told_once():
    """A block in which all processes of a machine make the same mistake: only the first tells."""
    try:
        yield
    except ERRORS:
        if local_rank():
            end_with_the_first()
        raise


def end_with_the_first():
    """End this process after the first one, which tells why, and whose end torchrun notices."""
    with contextlib.suppress(KeyboardInterrupt):  # torchrun's signal
        time.sleep(PATIENCE)
    raise SystemExit(2) from None
