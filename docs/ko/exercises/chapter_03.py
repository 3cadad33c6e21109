"""3장, ‘토큰과 벡터’의 연습 문제.

각 함수의 마지막 줄을 직접 쓴 코드로 바꾸고, 고장 난 함수를 고친 뒤에 다음을 실행합니다.
python -m docs.exercises 3
"""

from functools import cache
from itertools import pairwise

import numpy as np

import minigrad
from minigrad import nn, optim
from minigrad.nn import functional as F
from models.tasks import calendar
from models.tasks.vocabulary import Vocabulary


def by_hand():
    """1. 종이에 풀기: 토큰 셋의 로짓이 (0, ln 3, ln 4)이고, 타깃은 마지막 토큰입니다.

    {"loss": 교차 엔트로피, "gradient": 세 로짓으로 미분한 값}을, 곧 float 하나와 float의 리스트를
    돌려줍니다. 밑이 e인 로그 np.log를 써도 됩니다.
    """
    raise NotImplementedError


def embedding_gradient(ids, g, words):
    """2. `ids`에 해당하는 행을 골라냈을 때, 임베딩 표의 기울기.

    ids: 정수 배열 (time,). 한 단어가 두 번 나올 수 있습니다. g: 골라낸 벡터의 기울기. float 배열
    (time, d)입니다. words: 표의 행 수.
    배열 (words, d)를 돌려줍니다.
    """
    raise NotImplementedError


def log_softmax(x):
    """3. 각 행의 소프트맥스에 로그를 취한 값. 로짓이 유한하면 언제나 유한해야 합니다.

    x: float32 배열 (rows, words). 모양이 같은 배열을 돌려줍니다.
    """
    raise NotImplementedError


def bigram(pairs, words, steps, rate):
    """4. 엔진 없이 만드는 바이그램 모델: 단어마다 다음 단어의 로짓을 담은 행이 하나씩 있습니다.

    pairs: 정수 배열 (n, 2). 행마다 단어와 그다음 단어가 있습니다. words: 단어 집합의 크기.
    표는 0에서 출발합니다. 모든 쌍의 평균 교차 엔트로피를 줄이는 경사 하강법을 학습률 `rate`로
    `steps`스텝 진행합니다.
    표를, 곧 float 배열 (words, words)를 돌려줍니다. i행은 단어 i 뒤에 올 단어의 로짓입니다.
    """
    raise NotImplementedError


@cache
def train(sentences, epochs=20, d=32):
    """시드 0에서, 이 장의 큰 모델을 calendar의 문장 `sentences`개로 훈련합니다.

    마지막 에포크 뒤의 훈련 손실과 검증 손실을, 곧 float 두 개를 돌려줍니다.
    """
    corpus = calendar.corpus(1000, max_clauses=1, validation=500, test=500)
    vocabulary = Vocabulary.build(pair.target for pair in corpus.train)

    def pairs_of(part):
        texts = [[vocabulary.BEGIN, *vocabulary.encode(p.target), vocabulary.END] for p in part]
        return minigrad.tensor([pair for text in texts for pair in pairwise(text)])

    def loss_on(pairs):
        token, target = pairs.unbind(1)
        return F.cross_entropy(model(token), target)

    minigrad.manual_seed(0)
    model = nn.Sequential(nn.Embedding(len(vocabulary), d), nn.Linear(d, len(vocabulary)))
    optimizer = optim.Adam(model.parameters(), lr=0.03)
    training, validation = pairs_of(corpus.train[:sentences]), pairs_of(corpus.validation)
    for _ in range(epochs):
        for batch in training[minigrad.randperm(len(training))].split(128):
            loss = loss_on(batch)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return loss_on(training).item(), loss_on(validation).item()


def overfitted():
    """5. 훈련하고, 바꾸고, 설명하기: 문장이 늘어날 때 모델은 얼마나 과적합할까요?

    문장 20개, 100개, 500개로 `train`을 호출합니다. 차이란 검증 손실에서 훈련 손실을 뺀 값입니다.
    문장이 많을수록 이 차이는 작아지고, 훈련 손실은 오히려 ‘커집니다’. 왜일까요?
    "a": 문장이 많으면 20에포크에 들어 있는 스텝이 줄어 모델을 덜 훈련하기 때문
    "b": 바이그램 모델은 많은 문장을 외울 수 없고, 문장에 공통된 것만 배울 수 있기 때문
    "c": 문장을 더 많이 본 모델에는 검증 세트가 더 쉬워지기 때문

    {20: 차이, 100: 차이, 500: 차이, "why": "a", "b" 또는 "c"}를 돌려줍니다.
    """
    raise NotImplementedError


BEGIN, END = 1, 2


def examples(sentences):
    """6. 고장 난 곳 찾기: 다음 토큰을 예측하는 모델을 훈련할 예시.

    이 예시로 훈련하면 손실이 에포크 몇 번 만에 거의 0이 되고, 검증 세트에서도 그렇습니다. 하지만
    글을 쓰게 하면 모델은 토큰 하나를 끝없이 되풀이합니다. 어디가 틀렸는지 찾아서 고칩니다.

    sentences: 토큰 ID의 리스트로 이루어진 리스트. BEGIN과 END는 들어 있지 않습니다. 길이가 같은
    리스트 두 개를 돌려줍니다. 모델이 읽는 토큰과, 그 토큰마다 모델이 예측해야 할 토큰입니다.
    """
    tokens, targets = [], []
    for ids in sentences:
        text = [BEGIN, *ids, END]
        tokens += text[1:]
        targets += text[1:]
    return tokens, targets
