// Everything that shows weights, drawn again when the layer, the head or a cut changes.

import { chosenText } from "./data.js";
import { drawHeads } from "./heads.js";
import { drawLinks } from "./links.js";
import { drawMaps } from "./maps.js";
import { mark } from "./marks.js";

const title = document.title; // the sentence and the run

export function drawWeights() {
  document.title = [title, chosenText("all heads")].filter(Boolean).join(" · ");
  drawMaps();
  drawHeads();
  drawLinks();
  mark();
}
