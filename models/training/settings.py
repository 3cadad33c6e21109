"""The settings of a run: a frozen dataclass whose fields say what they are and how to read them."""

from dataclasses import MISSING, dataclass, field

from .checks import check_values, natural, positive


def setting(meaning, default=MISSING, parse=None, **more):
    """A field of Settings with its help text.

    parse   how the command line reads it: a function of the text, or a tuple of choices. Without
            it the field is not an option of the command line.
    most    its largest value, if there is one
    former  its value in runs of the time before there was this setting
    models  the names of the models that have it; without it, all models of these Settings
    """
    return field(default=default, metadata={"help": meaning, "parse": parse, **more})


def size(meaning, default):
    """A setting that says how large the model is."""
    return setting(meaning, default, positive, size=True, most=100_000)


def steps(default=MISSING):
    """The setting `steps`, whose default each kind of run chooses."""
    return setting("how many steps to train", default, positive)


def batch_size(default=64, meaning="examples per step"):
    """The setting `batch_size`, whose default each kind of run may choose."""
    return setting(meaning, default, positive, most=1_000_000)


def learning_rate(default=MISSING):
    """The setting `learning_rate`, whose default each kind of run chooses."""
    return setting("largest learning rate; it decays linearly to 0", default, float)


def warmup(default=0):
    """The setting `warmup`, whose default each kind of run chooses (Vaswani et al. 2017, §5.3).

    They let the rate fall with 1 / √step afterwards; here it falls linearly to 0.
    """
    meaning = "steps of warm-up, in which the learning rate rises from 0"
    return setting(meaning, default, natural, former=0)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """All that a run depends on. Two runs with the same settings give the same numbers."""

    model: str = setting("the model's name")
    steps: int = steps()
    seed: int = setting("random seed", 0, int)
    batch_size: int = batch_size()
    learning_rate: float = learning_rate()
    warmup: int = warmup()
    weight_decay: float = setting("weight decay of AdamW", 0.0, float)
    clip: float = setting("largest norm of the gradient; a larger one is scaled down", 1.0)
    patience: int = setting(
        "stop after so many evaluations without a lower validation loss, and use the best weights; "
        "0: never",
        0,
        natural,
        former=0,
    )
    evaluate_every: int = setting(
        "with --patience, steps from one evaluation to the next", 250, positive, former=250
    )
    film: int = setting(
        "how many moments of the training are kept for its film; 0: none",
        80,
        natural,
        former=0,
        most=10_000,
    )

    def __post_init__(self):
        """Validate the settings: their types and ranges."""
        check_values(self)
