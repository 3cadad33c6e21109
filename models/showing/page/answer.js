// The answer of a row, before and after a cut.

import { $, make } from "../../../minigrad/draw/page/make.js";
import { asked, columns, data, heads, layers, next, places, reads, rows, state } from "./data.js";
import { bold, called, languageOf } from "./words.js";

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
  const still = now === odds[0] ? "still " : "";
  const [subject, is, be] = next ? ["The next word", "is", "be"] : reads
    ? [bold(rows[row]), "points to", "point to"]
    : [`Word ${(places?.[row] ?? row) + 1}`, "is", "be"];
  $("says").replaceChildren(subject, compared ? ` would ${still}${be} ` : ` ${is} `,
    bold(called(now[0])), ` (${now[compared ? 2 : 1].toFixed(2)})`);
  $("what").replaceChildren(...(cut ? cutText(compared) : []));
}

function bar(p, name = "") {
  return make("td", { class: name, style: `--share: ${p}` }, p.toFixed(2));
}

/** The edge that was cut, and a note if that has no effect. */
function cutText(compared) {
  const from = bold(rows[state.cut.row]), to = bold(columns[state.cut.column]);
  const layer = layers > 1 ? `in layer ${state.cut.layer + 1} ` : "";
  const all = heads > 1 ? "(all heads) " : "";
  const text = reads
    ? [`Cut: ${layer}${all}`, from, " may not attend to ", to, "."]
    : [`Cut: ${layer}${all}at `, from, ", ", to, " is masked."];
  if (!compared) text.push(` ${compared === false ? notTried() : noEffect()}`);
  const mend = make("button", { id: "mend", type: "button", class: "pill" }, "Undo");
  return [make("p", {}, ...text), mend];
}

function notTried() {
  const tried = data.cuts[state.cut.layer][state.cut.row].filter(Boolean).length;
  return `The text is long, so only the ${tried} strongest links of each word were cut: `
    + "this one is not among them.";
}

function noEffect() {
  if (columns.length === 1) return "It is the only word: without it there is no answer.";
  const causal = "a word attends to no later word, and to at least one.";
  if (!reads) return `Nothing changes in the answer: ${causal}`;
  const only = `in the last layer only the row of ${rows[asked]} affects it`;
  return `Nothing changes in the answer: ${only}`
    + (next ? `, and ${causal}` : ".");
}
