// The view of a GPT: it writes token by token, and each token shows where it came from.

import { say, sayParts } from "../../../../minigrad/draw/page/language.js";
import { sorted } from "./numbers.js";
import { candidates } from "./decoding.js";
import { model, vocabularies } from "./data.js";
import { Cuts } from "./cuts.js";
import { Writing } from "./answers.js";
import {
  bar, byId, cutButton, decimals, edgesTable, heat, make, named, oddsTable, refill, shown, wordIn,
} from "./elements.js";
import { onEscape, sayCuts, sayUnknown, toggle } from "./controls.js";

const PACE = 250; // milliseconds from one token to the next, while it plays
const MOST_TOKENS = 400; // of a text

const FIELDS = [
  ["temperature", say("Temperature"), { min: 0, max: 2, step: 0.1, value: 0.5 }],
  ["seed", say("Seed"), { min: 0, step: 1, value: 0 }],
  ["top-k", say("Of the K likeliest (top-k)"), { min: 1, step: 1, placeholder: say("all") }],
];

export class WriterView {
  constructor() {
    this.cuts = new Cuts();
    this.chosen = { row: null, layer: model.blocks.length - 1, head: 0 }; // null: the next token
    this.playing = null;
    const fields = FIELDS.map(([id, title, attributes]) => make("label", { for: id }, title,
      make("input", { id, type: "number", ...attributes })));
    const button = (id, name, act) => {
      const made = make("button", { type: "button", class: "pill", id }, name);
      made.addEventListener("click", act);
      return made;
    };
    byId("options").append(...fields, make("div", { class: "buttons" },
      button("play", say("Play"), () => this.play()),
      button("step", say("Step"), () => this.step()),
      button("restart", say("Restart"), () => this.restart())));
    byId("ask").addEventListener("input", () => this.restart());
    byId("ask").addEventListener("submit", (event) => event.preventDefault());
    onEscape(this.cuts, () => this.again());
    this.restart();
  }

  /** The settings of the form, as `Writing` takes them. */
  get settings() {
    const whole = (id) => Math.floor(Number(byId(id).value) || 0);
    return { temperature: Math.max(0, Number(byId("temperature").value) || 0),
      seed: Math.max(0, whole("seed")), topK: whole("top-k") > 0 ? whole("top-k") : null };
  }

  restart() {
    this.pause();
    this.cuts.clear();
    this.chosen.row = null;
    this.again(0);
  }

  /** Write the text again, with as many tokens as now, and with the cuts as they are now. */
  again(count = this.uncut.ids.length - this.uncut.prompt.length - 1) {
    const written = (cuts) => {
      const text = new Writing(byId("text").value, this.settings, cuts);
      for (let i = 0; i < count; i++) text.step();
      return text;
    };
    this.uncut = written(new Cuts());
    this.text = this.cuts.list.length ? written(this.cuts) : this.uncut;
    if (this.chosen.row >= this.text.rows.length) this.chosen.row = null;
    this.show();
  }

  step() {
    this.text.step();
    if (this.uncut !== this.text) this.uncut.step();
    this.chosen.row = null;
    if (this.full) this.pause();
    this.show();
  }

  play() {
    if (this.playing === null) this.playing = setInterval(() => this.step(), PACE);
    else this.pause();
    this.show();
  }

  pause() {
    clearInterval(this.playing);
    this.playing = null;
  }

  get full() {
    return this.text.ended || this.text.ids.length >= MOST_TOKENS;
  }

  choose(what) {
    Object.assign(this.chosen, what);
    this.show();
  }

  cut(edge) {
    let wrong = "";
    if (edge.row === null) this.cuts.toggle(edge);
    else wrong = toggle(this.cuts, edge, this.text.rows[edge.row].places);
    this.again();
    byId("wrong").textContent = wrong;
  }

  show() {
    const { text, uncut, cuts } = this;
    byId("shown").hidden = false;
    byId("wrong").textContent = "";
    sayUnknown(text.unknown);
    sayCuts(cuts, uncut.text, () => this.again());
    for (const id of ["step", "play"]) byId(id).disabled = this.full;
    byId("play").textContent = this.playing === null ? say("Play") : say("Pause");
    refill(byId("stage"), this.tokens());
    refill(byId("detail"), ...this.origin());
  }

  /** The row from which the chosen token is predicted. */
  get row() {
    return this.chosen.row ?? this.text.rows.length - 1;
  }

