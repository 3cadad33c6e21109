"""Neural networks: modules and layers, functions, initialization."""

from ..rooms import rooms
from . import functional, init, utils
from .containers import ModuleDict, ModuleList, Sequential
from .layers import Dropout, Embedding, LayerNorm, Linear, ReLU, Sigmoid, Tanh
from .module import Module, Parameter

# What is loaded when it is asked for, by the room that has it.
ROOMS = {
    "minigrad.nn.activation_modules": """
        Softmax LogSoftmax Softmin Softmax2d GELU SiLU Mish LeakyReLU ELU SELU CELU GLU Softplus
        Softsign Hardtanh Hardsigmoid Hardswish ReLU6 PReLU RReLU Threshold LogSigmoid Tanhshrink
        Softshrink Hardshrink""",
    "minigrad.nn.loss_modules": """
        CrossEntropyLoss NLLLoss MSELoss L1Loss SmoothL1Loss HuberLoss BCELoss BCEWithLogitsLoss
        KLDivLoss CosineEmbeddingLoss MarginRankingLoss HingeEmbeddingLoss TripletMarginLoss
        SoftMarginLoss MultiMarginLoss MultiLabelSoftMarginLoss PoissonNLLLoss GaussianNLLLoss""",
    "minigrad.nn.more_layers": """
        Identity Flatten Unflatten LazyLinear Bilinear EmbeddingBag
        Dropout1d Dropout2d AlphaDropout""",
    "minigrad.nn.distances": "CosineSimilarity PairwiseDistance",
    "minigrad.nn.parameters": "ParameterList ParameterDict",
    "minigrad.nn.normalization": "BatchNorm1d BatchNorm2d GroupNorm InstanceNorm1d RMSNorm",
    "minigrad.nn.convolution": """
        Conv1d Conv2d ConvTranspose1d ConvTranspose2d MaxPool1d MaxPool2d AvgPool1d AvgPool2d
        AdaptiveAvgPool1d AdaptiveAvgPool2d AdaptiveMaxPool1d AdaptiveMaxPool2d Unfold ZeroPad2d
        ConstantPad1d""",
    "minigrad.nn.cells": "RNNCell LSTMCell GRUCell RNNCellBase",
    "minigrad.nn.recurrent": "RNN LSTM GRU RNNBase",
    "minigrad.nn.multihead": "MultiheadAttention",
    "minigrad.nn.transformer": """
        Transformer TransformerEncoder TransformerDecoder TransformerEncoderLayer
        TransformerDecoderLayer""",
    "minigrad.nn.parameter": "",
}
__getattr__ = rooms(__name__, ROOMS)

__all__ = [
    "Dropout", "Embedding", "LayerNorm", "Linear", "Module", "ModuleDict", "ModuleList",
    "Parameter", "ReLU", "Sequential", "Sigmoid", "Tanh", "functional", "init", "utils",
]  # fmt: skip
