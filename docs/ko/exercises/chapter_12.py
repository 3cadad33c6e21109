"""12장, ‘글을 쓰는 GPT’의 연습 문제.

각 함수의 마지막 줄을 직접 쓴 코드로 바꾼 뒤에 다음을 실행합니다. python -m docs.exercises 12
"""

import numpy as np


def probabilities(logits, temperature=1.0, top_k=None, top_p=1.0):
    """1. 다음 단어를 뽑을 확률.

    logits (words,). 먼저 온도로 나눕니다. top_k가 None이 아니면, 그다음에 가장 큰 top_k개만
    남깁니다. 그다음에 확률이 높은 단어부터 모아 합이 top_p 이상이 되는 가장 작은 집합만 남깁니다.
    남은 것은 더해서 1이 되게 합니다.
    배열 (words,)를 돌려줍니다. 버린 단어는 0입니다.
    """
    raise NotImplementedError


def with_cache(query, key, value, keys, values):
    """2. 캐시를 쓰는 인과 어텐션 한 단계.

    query, key, value (size,)는 가장 최근 토큰의 것입니다. keys와 values (tokens, size)는 그 앞에
    있는 모든 토큰의 것입니다. 스코어는 √size로 나눕니다. 가장 최근 토큰은 자신에게도 주목합니다.
    문맥 벡터 (size,)와 새 캐시 두 개를 돌려줍니다. 캐시는 둘 다 (tokens + 1, size)입니다.
    """
    raise NotImplementedError


def perplexity(probabilities):
    """3. 글의 퍼플렉서티. 모델이 글의 토큰에 준 확률에서 구합니다.

    probabilities: 토큰마다 하나씩 있는 수의 리스트. e를 -log 확률의 평균만큼 거듭제곱한 값을
    돌려줍니다.
    """
    raise NotImplementedError


def induction(tokens):
    """4. 귀납 헤드가 예측하는 것: 마지막 토큰이 앞에 나왔을 때 그 뒤에 온 토큰.

    tokens: int의 리스트. tokens[-1]이 앞에 나온 자리 가운데 가장 나중의 것을 찾아, 거기에서 뒤에
    온 것을 돌려줍니다. tokens[-1]이 앞에 나오지 않았으면 None을 돌려줍니다.
    """
    raise NotImplementedError


def broken_sample(logits, temperature, generator):
    """5. 고장 난 곳 찾기: 이 모델은 시드가 무엇이든 같은 이야기를 씁니다.

    logits (words,). generator: NumPy의 난수 생성기. logits / temperature의 소프트맥스에 따라 뽑은
    단어의 인덱스를 돌려줍니다. 한 줄이 틀렸고, `generator`는 아직 쓰이지 않습니다.
    """
    exps = np.exp((logits - logits.max()) / temperature)
    p = exps / exps.sum()
    return int(p.argmax())


def vary_layers():
    """6. 훈련하고, 바꾸고, 설명하기: 한 층과 세 층.

    프로젝트의 맨 위 폴더에서, 층의 수만 다르게 하여 두 번 훈련합니다.

        python -m models train gpt --steps 600 --layers 1 --out runs/shallow
        python -m models train gpt --steps 600 --layers 3 --out runs/deep

    {"shallow": …, "deep": …, "perplexity": …, "why": "a", "b" 또는 "c"}를 돌려줍니다. 두 실행에서
    마지막 50스텝의 훈련 손실을 평균한 값(실행의 폴더에 있는 metrics.csv), 깊은 실행의 손실에
    해당하는 퍼플렉서티(소수 첫째 자리까지 반올림), 그리고 그 차이가 알려 주는 것입니다.

        a) `induction` 실험에서처럼, 무언가를 찾아내려면 층이 세 개 필요합니다
        b) 깊은 모델은 손실이 더 작으므로, 모순이 없는 이야기를 씁니다
        c) 층이 무슨 일을 하는지는 알 수 없습니다. 깊은 모델은 매개변수도 세 배 가까이 됩니다
    """
    raise NotImplementedError
