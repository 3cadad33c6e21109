// The weights and the gradients of the chosen layer, by head or of all heads together.

import { cutHere, data, heads, state } from "./data.js";

/** For all heads together: the mean of their weights, and the sum of their gradients. */
export function matrix(name) {
  const all = data[name][state.layer].map((_, head) => ofHead(name, head));
  if (state.head !== null) return all[state.head];
  const share = name === "weights" ? 1 / heads : 1;
  return all[0].map((row, i) => row.map((_, j) => share * total(all.map((head) => head[i][j]))));
}

/** The weights or gradients of one head; a row with a cut has the weights that are left. */
export function ofHead(name, head) {
  const found = data[name][state.layer][head];
  if (name !== "weights" || !cutHere()) return found;
  return found.map((row, i) => (i === state.cut.row ? without(row, state.cut.column) : row));
}

/** The softmax of a row without one of its scores: the other weights, divided by their sum. */
function without(row, column) {
  const left = row.map((weight, j) => (j === column ? 0 : weight));
  const sum = total(left);
  return sum === 0 ? row : left.map((weight) => weight / sum); // 0: it attends to nothing else
}

/** The same, as it was before the cut. */
export function before(row, column) {
  const all = data.weights[state.layer].map((head) => head[row][column]);
  return state.head === null ? total(all) / heads : all[state.head];
}

export const total = (values) => values.reduce((x, y) => x + y, 0);

const largest = (values) =>
  values.flat(Infinity).reduce((most, value) => Math.max(most, Math.abs(value)), 0);

/** The end of the scale of gradients: the same for all single heads, so they can be compared. */
export const limitOf = (gradients) =>
  largest(state.head === null ? gradients : data.gradients[state.layer]) || 1;
