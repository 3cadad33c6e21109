"""7장, ‘되돌아보기’의 연습 문제.

각 함수의 마지막 줄을 직접 쓴 코드로 바꾼 뒤에 다음을 실행합니다. python -m docs.exercises 7
"""

import numpy as np


def by_hand():
    """1. 종이에 풀기: 이 장의 상태 h0, h1, h2와 디코더의 상태 (0 1 0 1 2).

    e²은 7.389이고 e는 2.718입니다.
    {"scores": …, "weights": …, "context": …}를 돌려줍니다. 길이가 3, 3, 5인 수의 리스트입니다.
    가중치와 문맥 벡터는 소수점 아래 두 자리까지면 됩니다.
    """
    raise NotImplementedError


def attend(query, hs, mask):
    """2. 내적 어텐션: 쿼리마다 문맥 벡터와 어텐션 가중치.

    query: 배열 (batch, target, hidden). hs: 배열 (batch, source, hidden). mask: 배열
    (batch, source). 패딩이면 False이고, 패딩의 가중치는 0입니다.
    문맥 벡터 (batch, target, hidden)과 가중치 (batch, target, source)를 돌려줍니다.
    """
    raise NotImplementedError


def gradients(query, hs, g):
    """3. 어텐션의 역전파를 직접: 패딩이 없고 쿼리가 하나일 때.

    query: 배열 (hidden,). hs: 배열 (source, hidden). g: 문맥 벡터의 기울기, 배열 (hidden,).
    {"query": …, "hs": …}, 곧 둘의 기울기를 각각 원래와 같은 모양으로 돌려줍니다.
    """
    raise NotImplementedError


def alignment_errors(weights, links):
    """4. 틀린 단어에 주목하는 번역문 단어, 그리고 한 단어 늦게 주목하는 단어는 얼마나 될까요?

    weights: 배열 (target, source). links: 번역문 단어의 위치를 그 단어가 옮긴 원문 단어의 위치로
    보내는 dict. 대응이 없는 단어는 세지 않습니다.
    {"error": …, "late": …}, 곧 대응이 있는 단어 가운데 차지하는 비율 두 개를 돌려줍니다. 가장 큰
    가중치가 제 원문 단어에 있지 않은 것과, 가장 큰 가중치가 그 바로 다음 단어에 있는 것입니다.
    """
    raise NotImplementedError


def broken_attend(query, hs, mask):
    """5. 고장 난 곳 찾기: 더 긴 문장과 나란히 있으면 문장이 다르게 번역됩니다.

    혼자 있으면 번역이 맞습니다. 배치에 넣어 뒤에 패딩이 붙으면 틀립니다. 인수와 결과는
    2번 문제와 같습니다. 한 줄이 틀렸습니다.
    """
    scores = np.where(mask[:, None], query @ hs.mT, 0.0)  # (batch, target, source)
    exps = np.exp(scores - scores.max(-1, keepdims=True))
    weights = exps / exps.sum(-1, keepdims=True)
    return weights @ hs, weights


def vary_dropout():
    """6. 훈련하고, 바꾸고, 설명하기: 드롭아웃이 있을 때와 없을 때.

    프로젝트의 맨 위 폴더에서, 드롭아웃만 다르게 하여 두 번 훈련합니다.

        python -m models train attention --steps 400 --out runs/with
        python -m models train attention --steps 400 --dropout 0 --final-dropout 0 \\
            --out runs/without

    {"with": …, "without": …, "why": "a", "b" 또는 "c"}를 돌려줍니다. 두 실행에서 마지막 50스텝의
    훈련 정확도를 평균한 값(실행의 폴더에 있는 metrics.csv), 그리고 두 수가 알려 주는 것입니다.

        a) 드롭아웃이 없으면 번역을 더 잘합니다. 토큰을 더 많이 맞게 예측하기 때문입니다
        b) 드롭아웃은 쓸모가 없습니다. 드롭아웃을 쓰면 같은 스텝 동안 덜 배우기 때문입니다
        c) 어느 모델이 번역을 더 잘하는지는 알 수 없습니다. 한쪽은 드롭아웃을 켠 채 쟀기 때문입니다
    """
    raise NotImplementedError
