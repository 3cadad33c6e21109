// The heat maps: of weights and of gradients, and of the weights of every head.

import { languageOf, say, sayParts } from "../../../minigrad/draw/page/language.js";
import { $, make } from "../../../minigrad/draw/page/make.js";
import { asked, chosenText, columns, cutHere, data, places, reads, rows, state } from "./data.js";
import { limitOf, matrix } from "./matrices.js";
import { powerOf, short, signed, timesTen } from "./numbers.js";
import { bold, called, placed } from "./words.js";

/** A table with a row per word that attends and a column per word attended to; `size` in pixels. */
export function emptyMap(id, size, dense) {
  const both = (i) => (reads ? i : null);
  const head = columns.map((word, j) =>
    make("th", { scope: "col", ...placed(both(j), j), ...languageOf(word) },
      make("span", {}, word)));
  const body = rows.map((word, i) => make("tr", {},
    make("th", { scope: "row", ...placed(i, both(i)), ...languageOf(word) }, word),
    ...columns.map((_, j) =>
      make("td", { tabindex: i || j ? -1 : 0, "aria-selected": false, ...placed(i, j) }))));
  const table = make("table",
    { id, class: dense ? "map dense" : "map", role: "grid", "aria-labelledby": `${id}-title`,
      style: `--size: ${size}px; font-size: ${size > 40 ? 13 : 10.5}px` },
    make("thead", {}, make("tr", {}, make("td"), ...head)), make("tbody", {}, ...body));
  return make("div", { class: "scroll" }, table);
}

export function startMaps() {
  const dense = columns.length > 14; // too narrow for numbers
  const [least, most, room] = dense ? [14, 20, 800] : [28, 52, 340];
  const size = Math.min(most, Math.max(least, room / columns.length));
  for (const name of ["weights", "gradients"])
    $("maps").append(make("figure", {},
      make("figcaption", {}, make("h2", { id: `${name}-title` }), make("p", { class: "note" })),
      emptyMap(name, size, dense), make("div", { class: `scale ${name}` }),
      make("p", { id: `${name}-cut`, class: "note" })));
  $("maps").classList.toggle("wide", columns.length > 17);
}

/** Room for the slanted words above the maps, as high and as wide as the longest word needs. */
export function makeRooms() {
  for (const table of document.querySelectorAll(".map")) makeRoom(table);
}

function makeRoom(table) {
  const spans = [...table.tHead.querySelectorAll("span")];
  const [sin, cos] = [Math.sin(0.87), Math.cos(0.87)];
  const longest = Math.max(...spans.map((span) => span.offsetWidth));
  const overhang = Math.ceil(spans.at(-1).offsetWidth * cos), sheet = 690; // of A4, in pixels
  table.style.setProperty("--head", `${Math.ceil(longest * sin + 18 * cos)}px`);
  table.style.setProperty("--overhang", `${overhang}px`);
  table.style.setProperty("--sheet", Math.min(1, sheet / (table.offsetWidth + overhang)));
}

/** Drawn again when the layer or the head changes, or an edge is cut. */
export function drawMaps() {
  const [weights, gradients] = [matrix("weights"), matrix("gradients")];
  const limit = limitOf(gradients), power = powerOf(limit), unit = 10 ** power;
  fill($("weights"), weights, 1, short);
  fill($("gradients"), gradients, limit, (value) => signed(value / unit));
  scale("weights", ["0"], ["1"]);
  scale("gradients", [signed(-limit / unit), ` ${say("(lowers)")}`],
    [signed(limit / unit), ...timesTen(power), ` ${say("(raises)")}`]);

  const aligned = places?.some((place, i) => place !== i); // not the words of the translation
  const answer = reads ? called(data.answers[asked][0][0])
    : aligned ? say("its translation") : say("the row’s word");
  describe("weights", say("Weights"), say("mean of the heads"),
    say("How much each word (row) attends to each word (column). A row adds up to 1."));
  describe("gradients", say("Gradients"), say("all heads at once"),
    say("How log p({answer}) changes with each weight. If one weight grows, others in its row " +
      "shrink: compare gradients within a row.", { answer }));
  $("weights-cut").replaceChildren(...cutNote());
  $("gradients-cut").textContent = state.cut ? say("These are the gradients before the cut.") : "";
}

/** What a cut does to the weights that are shown. */
function cutNote() {
  if (!state.cut || state.cut.layer > state.layer) return [];
  const word = bold(rows[state.cut.row]);
  return cutHere()
    ? sayParts("The row of {word} is shown with its cut: the other words share the weight.", { word })
    : sayParts("The cut in layer {layer} changes this layer, too: it is shown as before.",
      { layer: state.cut.layer + 1 });
}

export function fill(table, values, limit, text) {
  const dense = table.classList.contains("dense");
  for (const cell of table.tBodies[0].querySelectorAll("td")) {
    const value = values[cell.dataset.row][cell.dataset.column], number = text(value);
    if (dense) cell.ariaLabel = number;
    else cell.textContent = number;
    cell.style.setProperty("--share", Math.min(1, Math.abs(value) / limit).toFixed(3));
    cell.classList.toggle("minus", value < 0);
    cell.classList.toggle("nil", number === "0");
  }
}

function scale(name, from, to) {
  document.querySelector(`.scale.${name}`).replaceChildren(
    make("span", {}, ...from), make("i"), make("span", {}, ...to));
}

function describe(name, title, together, note) {
  const where = chosenText(together);
  $(`${name}-title`).textContent = where ? `${title}: ${where}` : title;
  $(`${name}-title`).nextElementSibling.textContent = note;
}
