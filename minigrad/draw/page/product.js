// Where a number comes from: the row and the column of a product, the exponentials of a softmax.

import { make, minus } from "./make.js";
import { say, sayParts } from "./language.js";
import { arrays, opOf, tensors } from "./data.js";
import { numberOf } from "./maps.js";

const PRODUCTS = new Set(["matmul", "linear"]);
const TERMS = 12;  // of a sum that are written out

export const isProduct = (step) => PRODUCTS.has(opOf(step).name);

/** A matrix of a card's numbers: how many rows and columns, and how a cell's index is made. */
function matrix(place, flipped = false) {
  const { shape, numbers } = arrays[place];
  if (numbers === undefined || !shape.length || shape.slice(0, -2).some((size) => size !== 1)) return null;
  const values = numbers.split(" ").map(numberOf), columns = shape.at(-1);
  const rows = shape.length > 1 ? shape.at(-2) : 1;
  const at = flipped ? (i, j) => j * columns + i : (i, j) => i * columns + j;
  return { values, at, rows: flipped ? columns : rows, columns: flipped ? rows : columns, place };
}

/** The two matrices whose product a step makes, or on the way back passes to its input j. */
function factors({ step, back }, j) {
  const across = opOf(step).name === "linear";
  if (!isProduct(step)) return null;
  const [a, b] = step.inputs.map((x) => typeof x === "number" ? tensors[x].value : undefined);
  if (a === undefined || b === undefined) return null;
  const vector = (place) => arrays[place].shape.length < 2;
  if (vector(b) || back && (vector(a) || j > 1)) return null;
  const gradient = tensors[step.out].grad;
  const pair = !back ? [matrix(a), matrix(b, across)]
    : j === 0 ? [matrix(gradient), matrix(b, !across)]
      : across ? [matrix(gradient, true), matrix(a)] : [matrix(a, true), matrix(gradient)];
  const [left, right] = pair;
  return left && right && left.columns === right.rows ? pair : null;
}

/** A card whose cells say how they were computed, when pointed at, focused or tapped. */
export function explained(card, move, j) {
  const place = move.back ? move.step.back.find(([k]) => k === j)[1] : tensors[move.step.out].value;
  const own = matrix(place), cells = [...card.querySelectorAll("td[data-at]")];
  if (!own || !cells.length) return card;
  const pair = factors(move, j), softmax = !move.back && opOf(move.step).name === "softmax";
  const fits = pair && pair[0].rows === own.rows && pair[1].columns === own.columns;
  if (!fits && !softmax) return card;
  const said = make("p", { class: "sum hush", role: "status" },
    say("Point at a number to see where it comes from; the arrow keys go from one to the next."));
  card.append(said);
  const tell = (td) => {
    quiet();
    td.classList.add("asked");
    const at = Number(td.dataset.at);
    const parts = fits ? product(pair, own, at) : exponentials(move.step, at);
    if (!parts) return;
    said.replaceChildren(...parts.said);
    for (const [from, indices] of parts.lit) lightCells(card, from, indices);
  };
  cells.forEach((td, i) => {
    td.setAttribute("tabindex", i ? "-1" : "0");
    td.addEventListener("pointerenter", () => tell(td));
    td.addEventListener("focus", () => tell(td));
    td.addEventListener("click", () => td.focus());
    td.addEventListener("keydown", (event) => walk(event, cells, i, own.columns));
  });
  card.addEventListener("pointerleave", quiet);
  return card;
}

/** The arrow keys go from cell to cell. */
function walk(event, cells, i, columns) {
  const by = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns }[event.key];
  if (!by) return;
  event.preventDefault();
  event.stopPropagation();
  cells[i + by]?.focus();
}

/** The dot product of a row and a column, written out. */
function product([left, right], own, at) {
  const i = Math.floor(at / own.columns), j = at % own.columns;
  const indices = Array.from({ length: left.columns }, (_, k) => [left.at(i, k), right.at(k, j)]);
  const terms = indices.map(([a, b]) => [left.values[a], right.values[b]]);
  const shown = terms.slice(0, TERMS).map(([a, b]) => `${digits(a)} · ${inBrackets(b)}`).join(" + ");
  const more = terms.length > TERMS
    ? ` + ${say("… ({count} more)", { count: terms.length - TERMS })}` : "";
  const sum = terms.reduce((total, [a, b]) => total + a * b, 0);
  return {
    said: [make("b", {}, say("row {row} · column {column}", { row: i, column: j })), ` = ${shown}${more} = ${digits(sum)}`],
    lit: [[left.place, indices.map(([a]) => a)], [right.place, indices.map(([, b]) => b)]],
  };
}

/** A softmax's share: an exponential over the sum of all, each taken from the largest. */
function exponentials(step, at) {
  const [x] = step.inputs, place = tensors[x]?.value, { shape, numbers } = arrays[place] ?? {};
  const dim = Number(step.text.match(/dim=(-?\d+)/)?.[1] ?? -1);
  if (numbers === undefined || !shape.length) return null;
  const axis = (dim + shape.length) % shape.length;
  const apart = shape.slice(axis + 1).reduce((a, b) => a * b, 1), count = shape[axis];
  const first = at - Math.floor(at / apart) % count * apart;
  const line = Array.from({ length: count }, (_, k) => first + k * apart);
  const values = numbers.split(" ").map(numberOf), most = Math.max(...line.map((i) => values[i]));
  const powers = line.map((i) => Math.exp(values[i] - most));
  const sum = powers.reduce((a, b) => a + b, 0), own = Math.exp(values[at] - most);
  const minusMost = most ? ` − ${inBrackets(most)}` : "";
  const shown = powers.slice(0, TERMS).map(digits).join(" + ") + (count > TERMS ? " + …" : "");
  return {
    said: [...sayParts("{op} = exp({x}) / sum", { op: make("b", {}, "softmax"),
      x: digits(values[at]) + minusMost }), ` = ${digits(own)} / (${shown}) = ${digits(own / sum)}`],
    lit: [[place, line]],
  };
}

const digits = (x) => minus(String(Number(x.toPrecision(4))));
const inBrackets = (x) => x < 0 ? `(${digits(x)})` : digits(x);

/** Light cells in the cards that show an array; not in the card of the result itself. */
function lightCells(result, place, indices) {
  for (const card of document.querySelectorAll("#panel .card")) {
    if (card === result || Number(card.dataset.place) !== place) continue;
    for (const i of indices) card.querySelector(`td[data-at="${i}"]`)?.classList.add("source");
  }
}

function quiet() {
  for (const td of document.querySelectorAll("#panel :is(.asked, .source)")) {
    td.classList.remove("asked", "source");
  }
}
