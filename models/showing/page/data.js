// The page's data, and its state.

import { say } from "../../../minigrad/draw/page/language.js";
import { $ } from "../../../minigrad/draw/page/make.js";

export const data = JSON.parse($("data").textContent);
export const { rows, columns, asked, sentence = columns, translation = rows, places, next } = data;
export const layers = data.weights.length;
export const heads = data.weights[0].length;
export const reads = asked !== null; // a reader, whose words attend to each other, or a translator

// A place (a word, a link, a cell) has a row, a column or both.
export const state = {
  layer: (data.layer ?? layers) - 1,
  head: data.head === null ? null : data.head - 1, // null: all heads
  here: {}, // under the pointer, or focused
  pinned: reads ? { row: asked, column: asked } : {},
  cut: null, // the edge that is cut: its layer, row and column
  row: reads ? asked : 0, // whose answer is shown
};

export const isPinned = (at) =>
  Object.keys(at).length > 0 && at.row === state.pinned.row && at.column === state.pinned.column;

export const isCut = (at) =>
  cutHere() && state.cut.row === at.row && state.cut.column === at.column;

/** True if an edge of the chosen layer is cut. */
export const cutHere = () => state.cut !== null && state.cut.layer === state.layer;

/** The chosen layer and head as text, without what the model has only one of. */
export function chosenText(together) {
  const layer = layers > 1 ? [say("layer {layer}", { layer: state.layer + 1 })] : [];
  const head = heads === 1 ? []
    : [state.head === null ? together : say("head {head}", { head: state.head + 1 })];
  return [...layer, ...head].join(", ");
}
