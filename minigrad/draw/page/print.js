// Printing: the whole drawing on the page, not what the camera shows of it.

import { paper } from "./make.js";
import { svg } from "./picture.js";
import { extent, showStage } from "./camera.js";

const MARGIN = 12;

export function fitPaper() {
  if (paper.matches) {
    const { x, y, width, height } = extent;
    svg.setAttribute("viewBox",
      [x - MARGIN, y - MARGIN, width + 2 * MARGIN, height + 2 * MARGIN].join(" "));
    svg.firstElementChild.removeAttribute("transform");
  } else {
    svg.removeAttribute("viewBox");
    showStage();
  }
}

paper.addEventListener("change", fitPaper);
