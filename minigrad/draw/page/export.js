// The step as a picture to keep: SVG, or PNG from it.

import { $, make, makeSvg } from "./make.js";
import { svg } from "./picture.js";
import { extent } from "./camera.js";
import { position } from "./steps.js";
import { drawnName } from "./link.js";

const LOOK = ["fill", "fill-opacity", "stroke", "stroke-width", "stroke-dasharray", "opacity",
  "font-family", "font-size", "font-weight", "text-anchor", "transform"];
const PAD = 16;

/** The whole drawing at the current step, as SVG text that needs no style sheet. */
function picture() {
  const copy = svg.cloneNode(true), { x, y, width, height } = extent;
  const own = svg.querySelectorAll("*"), copied = copy.querySelectorAll("*");
  own.forEach((part, i) => {
    if (part.localName === "title") return;
    const look = getComputedStyle(part);
    copied[i].setAttribute("style", LOOK.filter((name) => look[name] && look[name] !== "none" ||
      name === "fill" || name === "stroke").map((name) => `${name}:${look.getPropertyValue(name)}`)
      .join(";"));
  });
  for (const part of copy.querySelectorAll(".gone, .dots")) part.remove();
  for (const part of copy.querySelectorAll("*")) {
    for (const name of ["class", "tabindex", "role", "aria-label", "aria-expanded"]) {
      part.removeAttribute(name);
    }
  }
  const [stage] = copy.children, paper = makeSvg("rect");
  stage.removeAttribute("transform");
  stage.removeAttribute("style");
  const box = { x: x - PAD, y: y - PAD, width: width + 2 * PAD, height: height + 2 * PAD };
  for (const [name, value] of Object.entries(box)) paper.setAttribute(name, value);
  paper.setAttribute("fill", getComputedStyle($("graph")).backgroundColor);
  copy.prepend(paper);
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  copy.setAttribute("viewBox", Object.values(box).join(" "));
  copy.setAttribute("width", box.width);
  copy.setAttribute("height", box.height);
  copy.removeAttribute("class");
  return { text: new XMLSerializer().serializeToString(copy), ...box };
}

function save(blob, kind) {
  const name = `${drawnName.replace(/[^\p{L}\p{N}]+/gu, "-").slice(0, 40)}-step-${position}.${kind}`;
  const link = make("a", { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

const saveSvg = () => save(new Blob([picture().text], { type: "image/svg+xml" }), "svg");

/** The picture at twice its size, or at less if it would be wider than a canvas can be. */
async function savePng() {
  const { text, width, height } = picture(), image = new Image();
  const times = Math.min(2, 8000 / width, 8000 / height), canvas = make("canvas");
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
  await image.decode();
  canvas.width = Math.ceil(width * times);
  canvas.height = Math.ceil(height * times);
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  canvas.toBlob((blob) => save(blob, "png"), "image/png");
}

$("svg").addEventListener("click", saveSvg);
$("png").addEventListener("click", savePng);
