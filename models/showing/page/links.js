// The words in two lists, and a line for each weight between them.

import { languageOf } from "../../../minigrad/draw/page/language.js";
import { $, make, makeSvg } from "../../../minigrad/draw/page/make.js";
import { columns, isCut, reads, rows } from "./data.js";
import { sortElements } from "./marks.js";
import { matrix } from "./matrices.js";
import { placed } from "./words.js";

const LEAST = 0.01; // a smaller weight has no line, unless it is cut

export function startLinks() {
  if (Math.max(rows.length, columns.length) > 24) $("links").style.setProperty("--step", "24px");
  words("from", rows, (i) => (reads ? [i, i] : [i, null]));
  words("to", columns, (i) => (reads ? [i, i] : [null, i]));
}

function words(id, list, place) {
  for (const [i, word] of list.entries()) {
    const attributes =
      { type: "button", "aria-pressed": false, ...placed(...place(i)), ...languageOf(word) };
    $(id).append(make("li", {}, make("button", attributes, word)));
  }
}

export function drawLinks() {
  const high = Math.max(rows.length, columns.length), edges = [];
  $("lines").setAttribute("viewBox", `0 0 100 ${high}`);
  $("lines").style.height = `calc(${high} * var(--step))`;
  for (const [i, row] of matrix("weights").entries())
    for (const [j, weight] of row.entries())
      if (weight >= LEAST || isCut({ row: i, column: j })) edges.push([weight, i, j]);
  edges.sort(([a], [b]) => a - b); // the strongest on top
  $("lines").replaceChildren(...edges.map(([weight, i, j]) => link(weight, i, j, high)));
  sortElements();
}

function link(weight, i, j, high) {
  const y = ((i + 0.5) * high) / rows.length, yTo = ((j + 0.5) * high) / columns.length;
  const d = `M0,${y} C45,${y} 55,${yTo} 100,${yTo}`;
  const path = (name) => svg("path", { class: name, d });
  return svg("g", { ...placed(i, j), style: `--share: ${weight}` }, path("line"), path("grip"));
}

function svg(name, attributes, ...children) {
  const element = makeSvg(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}