  /** The text as buttons, coloured by how much the chosen token's prediction attends to each. */
  tokens() {
    const { text, uncut, chosen, row } = this, { places, layers } = text.rows[row];
    const { weights } = layers[chosen.layer][chosen.head];
    const made = text.tokens.map((token, i) => {
      const classes = ["token", i > text.prompt.length ? "written" : "",
        text.ids[i] === uncut.ids[i] ? "" : "changed"].join(" ").trim();
      const style = `--share: ${weights[places.indexOf(i)] ?? 0}`;
      if (i === 0) return wordIn("span", token, { class: classes, style });
      const button = wordIn("button", token, { type: "button", class: classes, style,
        "aria-pressed": i === row + 1, "data-about": `token ${i}` });
      button.addEventListener("click", () => this.choose({ row: i - 1 }));
      return button;
    });
    if (!text.ended) {
      const next = make("button", { type: "button", class: "token next", "data-about": "next",
        "aria-label": say("the next token"), "aria-pressed": row === text.ids.length - 1 }, "?");
      next.addEventListener("click", () => this.choose({ row: null }));
      made.push(next);
    }
    return make("div", { class: "text" }, ...made);
  }

  /** How the chosen token came about: its probability, and what each head attends to. */
  origin() {
    const { text, uncut, cuts, row } = this, known = vocabularies.text.words;
    const token = text.tokens[row + 1], { probabilities } = text.rows[row];
    const without = cuts.list.length ? uncut.rows[row]?.probabilities : null;
    const title = make("h2", {}, ...(token === undefined ? [say("The next token")]
      : sayParts("Token {at}: {token}", { at: row + 1, token: wordIn("b", token) })));
    const { ids, p } = candidates(text.rows[row].logits, text.temperature, text.topK);
    const drawn = known.map((_, id) => p[ids.indexOf(id)] ?? 0);
    const odds = oddsTable(
      say("The likeliest tokens, and the probabilities that one is drawn from"),
      { probability: probabilities, drawn, uncut: without }, (id) => known[id], text.ids[row + 1]);
    return [title, this.edges(), make("div", { class: "side" }, odds, this.heads())];
  }

  /** A button for each head of each layer, with its weights as a strip. */
  heads() {
    const { chosen, row, cuts } = this;
    const layers = this.text.rows[row].layers.map((heads, layer) => make("li", {},
      make("span", { class: "note" }, say("Layer {layer}", { layer: layer + 1 })),
      ...heads.map(({ weights }, head) => {
        const name = say("layer {layer}, head {head}", { layer: layer + 1, head: head + 1 });
        const made = make("button", { type: "button", class: "head", "aria-label": name,
          "aria-pressed": layer === chosen.layer && head === chosen.head, "data-about": name },
          `${head + 1}`, heat(weights, say("weights"), weights.length));
        if (cuts.hasHead(layer, head)) made.classList.add("isCut");
        made.addEventListener("click", () => this.choose({ layer, head }));
        return made;
      })));
    return named(say("The heads of each layer: choose one"), make("ol", { class: "heads" }, ...layers));
  }

  /** The tokens that the chosen head attends to most, and buttons that cut them. */
  edges() {
    const { chosen: { layer, head }, text, row, cuts } = this;
    const { places, layers } = text.rows[row], { scores, weights } = layers[layer][head];
    const isCut = (column) => cuts.has(layer, head, row, places[column]);
    const most = sorted(weights).slice(0, 8);
    const listed = [...new Set([...most, ...places.keys().filter(isCut)])].sort((x, y) => x - y);
    const rows = listed.map((column) => {
      const edge = { layer, head, row, column: places[column] };
      return make("tr", { class: isCut(column) ? "isCut" : "" },
        wordIn("th", text.tokens[places[column]], { scope: "row" }),
        make("td", {}, decimals(scores[column])), bar(weights[column]),
        make("td", {}, cutButton(say("{token} (token {at})",
          { token: shown(text.tokens[places[column]]), at: places[column] }), isCut(column), () => this.cut(edge))));
    });
    const names = { layer: layer + 1, head: head + 1 };
    const whole = cutButton(say("all of layer {layer}, head {head}", names),
      cuts.hasHead(layer, head), () => this.cut({ layer, head, row: null, column: null }),
      [say("cut this head"), say("mend this head")]);
    return make("div", {}, edgesTable(say("Layer {layer}, head {head} attends most to", names),
      [say("token"), say("score"), say("weight"), say("edge")], rows), whole);
  }
}
