// A step as a sentence.

import { minus } from "./make.js";
import { plural, say } from "./language.js";
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
  ? [...words.slice(0, 3), say("{count} more", { count: words.length - 3 })] : words;

export function welcome() {
  if (!moves.length) return say("Nothing was computed: there are no steps.");
  const back = backward.length.toLocaleString("en");
  return backward.length
    ? plural(forward.length, "{count} step forward, {back} back.",
      "{count} steps forward, {back} back.", { back })
    : plural(forward.length, "{count} step forward.", "{count} steps forward.");
}

export function saidOf(move) {
  const said = move.back ? passedBack(move.step) : equation(move) ?? computed(move.step);
  return say("Step {at}, {way}: {said}.", { at: position.toLocaleString("en"), way: wayName(), said });
}

function computed(step) {
  const from = list(step.inputs.map(inWords)).join(", "), { name } = tensors[step.out];
  const made = `${name ? `${name} ` : ""}${shapeOf(step.out)}`;
  return say("{op} makes {made} from {from}", { op: opOf(step).name, made, from });
}

/** What a step passes back: numbers if they are single ones, else to which tensors. */
function passedBack(step) {
  const op = opOf(step).name;
  const grad = tensors[step.out].grad, given = grad === undefined ? undefined : single(grad);
  const parts = step.back.map(([j, place]) => [step.inputs[j], single(place), step.sums?.[j]]);
  if (given !== undefined && parts.every(([, part]) => part !== undefined)) {
    const to = parts.map(([x, part, sum]) => {
      const name = nameOf(x), added = sum && sum[0] !== part.replaceAll("−", "-");
      return added ? say("{part} to {name} ({sum} so far)", { part, name, sum: minus(sum[0]) })
        : say("{part} to {name}", { part, name });
    });
    return say("{op} gets the gradient {given} and passes back {parts}",
      { op, given, parts: list(to).join(", ") });
  }
  const to = list(step.back.map(([j]) => `${nameOf(step.inputs[j])} ${shapeOf(step.inputs[j])}`));
  return say("{op} passes the gradient {shape} back to {tensors}",
    { op, shape: shapeOf(step.out), tensors: to.join(", ") });
}

function single(place) {
  const { shape, numbers } = arrays[place];
  return shape.length || numbers === undefined ? undefined : minus(numbers);
}

