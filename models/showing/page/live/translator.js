// The view of a translator: the sentence, a line for each attention weight, the translation.

import { languageOf, say, sayParts } from "../../../../minigrad/draw/page/language.js";
import { hidden } from "./rnn.js";
import { data, vocabularies } from "./data.js";
import { Cuts } from "./cuts.js";
import { translation } from "./answers.js";
import {
  bar, byId, cutButton, decimals, edgesTable, heat, make, named, oddsTable, refill, shown, wordIn,
} from "./elements.js";
import { Stage } from "./stage.js";
import { onEscape, sayCuts, sayUnknown, toggle, whenTyped } from "./controls.js";

export function startTranslator() {
  const cuts = new Cuts(), attends = data.model === "attention";
  let chosen = 0, found;

  const cut = (level, row, column) => {
    const edge = { layer: 0, head: null, row, column };
    const wrong = toggle(cuts, edge, [...found.tokens.keys()]);
    chosen = row;
    again();
    byId("wrong").textContent = wrong;
  };
  const choose = (level, row) => {
    chosen = row;
    again();
  };
  const stage = new Stage(byId("stage"), { choose, cut });
  const again = whenTyped((text) => {
    const uncut = translation(text);
    found = cuts.list.length ? translation(text, cuts) : uncut;
    chosen = Math.min(chosen, found.steps.length - 1);
    sayUnknown(found.unknown);
    byId("answer").replaceChildren(make("span",
      found.text ? { class: "said", ...languageOf(found.text) } : { class: "said" },
      found.text || say("(nothing)")));
    sayCuts(cuts, uncut.text, again);
    stage.show(staged(found, uncut, cuts, chosen));
    showWord(found, uncut, cuts, chosen, attends && cut);
  });
  byId("text").addEventListener("input", () => {
    cuts.clear();
    again();
  });
  onEscape(cuts, again);
  again();
}

/** The rows of the stage: the sentence with its states, and the translation. */
function staged({ tokens, unknown, states, steps }, uncut, cuts, chosen) {
  const source = tokens.map((text, i) => ({ text, heat: states[i],
    unknown: unknown.includes(text) }));
  const target = steps.map(({ word, probabilities, id }, row) => ({
    text: word, note: probabilities[id].toFixed(2), changed: id !== uncut.steps[row]?.id }));
  const weights = steps.map((step) => step.weights ?? []);
  return {
    levels: [{ title: say("The encoder’s state after each word"), words: source },
      { title: say("The translation, with each word’s probability"), words: target }],
    links: [{ title: say("attends to"), weights,
      isCut: (row, column) => cuts.has(0, 0, row, column) }],
    chosen: { level: 1, row: chosen },
  };
}

/** How one word of the translation came about. */
function showWord({ tokens, steps, states }, uncut, cuts, row, cut) {
  const step = steps[row], without = cuts.list.length ? uncut.steps[row]?.probabilities : null;
  const title = make("h2", {}, ...sayParts("Word {at}: {word}",
    { at: row + 1, word: wordIn("b", step.word) }));
  const odds = oddsTable(say("The likeliest words"),
    { probability: step.probabilities, uncut: without }, (id) => vocabularies.target.words[id],
    step.id);
  const state = named(say("The decoder’s state"), heat(hidden(step.h), say("the decoder’s state")));
  if (!cut)
    return refill(byId("detail"), title, make("div", { class: "side" }, odds, state, named(
      say("All it knows of the sentence"),
      heat(states.at(-1), say("the last state of the encoder")))));
  const rows = tokens.map((token, column) => {
    const isCut = cuts.has(0, 0, row, column), about = say("{token}, from {word}",
      { token: shown(token), word: shown(step.word) });
    return make("tr", { class: isCut ? "isCut" : "" }, wordIn("th", token, { scope: "row" }),
      make("td", {}, decimals(step.scores[column])), bar(step.weights[column]),
      make("td", {}, cutButton(about, isCut, () => cut(1, row, column))));
  });
  const edges = edgesTable(say("What it attends to"),
    [say("word"), say("score"), say("weight"), say("edge")], rows);
  const context = named(say("The context"), heat(step.context, say("the context")));
  const pictures = make("div", { class: "pictures" }, context, state);
  return refill(byId("detail"), title, edges, make("div", { class: "side" }, odds, pictures));
}
