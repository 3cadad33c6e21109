"""9장, ‘쿼리, 키, 밸류’의 연습 문제.

각 함수의 마지막 줄을 직접 쓴 코드로 바꾼 뒤에 다음을 실행합니다. python -m docs.exercises 9
"""

import numpy as np


def look_up(query, keys, values):
    """1. 쿼리 하나의 어텐션: softmax(query · key / √d)로 가중한 밸류의 평균.

    query: 배열 (d,). keys: (words, d). values: (words, size). 배열 (size,)를 돌려줍니다.
    스코어가 클 수 있습니다.
    """
    raise NotImplementedError


def each_other():
    """2. 종이에 풀기: 두 단어가 자신이 아니라 서로에게 주목하게 하는 행렬.

    단어는 단위행렬의 행, 곧 (1 0)과 (0 1)입니다. W_Q와 W_K를 중첩 리스트로 돌려줍니다.
    둘 다 (embedding, d), 곧 수 두 개짜리 행이 두 개입니다. 1/√d를 쓸 때, 단어마다 상대
    단어에 주는 가중치가 0.9보다 커야 합니다.
    """
    raise NotImplementedError


def multi_head(x, w_query, w_key, w_value, w_output, heads):
    """3. 멀티 헤드 어텐션: x (words, size)에서 출력 (words, size)까지. 배열입니다.

    네 행렬은 (size, size)이고, x @ w_query처럼 씁니다. d = size / heads일 때, 첫째 헤드는
    쿼리, 키, 밸류의 처음 d열을, 둘째 헤드는 그다음 d열을 받고, 이렇게 이어집니다. 스코어는
    √d로 나눕니다. 헤드의 문맥 벡터를 이어 붙인 다음 w_output을 곱합니다.
    """
    raise NotImplementedError


def turn(k, rate):
    """4. 어느 t의 위치 인코딩이든 위치 t + k의 위치 인코딩으로 바꾸는 행렬.

    k: int. rate: float. 모든 t에서 turn(k, rate) @ encoding(t) = encoding(t + k)인 배열
    (2, 2)를 돌려줍니다. 여기서 encoding(t) = (sin(t · rate), cos(t · rate))입니다.
    """
    raise NotImplementedError


def broken_place(x):
    """5. 고장 난 곳 찾기: 위치 인코딩을 더하는데도, 단어를 섞은 것을 모릅니다.

    어떤 모델이 이 함수를 씁니다. 텍스트의 단어를 섞어도 답이 같습니다. 같은 텍스트를
    배치의 다른 자리에 놓으면 답이 달라집니다.

    x: 여러 텍스트의 임베딩, 배열 (batch, words, size). x에 사인파 위치 인코딩을 더해 같은
    모양으로 돌려줍니다. 한 줄이 틀렸습니다.
    """
    encodings = sinusoids(len(x), x.shape[-1])
    return x + encodings[:, None]


def sinusoids(words, size):
    """사인파 위치 인코딩, 배열 (words, size). 이대로 맞습니다."""
    rates = 10_000.0 ** -(np.arange(0, size, 2) / size)
    angles = np.arange(words)[:, None] * rates  # (words, size / 2)
    return np.stack([np.sin(angles), np.cos(angles)], -1).reshape(words, size)


def vary_positions():
    """6. 훈련하고, 바꾸고, 설명하기: 위치 인코딩이 없을 때와 사인파 위치 인코딩을 쓸 때.

    프로젝트의 맨 위 폴더에서, 위치만 다르게 하여 두 번 훈련합니다.

        python -m models train self_attention --steps 500 --positions none --out runs/none
        python -m models train self_attention --steps 500 --positions sinusoidal \\
            --out runs/sinusoidal

    {"none": …, "sinusoidal": …, "why": "a", "b" 또는 "c"}를 돌려줍니다. 두 실행에서 마지막
    50스텝의 훈련 정확도를 평균한 값(실행의 폴더에 있는 metrics.csv), 그리고 둘이 다른 까닭입니다.

        a) 사인파 위치 인코딩을 쓰면 매개변수가 더 많아서, 500스텝 동안 더 많이 배웁니다
        b) 위치가 없으면 어떤 말이 ‘it’ 앞에 나오는지 뒤에 나오는지 모델이 알 수 없습니다
        c) 위치가 없으면 두 명사가 똑같아 보여서, 모델은 둘 가운데 아무거나 고를 수밖에 없습니다
    """
    raise NotImplementedError
