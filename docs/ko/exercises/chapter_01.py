"""1장, ‘기억하는 텐서’의 연습 문제.

각 함수의 마지막 줄을 직접 쓴 코드로 바꾸고, 고장 난 함수를 고친 뒤에 다음을 실행합니다.
python -m docs.exercises 1
"""

import itertools

BIRTHS = itertools.count()


class Value:
    """어떻게 만들어졌는지를, 그리고 이 장의 본문과 달리 언제 만들어졌는지도 기억하는 수.

    value     float
    made_by   "add", "mul" 또는 None
    inputs    이 값을 계산하는 데 쓴 Value
    birth     번호. 나중에 만든 Value일수록 큼
    """

    def __init__(self, value, made_by=None, inputs=()):
        self.value, self.made_by, self.inputs = value, made_by, inputs
        self.birth = next(BIRTHS)

    def __repr__(self):
        return f"Value({self.value})"

    def __add__(self, other):
        return Value(self.value + other.value, "add", (self, other))

    def __mul__(self, other):
        return Value(self.value * other.value, "mul", (self, other))


def by_hand():
    """1. 종이에 풀기: x = 2, y = 3일 때 z = (x·y + x) · y의 기울기.

    {"x": ∂z/∂x, "y": ∂z/∂y}를 돌려줍니다. 두 값 모두 float입니다.
    """
    raise NotImplementedError


def history(output):
    """2. `output`과 `output`을 계산하는 데 쓴 모든 Value. 한 번씩만, 가장 늦게 태어난 것부터.

    output: Value. 거슬러 가는 경로가 2⁴⁰개까지 있을 수 있어 하나씩 따라갈 수는 없습니다.
    Value의 리스트를 돌려줍니다.
    """
    raise NotImplementedError


def gradients(output):
    """3. 역전파: `output`을 계산하는 데 쓴 모든 Value v에 대한 ∂output / ∂v.

    output: 덧셈과 곱셈으로 만든 Value. 이번에도 경로가 2⁴⁰개일 수 있습니다.
    Value마다 float를 담은 dict를 돌려줍니다. `output` 자신의 값은 1.0입니다. 앞에서 만든
    `history`를 쓰면 좋습니다.
    """
    raise NotImplementedError


def paths(output, leaf):
    """4. Value에서 그 입력으로 거슬러 갈 때, `output`에서 `leaf`로 가는 경로는 몇 개일까요?

    output, leaf: Value. x + x에서 x로 가는 경로는 두 개입니다. int를 돌려줍니다. `output`이
    `leaf`와 상관없으면 0, `leaf`가 곧 `output`이면 1입니다. 경로가 2⁴⁰개까지 있을 수 있어
    하나씩 셀 수는 없습니다.
    """
    raise NotImplementedError


def descend():
    """5. 훈련하고, 바꾸고, 설명하기: 세 가지 크기의 스텝으로 결과를 줄입니다.

    x = 0에서 출발합니다. Value로 z = (3x - 6) · (3x - 6)을 계산하고, 앞에서 만든 `gradients`로
    ∂z/∂x를 구하고, x를 x - rate · ∂z/∂x로 바꿉니다. 이것을 열 번 되풀이합니다. z는 x = 2에서
    최소입니다. rate는 0.01, 0.1, 0.12의 세 가지로 합니다. 상수는 Value(3.0)과 Value(-6.0)으로
    씁니다.

    그중 하나에서는 x가 2에서 멀어집니다. 왜일까요?
    "a": 스텝마다 2를 지나쳐, 출발한 곳보다 2에서 더 먼 곳에 이르기 때문
    "b": x가 2보다 커지는 순간부터 기울기가 틀린 방향을 가리키기 때문
    "c": 기울기가 정확하지 않아 스텝마다 오차가 쌓이기 때문

    {0.01: 마지막 x, 0.1: 마지막 x, 0.12: 마지막 x, "why": "a", "b" 또는 "c"}를 돌려줍니다.
    """
    raise NotImplementedError


def backward(output):
    """6. 고장 난 곳 찾기: 가끔 틀리는 역전파.

    x · y, x + x, 그리고 본문의 p · s에서는 맞습니다. 하지만 마지막 곱의 두 인수를 맞바꾸어
    s · p로 쓰면 y의 기울기는 20이 아니라 10이 되고, x의 기울기는 45가 아니라 35가 됩니다.
    어디가 틀렸는지 찾아서 고칩니다.

    output: Value. 3번 문제처럼 Value마다 float를 담은 dict를 돌려줍니다.
    """
    values = [output]
    for value in values:
        values += [x for x in dict.fromkeys(value.inputs) if x not in values]
    grads = dict.fromkeys(values, 0.0)
    grads[output] = 1.0
    for value in values:
        if value.made_by:
            x, y = value.inputs
            grads[x] += grads[value] * (1.0 if value.made_by == "add" else y.value)
            grads[y] += grads[value] * (1.0 if value.made_by == "add" else x.value)
    return grads
