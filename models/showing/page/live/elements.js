// Elements: words, heat maps of vectors, bars of probabilities.

import { languageOf, say } from "../../../../minigrad/draw/page/language.js";
import { sorted } from "./numbers.js";

export const byId = (id) => document.getElementById(id);

/** A new element. Text in it stays text, even if it looks like HTML. */
export function make(name, attributes = {}, ...children) {
  const svg = ["svg", "g", "path", "title"].includes(name);
  const element = svg
    ? document.createElementNS("http://www.w3.org/2000/svg", name)
    : document.createElement(name);
  for (const [key, value] of Object.entries(attributes))
    if (value !== null) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

/** A token as it is shown: white space has signs, and what nobody sees a number. */
export function shown(token) {
  const text = token.replaceAll(" ", "␣").replaceAll("\n", "⏎").replaceAll("\t", "⇥");
  const hidden = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;
  return text.replace(hidden, (letter) => `\\u{${letter.codePointAt(0).toString(16)}}`);
}

/** A word, marked with its language. */
export const wordIn = (name, token, attributes = {}) =>
  make(name, { ...attributes, ...languageOf(token) }, shown(token));

export const decimals = (number) =>
  number === -Infinity ? "−∞" : number.toFixed(2).replace("-", "−");

/** A heat map of a vector, as wide as high at most: blue above 0, orange below. */
export function heat(vector, about, columns = Math.ceil(Math.sqrt(vector.length * 1.6))) {
  const rows = Math.ceil(vector.length / columns);
  const canvas = make("canvas", { role: "img", class: "heat", width: columns, height: rows });
  const limit = vector.reduce((most, number) => Math.max(most, Math.abs(number)), 0) || 1;
  canvas.setAttribute("aria-label",
    say("{about}: {count} numbers between {low} and {high}",
      { about, count: vector.length, low: decimals(-limit), high: decimals(limit) }));
  canvas.title = canvas.getAttribute("aria-label");
  const image = new ImageData(columns, rows);
  for (const [i, number] of vector.entries())
    image.data.set([...(number < 0 ? [222, 103, 10] : [10, 122, 194]),
      255 * Math.abs(number) / limit], 4 * i);
  canvas.getContext("2d").putImageData(image, 0, 0);
  return canvas;
}

/** A cell with a number from 0 to 1 and a bar. */
export const bar = (p, name = null) =>
  make("td", { class: name ? `bar ${name}` : "bar", style: `--share: ${p}` }, p.toFixed(2));

/** A table of the likeliest answers.
 *
 * columns: by "probability", "drawn" and "uncut", probabilities for each id, or null for a column that is left out;
 * said: the id of the answer that was given.
 */
export function oddsTable(caption, columns, nameOf, said) {
  const titles = { probability: say("probability"), drawn: say("drawn"), uncut: say("uncut") };
  const given = Object.entries(columns).filter(([, p]) => p);
  const ids = [...new Set(given.flatMap(([, p]) => sorted(p).slice(0, 4)))];
  const rows = ids.map((id) => make("tr", { class: id === said ? "said" : null },
    wordIn("th", nameOf(id), { scope: "row" }),
    ...given.map(([title, p]) => bar(p[id] ?? 0, title))));
  return make("table", { class: "odds" }, make("caption", {}, caption),
    headRow([say("word"), ...given.map(([title]) => titles[title])]), make("tbody", {}, ...rows));
}

const headRow = (names) => make("thead", {},
  make("tr", {}, ...names.map((name) => make("th", { scope: "col" }, name))));

/** A button that cuts an edge or mends it. */
export function cutButton(about, pressed, cut, words = [say("cut"), say("mend")]) {
  const button = make("button", { type: "button", class: "cut", "aria-pressed": pressed,
    "aria-label": say("{act} {edge}", { act: words[0], edge: about }), "data-about": about }, pressed ? words[1] : words[0]);
  button.addEventListener("click", cut);
  return button;
}

/** Replace the children of an element, and keep the focus on the same button. */
export function refill(element, ...children) {
  const about = element.contains(document.activeElement)
    ? document.activeElement.dataset.about : undefined;
  element.replaceChildren(...children);
  if (about !== undefined)
    [...element.querySelectorAll("[data-about]")].find((one) => one.dataset.about === about)
      ?.focus({ preventScroll: true });
}

/** A table of edges; it scrolls in itself where it is too wide. */
export const edgesTable = (caption, head, rows) => make("div", { class: "scroll" },
  make("table", { class: "edges" }, make("caption", {}, caption), headRow(head),
    make("tbody", {}, ...rows)));

/** A picture and its name. */
export const named = (name, picture) =>
  make("figure", {}, make("figcaption", {}, name), picture);
