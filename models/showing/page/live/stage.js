// The stage: rows of words, one below the other, and a line for each weight between two rows.

import { say } from "../../../../minigrad/draw/page/language.js";
import { heat, make, refill, shown, wordIn } from "./elements.js";

const LEAST = 0.01; // a smaller weight has no line

export class Stage {
  /** choose(level, row): a word was clicked; cut(level, row, column): a line was clicked. */
  constructor(element, { choose, cut }) {
    this.inner = make("div", { class: "inner" });
    element.append(this.inner);
    this.inner.addEventListener("click", (event) => {
      const { level, row, column } = event.target.closest("[data-row]")?.dataset ?? {};
      if (column !== undefined) cut(Number(level), Number(row), Number(column));
      else if (row !== undefined) choose(Number(level), Number(row));
    });
    new ResizeObserver(() => this.drawLines()).observe(this.inner);
  }

  /** Show the rows.
   *
   * levels   a list of { title, words }; a word has a text and maybe a heat (a vector), a note,
   *          `changed` and `unknown`. Those below the first can be chosen.
   * links    for each level below the first, what its words attend to in the level above:
   *          { title, weights, isCut(row, column) }
   * chosen   { level, row }
   */
  show({ levels, links, chosen }) {
    Object.assign(this, { levels, links, chosen });
    this.svgs = links.map(() =>
      make("svg", { class: "lines", "aria-hidden": true, width: "100%" }));
    const rows = levels.map((level, i) => this.row(level, i));
    this.rows = rows.map((row) => row.querySelector("ol"));
    const gaps = links.map(({ title }, i) => make("div", { class: "gap" },
      make("span", { class: "note", "aria-hidden": true }, title), this.svgs[i]));
    refill(this.inner, ...rows.flatMap((row, i) => (i ? [gaps[i - 1], row] : [row])));
    this.drawLines();
  }

  row({ title, words }, level) {
    const made = words.map((word, row) => make("li", {}, this.word(word, level, row)));
    const note = make("p", { class: "note", "aria-hidden": true }, title);
    const list = make("ol", { "aria-label": title }, ...made);
    const last = level === this.levels.length - 1;
    return make("div", { class: "level" }, ...(level === 0 ? [note] : []), list,
      ...(last ? [note] : []));
  }

  word({ text, heat: vector, note, changed, unknown }, level, row) {
    const pressed = level === this.chosen.level && row === this.chosen.row;
    const parts = [wordIn("span", text, { class: unknown ? "word unknown" : "word" })];
    if (vector) parts.push(heat(vector, say("state after {word}", { word: shown(text) })));
    if (note !== undefined) parts.push(make("span", { class: "note" }, note));
    if (level === 0) return make("div", { class: "token" }, ...parts);
    return make("button", { type: "button", class: changed ? "token changed" : "token",
      "aria-pressed": pressed, "data-level": level, "data-row": row,
      "data-about": `${level} ${row}` }, ...parts);
  }

  /** The lines, from the middle of each word to the middles of those above it. */
  drawLines() {
    for (const [i, { weights, isCut }] of (this.links ?? []).entries()) {
      const left = this.svgs[i].parentElement.offsetLeft;
      const middle = (element) => element.offsetLeft + element.offsetWidth / 2 - left;
      const [above, below] = [this.rows[i], this.rows[i + 1]].map((row) =>
        [...row.children].map(middle));
      const high = this.svgs[i].clientHeight, lines = [];
      for (const [row, of] of weights.entries())
        for (const [column, weight] of of.entries())
          if (weight >= LEAST || isCut(row, column))
            lines.push([weight, this.line(i + 1, row, column, isCut(row, column), weight,
              `M${above[column]},0 C${above[column]},${high / 2} ${below[row]},${high / 2} `
              + `${below[row]},${high}`)]);
      lines.sort(([x], [y]) => x - y); // the strongest on top
      this.svgs[i].replaceChildren(...lines.map(([, line]) => line));
    }
  }

  line(level, row, column, isCut, weight, d) {
    const chosen = level === this.chosen.level && row === this.chosen.row;
    const names = [isCut ? "isCut" : "", chosen ? "chosen" : ""].join(" ").trim();
    const [from, to] = [this.levels[level].words[row], this.levels[level - 1].words[column]];
    const about = { word: shown(from.text), other: shown(to.text), weight: weight.toFixed(2) };
    return make("g", { class: names, style: `--share: ${weight}`, "data-level": level,
      "data-row": row, "data-column": column },
      make("title", {}, isCut ? say("{word} attends to {other}: {weight}. A click mends it.", about)
        : say("{word} attends to {other}: {weight}. A click cuts it.", about)),
      make("path", { class: "line", d }), make("path", { class: "grip", d }));
  }
}
