"""Early stopping: the validation losses of a run, and the weights that had the lowest."""

import numpy as np


class Validation:
    """The validation losses of a run so far, and its best weights as arrays by name.

    With the setting `patience` = n, training stops after n evaluations in a row without a new
    lowest loss. With 0 nothing is evaluated and nothing stops. A run shows and translates with its
    best weights, and resumes from its last ones.
    """

    def __init__(self, run):
        self.run, self.patience = run, run.settings.patience
        self.losses = []  # (step, loss)
        self.weights = None  # the best
        self.last = None  # those to go on from, while the model has the best

    def evaluate(self, examples):
        """Note the mean loss of the examples, every so many steps and after the last one."""
        run, settings, step = self.run, self.run.settings, len(self.run.metrics)
        due = step and (step % settings.evaluate_every == 0 or step == settings.steps)
        if not self.patience or not due or step in dict(self.losses):
            return
        run.model.eval()
        losses, counts = [], []
        with run.framework.no_grad(), run.backend.computing():
            for start in range(0, len(examples), settings.batch_size):
                batch = run.batch(examples[start : start + settings.batch_size])
                losses.append(run.loss(batch)[0].item())
                counts.append(run.count(batch))
        run.model.train()
        loss = float(np.average(losses, weights=counts))
        if not self.losses or loss < self.best[1]:
            self.weights = copied(run.weights())
        self.losses.append((step, loss))

    @property
    def best(self):
        """The step with the lowest loss, and that loss; the first, if there are several."""
        return min(self.losses, key=lambda row: row[1])

    @property
    def exhausted(self):
        """True if the patience has run out."""
        waited = len(self.losses) - 1 - self.losses.index(self.best) if self.losses else 0
        return 0 < self.patience <= waited

    def use_best(self):
        """Give the model its best weights, if there are any."""
        if self.weights is not None and self.last is None:
            self.last = copied(self.run.weights())
            self._load(self.weights)

    def use_last(self):
        """Give the model the weights to go on from."""
        if self.last is not None:
            self._load(self.last)
            self.last = None

    def _load(self, weights):
        tensor = self.run.framework.tensor
        self.run.model.load_state_dict({name: tensor(array) for name, array in weights.items()})

    def state(self):
        """All of it as arrays by name; empty if nothing was evaluated."""
        if not self.losses:
            return {}
        best = {f"best.{name}": array for name, array in self.weights.items()}
        return best | {"validation": np.array(self.losses, float)}

    def restore(self, state):
        """Take over the arrays of `state`."""
        if "validation" not in state:
            return
        losses = state["validation"]
        if losses.ndim != 2 or losses.shape[1] != 2 or not len(losses):
            raise ValueError(f"validation of shape {losses.shape}")
        self.losses = [(int(step), loss) for step, loss in losses.tolist()]
        self.weights = {k.removeprefix("best."): v for k, v in state.items() if k[:5] == "best."}

    def __str__(self):
        step, loss = self.best
        return f"the lowest validation loss was {loss:.4f}, after step {step}: its weights are used"


def copied(weights):
    """The same arrays, which training does not change."""
    return {name: array.copy() for name, array in weights.items()}
