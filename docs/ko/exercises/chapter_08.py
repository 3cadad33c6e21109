"""8장, ‘서로를 보는 단어’의 연습 문제.

각 함수의 마지막 줄을 직접 쓴 코드로 바꾼 뒤에 다음을 실행합니다. python -m docs.exercises 8
"""

import numpy as np


def odds(x, word, one, other):
    """1. 두 어텐션 가중치의 비: `word`가 `one`에 주는 것을 `other`에 주는 것으로 나눈 값.

    x: 임베딩, 배열 (words, size). word, one, other: 행의 인덱스. 어텐션은 이 장과 같습니다.
    곧 내적을 쓰고, 1 / √size를 곱하지 않으며, 소프트맥스를 취합니다. float를 돌려줍니다.
    소프트맥스는 계산하지 않습니다.
    """
    raise NotImplementedError


def self_attention(x):
    """2. 임베딩만 쓰는 셀프 어텐션. 1 / √size를 곱하지 않습니다.

    x: 배열 (words, size). 문맥 벡터 (words, size)와 가중치 (words, words)를 돌려줍니다.
    스코어가 클 수 있습니다.
    """
    raise NotImplementedError


def gradient(x, g):
    """3. 2번 문제의 역전파: 문맥 벡터의 기울기가 g일 때 x의 기울기.

    x, g: 배열 (words, size). 배열 (words, size)를 돌려줍니다. x는 쿼리로도, 키로도, 밸류로도
    쓰이고, 쓰일 때마다 기울기를 받습니다. 앞에서 만든 `self_attention`이 도움이 됩니다.
    """
    raise NotImplementedError


def stays(x):
    """4. 자기 자신에게 가장 크게 주목하는 단어. 어느 텍스트에나 있습니다.

    x: 배열 (words, size). 그 단어의 행 인덱스를 int로 돌려줍니다. 그런 단어가 여럿일 수
    있습니다. 이 장의 부등식에서 나오는 단어를 돌려줍니다. 서로 다른 단어의 내적 없이,
    단어마다 a · a만으로 찾을 수 있는 단어입니다.
    """
    raise NotImplementedError


def broken_loss(weights, answers):
    """5. 고장 난 곳 찾기: 답은 모두 맞는데, 손실은 여전히 큽니다.

    모델은 어느 텍스트에서나 정답 단어에 가중치를 거의 모두 주는데, 이 손실은 여전히 1.5보다
    큽니다. 훈련도 느립니다.

    weights: 배열 (texts, words). 텍스트마다 ‘It’의 어텐션 가중치이고, 모델의 답입니다.
    answers: 배열 (texts,). 텍스트마다 정답 단어의 인덱스입니다. 교차 엔트로피의 평균을 float로
    돌려줍니다. 하지 않아도 될 일을 하나 더 하고 있습니다.
    """
    exps = np.exp(weights)
    probabilities = exps / exps.sum(1, keepdims=True)
    return float(-np.log(probabilities[np.arange(len(answers)), answers]).mean())


def vary_twins():
    """6. 훈련하고, 바꾸고, 설명하기: 텍스트 하나만, 그리고 쌍둥이 둘 다.

    이 장에서 `train(model, meant)`로 끝나는 세션을 입력합니다. 그런 다음 첫째 텍스트만 보는
    `meant`를 하나 더 작성합니다. 곧 text[:1]이고 답은 [1]입니다. 크기가 같은 새 모델 두 개를,
    하나는 첫째 텍스트만으로, 하나는 쌍둥이 둘로 훈련합니다.

    {"one": …, "both": …, "why": "a", "b" 또는 "c"}를 돌려줍니다. 1,000스텝 뒤의 두 손실과,
    둘이 다른 까닭입니다.

        a) ‘It’이 두 명사에 매기는 스코어가 쌍둥이 둘에서 같고, 따라서 오즈도 같습니다
        b) 단어마다 수 여덟 개는 텍스트 하나에는 넉넉하지만, 서로 다른 텍스트 두 개에는 모자랍니다
        c) 텍스트가 둘이면 손실이 절반의 속도로 줄어서, 1,000스텝으로는 모자랍니다
    """
    raise NotImplementedError
