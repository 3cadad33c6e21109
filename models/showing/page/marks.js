// The marks of the place that is under the pointer, pinned or cut.

import { $ } from "../../../minigrad/draw/page/make.js";
import { isCut, isPinned, state } from "./data.js";
import { drawReadout } from "./readout.js";
import { placeOf } from "./words.js";

let marked = new Set(); // the elements that may have a mark; all others have none
const elements = { row: new Map(), column: new Map() }; // those of each row and column

/** Look up which elements there are; after that, `mark` finds them. */
export function sortElements() {
  for (const kind of ["row", "column"]) {
    elements[kind].clear();
    for (const element of document.querySelectorAll(`[data-${kind}]`)) {
      const number = Number(element.dataset[kind]);
      if (!elements[kind].has(number)) elements[kind].set(number, []);
      elements[kind].get(number).push(element);
    }
  }
}

const near = ({ row, column }) =>
  [...(elements.row.get(row) ?? []), ...(elements.column.get(column) ?? [])];

const place = () => (Object.keys(state.here).length ? state.here : state.pinned);

export function mark() {
  const at = place();
  const now = new Set([...near(at), ...near(state.pinned), ...near(state.cut ?? {})]);
  for (const element of new Set([...marked, ...now])) markOne(element, at);
  marked = now;
  $("lines").classList.toggle("some", at.row !== undefined || at.column !== undefined);
  $("lines").classList.toggle("held", Object.keys(state.pinned).length > 0);
  drawReadout(at);
}

function markOne(element, { row, column, exact }) {
  const at = placeOf(element);
  const inRow = at.row !== undefined && at.row === row;
  const inColumn = at.column !== undefined && at.column === column;
  const isWord = element.matches("button, th");
  const from = element.closest("#from, tbody"), to = element.closest("#to, thead");
  element.classList.toggle("out", isWord ? Boolean(from && inRow) : inRow);
  element.classList.toggle("in", isWord ? Boolean(to && inColumn) : inColumn);
  element.classList.toggle("exact", Boolean(exact) && inRow && inColumn);
  const cut = isCut(at) && !isWord;
  if (element.matches("td")) element.setAttribute("aria-selected", cut);
  if (element.matches("g")) element.classList.toggle("cut", cut);
  if (element.matches("button")) element.setAttribute("aria-pressed", isPinned(at));
}
