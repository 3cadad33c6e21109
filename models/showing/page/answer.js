// The answer of a row, before and after a cut.

import { languageOf, say, sayParts } from "../../../minigrad/draw/page/language.js";
import { $, make } from "../../../minigrad/draw/page/make.js";
import { asked, columns, data, heads, layers, next, places, reads, rows, state } from "./data.js";
import { bold, called } from "./words.js";

export function drawAnswer() {
  const { row, cut } = state;
  const compared = cut && data.cuts[cut.layer][cut.row][cut.column];
  const odds = compared || data.answers[row].map(([name, p]) => [name, p, p]);
  $("odds").classList.toggle("compared", Boolean(compared));
  $("odds").tBodies[0].replaceChildren(...odds.map(([name, was, now], i) =>
    make("tr", i ? {} : { class: "first" },
      make("th", { scope: "row", ...languageOf(called(name)) }, called(name)),
      bar(was), bar(now, "cut"))));

  const now = compared ? odds.reduce((most, one) => (one[2] > most[2] ? one : most)) : odds[0];
  const when = !compared ? "is" : now === odds[0] ? "still" : "would";
  $("says").replaceChildren(...answered(row, when, { answer: bold(called(now[0])),
    p: now[compared ? 2 : 1].toFixed(2) }));
  $("what").replaceChildren(...(cut ? cutText(compared) : []));
}

/** The answer of a row as a sentence: as it "is", "would" be after a cut, or would "still" be. */
function answered(row, when, answer) {
  if (next) {
    return { is: sayParts("The next word is {answer} ({p})", answer),
      would: sayParts("The next word would be {answer} ({p})", answer),
      still: sayParts("The next word would still be {answer} ({p})", answer) }[when];
  }
  if (reads) {
    const it = { ...answer, word: bold(rows[row]) };
    return { is: sayParts("{word} points to {answer} ({p})", it),
      would: sayParts("{word} would point to {answer} ({p})", it),
      still: sayParts("{word} would still point to {answer} ({p})", it) }[when];
  }
  const it = { ...answer, at: (places?.[row] ?? row) + 1 };
  return { is: sayParts("Word {at} is {answer} ({p})", it),
    would: sayParts("Word {at} would be {answer} ({p})", it),
    still: sayParts("Word {at} would still be {answer} ({p})", it) }[when];
}

function bar(p, name = "") {
  return make("td", { class: name, style: `--share: ${p}` }, p.toFixed(2));
}

/** The edge that was cut, and a note if that has no effect. */
function cutText(compared) {
  const from = bold(rows[state.cut.row]), to = bold(columns[state.cut.column]);
  const where = [layers > 1 && say("in layer {layer}", { layer: state.cut.layer + 1 }),
    heads > 1 && say("(all heads)")].filter(Boolean).map((part) => `${part} `);
  const text = reads ? sayParts("Cut: {where}{from} may not attend to {to}.", { where, from, to })
    : sayParts("Cut: {where}at {from}, {to} is masked.", { where, from, to });
  if (!compared) text.push(` ${compared === false ? notTried() : noEffect()}`);
  const mend = make("button", { id: "mend", type: "button", class: "pill" }, say("Undo"));
  return [make("p", {}, ...text), mend];
}

function notTried() {
  const tried = data.cuts[state.cut.layer][state.cut.row].filter(Boolean).length;
  return say("The text is long, so only the {count} strongest links of each word were cut: " +
    "this one is not among them.", { count: tried });
}

function noEffect() {
  if (columns.length === 1) return say("It is the only word: without it there is no answer.");
  if (!reads) {
    return say("Nothing changes in the answer: a word attends to no later word, and to at least one.");
  }
  const word = rows[asked];
  return next
    ? say("Nothing changes in the answer: in the last layer only the row of {word} affects it, " +
      "and a word attends to no later word, and to at least one.", { word })
    : say("Nothing changes in the answer: in the last layer only the row of {word} affects it.",
      { word });
}
