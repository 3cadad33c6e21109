// The example sentence at one moment: what attends to what, and what is predicted.

import { languageOf, say } from "../../../../minigrad/draw/page/language.js";
import { make } from "../../../../minigrad/draw/page/make.js";
import { attention, example, heads, layers } from "./data.js";
import { shades, svg } from "./paint.js";
import { change, mapName, state } from "./state.js";

const { rows, columns, asked } = example ?? {};
const attends = layers > 0;
const follows = asked === rows?.length - 1; // each row is followed by its answer
const numbered = columns?.length <= 9; // there is room for numbers in the cells
const word = (text) => make("b", languageOf(text), text);

/** A card that shows a moment: { element, show(moment) }. */
export function exampleCard() {
  const said = make("p", { class: "said" });
  const thumbs = attends && layers * heads > 1 ? thumbnails() : null;
  const note = make("p", { class: "note" });
  const { table, fill } = wordTable();
  const choices = make("div", { class: "choices" });
  const region = { class: "scroll", tabindex: 0, role: "group", "aria-label": say("The words") };
  const scroll = make("div", region, table);
  const element = make("div", { class: "example" }, said, thumbs?.element, note, scroll, choices);
  const show = (moment) => {
    const text = make("span", languageOf(moment.says), `«${moment.says}»`);
    said.replaceChildren(make("span", { class: "note" }, `${say("says")} `), text);
    thumbs?.show(moment);
    note.textContent = attends
      ? [...thumbs ? [mapName(state.map)] : [],
        say("each row attends to the columns, adding up to 1")].join(": ")
      : say("This model has no attention: all it knows of the sentence is in one vector.");
    fill(moment);
    const likely = (asked !== null && moment.answers[asked]) || [];
    choices.replaceChildren(...likely.map(([name, p]) =>
      make("span", { style: `--share: ${p}` }, word(name), ` ${p.toFixed(2)}`)));
  };
  return { element, show };
}

/** A small map per head, by layer; each is a button that chooses its head. */
function thumbnails() {
  const all = [null, ...Array.from({ length: layers * heads }, (_, map) => map)];
  const box = { viewBox: `0 0 ${columns.length} ${rows.length}`, preserveAspectRatio: "none" };
  const buttons = all.map((map) => {
    const name = mapName(map);
    const click = () => change({ map });
    const attributes = { type: "button", "aria-label": name, title: name, onclick: click };
    return make("button", attributes, svg("svg", box));
  });
  const group = (name, ...own) => make("div", {}, make("span", {}, name), ...own);
  const ofLayer = (layer) => buttons.slice(1 + layer * heads, 1 + (layer + 1) * heads);
  const groups = Array.from({ length: layers },
    (_, layer) => group(say("layer {layer}", { layer: layer + 1 }), ...ofLayer(layer)));
  const element = make("div", { class: "heads", role: "group", "aria-label": say("Heads"),
    style: `--ratio: ${columns.length} / ${rows.length}` }, ...groups, group(say("mean"), buttons[0]));
  const show = (moment) => {
    for (const [i, button] of buttons.entries()) {
      button.setAttribute("aria-pressed", all[i] === state.map);
      button.firstChild.replaceChildren(...shades(attention(moment, all[i]), columns.length));
    }
  };
  return { element, show };
}

/** The table of words: attention weights, where there are any, and answers. */
function wordTable() {
  const asks = attends ? 1 : 3; // answers that are shown of each row
  const slanted = attends ? columns.map((text) =>
    make("th", { class: "slanted", scope: "col" }, make("span", languageOf(text), text))) : [];
  const title = follows || asked !== null ? say("word") : say("right word");
  const predicted = make("th", { scope: "col", colspan: asks },
    follows ? say("next") : asked === null ? say("predicted") : say("refers to"));
  const top = make("tr", {}, make("th", { scope: "col" }, title), ...slanted, predicted);
  const lines = rows.map((text, i) => make("tr", { class: i === asked ? "asked" : null },
    make("th", { scope: "row", ...languageOf(text) }, text),
    ...slanted.map(() => make("td", { class: "cell" })),
    ...Array.from({ length: asks }, () => make("td", { class: "answer" }))));
  const longest = Math.max(...(columns ?? []).map((text) => [...text].length));
  const table = make("table", { class: numbered ? "map" : "map dense",
    style: `--columns: ${columns.length}; --head: ${Math.min(14 + longest * 8, 130)}px` },
    make("thead", {}, top), make("tbody", {}, ...lines));
  return { table, fill: (moment) => fillTable(lines, moment) };
}

function fillTable(lines, moment) {
  const weights = attends ? attention(moment, state.map) : [];
  for (const [i, line] of lines.entries()) {
    for (const [j, cell] of line.querySelectorAll(".cell").entries()) {
      const weight = weights[i * columns.length + j];
      cell.style.setProperty("--share", weight.toFixed(3));
      cell.title = `${rows[i]} → ${columns[j]}: ${weight.toFixed(2)}`;
      if (numbered) cell.textContent = weight < 0.005 ? "" : weight.toFixed(2).replace(/^0/, "");
    }
    const right = asked === null ? rows[i] : follows ? rows[i + 1] : null;
    for (const [j, cell] of line.querySelectorAll(".answer").entries()) {
      fillAnswer(cell, moment.answers[i]?.[j], right);
    }
  }
}

function fillAnswer(cell, answer, right) {
  cell.classList.toggle("none", !answer);
  cell.classList.toggle("right", Boolean(answer) && answer[0] === right);
  cell.style.setProperty("--share", answer ? answer[1] : 0);
  cell.replaceChildren(...(answer ? [word(answer[0]), ` ${answer[1].toFixed(2)}`] : []));
}
