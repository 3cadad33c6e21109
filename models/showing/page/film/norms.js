// The norms of all parameters through the training: a row per parameter, a column per moment.

import { say, sayParts } from "../../../../minigrad/draw/page/language.js";
import { $, clamp, make } from "../../../../minigrad/draw/page/make.js";
import { last, moments, parameters, parts, short } from "./data.js";
import { canvas, markers, scrubbed, shades, svg } from "./paint.js";
import { change, shown, state } from "./state.js";

const cells = svg("g");
const normMarks = svg("g");
const chosen = svg("rect", { class: "chosen", x: 0, width: last + 1, height: 1 });
const numbers = make("div", { class: "rows numbers" });
const scale = make("span", { class: "note" });
let drawn = null; // the part whose cells are there

const labels = parameters.map(([name], i) =>
  make("button", { type: "button", title: name, onclick: () => change({ parameter: i }) }, name));
const partNames = { gradients: say("gradients"), weights: say("weights") };
const buttons = parts.map((part) =>
  make("button", { type: "button", onclick: () => change({ part }) }, partNames[part]));

export function startNorms() {
  const plot = make("div", { class: "plot" },
    canvas(last + 1, parameters.length, cells, chosen, normMarks));
  const row = (share) =>
    ({ parameter: clamp(Math.floor(share * parameters.length), 0, parameters.length - 1) });
  $("norms").append(
    make("div", { class: "line" }, ...buttons, scale),
    make("div", { id: "strip", class: "strip", style: `--rows: ${parameters.length}` },
      make("div", { class: "rows" }, ...labels), scrubbed(plot, row), numbers));
}

export function drawNorms() {
  if (drawn !== state.part) drawCells();
  for (const [i, button] of buttons.entries()) {
    button.setAttribute("aria-pressed", parts[i] === state.part);
  }
  for (const [i, label] of labels.entries()) {
    label.setAttribute("aria-pressed", i === state.parameter);
  }
  chosen.setAttribute("y", state.parameter);
  normMarks.replaceChildren(...markers(parameters.length, (i) => i + 0.5));
  const norms = shown().map((i) => moments[i][state.part]?.norms);
  numbers.replaceChildren(...parameters.map((_, i) =>
    make("span", {}, ...norms.map((norm) => make("b", {}, short(norm?.[i]))))));
}

/** The cells, from the smallest norm that is not zero to the largest, on a logarithmic scale. */
function drawCells() {
  drawn = state.part;
  const norms = parameters.flatMap((_, i) => moments.map((m) => m[drawn]?.norms[i] || null));
  const logs = norms.map((norm) => norm && Math.log(norm));
  const real = logs.filter((log) => log !== null);
  const [low, high] = [Math.min(...real), Math.max(...real)];
  const share = (log) => (high > low ? 0.05 + (0.95 * (log - low)) / (high - low) : 1);
  cells.replaceChildren(...shades(logs.map((log) => log === null ? null : share(log)), last + 1));
  $("strip").classList.remove(...parts);
  $("strip").classList.add(drawn);
  const range = real.length ? [short(Math.exp(low)), short(Math.exp(high))] : ["–", "–"];
  scale.replaceChildren(...sayParts("norm {low}{ramp}{high} (logarithmic)",
    { low: range[0], ramp: make("i", { class: `ramp ${drawn}` }), high: range[1] }));
}
