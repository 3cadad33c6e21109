// The drawing: its parts, which the layout gave titles.

import { makeSvg } from "./make.js";
import { boxes, groups } from "./data.js";

export const svg = document.querySelector("#graph > svg");
export const root = svg.querySelector("g.graph");
export const nodes = new Map(), clusters = new Map(), edges = new Map();

/** File the parts by their titles, and remove these: browsers would show them as tooltips. */
function readPicture() {
  root.querySelector(":scope > title")?.remove();
  root.querySelector(':scope > polygon[fill="white"]')?.remove();
  const layers = ["clusters", "edges", "nodes", "folded"].map((name) => {
    const layer = makeSvg("g");
    layer.setAttribute("class", `graph ${name}`);
    return [name, layer];
  });
  const layer = Object.fromEntries(layers);
  for (const part of root.querySelectorAll(":scope > g")) {
    const title = part.querySelector(":scope > title");
    const id = title.textContent;
    title.remove();
    if (part.classList.contains("node")) nodes.set(id, part);
    else if (part.classList.contains("cluster")) clusters.set(Number(id.split("_")[1]), part);
    else edges.set(id, [...(edges.get(id) ?? []), part]);
  }
  for (const at of groups.keys()) layer.clusters.append(clusters.get(at));  // outer ones first
  for (const same of edges.values()) layer.edges.append(...same);
  for (const id of Object.keys(boxes)) layer.nodes.append(nodes.get(id));  // the oldest first
  markLegend();
  root.append(...Object.values(layer));
  root.removeAttribute("transform");
  return layer;
}

/** Mark the parts of the legend, which the layout put under the drawing. */
function markLegend() {
  const marks = root.querySelectorAll(":scope > polygon");
  const texts = root.querySelectorAll(":scope > text");  // a note, if there is one, comes first
  for (const polygon of marks) polygon.classList.add("mark");
  for (const text of [...texts].slice(texts.length - marks.length)) text.classList.add("on-mark");
}

export const layer = readPicture();

/** Click, Enter and the space bar do the same. */
export function onPress(element, act) {
  element.addEventListener("click", (event) => { event.stopPropagation(); act(event); });
  element.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    event.stopPropagation();
    act(event);
  });
}
