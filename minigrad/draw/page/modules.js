// Modules: which are open, and where the boxes are then.

import { $ } from "./make.js";
import { around, boxes, groups, layouts, pathOf, take } from "./data.js";
import { boundsOf, layer, moveTo, nodes, putIn, readUpTo } from "./picture.js";
import { drawArrow, straight } from "./arrows.js";
import { carried, squeezed, squeezing } from "./squeeze.js";
import { nameCluster } from "./titles.js";

export let layout = null;  // the one that is shown, before what is folded in it
export let edges = new Map();  // those that are shown, by "tail->head"
export const opened = new Set();  // the modules that are open
const shut = new Set();  // those that the layout has open, and that are folded in it
const moduleListeners = [];  // called when the drawing has changed

export const onModules = (listener) => moduleListeners.push(listener);
export const canOpen = (group) => layouts.some(({ open }) => open.includes(group));
const canFold = (group) => groups[group].box !== undefined;

/** The module that a box is, if it is a folded one. */
export const groupOf = (id) => byBox.get(id);
const byBox = new Map(groups.map(({ box }, at) => [box, at]));
byBox.delete(undefined);

/** The outermost folded module around a group; its box is drawn in place of all inside. */
const foldOf = (group) => around(group).filter((at) => shut.has(at)).at(-1);

/** The id of the box that is drawn for a box: itself, or the folded module that it is in. */
export function drawnFor(id) {
  const fold = foldOf(boxes[id].group);
  return fold === undefined ? id : groups[fold].box;
}

export const standIn = (id) => nodes.get(drawnFor(id));

/** Open a module, with all those around it, or fold it. */
function toggle(group) {
  if (opened.has(group)) showOpen([...opened].filter((at) => !around(at).includes(group)), group);
  else open(group);
}

export function open(group) {
  if (group === undefined || opened.has(group)) return;
  const wanted = around(group).reverse().filter(canOpen);
  showOpen([...opened, ...wanted], group);
}

/** Show the drawing with these modules open. The others' boxes stand for what is in them. */
function showOpen(wanted, moved) {
  opened.clear();
  for (const at of wanted) opened.add(at);
  const fits = ({ open: inIt }) => [...opened].every((at) => inIt.includes(at));
  const next = layouts.find(fits) ?? layouts.at(-1);
  const first = layout === null, focus = document.activeElement;
  const before = new Map([...nodes].filter(([, node]) => !node.classList.contains("gone"))
    .map(([id, node]) => [id, boundsOf(node)]));
  readUpTo(next);
  if (next !== layout) {
    layout = next;
    take(layout);
    putIn(layout);
    for (const [at, cluster] of layout.clusters) nameCluster(cluster, at, toggle);
  }
  shut.clear();
  for (const at of layout.open) if (!opened.has(at) && canFold(at)) shut.add(at);
  placeAll(before, first, moved);
  for (const listener of moduleListeners) listener();
  if (!first) keepFocus(focus, moved);
}

/** Put boxes, arrows and modules where they belong. */
function placeAll(before, first, moved) {
  const spots = spotsOf(), folds = [...shut].filter((at) => foldOf(at) === at);
  const maps = folds.length ? squeezing([...spots.values()]) : null;
  const from = moved === undefined ? null : before.get(groups[moved].box);
  for (const [id, node] of nodes) {
    const spot = spots.get(id), was = before.get(id);
    node.classList.toggle("gone", !spot);
    if (!spot) continue;
    const { width, height } = spot;
    const x = maps ? maps.x(spot.x + width / 2) - width / 2 : spot.x;
    const y = maps ? maps.y(spot.y + height / 2) - height / 2 : spot.y;
    Object.assign(spot, { x, y });
    if (!was && !first) {  // it comes out of the module's box
      const start = from ? { x: from.x + (from.width - width) / 2, y: from.y + (from.height - height) / 2 }
        : spot;
      moveTo(node, [start.x - node.bounds.x, start.y - node.bounds.y], false);
    }
  }
  if (!first) reflow();
  for (const [id, spot] of spots) {
    const { bounds } = nodes.get(id);
    moveTo(nodes.get(id), [spot.x - bounds.x, spot.y - bounds.y], !first);
  }
  placeEdges(spots, maps);
  placeClusters(maps);
  const { x, y } = layer.legend.getBBox();
  moveTo(layer.legend, maps ? [maps.x(x) - x, maps.y(y) - y] : [0, 0], false);
  layer.edges.classList.remove("fresh");
  if (!first) { reflow(); layer.edges.classList.add("fresh"); }
}

