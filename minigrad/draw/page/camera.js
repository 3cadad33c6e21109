// The camera: what of the drawing is in view, and how large.

import { calm, clamp, makeSvg, plural } from "./make.js";
import { nodes, root, svg } from "./picture.js";
import { placeTip, tipped } from "./tip.js";

const stage = makeSvg("g");
svg.removeAttribute("viewBox");
svg.removeAttribute("width");
svg.removeAttribute("height");
svg.setAttribute("role", "group");
svg.setAttribute("aria-label",
  `${plural(nodes.size, "box", "boxes")}, in order of creation`);
stage.append(root);
svg.append(stage);
const extent = root.getBBox();
const camera = { x: 0, y: 0, k: 1 };  // its position; during a flight, the destination
export let seen = camera;  // its position during a flight
let far = true;  // nobody has zoomed in yet
let flight = 0;

function draw(from) {
  seen = from;
  stage.setAttribute("transform", `translate(${seen.x} ${seen.y}) scale(${seen.k})`);
  if (tipped) placeTip();
}

/** Move the camera at once. */
export function place(x, y, k) {
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
  place(x - (x - seen.x) * k / seen.k, y - (y - seen.y) * k / seen.k, k);
  far = false;
}

/** Bring a part of the drawing into view; from far away, also close enough to read it. */
export function reveal(part) {
  const { x, y, width, height } = part.getBBox(), view = svg.getBoundingClientRect(), pad = 40;
  const near = far ? Math.max(camera.k, Math.min(0.9, view.width / (width + 80))) : camera.k;
  const left = camera.x + x * camera.k, top = camera.y + y * camera.k;
  const inside = left > pad && left + width * camera.k < view.width - pad &&
    top > pad && top + height * camera.k < view.height - pad;
  if (inside && near < camera.k * 1.3) return;
  if (near > camera.k) far = false;
  fly(view.width / 2 - (x + width / 2) * near, view.height / 2 - (y + height / 2) * near, near);
}
