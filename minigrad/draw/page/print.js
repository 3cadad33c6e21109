// Printing: the whole drawing on the page, not what the camera shows of it.

import { svg } from "./picture.js";
import { extent, showStage } from "./camera.js";

const MARGIN = 12;
const print = matchMedia("print");

function fitPaper() {
  if (print.matches) {
    const { x, y, width, height } = extent;
    svg.setAttribute("viewBox", [x - MARGIN, y - MARGIN, width + 2 * MARGIN, height + 2 * MARGIN].join(" "));
    svg.firstElementChild.removeAttribute("transform");
  } else {
    svg.removeAttribute("viewBox");
    showStage();
  }
}

print.addEventListener("change", fitPaper);
