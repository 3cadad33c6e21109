// Elements, and the words in them.

import { languageOf, say } from "../../../minigrad/draw/page/language.js";
import { make } from "../../../minigrad/draw/page/make.js";
import { columns } from "./data.js";

/** A word in bold, marked with its language. */
export const bold = (word) => make("b", languageOf(word), word);

/** The name of an answer; for a reader it is the index of a word, which may appear twice. */
export function called(name) {
  if (typeof name === "string") return name;
  const twice = columns.filter((word) => word === columns[name]).length > 1;
  return columns[name] + (twice ? ` ${say("(word {at})", { at: name + 1 })}` : "");
}

/** The attributes for the row and the column of an element. */
export const placed = (row, column) => ({ "data-row": row, "data-column": column });

/** The row and the column of an element, as far as it has them. */
export function placeOf(element) {
  const at = {};
  if (element.dataset.row !== undefined) at.row = Number(element.dataset.row);
  if (element.dataset.column !== undefined) at.column = Number(element.dataset.column);
  return at;
}
