// The drawing: boxes, which all layouts share, and for each layout its arrows and open modules.

import { calm, makeSvg } from "./make.js";
import { layouts } from "./data.js";
import { markLegend } from "./legend.js";

// Nothing can be measured in a frame that is not shown yet, as below the edge of a notebook.
if (!innerWidth) await new Promise((shown) => addEventListener("resize", shown, { once: true }));

export const svg = document.querySelector("#graph > svg");
export const root = svg.querySelector("g.graph");
export const nodes = new Map();  // by id
export const layer = Object.fromEntries(["clusters", "edges", "nodes", "dots", "legend"].map((name) => {
  const made = makeSvg("g");
  made.setAttribute("class", `graph ${name}`);
  return [name, made];
}));

const drawnLayout = layouts.find((layout) => layout.drawn);

/** File the parts of a picture by their titles, and remove these: browsers show them as tooltips. */
function file(parts, layout) {
  Object.assign(layout, { edges: new Map(), clusters: new Map(), legend: [] });
  for (const part of parts) {
    const title = part.querySelector(":scope > title");
    const paper = part.localName === "polygon" && part.getAttribute("fill") === "white";
    if (title) fileOne(part, title, layout);
    for (const text of part.querySelectorAll("[textLength]")) {
      text.setAttribute("lengthAdjust", "spacingAndGlyphs");
    }
    if (!title && !paper && ["text", "polygon", "path"].includes(part.localName)) layout.legend.push(part);
    part.remove();
  }
  layer.nodes.append(...[...nodes.values()].sort((a, b) => a.age - b.age));
  for (const id of Object.keys(layout.boxes)) {
    nodes.get(id).bounds ??= rectangle(nodes.get(id).getBBox());
  }
  markLegend(layout.legend);
}

const rectangle = ({ x, y, width, height }) => ({ x, y, width, height });

function fileOne(part, title, layout) {
  const id = title.textContent;
  title.remove();
  if (part.classList.contains("node")) {
    const [, kind, number] = id.match(/^([a-z]+)(\d+)/);
    part.age = Number(number) + (kind === "t" ? 0.5 : 0);  // an op comes before its result
    for (const cell of part.querySelectorAll(':scope > :is([stroke="none"], [stroke="transparent"])')) {
      cell.classList.add("heat");
      cell.style.fill = cell.getAttribute("fill");  // its own colour, not that of a box
    }
    nodes.set(id, Object.assign(part, { box: id, shift: [0, 0] }));
  } else if (part.classList.contains("cluster")) {
    layout.clusters.set(layout.open[Number(id.split("_")[1])], part);
  } else {
    part.ends = id.split("->");
    part.shift = [0, 0];
    layout.edges.set(id, [...(layout.edges.get(id) ?? []), part]);
  }
}

/** The layouts up to this one, read: each has the boxes that no earlier one has. */
export function readUpTo(layout) {
  for (const other of layouts) {
    if (!other.edges) {
      const text = `<svg xmlns="http://www.w3.org/2000/svg">${inside(other.svg)}</svg>`;
      const read = new DOMParser().parseFromString(text, "image/svg+xml");
      file([...document.importNode(read.querySelector("g.graph"), true).children], other);
    }
    if (other === layout) break;
  }
}

const inside = (text) => text.slice(text.indexOf("<g "), text.lastIndexOf("</svg>"));

/** Put the arrows and the modules of a layout into the drawing, in place of another's. */
export function putIn(layout) {
  layer.clusters.replaceChildren(
    ...[...layout.clusters].sort(([a], [b]) => a - b).map(([, cluster]) => cluster));
  layer.edges.replaceChildren(...[...layout.edges.values()].flat());
  layer.legend.replaceChildren(...layout.legend);
}

/** Move a box to its place in a layout. */
export function moveTo(part, shift, slowly) {
  part.shift = shift;
  part.style.transition = slowly && !calm.matches ? "transform .35s ease" : "none";
  part.style.transform = shift[0] || shift[1] ? `translate(${shift[0]}px, ${shift[1]}px)` : "none";
}

/** Where a part of the drawing is: its own place, and how far its layout has moved it. */
export function boundsOf(part) {
  const { x, y, width, height } = part.bounds ?? part.getBBox(), [dx, dy] = part.shift ?? [0, 0];
  return { x: x + dx, y: y + dy, width, height };
}

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

const parts = [...root.children];
root.removeAttribute("transform");
root.append(...Object.values(layer));
file(parts, drawnLayout);
