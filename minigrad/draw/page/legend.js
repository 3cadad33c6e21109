// The legend and the key under the drawing, and the notes above them.

import { data } from "./data.js";
import { language, sayMade } from "./language.js";

const SHADES = ["#fdba74", "#f97316", "#c2410c", "#7c2d12", "#431407"];  // of gradients
const KEY = { parameter: ["parameter", "amber"], leaf: ["leaf", "amber"], result: ["result", "line"],
  output: ["output", "blue"], data: ["data", "line"], op: ["op", "op"],
  "folded module": ["module", "indigo"] };

/** Mark the parts of the legend and of the key, which the layout put under the drawing. */
export function markLegend(parts) {
  let shapes = [];  // those before a text: it is written on them
  for (const part of parts) {
    if (part.localName !== "text") { shapes.push(part); continue; }
    const mark = shapes.find((shape) => SHADES.includes(shape.getAttribute("fill")));
    mark?.classList.add("mark");
    part.classList.toggle("on-mark", Boolean(mark));
    const [fill, stroke] = KEY[part.textContent] ?? [];
    for (const shape of fill ? shapes : []) {
      if (shape.getAttribute("fill") !== "none") shape.style.fill = `var(--${fill})`;
      shape.style.stroke = `var(--${stroke})`;
    }
    if (fill === "op" && shapes.length) part.style.fill = "var(--op-ink)";
    if (language !== "en") translate(part, shapes.length > 0);
    shapes = [];
  }
  if (language !== "en") translateNotes(parts);
}

/** Write a text in the page's language, in the middle of its shape if it has one. */
function translate(part, shaped) {
  const text = sayMade(part.textContent), wide = Number(part.getAttribute("textLength"));
  if (text === part.textContent) return;
  part.textContent = text;
  part.removeAttribute("textLength");
  if (!shaped) return;
  part.setAttribute("x", Number(part.getAttribute("x")) + wide / 2);
  part.setAttribute("text-anchor", "middle");
  part.setAttribute("font-size", "9");  // Hangul is wider than the letters that there is room for
}

/** The notes are broken into lines, which are filled again. */
function translateNotes(parts) {
  const lines = parts.filter((part) => part.getAttribute("font-style") === "italic");
  const words = data.notes.map(sayMade).join(" ").split(" ");
  const most = Math.ceil(words.join(" ").length / lines.length) + 4;
  for (const line of lines) {
    line.removeAttribute("textLength");
    line.textContent = "";
    while (words.length && line.textContent.length < most - words[0].length) {
      line.textContent += `${words.shift()} `;
    }
  }
  if (lines.length) lines.at(-1).textContent += words.join(" ");
}
