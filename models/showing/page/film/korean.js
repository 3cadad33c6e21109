// The texts of the film of a training in Korean.

import { learn } from "../../../../minigrad/draw/page/language.js";

learn({
  // The head.
  "A film of training": "훈련 필름",
  "A film of training: {model}": "훈련 필름: {model}",
  "Dark mode": "다크 모드",
  "{model} on {text}": "{model}, 예문 {text}",
  "{count} moment of {steps} steps": "{steps}단계 가운데 {count}개 시점",
  "{count} moments of {steps} steps": "{steps}단계 가운데 {count}개 시점",
  "(one in {every} of those kept, so that this page stays small)": "(페이지가 커지지 않도록 저장된 시점 {every}개마다 하나씩)",

  // The loss and the norms.
  "Loss": "손실",
  "training": "훈련",
  "validation": "검증",
  "training {loss}": "훈련 {loss}",
  "validation {loss}": "검증 {loss}",
  "logarithmic; validation without dropout or smoothing": "로그 눈금, 검증 손실은 드롭아웃과 레이블 스무딩 없이 계산",
  "step {step}": "{step}단계",
  "{step} of {steps}": "{step}/{steps}",
  "Norms": "노름",
  "gradients": "기울기",
  "weights": "가중치",
  "norm {norm}": "노름 {norm}",
  "norm {low}{ramp}{high} (logarithmic)": "노름 {low}{ramp}{high} (로그 눈금)",

  // The example.
  "The sentence at step {step}": "{step}단계의 예문",
  "says": "출력",
  "The words": "단어",
  "Heads": "헤드",
  "mean": "평균",
  "mean of all heads": "모든 헤드의 평균",
  "layer {layer}": "{layer}층",
  "layer {layer}, head {head}": "{layer}층, 헤드 {head}",
  "each row attends to the columns, adding up to 1": "각 행이 열에 주목하는 정도이며, 한 행의 합은 1입니다",
  "This model has no attention: all it knows of the sentence is in one vector.": "이 모델에는 어텐션이 없습니다. 문장에 대해 아는 것은 모두 벡터 하나에 들어 있습니다.",
  "word": "단어",
  "right word": "정답",
  "next": "다음 단어",
  "predicted": "예측",
  "refers to": "가리키는 것",

  // The parameter.
  "A parameter at step {step}": "{step}단계의 매개변수",
  "one number": "수 하나",
  "gradients, before clipping": "클리핑 전의 기울기",
  "no gradient yet": "아직 기울기 없음",
  "{bins} bins of equal width from the least to the largest value; the fullest one is as high as the picture. Of more than {most} values, evenly spaced ones are counted.": "가장 작은 값에서 가장 큰 값까지를 너비가 같은 구간 {bins}개로 나누었고, 값이 가장 많은 구간이 그림의 높이와 같습니다. 값이 {most}개를 넘으면 일정한 간격으로 뽑아서 셉니다.",

  // The controls.
  "Space": "스페이스 키",
  "Play": "재생",
  "Pause": "일시 정지",
  "Step": "단계",
  "Compare": "비교",
  "with step": "비교할 단계",
});
