// A step as a sentence.

import { minus, plural } from "./make.js";
import { arrays, backward, forward, moves, nameOf, opOf, shapeOf, tensors } from "./data.js";
import { position, wayName } from "./steps.js";

/** The number that a tensor is, as text; undefined for one with dims. */
function scalar(x) {
  if (typeof x !== "number") return minus(x);
  const { shape, numbers } = arrays[tensors[x].value];
  return shape.length || numbers === undefined ? undefined : minus(numbers);
}

/** A step of numbers as an equation, as in s = 2 + 3 = 5; undefined for one of larger tensors. */
export function equation({ step }) {
  const numbers = scalar(step.out) !== undefined && step.inputs.every((x) => scalar(x) !== undefined);
  return numbers ? step.equation : undefined;
}

const inWords = (x) => typeof x !== "number" ? x
  : scalar(x) === undefined ? `${nameOf(x)} ${shapeOf(x)}` : `${nameOf(x)} = ${scalar(x)}`;
const list = (words) => words.length > 4
  ? [...words.slice(0, 3), `${words.length - 3} more`] : words;

export function welcome() {
  if (!moves.length) return "Nothing was computed: there are no steps.";
  const back = backward.length ? `, ${backward.length.toLocaleString("en")} back` : "";
  return `${plural(forward.length, "step")} forward${back}.`;
}

export function saidOf(move) {
  const { step, back } = move, { name } = opOf(step);
  const now = `Step ${position.toLocaleString("en")}, ${wayName()}`;
  if (back) return `${now}: ${passedBack(step, name)}.`;
  const numbers = equation(move);
  if (numbers) return `${now}: ${numbers}.`;
  const from = list(step.inputs.map(inWords)).join(", "), made = tensors[step.out].name;
  return `${now}: ${name} makes ${made ? `${made} ` : ""}${shapeOf(step.out)} from ${from}.`;
}

/** What a step passes back: numbers if they are single ones, else to which tensors. */
function passedBack(step, name) {
  const grad = tensors[step.out].grad, given = grad === undefined ? undefined : single(grad);
  const parts = step.back.map(([j, place]) => [step.inputs[j], single(place), step.sums?.[j]]);
  if (given !== undefined && parts.every(([, part]) => part !== undefined)) {
    const to = parts.map(([x, part, sum]) => {
      const added = sum && sum[0] !== part.replaceAll("−", "-") ? ` (${minus(sum[0])} so far)` : "";
      return `${part} to ${nameOf(x)}${added}`;
    });
    return `${name} gets the gradient ${given} and passes back ${list(to).join(", ")}`;
  }
  const to = list(step.back.map(([j]) => `${nameOf(step.inputs[j])} ${shapeOf(step.inputs[j])}`));
  return `${name} passes the gradient ${shapeOf(step.out)} back to ${to.join(", ")}`;
}

function single(place) {
  const { shape, numbers } = arrays[place];
  return shape.length || numbers === undefined ? undefined : minus(numbers);
}

