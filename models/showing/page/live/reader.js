// The view of a reader: a text whose words attend to each other, layer by layer; what does it mean?

import { say, sayParts } from "../../../../minigrad/draw/page/language.js";
import { model } from "./data.js";
import { Cuts } from "./cuts.js";
import { reading } from "./answers.js";
import {
  bar, byId, cutButton, decimals, edgesTable, heat, make, named, oddsTable, refill, shown, wordIn,
} from "./elements.js";
import { Stage } from "./stage.js";
import { onEscape, sayCuts, sayUnknown, toggle, whenTyped } from "./controls.js";

export function startReader() {
  const cuts = new Cuts();
  const chosen = { level: null, row: null, head: 0 };
  let found;

  const cut = (level, row, column) => {
    const edge = { layer: level - 1, head: null, row, column };
    const wrong = toggle(cuts, edge, [...found.tokens.keys()]);
    Object.assign(chosen, { level, row });
    again();
    byId("wrong").textContent = wrong;
  };
  const choose = (level, row) => {
    Object.assign(chosen, { level, row });
    again();
  };
  const stage = new Stage(byId("stage"), { choose, cut });
  const again = whenTyped((text) => {
    const uncut = reading(text);
    found = cuts.list.length ? reading(text, cuts) : uncut;
    chosen.level ??= found.layers.length;
    chosen.row = Math.min(chosen.row ?? found.it, found.tokens.length - 1);
    sayUnknown(found.unknown);
    sayMeaning(found);
    sayCuts(cuts, shown(uncut.tokens[uncut.answer]), again);
    stage.show(layered(found, uncut, cuts, chosen));
    showQuery(found, uncut, cuts, chosen, cut);
  });
  byId("text").addEventListener("input", () => {
    cuts.clear();
    chosen.row = null;
    again();
  });
  chooseHead(model.config.heads, (head) => {
    chosen.head = head;
    again();
  });
  onEscape(cuts, again);
  again();
}

/** Radio buttons for the head that is shown; none if there is only one. */
function chooseHead(heads, changed) {
  if (heads === 1) return;
  const labels = Array.from({ length: heads }, (_, head) => {
    const input = make("input", { type: "radio", name: "head", value: head });
    input.checked = head === 0;
    input.addEventListener("change", () => changed(head));
    return make("label", {}, input, ` ${head + 1} `);
  });
  byId("options").append(make("fieldset", {}, make("legend", {}, say("Head")), ...labels));
}

function sayMeaning({ tokens, it, answer, probabilities }) {
  byId("answer").replaceChildren(make("span", { class: "said" }, ...sayParts("{word} means {answer}",
    { word: wordIn("b", tokens[it]), answer: wordIn("b", tokens[answer]) })), ` (${probabilities[answer].toFixed(2)})`);
}

/** The rows of the stage: the words, and the words again after each layer. */
function layered({ tokens, unknown, layers, it, answer }, uncut, cuts, chosen) {
  const last = layers.length;
  const words = (level) => tokens.map((text, row) => ({ text, unknown: unknown.includes(text),
    changed: level === last && row === it && answer !== uncut.answer }));
  return {
    levels: [{ title: say("The words"), words: words(0) }, ...layers.map((_, i) => ({
      title: say("The words after layer {layer}", { layer: i + 1 }), words: words(i + 1) }))],
    links: layers.map(({ heads }, layer) => ({ title: say("layer {layer}", { layer: layer + 1 }),
      weights: heads[chosen.head].weights,
      isCut: (row, column) => cuts.has(layer, 0, row, column) })),
    chosen,
  };
}

/** The query of one word in one layer, and how it is compared with the key of every word. */
function showQuery({ tokens, layers, it, probabilities, answer }, uncut, cuts, { level, row, head }, cut) {
  const { queries, keys, values, scores, weights } = layers[level - 1].heads[head];
  const title = make("h2", {}, ...sayParts("Layer {layer}: {word} asks",
    { layer: level, word: wordIn("b", tokens[row]) }));
  const strip = (vector, about) => heat(vector, about, vector.length);
  const rows = tokens.map((token, column) => {
    const isCut = cuts.has(level - 1, 0, row, column);
    const about = say("{token} (word {at}), from {word}",
      { token: shown(token), at: column + 1, word: shown(tokens[row]) });
    return make("tr", { class: isCut ? "isCut" : "" }, wordIn("th", token, { scope: "row" }),
      make("td", {}, strip(keys[column], say("key of {word}", { word: token }))),
      make("td", {}, strip(values[column], say("value of {word}", { word: token }))),
      make("td", {}, decimals(scores[row][column])), bar(weights[row][column]),
      make("td", {}, cutButton(about, isCut, () => cut(level, row, column))));
  });
  const scale = model.config.scaled ? "q · k / √d" : "q · k";
  const edges = edgesTable(say("Its query is compared with each word’s key: {scale}", { scale }),
    [say("word"), say("key"), say("value"), say("score"), say("weight"), say("edge")], rows);
  const odds = oddsTable(say("What {word} means", { word: shown(tokens[it]) }),
    { probability: probabilities, uncut: cuts.list.length ? uncut.probabilities : null },
    (i) => tokens[i], answer);
  const query = named(say("The query"), strip(queries[row], say("query of {word}", { word: tokens[row] })));
  refill(byId("detail"), title, edges, make("div", { class: "side" }, odds, query));
}
