"""The losses as modules. Loaded when asked for."""

from __future__ import annotations

from ..tensor import Tensor
from . import functional as F
from . import losses as L
from .applied import Applied
from .reduction import Reduction, Setting


class CrossEntropyLoss(Applied, of=F.cross_entropy):
    """`cross_entropy`: logits (N, C, …) and classes (N, …), or probabilities (N, C, …)."""

    weight: Tensor | None = None
    size_average: Setting = None
    ignore_index: int = -100
    reduce: Setting = None
    reduction: Reduction = "mean"
    label_smoothing: float = 0.0


class NLLLoss(Applied, of=F.nll_loss):
    """`nll_loss`: log-probabilities (N, C, …) and classes (N, …)."""

    weight: Tensor | None = None
    size_average: Setting = None
    ignore_index: int = -100
    reduce: Setting = None
    reduction: Reduction = "mean"


class MSELoss(Applied, of=F.mse_loss):
    """`mse_loss`: the squared difference."""

    size_average: Setting = None
    reduce: Setting = None
    reduction: Reduction = "mean"


class L1Loss(Applied, of=L.l1_loss):
    """`l1_loss`: the absolute difference."""

    size_average: Setting = None
    reduce: Setting = None
    reduction: Reduction = "mean"


class SmoothL1Loss(Applied, of=L.smooth_l1_loss):
    """`smooth_l1_loss`: the squared difference near 0, the absolute one far from it."""

    size_average: Setting = None
    reduce: Setting = None
    reduction: Reduction = "mean"
    beta: float = 1.0


class HuberLoss(Applied, of=L.huber_loss):
    """`huber_loss`: the squared difference near 0, the absolute one far from it."""

    reduction: Reduction = "mean"
    delta: float = 1.0


class BCELoss(Applied, of=L.binary_cross_entropy):
    """`binary_cross_entropy`: of probabilities."""

    weight: Tensor | None = None
    size_average: Setting = None
    reduce: Setting = None
    reduction: Reduction = "mean"


class BCEWithLogitsLoss(Applied, of=L.binary_cross_entropy_with_logits):
    """`binary_cross_entropy_with_logits`: of what a sigmoid makes probabilities."""

    weight: Tensor | None = None
    size_average: Setting = None
    reduce: Setting = None
    reduction: Reduction = "mean"
    pos_weight: Tensor | None = None


class KLDivLoss(Applied, of=L.kl_div):
    """`kl_div`: log-probabilities, and probabilities as targets."""

    size_average: Setting = None
    reduce: Setting = None
    reduction: Reduction = "mean"
    log_target: bool = False


class CosineEmbeddingLoss(Applied, of=L.cosine_embedding_loss):
    """`cosine_embedding_loss`: of two batches of vectors, and targets of 1 and -1."""

    margin: float = 0.0
    size_average: Setting = None
    reduce: Setting = None
    reduction: Reduction = "mean"


class MarginRankingLoss(Applied, of=L.margin_ranking_loss):
    """`margin_ranking_loss`: of two batches of scores, and targets of 1 and -1."""

    margin: float = 0.0
    size_average: Setting = None
    reduce: Setting = None
    reduction: Reduction = "mean"


class HingeEmbeddingLoss(Applied, of=L.hinge_embedding_loss):
    """`hinge_embedding_loss`: of distances, and targets of 1 and -1."""

    margin: float = 1.0
    size_average: Setting = None
    reduce: Setting = None
    reduction: Reduction = "mean"


class TripletMarginLoss(Applied, of=L.triplet_margin_loss):
    """`triplet_margin_loss`: of anchors, positives and negatives."""

    margin: float = 1.0
    p: float = 2.0
    eps: float = 1e-6
    swap: bool = False
    size_average: Setting = None
    reduce: Setting = None
    reduction: Reduction = "mean"


class SoftMarginLoss(Applied, of=L.soft_margin_loss):
    """`soft_margin_loss`: of scores, and targets of 1 and -1."""

    size_average: Setting = None
    reduce: Setting = None
    reduction: Reduction = "mean"


class MultiMarginLoss(Applied, of=L.multi_margin_loss):
    """`multi_margin_loss`: of scores (N, C), and classes (N,)."""

    p: int = 1
    margin: float = 1.0
    weight: Tensor | None = None
    size_average: Setting = None
    reduce: Setting = None
    reduction: Reduction = "mean"


class MultiLabelSoftMarginLoss(Applied, of=L.multilabel_soft_margin_loss):
    """`multilabel_soft_margin_loss`: of logits (N, C), and targets of 0 and 1."""

    weight: Tensor | None = None
    size_average: Setting = None
    reduce: Setting = None
    reduction: Reduction = "mean"


class PoissonNLLLoss(Applied, of=L.poisson_nll_loss):
    """`poisson_nll_loss`: of the logarithms of expected counts, and counts."""

    log_input: bool = True
    full: bool = False
    size_average: Setting = None
    eps: float = 1e-8
    reduce: Setting = None
    reduction: Reduction = "mean"


class GaussianNLLLoss(Applied, of=L.gaussian_nll_loss):
    """`gaussian_nll_loss`: of means, targets and variances."""

    full: bool = False
    eps: float = 1e-6
    reduction: Reduction = "mean"
