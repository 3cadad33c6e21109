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
        Identity Flatten Unflatten Bilinear EmbeddingBag
        Dropout1d Dropout2d AlphaDropout""",
    "minigrad.nn.distances": "CosineSimilarity PairwiseDistance",
    "minigrad.nn.parameters": "ParameterList ParameterDict",
    "minigrad.nn.normalization_modules": """
        BatchNorm1d BatchNorm2d BatchNorm3d GroupNorm InstanceNorm1d InstanceNorm2d RMSNorm""",
    "minigrad.nn.convolution_modules": """
        Conv1d Conv2d Conv3d ConvTranspose1d ConvTranspose2d ConvTranspose3d""",
    "minigrad.nn.pooling_modules": """
        MaxPool1d MaxPool2d MaxPool3d AvgPool1d AvgPool2d AvgPool3d AdaptiveAvgPool1d
        AdaptiveAvgPool2d AdaptiveAvgPool3d AdaptiveMaxPool1d AdaptiveMaxPool2d
        AdaptiveMaxPool3d""",
    "minigrad.nn.padding": """
        ZeroPad1d ZeroPad2d ConstantPad1d ConstantPad2d ReflectionPad1d ReflectionPad2d
        ReplicationPad1d ReplicationPad2d CircularPad1d CircularPad2d""",
    "minigrad.nn.folding": "Unfold Fold Upsample PixelShuffle PixelUnshuffle",
    "minigrad.nn.lazy": """
        LazyLinear LazyConv1d LazyConv2d LazyConv3d LazyConvTranspose1d LazyConvTranspose2d
        LazyBatchNorm1d LazyBatchNorm2d""",
    "minigrad.nn.cells": "RNNCell LSTMCell GRUCell RNNCellBase",
    "minigrad.nn.recurrent": "RNN LSTM GRU RNNBase",
    "minigrad.nn.multihead": "MultiheadAttention",
    "minigrad.nn.transformer": """
        Transformer TransformerEncoder TransformerDecoder TransformerEncoderLayer
        TransformerDecoderLayer""",
    "minigrad.nn.parallel": "DataParallel",
    "minigrad.nn.parameter": "",
    "minigrad.nn.modules": "",
}
__getattr__ = rooms(__name__, ROOMS)

__all__ = [
    "Dropout", "Embedding", "LayerNorm", "Linear", "Module", "ModuleDict", "ModuleList",
    "Parameter", "ReLU", "Sequential", "Sigmoid", "Tanh", "functional", "init", "utils",
]  # fmt: skip