const reflow = () => layer.nodes.getBoundingClientRect();  // so that a transition begins here

/** The place of each box that is drawn, in the layout as it is. */
function spotsOf() {
  const spots = new Map(), { shift = {} } = layout;
  for (const id of Object.keys(boxes)) {
    if (foldOf(boxes[id].group) !== undefined) continue;
    const { bounds } = nodes.get(id), [dx, dy] = shift[id] ?? [0, 0];
    spots.set(id, { ...bounds, x: bounds.x + dx, y: bounds.y + dy });
  }
  for (const at of shut) {
    if (foldOf(groups[at].outer) !== undefined) continue;
    const { x, y, width, height } = layout.clusters.get(at).frame, id = groups[at].box;
    readUpTo(layouts.find((other) => other.boxes[id]));
    const { bounds } = nodes.get(id);
    spots.set(id, { ...bounds, x: x + (width - bounds.width) / 2, y: y + (height - bounds.height) / 2 });
  }
  return spots;
}

/** Arrows as the layout has them, moved with the boxes; straight ones to what is folded. */
function placeEdges(spots, maps) {
  edges = new Map();
  const kept = [];
  for (const [id, same] of layout.edges) {
    const ends = id.split("->"), [tail, head] = ends.map(drawnFor), key = `${tail}->${head}`;
    const touched = tail !== ends[0] || head !== ends[1];
    if (touched && (tail === head || edges.has(key))) continue;
    const drawn = touched ? [straight(spots.get(tail), spots.get(head), same[0])] : same;
    if (!touched) for (const edge of same) squeezeEdge(edge, maps);
    for (const edge of drawn) edge.ends = [tail, head];
    edges.set(key, [...(edges.get(key) ?? []), ...drawn]);
    kept.push(...drawn);
  }
  layer.edges.replaceChildren(...kept);
}

/** The parts of an arrow or of a frame at their first places, or squeezed. */
function squeezeEdge(edge, maps) {
  if (!maps && !edge.first) return;
  drawArrow(edge, false, 0);
  edge.first ??= [...edge.children].map((part) => [part, ["d", "points", "x", "y"].map((name) =>
    [name, part.getAttribute(name)]).filter(([, value]) => value !== null)]);
  edge.shape = undefined;
  for (const [part, values] of edge.first) {
    for (const [name, value] of values) {
      const along = maps?.[name];
      part.setAttribute(name, !maps ? value : along ? along(Number(value))
        : name === "d" ? squeezed(value, maps) : carried(value, maps));
    }
  }
}

function placeClusters(maps) {
  for (const [at, cluster] of layout.clusters) {
    cluster.classList.toggle("gone", foldOf(at) !== undefined);
    const { x, y, width, height } = cluster.frame;
    const [left, right] = maps ? [maps.x(x), maps.x(x + width)] : [x, x + width];
    const [top, bottom] = maps ? [maps.y(y), maps.y(y + height)] : [y, y + height];
    const frame = cluster.querySelector(":scope > .frame");
    frame.setAttribute("x", left);
    frame.setAttribute("y", top);
    frame.setAttribute("width", right - left);
    frame.setAttribute("height", bottom - top);
    const wide = cluster.title.room, far = cluster.title.at - x;
    cluster.title.setAttribute("transform", `translate(${left - x} ${top - y})` +
      (right - left < wide + far ? ` translate(${x} 0) scale(${(right - left) / (wide + far)} 1) translate(${-x} 0)` : ""));
  }
}

/** The focus goes from a title to the box of the folded module, and back. */
function keepFocus(focus, moved) {
  if (moved === undefined || !$("graph").contains(focus)) return;
  const target = opened.has(moved) ? layout.clusters.get(moved)?.title : standInOf(moved);
  target?.focus({ preventScroll: true });
}

function standInOf(group) {
  const fold = foldOf(group);
  return nodes.get(groups[fold ?? group].box);
}

/** The modules that are open, as a link has them; null if the drawing is as it was made. */
export function openPaths() {
  const drawn = layouts.find((other) => other.drawn).open;
  const same = drawn.length === opened.size && drawn.every((at) => opened.has(at));
  return same ? null : [...opened].map(pathOf);
}

export function showPaths(paths) {
  const drawn = layouts.find((other) => other.drawn).open;
  showOpen(paths === null ? drawn
    : groups.map((_, at) => at).filter((at) => canOpen(at) && paths.includes(pathOf(at))));
}
