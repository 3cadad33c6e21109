"""13장, ‘잘 쓰기, 잘 재기’의 연습 문제.

각 함수의 마지막 줄을 직접 쓴 코드로 바꾼 뒤에 다음을 실행합니다. python -m docs.exercises 13
"""


import numpy as np


def clipped(words, reference, n):
    """1. `words`의 n-그램 가운데 참조 번역에 있는 것의 수. 많아야 거기 나온 횟수만큼 셉니다.

    words, reference: 단어의 리스트. int 두 개를 돌려줍니다. 일치하는 것의 수와 `words`에 있는 모든
    n-그램의 수입니다.
    """
    raise NotImplementedError


def bleu(words, reference):
    """2. 문장 하나의 BLEU: 네 정밀도의 기하 평균에 간결성 페널티를 곱한 값.

    정밀도는 1번 문제에서처럼, 1-그램, 2-그램, 3-그램, 4-그램 가운데 일치하는 것의 비율입니다.

    번역문(단어 c개)이 참조 번역(단어 r개)보다 짧으면 간결성 페널티는 e^(1 - r/c)이고, 아니면
    1입니다. 둘 다 단어가 네 개 이상입니다. 어떤 n에서 일치하는 것이 하나도 없으면 BLEU는 0입니다.
    0과 1 사이의 float를 돌려줍니다.
    """
    raise NotImplementedError


def beam_search(step, begin, end, width, limit):
    """3. 빔 서치: 찾아낸 문장 가운데 확률이 가장 높은 것, 그리고 그 확률.

    step(words)는 지금까지 쓴 단어의 리스트를 받아 다음 단어의 확률 리스트를 돌려줍니다. 단어의
    리스트는 `begin`으로 시작합니다. 단계마다 아직 끝나지 않은 모든 가설에 모든 단어를 이어 붙이고,
    전체에서 확률이 가장 높은 `width`개를 남깁니다. 이미 끝난 가설은 확률이 그대로이며, 함께
    겨룹니다. 모두 끝나거나 단어가 `limit`개가 되면 멈춥니다.
    (begin과 end를 뺀 단어 ID의 리스트, float)를 돌려줍니다.
    """
    raise NotImplementedError


def penalized(hypotheses, alpha):
    """4. 길이 페널티를 쓸 때 이기는 가설.

    hypotheses: (로그 확률, 길이)의 리스트. 로그 확률 / ((5 + 길이) / 6)^alpha가 가장 큰 가설의
    인덱스를 돌려줍니다.
    """
    raise NotImplementedError


def broken_beam(hypotheses, probabilities, width):
    """5. 고장 난 곳 찾기: 빔을 넓히면 확률이 더 낮은 문장을 찾습니다.

    빔 서치의 한 단계입니다. hypotheses: (확률, 단어)의 리스트. probabilities: 가설마다 하나씩, 다음
    단어의 확률을 담은 배열. 새 리스트를 확률이 높은 것부터 돌려줍니다. 한 줄이 틀렸습니다.
    """
    kept = []
    for (_, words), following in zip(hypotheses, probabilities, strict=True):
        for word, q in enumerate(following):
            kept.append((float(q), [*words, word]))
    kept.sort(key=lambda pair: -pair[0])
    return kept[:width]


def vary_smoothing():
    """6. 훈련하고, 바꾸고, 설명하기: 비교할 수 없는 두 손실.

    프로젝트의 맨 위 폴더에서, 레이블 스무딩(11장)만 다르게 하여 두 번 훈련합니다.

        python -m models train transformer --steps 300 --label-smoothing 0 --out runs/hard
        python -m models train transformer --steps 300 --label-smoothing 0.1 --out runs/smooth

    {"hard": …, "smooth": …, "why": "a", "b" 또는 "c"}를 돌려줍니다. hard와 smooth는 각각
    float 두 개의 리스트로, 마지막 50스텝의 훈련 손실과 훈련 정확도를 평균한 값입니다(실행의 폴더에
    있는 metrics.csv). why는 한쪽 손실이 그렇게 큰 까닭입니다.

        a) 스무딩을 쓰면 모델이 같은 스텝 동안 더 적게 배웁니다
        b) 목표가 다릅니다. 거기서는 완벽한 모델이라도 손실이 0보다 큽니다
        c) 스무딩을 쓰면 손실을 문장의 훨씬 많은 단어에서 더합니다
    """
    raise NotImplementedError
