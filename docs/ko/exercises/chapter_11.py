"""11장, ‘트랜스포머’의 연습 문제.

각 함수의 마지막 줄을 직접 쓴 코드로 바꾼 뒤에 다음을 실행합니다. python -m docs.exercises 11
"""

import numpy as np


def causal_mask(words, before=0):
    """1. 단어를 이미 `before`개 쓴 디코더의 인과 마스크.

    True와 False의 배열 (words, before + words)를 돌려줍니다. 새 단어(행)가 어떤 단어(열)에 주목할
    수 있으면 True입니다. 열은 텍스트의 모든 단어이고, 행은 새 단어입니다.
    """
    raise NotImplementedError


def cross_attention(x, source, W_q, W_k, W_v, mask):
    """2. 헤드가 하나인 교차 어텐션.

    x (target, size). source (source, size). W_q, W_k, W_v (size, size)는 x @ W.T처럼 씁니다.
    mask (source,)는 패딩에서 False입니다. 스코어는 √size로 나눕니다.
    문맥 벡터 (target, size)와 가중치 (target, source)를 돌려줍니다.
    """
    raise NotImplementedError


def smoothed(logits, word, smoothing):
    """3. 예측 하나의 교차 엔트로피, 레이블 스무딩을 써서.

    logits (words,). word: 정답 단어의 인덱스. 목표 확률은 `smoothing`을 정답 단어까지 포함해 모든
    단어에 고르게 나누고, 나머지를 정답 단어에 준 것입니다.
    손실을 float로 돌려줍니다. -Σ target · log softmax(logits)입니다.
    """
    raise NotImplementedError


def rotate(x, position):
    """4. 회전 위치: 벡터에서 수의 쌍을 하나하나 회전합니다.

    x (size,). 쌍은 (x_0, x_1), (x_2, x_3) … 입니다. i번째 쌍을 시계 반대 방향으로
    position / 10000^(2i / size)만큼 회전합니다. 배열 (size,)를 돌려줍니다.
    """
    raise NotImplementedError


def broken_decoder(words, end, next_word):
    """5. 고장 난 곳 찾기: 훈련 손실은 0에 가까운데, 번역은 말이 되지 않습니다.

    디코더를 위해 배치의 예시를 만듭니다. 문장의 토큰 ID에서, 디코더가 자리마다 읽는 것과 예측해야
    하는 것, 그리고 마스크를 만듭니다. 마스크는 단어가 다른 단어에 주목할 수 있는 곳에서 True입니다.
    `next_word`는 시작 토큰입니다. 배열 세 개 (n,), (n,), (n, n)을 돌려줍니다.
    한 줄이 틀렸습니다.
    """
    reads = np.array([next_word, *words])
    predicts = np.array([*words, end])
    mask = np.tri(len(reads), k=1, dtype=bool)
    return reads, predicts, mask


def vary_heads():
    """6. 훈련하고, 바꾸고, 설명하기: 헤드 하나와 헤드 네 개.

    프로젝트의 맨 위 폴더에서, 헤드의 수만 다르게 하여 두 번 훈련합니다.

        python -m models train transformer --steps 300 --heads 1 --out runs/one
        python -m models train transformer --steps 300 --heads 4 --out runs/four

    {"one": …, "four": …, "parameters": …, "why": "a", "b" 또는 "c"}를 돌려줍니다. 두 실행에서
    마지막 50스텝의 훈련 정확도를 평균한 값(실행의 폴더에 있는 metrics.csv), 헤드가 네 개일 때
    매개변수가 헤드가 하나일 때의 몇 배인지(정수), 그리고 두 실행이 알려 주는 것입니다.

        a) 여기서 헤드 네 개는 같은 크기의 헤드 하나보다 거의 낫지도 못하지도 않습니다
        b) 여기서 헤드 네 개는 뚜렷이 낫습니다. 헤드가 늘면 모델이 커지기 때문입니다
        c) 헤드가 하나이면 이렇게 적은 스텝으로는 번역을 배우지 못합니다
    """
    raise NotImplementedError
