// As text: the weight under the pointer, or the strongest weights from and to a word.

import { say, sayParts } from "../../../minigrad/draw/page/language.js";
import { $, make } from "../../../minigrad/draw/page/make.js";
import { columns, cutHere, rows, state } from "./data.js";
import { before, matrix } from "./matrices.js";
import { powerOf, timesTen } from "./numbers.js";
import { bold } from "./words.js";

const HINT = say("Point at a word, a link or a cell. " +
  "Click a word to pin it, a link or a cell to cut it.");

export function drawReadout({ row, column, exact }) {
  $("readout").classList.toggle("hint", !exact);
  $("readout").replaceChildren(...(exact ? numbers(row, column) : strongest(row, column)));
}

function numbers(row, column) {
  const gradient = matrix("gradients")[row][column], size = Math.abs(gradient);
  const power = size ? powerOf(size) : 0, sign = gradient < 0 ? "−" : "+";
  const slope = size ? sign + (size / 10 ** power).toFixed(3) : "0";
  const now = matrix("weights")[row][column].toFixed(4), was = before(row, column).toFixed(4);
  const weight = cutHere() && state.cut.row === row ? say("{was}, with the cut {now}", { was, now }) : now;
  return [bold(rows[row]), " → ", bold(columns[column]), make("br"),
    say("weight {weight}, gradient {slope}", { weight, slope }), ...timesTen(power)];
}

function strongest(row, column) {
  const weights = matrix("weights"), lines = [];
  const most = (list) => list.indexOf(Math.max(...list));
  if (row !== undefined) {
    const j = most(weights[row]);
    lines.push(...sayParts("{word} attends most to {other} ({weight}).", { word: bold(rows[row]),
      other: bold(columns[j]), weight: weights[row][j].toFixed(2) }), make("br"));
  }
  if (column !== undefined) {
    const i = most(weights.map((line) => line[column]));
    lines.push(...sayParts("{word} gets most attention from {other} ({weight}).",
      { word: bold(columns[column]), other: bold(rows[i]), weight: weights[i][column].toFixed(2) }),
    make("br"));
  }
  return [...lines, HINT];
}
