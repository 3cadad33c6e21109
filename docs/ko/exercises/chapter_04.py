"""4장, ‘기억하기’의 연습 문제.

각 함수의 마지막 줄을 직접 쓴 코드로 바꾸고, 고장 난 함수를 고친 뒤에 다음을 실행합니다.
python -m docs.exercises 4
"""

from functools import cache

import numpy as np

import minigrad
from minigrad import nn, optim
from minigrad.nn import functional as F
from models.rnn import RNN


def by_hand():
    """1. 종이에 풀기: h_t = x_t + w · h_{t-1}, w = 0.5, h_0 = 0, x = (1, 2, 3). tanh는 없습니다.

    {"h": h_3, "x": ∂h_3/∂x_1, "w": ∂h_3/∂w}를 돌려줍니다. 값은 모두 float입니다. w는 수
    하나이고, 세 단계에서 모두 쓰입니다.
    """
    raise NotImplementedError


def states(x, W_x, W_h, b, h):
    """2. 순환 신경망의 순전파: h_t = tanh(W_x x_t + W_h h_{t-1} + b).

    x (time, input), W_x (hidden, input), W_h (hidden, hidden), b (hidden,), 그리고 첫 단어를
    읽기 전의 은닉 상태인 h (hidden,). 상태 h_1 … h_T를 배열 (time, hidden)로 돌려줍니다.
    """
    raise NotImplementedError


def back_through(g, W_h, hs):
    """3. 그 역전파: 손실이 마지막 상태에만 달려 있을 때, 각 상태의 기울기.

    g (hidden,)는 ∂L/∂h_T, W_h는 (hidden, hidden), hs (T + 1, hidden)는 상태 h_0 … h_T입니다.
    ∂L/∂h_0 … ∂L/∂h_T를 배열 (T + 1, hidden)로 돌려줍니다. 마지막 행은 g입니다.
    """
    raise NotImplementedError


def clip(gradients, max_norm):
    """4. 기울기 클리핑: 기울기를 모두 합친 노름이 max_norm보다 크면 기울기를 줄입니다.

    gradients: 배열의 리스트. 배열의 모양은 무엇이든 좋습니다. 합친 노름은 모든 원소의 제곱을
    더한 값의 제곱근입니다. 배열의 리스트를 돌려줍니다. 받은 배열은 바꾸지 않습니다.
    """
    raise NotImplementedError


@cache
def recall(gain, time=10, steps=200):
    """숫자 `time`개 가운데 첫 숫자를 말하도록 RNN을 훈련합니다.

    시작할 때 W_h는 직교 행렬의 gain배입니다. float 두 개를 돌려줍니다. 하나는 훈련하기 전에
    기울기가 닿는 정도, 곧 첫 숫자의 벡터가 받은 기울기의 노름을 마지막 숫자의 노름으로 나눈
    값입니다. 또 하나는 훈련이 끝났을 때의 손실입니다.
    """
    minigrad.manual_seed(1)
    embedding, rnn, output = nn.Embedding(10, 16), RNN(16, 32), nn.Linear(32, 10)
    nn.init.orthogonal_(rnn.hidden.weight, gain)
    optimizer = optim.Adam(nn.ModuleList([embedding, rnn, output]).parameters(), lr=3e-3)
    reach = None
    for _ in range(steps):
        digits = minigrad.randint(0, 10, (64, time))  # (batch, time)
        x = embedding(digits)  # (batch, time, 16)
        x.retain_grad()
        _, h = rnn(x, minigrad.zeros(64, 32))
        loss = F.cross_entropy(output(h), digits[:, 0])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        norms = x.grad.square().sum((0, 2)).sqrt()  # (time,)
        reach = reach or (norms[0] / norms[-1]).item()
    return reach, loss.item()


def vanished():
    """5. 훈련하고, 바꾸고, 설명하기: 시작할 때 W_h의 크기가 무엇을 배울지를 어떻게 정하는가.

    gain을 0.5, 0.7, 1.0으로 바꾸어 가며 `recall`을 호출합니다. 그중 하나에서는 손실이 200스텝
    내내 ln 10 = 2.3에 머뭅니다. 왜 그럴까요?
    "a": 첫 숫자의 기울기에는 아홉 단계를 지나며 단계마다 gain쯤 되는 수가 곱해집니다
    "b": 상태가 0에 가까워서 출력층이 한 숫자를 다른 숫자와 구별하지 못합니다
    "c": W_h가 작으면 한 스텝에 그만큼 많이 바뀌므로 학습률도 작아야 합니다

    {"reach": [float 세 개], "loss": [float 세 개], "why": "a", "b" 또는 "c"}를 돌려줍니다.
    """
    raise NotImplementedError


def weight_gradient(g, W_h, hs):
    """6. 고장 난 곳 찾기: 3번 문제의 신경망에서 ∂L/∂W_h. W_h는 모든 단계에서 쓰입니다.

    상태의 기울기는 맞습니다. 그런데 h_0 = 0에서 한 단계만 지난 L은 W_h와 전혀 상관이 없는데도,
    이 함수는 상관이 있다고 합니다. 틀린 곳을 찾아 고칩니다.

    g (hidden,)는 ∂L/∂h_T, W_h는 (hidden, hidden), hs (T + 1, hidden)는 상태 h_0 … h_T입니다.
    ∂L/∂W_h를 배열 (hidden, hidden)로 돌려줍니다.
    """
    total = np.zeros_like(W_h)
    for t in range(len(hs) - 1, 0, -1):
        before_tanh = (1 - hs[t] ** 2) * g
        total += np.outer(before_tanh, hs[t])
        g = W_h.T @ before_tanh
    return total
