"""2장, ‘파일 하나에 담은 미분법’의 연습 문제.

각 함수의 마지막 줄을 직접 쓴 코드로 바꾸고, 고장 난 함수를 고친 뒤에 다음을 실행합니다.
python -m docs.exercises 2
"""

import numpy as np


def divided(g, out, x, y):
    """1. out = x / y의 규칙. 먼저 δout을 적습니다.

    g, out, x, y: 모양이 같은 배열. g는 `out`의 기울기입니다. x의 기울기와 y의 기울기를,
    곧 그 모양의 배열 두 개를 돌려줍니다.
    """
    raise NotImplementedError


def cumulated(g):
    """2. 누적합 out = np.cumsum(x)의 규칙: out_i = x_0 + x_1 + … + x_i.

    g: 배열 (n,), `out`의 기울기. x의 기울기 (n,)을 돌려줍니다.
    """
    raise NotImplementedError


def summed_to(g, shape):
    """3. 브로드캐스팅 되돌리기: 모양이 `shape`인 배열이 반복된 차원을 따라 g를 더합니다.

    g: 배열. shape: g의 모양으로 브로드캐스팅할 수 있는 튜플. 마지막 차원을 맞추어 놓으면,
    g의 앞쪽 차원이 없거나 g에서는 1보다 큰 자리가 1일 수 있습니다. 그 모양의 배열을 돌려줍니다.
    """
    raise NotImplementedError


def along(f, x, gradient, direction, nudge=1e-6):
    """4. x의 원소가 몇 개든, f를 두 번만 계산해서 기울기를 검증합니다.

    f: 모양이 x와 같은 배열을 받아 float를 돌려주는 함수. gradient: 검증할 기울기. 모양이 x와 같은
    배열입니다. direction: 모양이 x와 같은 배열. x 전체를 이 방향으로 한꺼번에 움직입니다.
    이 방향으로 f가 변하는 비율을, 먼저 f를 두 번 계산해서, 다음에는 기울기만으로 구해 float 두 개를
    돌려줍니다. 기울기가 맞으면 두 수는 서로 가깝습니다.
    """
    raise NotImplementedError


X = np.array([-1.0, 0.5, 2.0], np.float32)
TARGET = np.tanh(X / 2)


def loss(w):
    """tanh(w · X)의 평균 제곱 오차. 대부분의 모델처럼 float32로 계산하며, w = 0.5에서 0입니다."""
    return np.square(np.tanh(np.float32(w) * X) - TARGET).mean()


def nudged():
    """5. 훈련하고, 바꾸고, 설명하기: 규칙 없이 유한 차분으로 매개변수 하나를 훈련합니다.

    w = 1에서 출발합니다. w를 w - 0.5 · slope로 바꾸기를 200번 되풀이합니다. slope는 w에서 `loss`의
    미분계수이고, 양쪽으로 조금 움직여 구합니다. 움직이는 양을 1e-3으로 한 번, 1e-8로 한 번 합니다.

    그중 하나에서는 w가 끝까지 1입니다. 왜일까요?
    "a": 손실이 w = 1에서도 w = 0.5에서만큼 작아서 거기서도 미분계수가 0이기 때문
    "b": 스텝의 크기가 nudge에 비례하므로 w가 0.5에 이르려면 스텝이 훨씬 더 많이 필요하기 때문
    "c": w + nudge와 w - nudge가 같은 float32로 반올림되어 미분계수가 0이 되기 때문

    {1e-3: 마지막 w, 1e-8: 마지막 w, "why": "a", "b" 또는 "c"}를 돌려줍니다.
    """
    raise NotImplementedError


def tanh_rule(g, out):
    """6. 고장 난 곳 찾기: 한 번만 맞는 tanh의 규칙.

    기울기는 맞습니다. 하지만 같은 그래프를 두 번째로 거슬러 가면 결과가 달라지고, 모델이 계산해 둔
    값도 달라져 있습니다. 어디가 틀렸는지 찾아서 고칩니다.

    g, out: 모양이 같은 배열. x의 기울기, 곧 그 모양의 배열을 돌려줍니다.
    """
    out *= out
    return g * (1 - out)
