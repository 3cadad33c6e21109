// The weights of every head of the chosen layer, side by side.

import { say } from "../../../minigrad/draw/page/language.js";
import { $, make } from "../../../minigrad/draw/page/make.js";
import { columns, heads, layers, rows, state } from "./data.js";
import { emptyMap, fill } from "./maps.js";
import { ofHead } from "./matrices.js";
import { short } from "./numbers.js";

const MOST = 40; // words of a text whose heads are all shown
const shown = heads > 1 && Math.max(rows.length, columns.length) <= MOST;

export function startHeads() {
  if (!shown) {
    $("heads").remove();
    return;
  }
  const size = Math.max(14, Math.min(19, 180 / columns.length));
  for (let head = 0; head < heads; head++) {
    const button = make("button", { type: "button", class: "pill", "data-head": head,
      "aria-pressed": false }, say("head {head}", { head: head + 1 }));
    $("heads").append(make("figure", {},
      make("h3", { id: `head-${head + 1}-title` }, button),
      emptyMap(`head-${head + 1}`, size, true)));
  }
}

export function drawHeads() {
  if (!shown) return;
  $("heads-title").textContent = layers > 1
    ? say("Every head of layer {layer}", { layer: state.layer + 1 }) : say("Every head");
  for (let head = 0; head < heads; head++) {
    fill($(`head-${head + 1}`), ofHead("weights", head), 1, short);
    $(`head-${head + 1}-title`).firstChild.ariaPressed = head === state.head;
  }
}
