// Modules, folded and open.

import { clamp, makeSvg } from "./make.js";
import { around, boxes, groups, moduleOf } from "./data.js";
import { clusters, edges, layer, nodes, onPress } from "./picture.js";
import { light } from "./steps.js";

const folded = new Set();

/** The outermost folded module around a group; it is drawn in place of everything inside. */
const foldOf = (group) => around(group).filter((at) => folded.has(at)).at(-1);

/** What is drawn for a box: the box itself, or the folded module that it is in. */
export function standIn(id) {
  const fold = foldOf(boxes[id].group);
  return fold === undefined ? nodes.get(id) : clusters.get(fold);
}

for (const [at, cluster] of clusters) {
  const shape = cluster.querySelector(":scope > :not(text)"), title = makeSvg("g");
  const sign = makeSvg("text"), area = makeSvg("rect");
  title.append(...cluster.querySelectorAll(":scope > text"));
  cluster.append(title);
  const box = title.getBBox();
  const put = (element, values) => {
    for (const [key, value] of Object.entries(values)) element.setAttribute(key, value);
  };
  put(sign, { class: "sign", x: box.x + box.width + 5, y: box.y + box.height / 2 + 3.5 });
  put(area, { x: box.x - 5, y: box.y - 3, width: box.width + 24, height: box.height + 6, rx: 5 });
  put(title, { class: "title", tabindex: 0, role: "button" });
  title.prepend(area);
  title.append(sign);
  const inside = shape.getBBox();
  const room = Math.min(inside.width * 0.6 / box.width, inside.height * 0.4 / box.height);
  const scale = clamp(room, 1, 3.5);
  const middle = `translate(${inside.x + inside.width / 2} ${inside.y + inside.height / 2}) ` +
    `scale(${scale}) translate(${-box.x - (box.width + 14) / 2} ${-box.y - box.height / 2})`;
  Object.assign(cluster, { middle, shut: title, sign });
  onPress(title, () => fold(at));
  cluster.addEventListener("click", () => { if (folded.has(at)) fold(at); });
}

/** Fold an open module, or open it again. */
function fold(at) {
  if (!folded.delete(at)) folded.add(at);
  showFolds();
  light();
}

export function showFolds() {
  for (const [at, cluster] of clusters) {
    const shut = folded.has(at), home = layer[shut ? "folded" : "clusters"];
    cluster.classList.toggle("folded", shut);
    cluster.classList.toggle("gone", foldOf(groups[at].outer) !== undefined);
    cluster.shut.setAttribute("aria-expanded", String(!shut));
    cluster.shut.setAttribute("aria-label", `module ${moduleOf(at)}, ${groups[at].class}`);
    cluster.sign.textContent = shut ? "▸" : "▾";
    if (shut) cluster.shut.setAttribute("transform", cluster.middle);
    else cluster.shut.removeAttribute("transform");
    if (cluster.parentNode !== home) settle(cluster, home, at);
  }
  for (const [id, node] of nodes) {
    node.classList.toggle("gone", foldOf(boxes[id].group) !== undefined);
  }
  for (const [id, same] of edges) {
    const [from, to] = id.split("->").map((end) => foldOf(boxes[end].group));
    for (const edge of same) edge.classList.toggle("gone", from !== undefined && from === to);
  }
}

/** Move a cluster to its place in another layer, without losing the focus. */
function settle(cluster, home, at) {
  const focus = document.activeElement;
  const after = [...clusters].filter(([other, c]) => other > at && c.parentNode === home);
  home.insertBefore(cluster, after.sort((a, b) => a[0] - b[0])[0]?.[1] ?? null);
  if (cluster.contains(focus)) focus.focus({ preventScroll: true });
}

/** Open a module and all those around it. */
export function unfold(group) {
  const shut = around(group).filter((at) => folded.delete(at));
  if (shut.length) showFolds();
}
