"""16장, ‘PyTorch, GPU, 그리고 여러 컴퓨터로’의 연습 문제.

각 함수의 마지막 줄을 직접 쓴 코드로 바꾸고, 고장 난 함수를 고친 뒤에 다음을 실행합니다.
python -m docs.exercises 16
"""

import numpy as np


def all_reduce(gradients):
    """1. 고리를 따라 모든 랭크의 기울기를 더하기.

    gradients: 배열 (ranks, ranks, size). 랭크마다 자기 기울기를 랭크의 수만큼 조각으로
    나누었습니다. 랭크 r은 랭크 r + 1에만 보낼 수 있습니다(마지막 랭크는 랭크 0에). 한 번에 한
    조각씩, 모든 랭크가 동시에 보냅니다. 더하는 라운드 ranks - 1번과 나누어 주는 라운드
    ranks - 1번이 끝나면 랭크마다 모든 합이 있습니다. 모양이 같은 배열과, 랭크마다 보낸 조각의
    수를 돌려줍니다. 받은 배열은 바뀌면 안 됩니다.
    """
    raise NotImplementedError


def seconds(ranks, size, bandwidth, latency):
    """2. 링 올리듀스에 걸리는 시간.

    size: 기울기 전체의 바이트 수. bandwidth: 1초에 옮기는 바이트 수. latency: 메시지 하나의 지연
    시간(초). float를 돌려줍니다. 랭크가 하나면 0입니다.
    """
    raise NotImplementedError


def memory(parameters, ranks):
    """3. 모두 float32일 때, AdamW로 훈련하는 모델에 작업자마다 필요한 바이트 수.

    매개변수마다 가중치, 기울기, 모멘트 두 개이고, 각각 4바이트입니다. 활성값은 세지 않습니다.
    {"ddp": …, "fsdp": …}를 돌려줍니다. 데이터 병렬화에서는 작업자마다 전부를 두고, FSDP에서는
    `ranks`개로 나눈 한 부분을 둡니다. float 두 개입니다.
    """
    raise NotImplementedError


def broken_ranks(losses, words):
    """4. 고장 난 곳 찾기: 배치를 랭크에 어떻게 나누었는지에 따라 달라지는 손실.

    losses: 랭크마다, 그 랭크에 있는 단어의 평균 손실. words: 랭크마다 단어가 몇 개인지.
    배치 전체의 손실, 곧 모든 단어에서 구한 평균을 돌려줍니다. 한 줄이 틀렸습니다.
    """
    weights = [1 / len(words) for _ in words]
    return sum(weight * loss for weight, loss in zip(weights, losses, strict=True))


def vary_backend():
    """5. 훈련하고, 바꾸고, 설명하기: minigrad와 PyTorch에서의 같은 실행.

    PyTorch를 설치하고, 프로젝트의 맨 위 폴더에서 다음을 실행합니다.

        python -m models train self_attention --steps 50 --out runs/here
        python -m models train self_attention --steps 50 --backend torch --out runs/there

    {"first": …, "last": …, "why": "a", "b" 또는 "c"}를 돌려줍니다. 처음 다섯 스텝과 마지막 다섯
    스텝에서 두 손실(각 폴더의 metrics.csv)이 가장 크게 벌어진 차이, 그리고 손실이 서로 다른
    까닭입니다.

        a) 프레임워크마다 처음 가중치를 따로 뽑으므로, 시드가 다른 두 실행만큼 다릅니다
        b) PyTorch는 다른 손실을 계산합니다. 텍스트가 아니라 모든 텍스트의 단어로
           평균을 냅니다
        c) 두 프레임워크가 32비트 부동소수점 수를 더하는 순서가 다르고, 훈련하는 동안 반올림
           오차가 커집니다
    """
    raise NotImplementedError
