// Cards: a tensor or a gradient, with its numbers or its heat map.

import { make } from "./make.js";
import { say } from "./language.js";
import { arrays, data, nameOf, opOf, shapeText, steps, tensors, usedIn } from "./data.js";
import { go, show } from "./steps.js";
import { comeBack } from "./numbers.js";
import { heatMap, numberGrid } from "./maps.js";

export const heading = (text) => make("h3", {}, text);

export function tensorCards(at) {
  const { grad } = tensors[at];
  return [valueCard(at), grad === undefined ? null : comeBack(at) ? gradCard(at, grad)
    : make("p", { class: "hush" }, say("The gradient of {name} has not come back yet.", { name: nameOf(at) }))]
    .filter(Boolean);
}

export const valueCard = (at) => card(at, nameOf(at), tensors[at].value);
export const gradCard = (at, grad) => card(at, tensors[at].differs
  ? say(".grad of {name}", { name: nameOf(at) })
  : say("gradient of {name}", { name: nameOf(at) }), grad, "grad");
export const numberCard = (text) => make("div", { class: "card" }, make("header", {},
  make("b", {}, text), make("span", { class: "kind" }, say("number"))));

export function handedCard(step, j, grad, at) {
  const x = step.inputs[j];
  const uses = steps.flatMap((s, i) =>
    s.back.filter(([k]) => s.inputs[k] === x).map(([k]) => [i, k]));
  const made = card(x, say("to {name}", { name: nameOf(x) }), grad, "grad");
  if (uses.length > 1) {
    const come = uses.filter(([i, k]) => i > at || i === at && k <= j).length;
    made.append(make("p", { class: "hush" },
      say("part {part} of {count} that add up to its gradient",
        { part: come, count: uses.length })));
  }
  if (tensors[x].differs) {
    made.append(make("p", { class: "hush" }, say("in this backward pass; its .grad is another one")));
  }
  return made;
}

/** The words of a tensor's axes, where they have some. */
const wordsOf = (at) => tensors[at].words?.map((list) => list === null ? null : data.words[list]) ?? [];

/** Buttons for the steps that made and used a tensor. */
export function jumps(at) {
  const { made } = tensors[at];
  return [...stepRow(say("Made in step"), made === undefined ? [] : [made]),
    ...stepRow(say("Used in step"), usedIn[at])];
}

export function stepRow(title, found) {
  if (!found.length) return [];
  const button = (step) => make("button", { type: "button", onclick: () => go(step + 1) },
    `${step + 1} ${opOf(steps[step]).name}`);
  const more = found.length > 24 ? say("… {count} more", { count: found.length - 24 }) : null;
  return [make("p", { class: "hush" }, title),
    make("div", { class: "jumps" }, found.slice(0, 24).map(button), more)];
}

/** An array as a card: its numbers or its heat map, and its statistics. */
function card(at, title, place, kind = "") {
  const array = arrays[place];
  const choice = () => show({ box: tensors[at].box, tensors: [at] });
  return make("div", { class: `card ${kind}`, "data-place": place },
    make("header", {}, make("button", { type: "button", onclick: choice }, title),
      make("span", { class: "kind" }, `${shapeText(array.shape)} ${array.dtype}`)),
    array.numbers === undefined ? heatMap(array, wordsOf(at)) : numberGrid(array, wordsOf(at)), statsOf(array));
}

function statsOf({ stats }) {
  if (!stats) return null;
  const alarms = { nan: say("not a number"), inf: say("infinite") };
  const names = { ...alarms, mean: say("mean"), std: say("std"), min: say("min"), max: say("max"),
    zeros: say("zeros") };
  return make("dl", {}, Object.entries(stats).map(([key, text]) => make("div",
    key in alarms ? { class: "alarm" } : {},
    make("dt", {}, names[key]), make("dd", {}, text.replaceAll("-", "−")))));
}
