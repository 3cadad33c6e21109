// What every view has: the text box, what is not known, the cuts, and how to undo them.

import { languageOf, plural, say, sayParts } from "../../../../minigrad/draw/page/language.js";
import { data } from "./data.js";
import { byId, make, refill, shown } from "./elements.js";

/** Show again after each change of the text; an error is said instead of what would be shown. */
export function whenTyped(show) {
  const again = () => {
    byId("wrong").textContent = "";
    try {
      show(byId("text").value);
      byId("shown").hidden = false;
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      byId("wrong").textContent = error.message;
      byId("unknown").textContent = "";
      byId("shown").hidden = true;
    }
  };
  byId("ask").addEventListener("submit", (event) => event.preventDefault());
  return again;
}

/** Buttons with texts to begin with: who has no Korean keyboard can choose one. */
export function offerExamples() {
  const texts = [data.text, ...data.examples];
  if (texts.length === 1) return;
  const list = make("ul", { id: "examples", "aria-label": say("Examples") }, ...texts.map((text) => {
    const button = make("button", { type: "button", class: "pill", ...languageOf(text) }, text);
    button.addEventListener("click", () => {
      byId("text").value = text;
      byId("text").dispatchEvent(new Event("input", { bubbles: true }));
    });
    return make("li", {}, button);
  }));
  byId("text").after(list);
}

export function sayUnknown(words) {
  byId("unknown").textContent = words.length
    ? say("unknown words: {words}", { words: words.map(shown).join(", ") }) : "";
}

/** Say how many edges are cut, what the answer would be without that, and offer to undo it. */
export function sayCuts(cuts, uncut, undone) {
  const button = (text, act) => {
    const made = make("button", { type: "button", class: "pill", "data-about": text }, text);
    made.addEventListener("click", () => {
      act();
      undone();
    });
    return made;
  };
  const count = cuts.list.length, edges = plural(count, "{count} cut.", "{count} cuts.");
  byId("undo").hidden = !count;
  refill(byId("undo"), make("span", { role: "status" }, `${edges} `,
    ...sayParts("Without: {text}", { text: make("span", languageOf(uncut), uncut) })), " ",
    button(say("Undo"), () => cuts.undo()),
    ...(count > 1 ? [button(say("Undo all"), () => cuts.clear())] : []));
}

/** Escape mends all cuts. */
export function onEscape(cuts, undone) {
  document.addEventListener("keydown", ({ key }) => {
    if (key !== "Escape" || !cuts.list.length) return;
    cuts.clear();
    undone();
  });
}

/** Cut or mend an edge, unless it is the last one of its word, of those to these columns.
 *
 * Returns what is to be said about it.
 */
export function toggle(cuts, edge, columns) {
  const left = columns.filter((column) =>
    column !== edge.column && !cuts.has(edge.layer, edge.head ?? 0, edge.row, column));
  const isCut = cuts.has(edge.layer, edge.head ?? 0, edge.row, edge.column);
  if (!isCut && !left.length)
    return say("This edge stays: it is the last one of its word, and its weights must add up to 1.");
  cuts.toggle(edge);
  return "";
}
