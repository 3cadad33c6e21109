"""10장, ‘트랜스포머 블록’의 연습 문제.

각 함수의 마지막 줄을 직접 쓴 코드로 바꾼 뒤에 다음을 실행합니다. python -m docs.exercises 10
"""

import numpy as np


def layer_norm(x, gamma, beta, eps=1e-5):
    """1. 마지막 차원을 따라 하는 층 정규화.

    x (…, size). gamma와 beta (size,). 분산은 편차를 제곱한 것의 평균이고, 제곱근을 씌우기 전에
    eps를 더합니다. x와 모양이 같은 배열을 돌려줍니다.
    """
    raise NotImplementedError


def feed_forward(x, W1, b1, W2, b2):
    """2. 단어마다 따로 적용하는 피드포워드 신경망.

    x (words, size), W1 (hidden, size), b1 (hidden,), W2 (size, hidden), b2 (size,).
    배열 (words, size), 곧 단어마다 W2 · max(0, W1 x + b1) + b2를 돌려줍니다.
    """
    raise NotImplementedError


def block(x, norm_1, attention, norm_2, feed_forward):
    """3. 하위 층마다 앞에 층 정규화가 있는 블록.

    x (words, size). 나머지 넷은 (words, size)를 받아 (words, size)를 돌려주는 함수입니다.
    어텐션과 피드포워드 신경망을 각각의 잔차 연결과 함께 지난 뒤의 단어를 돌려줍니다.
    """
    raise NotImplementedError


def parameters(size, hidden):
    """4. 블록의 매개변수가 몇 개인지를 식으로.

    어텐션에는 size에서 size로 가는, 편향이 있는 선형 층이 네 개 있습니다. 피드포워드 신경망에는
    size에서 hidden으로 갔다가 되돌아오는 선형 층이 두 개 있습니다. 층 정규화는 두 개입니다.
    int를 돌려줍니다.
    """
    raise NotImplementedError


def broken_block(x, norm_1, attention, norm_2, feed_forward):
    """5. 고장 난 곳 찾기: 블록 하나는 배우는데, 열두 개를 쌓으면 아무것도 배우지 못합니다.

    열두 개를 지나면 텍스트의 모든 단어가 거의 같은 벡터가 됩니다. 인수와 결과는 3번 문제와
    같습니다. 한 줄이 틀렸습니다.
    """
    h = attention(norm_1(x))
    return h + feed_forward(norm_2(h))


def vary_warmup():
    """6. 훈련하고, 바꾸고, 설명하기: 층 정규화를 덧셈 뒤에 두고, 웜업이 있을 때와 없을 때.

    프로젝트의 맨 위 폴더에서, 다음 장의 트랜스포머를 두 번 훈련합니다. 두 실행은 웜업만 다릅니다.

        python -m models train transformer --norm after --layers 4 --steps 200 \\
            --learning-rate 0.005 --warmup 0 --out runs/cold
        python -m models train transformer --norm after --layers 4 --steps 200 \\
            --learning-rate 0.005 --warmup 100 --out runs/warm

    {"cold": …, "warm": …, "rate": …, "why": "a", "b" 또는 "c"}를 돌려줍니다. 두 실행에서 마지막
    50스텝의 훈련 정확도를 평균한 값(실행의 폴더에 있는 metrics.csv), 스텝 50에서 warm 실행의
    학습률을 소수점 아래 네 자리까지 반올림한 값, 그리고 여기서 웜업이 도움이 되는 까닭입니다.

        a) 웜업이 있는 실행은 더 오래 훈련합니다. 처음 100스텝은 세지 않기 때문입니다
        b) 학습률은 언제나 작을수록 좋고, 웜업은 학습률의 평균을 낮춥니다
        c) 처음에는 마지막 몇 층의 기울기가 커서, 학습률을 그대로 쓰기에는 너무 큽니다
    """
    raise NotImplementedError
