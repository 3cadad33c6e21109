// What the pointer, a finger and the keys do.

import { $ } from "../../../minigrad/draw/page/make.js";
import { drawAnswer } from "./answer.js";
import { isCut, isPinned, reads, state } from "./data.js";
import { drawWeights } from "./drawing.js";
import { mark } from "./marks.js";
import { placeOf } from "./words.js";

function point(event) {
  const element = event.target.closest?.("[data-row], [data-column]");
  state.here = element ? placeOf(element) : {};
  if (element?.matches("td, g")) state.here.exact = true;
  if (!reads && !state.cut && state.here.row !== undefined && state.here.row !== state.row) {
    state.row = state.here.row;
    drawAnswer();
  }
  mark();
}

function click(event) {
  const element =
    event.target.closest("[data-row], [data-column], [data-head], #mend, #theme");
  if (!element) return;
  if (element.id === "theme") switchTheme();
  else if (element.id === "mend") mend();
  else if (element.dataset.head) chooseHead(Number(element.dataset.head));
  else if (element.matches("td, g")) cut({ layer: state.layer, ...placeOf(element) });
  else pin(placeOf(element));
}

/** Cut an edge; if it is cut already, undo that. */
function cut(edge) {
  state.cut = edge && isCut(edge) ? null : edge;
  if (state.cut && !reads) state.row = state.cut.row;
  drawWeights();
  drawAnswer();
}

function mend() {
  // The button disappears, so keyboard users continue from the cell.
  document.querySelector('#weights [aria-selected="true"]')?.focus({ preventScroll: true });
  cut(null);
}

function pin(at) {
  state.pinned = isPinned(at) ? {} : at;
  mark();
}

/** Show this head above; if it is shown already, the mean of all. */
function chooseHead(head) {
  state.head = state.head === head ? null : head;
  document.querySelector(`input[name="head"][value="${state.head ?? ""}"]`).checked = true;
  drawWeights();
}

function choose(event) {
  const { name, value } = event.target;
  state[name] = value === "" ? null : Number(value);
  drawWeights();
}

const STEPS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

/** In a map the arrow keys move between cells, and Enter cuts; Escape undoes everything. */
function press(event) {
  if (event.key === "Escape") {
    pin({});
    cut(null);
    return;
  }
  const cell = event.target.closest("td[data-row]"), step = STEPS[event.key];
  if (!cell) return;
  if (step) move(cell, step);
  else if (event.key === "Enter" || event.key === " ") cell.click();
  else return;
  event.preventDefault();
}

function move(cell, [down, right]) {
  const { row, column } = placeOf(cell);
  const next = cell.closest("tbody").rows[row + down]?.cells[column + 1 + right];
  if (!next?.matches("td")) return;
  cell.tabIndex = -1;
  next.tabIndex = 0;
  next.focus();
}

function switchTheme() {
  const dark = $("theme").getAttribute("aria-pressed") !== "true";
  document.documentElement.style.colorScheme = dark ? "dark" : "light";
  $("theme").setAttribute("aria-pressed", dark);
}

export function listen() {
  $("theme").setAttribute("aria-pressed", matchMedia("(prefers-color-scheme: dark)").matches);
  document.addEventListener("pointerover", point);
  document.addEventListener("focusin", point);
  document.addEventListener("click", click);
  document.addEventListener("keydown", press);
  $("choose").addEventListener("change", choose);
}
