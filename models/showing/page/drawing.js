// Everything that shows weights, drawn again when the layer, the head or a cut changes.

import { say, sayMade } from "../../../minigrad/draw/page/language.js";
import { chosenText, data } from "./data.js";
import { drawHeads } from "./heads.js";
import { drawLinks } from "./links.js";
import { drawMaps } from "./maps.js";
import { mark } from "./marks.js";

const { about = "" } = data;
const title = document.title.replace(about, () => sayMade(about)); // the sentence and the run

export function drawWeights() {
  document.title = [title, chosenText(say("all heads"))].filter(Boolean).join(" · ");
  drawMaps();
  drawHeads();
  drawLinks();
  mark();
}
