// The camera: what of the drawing is in view, and how large.

import { calm, clamp, makeSvg, paper } from "./make.js";
import { plural } from "./language.js";
import { boundsOf, nodes, root, svg } from "./picture.js";
import { revealStep } from "./steps.js";
import { placeTip, tipped } from "./tip.js";

const stage = makeSvg("g");
svg.removeAttribute("viewBox");
svg.removeAttribute("width");
svg.removeAttribute("height");
svg.setAttribute("role", "group");
stage.append(root);
svg.append(stage);
export let extent = root.getBBox();  // of the whole drawing
const camera = { x: 0, y: 0, k: 1 };  // its position; during a flight, the destination
export let seen = camera;  // its position during a flight
let far = true;  // nobody has zoomed in yet
let flight = 0;

/** Put the stage where the camera sees it; on paper, all of it is seen. */
export function showStage() {
  if (paper.matches) return;
  stage.setAttribute("transform", `translate(${seen.x} ${seen.y}) scale(${seen.k})`);
}

function draw(from) {
  seen = from;
  showStage();
  if (tipped) placeTip();
}

/** Move the camera at once. */
export function placeCamera(x, y, k) {
  cancelAnimationFrame(flight);
  draw(Object.assign(camera, { x, y, k }));
}

/** Move the camera smoothly, in a fifth of a second. */
function fly(x, y, k) {
  const from = { ...seen }, start = performance.now();
  cancelAnimationFrame(flight);
  Object.assign(camera, { x, y, k });
  if (calm.matches || document.hidden) return draw(camera);
  seen = from;
  const frame = (now) => {
    const t = clamp((now - start) / 200, 0, 1), s = t * (2 - t);
    const mix = (key) => from[key] + (camera[key] - from[key]) * s;
    draw(t < 1 ? { x: mix("x"), y: mix("y"), k: mix("k") } : camera);
    if (t < 1) flight = requestAnimationFrame(frame);
  };
  flight = requestAnimationFrame(frame);
}

/** The drawing has changed: its boxes are elsewhere, and there are more or fewer. */
export function measure() {
  const shown = [...nodes.values()].filter((node) => !node.classList.contains("gone"));
  svg.setAttribute("aria-label", plural(shown.length,
    "{count} box, in order of creation", "{count} boxes, in order of creation"));
  const spots = [...shown, ...svg.querySelectorAll(".frame, .graph.legend")].map((part) =>
    part.closest(".gone") ? null : boundsOf(part)).filter((spot) => spot?.width);
  const least = (key) => spots.reduce((low, spot) => Math.min(low, spot[key]), Infinity);
  const most = (key, size) =>
    spots.reduce((high, spot) => Math.max(high, spot[key] + spot[size]), -Infinity);
  if (!spots.length) return;
  const x = least("x"), y = least("y");
  extent = { x, y, width: most("x", "width") - x, height: most("y", "height") - y };
}

/** Show the whole graph, or only its beginning if that would make the boxes too small. */
export function fit(least = 0, move = fly) {
  const { width, height } = svg.getBoundingClientRect(), pad = 24;
  const all = Math.min((width - 2 * pad) / extent.width, (height - 2 * pad) / extent.height, 1.4);
  const k = Math.max(all, Math.min(least, (width - 2 * pad) / extent.width));
  const y = k > all ? pad : (height - extent.height * k) / 2;
  move((width - extent.width * k) / 2 - extent.x * k, y - extent.y * k, k);
  far = true;
}

export function zoom(factor, x, y) {
  const { width, height } = svg.getBoundingClientRect();
  x ??= width / 2;
  y ??= height / 2;
  const k = clamp(seen.k * factor, 0.03, 6);
  placeCamera(x - (x - seen.x) * k / seen.k, y - (y - seen.y) * k / seen.k, k);
  far = false;
}

/**
 * Bring a part of the drawing into view, and what belongs to it, if there is room for both; from
 * far away, also close enough to read it.
 */
export function reveal(part, others = []) {
  const { width: wide, height: high } = svg.getBoundingClientRect(), pad = 40, below = 60;
  const own = boundsOf(part), all = unionOf([part, ...others]);
  const room = Math.min((wide - 2 * pad) / own.width, (high - pad - below) / own.height);
  const near = far ? Math.max(camera.k, Math.min(0.9, room)) : Math.min(camera.k, Math.max(room, 0.3));
  const fits = all.width * near < wide - 2 * pad && all.height * near < high - pad - below;
  const { x, y, width, height } = fits ? all : own;
  const left = camera.x + x * camera.k, top = camera.y + y * camera.k;
  const inside = left > pad && left + width * camera.k < wide - pad &&
    top > pad && top + height * camera.k < high - below;
  if (inside && near < camera.k * 1.3) return;
  if (near > camera.k) far = false;
  fly(wide / 2 - (x + width / 2) * near, (high - below + pad) / 2 - (y + height / 2) * near, near);
}

/** The rectangle around some parts. */
function unionOf(parts) {
  const spots = parts.map(boundsOf);
  const x = Math.min(...spots.map((spot) => spot.x)), y = Math.min(...spots.map((spot) => spot.y));
  return { x, y, width: Math.max(...spots.map((spot) => spot.x + spot.width)) - x,
    height: Math.max(...spots.map((spot) => spot.y + spot.height)) - y };
}

/** The window has another size: the whole graph is shown again, or the step is still in view. */
export function keepInView() {
  if (far) fit(0.5, placeCamera);
  revealStep();
}
