// The numbers in the boxes: each appears at its step, and gradients add up as they come back.

import { calm } from "./make.js";
import { forward, moves, tensors } from "./data.js";
import { nodes } from "./picture.js";
import { onModules } from "./modules.js";
import { current, onStep, position, turned } from "./steps.js";

const AWAY = "–";  // in place of a number that is not there yet
let boxed = [];  // { at, value, back } for each tensor with numbers in a box that is drawn

/** The texts in a box that are a tensor's numbers; null if the box does not have them. */
function textsOf(node, from, words) {
  const found = [...node.querySelectorAll(":scope > text")].slice(from, from + words.length || undefined);
  const same = found.length === words.length && found.every((text, i) => text.textContent === words[i]);
  return same ? found.map((text) => ({ text, said: text.textContent, box: text.getBBox(),
    length: text.getAttribute("textLength"), x: text.getAttribute("x") })) : null;
}

/**
 * The part of a box that is a gradient's table, with words or colours: all after and below its
 * title. It is not there until the whole gradient is.
 */
function tableOf(node) {
  const texts = [...node.querySelectorAll(":scope > text")];
  const title = texts.findLastIndex(({ textContent }) => textContent === "grad");
  if (title < 0) return null;
  const top = texts[title].getBBox().y;
  const [frame, ...cells] = node.querySelectorAll(":scope > :not(text)");
  const below = cells.filter((cell) => cell.getBBox().y > top - 2 && cell.getBBox().height < frame.getBBox().height / 2);
  return [...texts.slice(title + 1), ...below];
}

/** Find the numbers of each tensor: those of the gradient come last, after a title. */
function find() {
  boxed = [];
  tensors.forEach(({ box, texts, back, made }, at) => {
    const node = nodes.get(box);
    if (!node || node.classList.contains("gone") || !texts && !back) return;
    node.numbers ??= {};
    const numbers = node.numbers[at] ??= {
      table: back ? tableOf(node) : null,
      back: back ? textsOf(node, -back.length, back) : null,
      value: texts ? textsOf(node, back ? -back.length - 1 - texts.length : -texts.length, texts) : null,
    };
    boxed.push({ at, made, ...numbers });
  });
}

/** Write other words in the place of some texts, or what they said at first. */
function writeNumbers(numbers, words) {
  numbers.forEach(({ text, said, box, length, x }, i) => {
    const word = words === null ? said : words[i] ?? "";
    if (text.textContent === word) return;
    text.textContent = word;
    const own = word === said;
    text.toggleAttribute("textLength", false);
    if (own && length) text.setAttribute("textLength", length);
    text.setAttribute("text-anchor", own ? text.anchor ?? "start" : "middle");
    text.setAttribute("x", own ? x : box.x + box.width / 2);
    if (word !== AWAY && !calm.matches && position) blink(text);
  });
}

function blink(text) {
  text.classList.remove("fresh");
  text.getBoundingClientRect();  // so that the animation begins again
  text.classList.add("fresh");
}

const away = (numbers) => numbers.map((_, i) => numbers.length > 3 || i === 0 ? AWAY : "");

// --- when gradients come back --------------------------------------------------------------------

/** For each tensor, the positions at which a part of its gradient comes, and the sum by then. */
const arrivals = tensors.map(() => []);
moves.forEach(({ step, back }, i) => {
  if (!back) return;
  for (const [j] of step.back) {
    arrivals[step.inputs[j]].push({ position: i + 1, sum: step.sums?.[j] ?? null });
  }
});
const goesBack = moves.some(({ back }) => back);

/** The texts of a gradient by now: null for what was drawn, undefined if none has come. */
function gradientBy(at, now) {
  const come = arrivals[at].filter((arrival) => arrival.position <= now);
  if (come.length) return come.at(-1).sum;
  const starts = tensors[at].kind === "output" && now > forward.length;
  return starts || !arrivals[at].length && tensors[at].kind !== "output" && !isMade(at) ? null : undefined;
}

const isMade = (at) => tensors[at].made !== undefined;

/** True if all of a tensor's gradient has come back by now, or if no step is shown. */
export const comeBack = (at) => !current() || !goesBack ||
  arrivals[at].every((arrival) => arrival.position <= position) &&
  gradientBy(at, position) !== undefined;

/** The heat map in a box is there once its tensor is. */
function hide(at, hidden) {
  for (const cell of nodes.get(tensors[at].box).querySelectorAll(".heat")) {
    cell.classList.toggle("away", hidden);
  }
}

/** Show the numbers that there are at the current step. */
function update() {
  const whole = !current();  // before the first step, the drawing is as it was made
  for (const { at, made: step, value, back, table } of boxed) {
    const done = turned() && goesBack ? Infinity : moves[position - 1]?.at;
    if (step !== undefined && !value) hide(at, !whole && step > done);
    if (value) writeNumbers(value, whole || step <= done ? null : away(value));
    if (!goesBack) continue;
    if (!back) for (const part of table ?? []) part.classList.toggle("away", !comeBack(at));
    if (!back) continue;
    const sum = whole ? null : gradientBy(at, position);
    writeNumbers(back, sum === undefined ? away(back) : sum);
  }
}

onModules(() => { find(); update(); });
onStep(update);
