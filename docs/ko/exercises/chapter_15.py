"""15장, ‘빠르게’의 연습 문제.

각 함수의 마지막 줄을 직접 쓴 코드로 바꾸고, 고장 난 함수를 고친 뒤에 다음을 실행합니다.
python -m docs.exercises 15
"""

import numpy as np

import minigrad


def folded(xs, gs):
    """1. 행렬곱 T개의 합을 행렬곱 하나로.

    가중치 하나를 T단계에서 썼습니다. xs: 단계마다의 입력, 배열 (batch, in) T개. gs: 단계마다의
    출력의 기울기, 배열 (batch, out) T개. 가중치의 기울기는 Σ gₜᵀ @ xₜ, (out, in)입니다.
    G.T @ X가 이 합과 같아지는 행렬 X와 G를 돌려줍니다. 곱은 채점 프로그램이 계산합니다.
    """
    raise NotImplementedError


def embedding_gradient(ids, g, words):
    """2. 단어마다 반복하지 않고 np.add.at도 쓰지 않고 구하는, 임베딩 표의 기울기.

    ids: 단어 ID, 모양에 제한이 없는 int 배열. g: 그 벡터의 기울기, ids의 모양에 차원이 하나
    더 붙은 배열 (…, embedding). words: 표의 행 수.
    배열 (words, embedding)을 돌려줍니다. 행마다 그 단어의 기울기를 모두 더한 값이 들어갑니다.
    """
    raise NotImplementedError


def cross_entropy_gradient(logits, target):
    """3. 평균 교차 엔트로피를 로짓으로 미분한 기울기를, 배열 하나로.

    logits: float 배열 (N, words). 바뀌면 안 됩니다. target: int 배열 (N,). 배열 (N, words)를 하나만
    만들고, 나머지는 제자리에서 합니다. 로짓이 10,000만큼 커도 맞아야 합니다.
    그 배열을 돌려줍니다.
    """
    raise NotImplementedError


def broken_training(weight, steps):
    """4. 고장 난 곳 찾기: 이 훈련은 스텝마다 메모리를 더 많이 씁니다.

    손실 Σ weight²에 경사 하강법을 steps번 하고, 모든 스텝의 평균 손실을 float로 돌려줍니다.
    평균은 맞지만, 스텝에서 계산한 것이 하나도 메모리에서 해제되지 않습니다.
    weight: 기울기를 구하는 minigrad 텐서. 한 줄이 틀렸습니다.
    """
    total = 0.0
    for _ in range(steps):
        loss = (weight**2).sum()
        weight.grad = None
        loss.backward()
        with minigrad.no_grad():
            weight -= 0.1 * weight.grad
        total = total + loss
    return total / steps


def vary_batch():
    """5. 훈련하고, 바꾸고, 설명하기: 같은 수의 문장을 작은 배치와 큰 배치로.

    프로젝트의 맨 위 폴더에서, 각각 문장 6,400개를 보도록 두 번 훈련합니다.

        python -m models train attention --steps 400 --batch-size 16 --out runs/small
        python -m models train attention --steps 100 --batch-size 64 --out runs/large

    {"small": …, "large": …, "calls": …, "why": "a", "b" 또는 "c"}를 돌려줍니다. 두 실행에서 마지막
    50스텝의 훈련 손실을 평균한 값(실행의 폴더에 있는 metrics.csv), 같은 수의 문장에 작은 배치가
    연산을 몇 배 더 호출하는지(정수. 한 스텝의 호출 수는 문장이 16개이든 64개이든 비슷합니다),
    그리고 두 실행이 알려 주는 것입니다.

        a) 큰 배치가 낫습니다. 문장 하나에 드는 호출이 적고, 훈련의 비용은 호출에 달려 있습니다
        b) 한 가지씩 낫습니다. 큰 배치는 문장 하나에 드는 시간이 짧고, 작은 배치는 문장 하나에서
           더 많이 배웁니다. 어느 쪽이 좋은지는 초로 재어야 합니다
        c) 작은 배치가 낫습니다. 문장 하나에서 더 많이 배우고, 시간이 얼마나 걸리든 모델은
           문장에서 배웁니다
    """
    raise NotImplementedError
