"""6장, ‘문장 하나를 벡터 하나에’의 연습 문제.

각 함수의 마지막 줄을 직접 쓴 코드로 바꾸고, 고장 난 함수를 고친 뒤에 다음을 실행합니다.
python -m docs.exercises 6
"""

import numpy as np


def rows(sentences, begin, end, pad):
    """1. 배치에 든 번역문: 디코더가 읽는 대로, 그리고 예측해야 하는 대로.

    sentences: 길이가 서로 다른 토큰 ID 리스트의 리스트. begin, end, pad: 특수 토큰의 ID.
    {"target_in": …, "target_out": …, "mask": …}를 돌려줍니다. 셋 다 배열 (batch, target)이고,
    target은 가장 긴 길이에 1을 더한 값입니다. 마스크는 예측할 토큰이 있는 곳에서 True입니다.
    """
    raise NotImplementedError


def last_states(hs, mask):
    """2. 각 문장의 마지막 단어를 읽은 뒤의 은닉 상태.

    hs: 배열 (batch, source, hidden). mask: 배열 (batch, source). 문장 끝에 오는 패딩에서
    False입니다. 배열 (batch, hidden)을 돌려줍니다.
    """
    raise NotImplementedError


def greedy(step, state, begin, end, limit):
    """3. 탐욕적 디코딩: 단계마다 확률이 가장 높은 단어를 고르고, 다음 단계에서 그 단어를 읽습니다.

    step(word, state)는 다음에 올 수 있는 단어마다 하나씩 있는 확률의 리스트와 새 상태를
    돌려줍니다. begin, end: 시작 토큰과 종료 토큰의 ID.
    특수 토큰을 뺀 토큰 ID의 리스트를 돌려줍니다. 많아야 `limit`개입니다.
    """
    raise NotImplementedError


def best(step, state, begin, end, limit):
    """4. 단어가 많아야 `limit`개인 모든 문장 가운데 확률이 가장 높은 문장, 그리고 그 확률.

    step, state, begin, end: 3번 문제와 같습니다. 문장의 확률은 그 문장의 모든 단어와 그 뒤에 오는
    종료 토큰의 확률을 모두 곱한 값입니다. 문장은 반드시 끝나야 합니다.
    (토큰 ID의 리스트, float)를 돌려줍니다.
    """
    raise NotImplementedError


def broken_targets(words, begin, end):
    """5. 고장 난 곳 찾기: 훈련 손실은 0까지 떨어지는데, 번역은 하나같이 비어 있습니다.

    번역문 하나에서, 디코더가 자리마다 읽는 것과 예측해야 하는 것을 만듭니다.
    words: 토큰 ID의 리스트. begin과 end: 특수 토큰의 ID. 리스트 두 개를 돌려줍니다.
    한 줄이 틀렸습니다.
    """
    reads = [*words, end]
    predicts = [*words, end]
    return reads, predicts


def vary_size():
    """6. 훈련하고, 바꾸고, 설명하기: 작은 벡터와 큰 벡터.

    프로젝트의 맨 위 폴더에서, 은닉 상태의 크기만 다르게 하여 두 번 훈련합니다.

        python -m models train seq2seq --steps 400 --hidden 32 --out runs/small
        python -m models train seq2seq --steps 400 --hidden 128 --out runs/large

    {"small": …, "large": …, "why": "a", "b" 또는 "c"}를 돌려줍니다. 두 실행에서 마지막 50스텝의
    훈련 정확도를 평균한 값(실행의 폴더에 있는 metrics.csv), 그리고 그 차이가 알려 주는 것입니다.

        a) 작은 벡터가 꽉 찼습니다. 이 과제의 문장은 수 32개에 들어가지 않습니다
        b) 이 스텝 동안 큰 벡터가 더 많이 배웠습니다. 작은 벡터는 꽉 찼을 수도, 아닐 수도 있습니다
        c) 크기에 관해서는 알 수 없습니다. 이렇게 적은 스텝에서는 두 벡터가 비슷하게 배웁니다
    """
    raise NotImplementedError
