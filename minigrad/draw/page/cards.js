// Cards: a tensor or a gradient, with its numbers or its heat map.

import { make } from "./make.js";
import { arrays, data, nameOf, opOf, shapeText, steps, tensors, usedIn } from "./data.js";
import { go, show } from "./steps.js";

export const heading = (text) => make("h3", {}, text);

export function tensorCards(at) {
  const { grad } = tensors[at];
  return [valueCard(at), grad === undefined ? null : gradCard(at, grad)].filter(Boolean);
}

export const valueCard = (at) => card(at, nameOf(at), tensors[at].value);
export const gradCard = (at, grad) => card(at,
  tensors[at].differs ? `.grad of ${nameOf(at)}` : `gradient of ${nameOf(at)}`, grad, "grad");
export const numberCard = (text) => make("div", { class: "card" }, make("header", {},
  make("b", {}, text), make("span", { class: "kind" }, "number")));

export function handedCard(step, j, grad, at) {
  const x = step.inputs[j];
  const uses = steps.flatMap((s, i) =>
    s.back.filter(([k]) => s.inputs[k] === x).map(([k]) => [i, k]));
  const made = card(x, `to ${nameOf(x)}`, grad, "grad");
  if (uses.length > 1) {
    const come = uses.filter(([i, k]) => i > at || i === at && k <= j).length;
    made.append(make("p", { class: "hush" },
      `part ${come} of ${uses.length} that add up to its gradient`));
  }
  if (tensors[x].differs) {
    made.append(make("p", { class: "hush" }, "in this backward pass; its .grad is another one"));
  }
  return made;
}

/** Buttons for the steps that made and used a tensor. */
export function jumps(at) {
  const { made } = tensors[at];
  return [...stepRow("Made in step", made === undefined ? [] : [made]),
    ...stepRow("Used in step", usedIn[at])];
}

export function stepRow(title, found) {
  if (!found.length) return [];
  const button = (step) => make("button", { type: "button", onclick: () => go(step + 1) },
    `${step + 1} ${opOf(steps[step]).name}`);
  const more = found.length > 24 ? `… ${found.length - 24} more` : null;
  return [make("p", { class: "hush" }, title),
    make("div", { class: "jumps" }, found.slice(0, 24).map(button), more)];
}

/** An array as a card: its numbers or its heat map, and its statistics. */
function card(at, title, place, kind = "") {
  const array = arrays[place];
  const choice = () => show({ box: tensors[at].box, tensors: [at] });
  return make("div", { class: `card ${kind}` },
    make("header", {}, make("button", { type: "button", onclick: choice }, title),
      make("span", { class: "kind" }, `${shapeText(array.shape)} ${array.dtype}`)),
    array.numbers === undefined ? heatMap(array) : numberGrid(array), statsOf(array));
}

/** A cell, coloured by its number's share of the largest absolute one: from -1 to 1. */
function cell(name, share, bad, ...children) {
  const made = make(name, { class: bad ? "cell bad" : "cell" }, ...children);
  if (!bad && share) {
    made.style.setProperty("--side", share < 0 ? "var(--below)" : "var(--above)");
    made.style.setProperty("--share", `${Math.round(Math.abs(share) * 100)}%`);
  }
  return made;
}

const numberOf = (text) => ({ True: 1, False: 0 })[text] ?? Number(text);

function numberGrid({ shape, numbers }) {
  if (!numbers) return make("p", { class: "hush" }, "no elements");
  const texts = numbers.split(" "), values = texts.map(numberOf);
  const most = Math.max(...values.filter(Number.isFinite).map(Math.abs), 0) || 1;
  const wide = shape.length > 1 ? shape.at(-1) : Math.min(texts.length, 8);
  const block = shape.length > 2 ? shape.at(-2) : Infinity;
  const rows = [];
  for (let i = 0; i < texts.length; i += wide) {
    const cells = texts.slice(i, i + wide).map((text, j) => {
      const value = values[i + j];
      return cell("td", value / most, !Number.isFinite(value), text.replaceAll("-", "−"));
    });
    const gap = i > 0 && (i / wide) % block === 0;
    rows.push(make("tr", gap ? { class: "gap" } : {}, cells));
  }
  return make("div", { class: wide > 5 ? "scroll wide" : "scroll" },
    make("table", {}, make("tbody", {}, rows)));
}

function heatMap({ shape, map, rows, scale }) {
  const columns = map.length / rows, middle = (data.levels.length - 1) / 2;
  const cells = [...map].map((c) => {
    const level = data.levels.indexOf(c);
    return cell("i", level / middle - 1, level < 0);
  });
  const image = make("div", { class: "map", role: "img",
    "aria-label": `heat map of ${shapeText(shape)}, ${rows} by ${columns} cells` }, cells);
  image.style.setProperty("--columns", columns);
  image.style.gridTemplateColumns = `repeat(${columns}, 1fr)`;
  return make("div", {}, image, make("div", { class: "scale", "aria-hidden": "true" },
    `−${scale}`, make("i"), scale));
}

function statsOf({ stats }) {
  if (!stats) return null;
  const alarms = { nan: "not a number", inf: "infinite" };
  return make("dl", {}, Object.entries(stats).map(([key, text]) => make("div",
    key in alarms ? { class: "alarm" } : {},
    make("dt", {}, alarms[key] ?? key), make("dd", {}, text.replaceAll("-", "−")))));
}
