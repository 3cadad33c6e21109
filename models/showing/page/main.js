// The page of attention weights: it begins here.

import "./korean.js";
import { say, sayMade, sayParts } from "../../../minigrad/draw/page/language.js";
import { $, make } from "../../../minigrad/draw/page/make.js";
import { drawAnswer } from "./answer.js";
import {
  asked, data, heads, layers, next, reads, rows, sentence, state, translation,
} from "./data.js";
import { drawWeights } from "./drawing.js";
import { startHeads } from "./heads.js";
import { startLinks } from "./links.js";
import { makeRooms, startMaps } from "./maps.js";
import { listen } from "./pointing.js";
import { bold } from "./words.js";

/** The sentence, its translation, and what the model does not know of it. */
function startText() {
  $("text").append(bold(sentence.join(" ")));
  if (!reads) $("text").append(" → ", bold(translation.join(" ")));
  const unknown = [...new Set(data.unknown)];
  if (unknown.length) $("text").append(
    ` ${say("(not known to the model: {words})", { words: unknown.join(", ") })}`);
  $("about").textContent = sayMade(data.about ?? "");
  $("instead").append(...sayParts("The text has no {it}: the answer is that of its last word.",
    { it: make("i", { lang: "en" }, "it") }));
  $("instead").hidden = !reads || next || rows[asked].toLowerCase() === "it";
}

/** Radio buttons; none if there is only one option. */
function choice(name, title, count, options) {
  if (count === 1) return;
  const buttons = options.map(([value, label]) => {
    const input = make("input", { type: "radio", name, value });
    input.checked = String(state[name] ?? "") === String(value);
    return make("label", {}, input, make("span", {}, label));
  });
  $("choose").append(make("fieldset", {}, make("legend", {}, title), ...buttons));
}

startText();
choice("layer", say("Layer"), layers, data.weights.map((_, i) => [i, `${i + 1}`]));
choice("head", say("Head"), heads,
  [["", say("mean")], ...data.weights[0].map((_, i) => [i, `${i + 1}`])]);
startLinks();
startMaps();
startHeads();
drawWeights();
drawAnswer();
makeRooms();
document.fonts.ready.then(makeRooms); // the letters of the page's own font have other widths
listen();
