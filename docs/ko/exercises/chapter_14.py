"""14장, ‘눈으로 보기’의 연습 문제.

각 함수의 마지막 줄을 직접 쓴 코드로 바꾸고, 고장 난 함수를 고친 뒤에 다음을 실행합니다.
python -m docs.exercises 14
"""

import numpy as np

import minigrad
from minigrad.autograd import grad


def parts(f, x):
    """1. 텐서 하나를 두 번 씁니다. 두 경로를 따라 각각 돌아오는 기울기.

    f: 텐서 두 개를 받아 수 하나를 돌려주는 함수. x: 배열. f(x, x)를 미분합니다. 두 인수는 같은
    텐서입니다. 모양이 x와 같은 배열 세 개를 돌려줍니다. 첫째 경로를 따라온 기울기, 둘째 경로를
    따라온 기울기, 그리고 텐서의 기울기입니다.
    """
    raise NotImplementedError


def derivative(f, x, n):
    """2. x에서 구한 f의 n계 미분계수.

    f: 원소가 하나인 텐서를 받아 원소가 하나인 텐서를 돌려주는 함수. x: float. n: int. n = 0이면
    f(x)를 돌려줍니다. float64로 계산합니다. float를 돌려줍니다.
    """
    raise NotImplementedError


def hessian(f, x):
    """3. 헤세 행렬, 곧 이계 미분계수의 행렬. i행은 ∂f/∂x_i의 기울기입니다.

    f: 텐서 (n,)을 받아 수 하나를 돌려주는 함수. x: 배열 (n,). 배열 (n, n)을 돌려줍니다.
    """
    raise NotImplementedError


def cut(scores, values, j):
    """4. 단어 j와의 연결을 끊으면 답은 무엇이 될까요?

    scores, values: 배열 (words,). 답은 밸류를 스코어의 소프트맥스로 가중 평균한 값입니다. 연결을
    끊은 단어는 소프트맥스를 취하기 전에 마스크로 가립니다.
    서로 같은 float 두 개를 돌려줍니다. 하나는 마스크를 써서 계산한 새 답입니다. 다른 하나는
    원래 답, 그 답을 스코어 j로 미분한 값, j의 가중치, 이 셋으로 예측한 새 답입니다.
    """
    raise NotImplementedError


def broken_norm(g):
    """5. 고장 난 곳 찾기: 기울기가 지나왔는데도 화살표가 사라집니다.

    화살표의 굵기에 쓰는, 기울기의 노름입니다. g: float32 배열. 수는 1e-30만큼 작거나 1e30만큼
    클 수 있습니다. float를 돌려줍니다. 한 줄이 틀렸습니다.
    """
    squares = g**2
    return float(np.sqrt(squares.sum()))


def vary_sharpness():
    """6. 훈련하고, 바꾸고, 설명하기: 가중치는 언제 답을 정하는 단어를 가리킬까요?

    이 장의 `who_decides`를 sharpness 0.5와 8로 실행합니다.
    {"soft": …, "sharp": …, "why": "a", "b" 또는 "c"}를 돌려줍니다. 두 실행에서 나온 비율 두 개
    (소수점 아래 둘째 자리까지의 float 두 개로 된 리스트 [가중치로, 기울기로]), 그리고 가중치가
    한 단어에 쏠려 있을 때 기울기가 덜 맞는 까닭입니다.

        a) 1에 가까운 가중치는 스코어가 달라져도 거의 변하지 않아 기울기가 작은데, 연결을 끊으면
           그래도 거의 전부가 사라집니다
        b) 가중치가 0과 1에 가까우면 어텐션은 단어 하나를 고를 뿐이고, 고르는 일에는 기울기가
           없으므로 반올림 오차만 남습니다
        c) 스코어가 날카로우면 밸류가 더 크고, 밸류가 클수록 연결을 끊었을 때 달라지는 양을
           기울기로 알기 어렵습니다
    """
    raise NotImplementedError
