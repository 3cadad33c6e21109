"""5장, ‘게이트’의 연습 문제.

각 함수의 마지막 줄을 직접 쓴 코드로 바꾸고, 고장 난 함수를 고친 뒤에 다음을 실행합니다.
python -m docs.exercises 5
"""

import numpy as np


def by_hand():
    """1. 종이에 풀기: 수 하나짜리 LSTM의 한 단계.

    게이트는 i = 0.5, f = 0.9, o = 0.5이고, 후보는 g = 0.8, 이전 셀 상태는 c = 1입니다.
    {"c": 새 셀 상태, "h": 새 은닉 상태, "gradient": ∂c_new/∂c}를 돌려줍니다. h는 소수점 아래
    둘째 자리까지 반올림합니다. (tanh 1.3은 0.862입니다.)
    """
    raise NotImplementedError


def lstm(x, h, c, W, U, b):
    """2. LSTM의 한 단계.

    x (input,), h와 c (hidden,), W (4 · hidden, input), U (4 · hidden, hidden), b (4 · hidden,).
    W x + U h + b의 네 부분은 차례로 i, f, g, o의 것입니다.
    새 h와 새 c를 돌려줍니다. 모양은 둘 다 (hidden,)입니다.
    """
    raise NotImplementedError


def gru(x, h, W, U, b_W, b_U):
    """3. PyTorch가 계산하는 대로, GRU의 한 단계.

    x (input,), h (hidden,), W (3 · hidden, input), U (3 · hidden, hidden), b_W와 b_U
    (3 · hidden,). W x + b_W와 U h + b_U의 세 부분은 차례로 r, z, n의 것입니다. r은
    U h + b_U의 셋째 부분에 곱합니다. z가 1인 곳에는 이전 상태가 남습니다.
    새 h (hidden,)를 돌려줍니다.
    """
    raise NotImplementedError


def kept(forget):
    """4. 마지막 셀 상태에서 그 앞의 각 셀 상태까지 기울기가 얼마나 돌아오는가.

    forget: 망각 게이트 f_1 … f_T의 배열 (time, hidden). 셀 상태를 지나는 길만 셉니다.
    ∂c_T/∂c_0 … ∂c_T/∂c_T를 배열 (time + 1, hidden)로 돌려줍니다. 마지막 행은 1입니다.
    """
    raise NotImplementedError


def broken_lstm(x, h, c, W, U, b):
    """5. 고장 난 곳 찾기: 이 LSTM은 배우기는 하지만, 수를 간직하면서 거기에 더하지는 못합니다.

    망각 게이트와 입력 게이트가 모두 열려 있으면, 곧 f = i = 1이면 새 셀 상태는 c + tanh(g)여야
    합니다. 그런데 여기서는 tanh(g)입니다. 한 줄이 틀렸습니다. 인수와 결과는 2번 문제와 같습니다.
    """
    i, f, g, o = np.split(W @ x + U @ h + b, 4)
    i, f, o = 1 / (1 + np.exp(-i)), 1 / (1 + np.exp(-f)), 1 / (1 + np.exp(-o))
    c = (1 - i) * c + i * np.tanh(g)
    return o * np.tanh(c), c


def vary_cell():
    """6. 훈련하고, 바꾸고, 설명하기: 두 가지 층으로 만든 같은 번역기.

    번역기는 6장에서 설명합니다. 여기서는 훈련만 합니다. 프로젝트의 맨 위 폴더에서, 층만 다르게 하여
    두 번 훈련합니다.

        python -m models train seq2seq --steps 400 --cell rnn --out runs/plain
        python -m models train seq2seq --steps 400 --cell lstm --out runs/lstm

    {"plain": …, "lstm": …, "ratio": …, "why": "a", "b" 또는 "c"}를 돌려줍니다. 두 실행에서 마지막
    50스텝의 훈련 정확도를 평균한 값(실행의 폴더에 있는 metrics.csv), 크기가 같을 때 LSTM 층의
    가중치가 단순 RNN 층의 몇 배인지(정수, 편향은 빼고), 그리고 두 실행이 게이트에 관해 알려 주는
    것입니다.

        a) 게이트 때문입니다. 두 명령은 층의 종류만 다르고 그 밖에는 모두 같습니다
        b) 게이트에 관해서는 알 수 없습니다. 문장이 짧아서 두 층이 똑같이 빨리 배웁니다
        c) 게이트 때문일 수도 있고, 가중치의 수 때문일 수도 있습니다. 두 층은 그 수도 다릅니다
    """
    raise NotImplementedError
