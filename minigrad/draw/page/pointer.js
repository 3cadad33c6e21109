// Dragging, pinching and the wheel.

import { clamp } from "./make.js";
import { svg } from "./picture.js";
import { fit, placeCamera, seen, zoom } from "./camera.js";

const fingers = new Map();
let dragged = false;

svg.addEventListener("pointerdown", (event) => {
  if (event.button) return;
  if (!fingers.size) dragged = false;
  fingers.set(event.pointerId, event);
});
window.addEventListener("pointermove", (event) => {
  const before = fingers.get(event.pointerId);
  if (!before) return;
  const dx = event.clientX - before.clientX, dy = event.clientY - before.clientY;
  if (!dragged && fingers.size === 1 && Math.hypot(dx, dy) < 5) return;  // a shaky click
  dragged = true;
  svg.classList.add("held");
  const frame = svg.getBoundingClientRect();
  const other = [...fingers.values()].find((finger) => finger.pointerId !== event.pointerId);
  if (other) {
    const apart = ({ clientX, clientY }) =>
      Math.hypot(clientX - other.clientX, clientY - other.clientY);
    zoom(apart(event) / (apart(before) || 1), (event.clientX + other.clientX) / 2 - frame.left,
      (event.clientY + other.clientY) / 2 - frame.top);
    placeCamera(seen.x + dx / 2, seen.y + dy / 2, seen.k);
  } else {
    placeCamera(seen.x + dx, seen.y + dy, seen.k);
  }
  fingers.set(event.pointerId, event);
});
for (const end of ["pointerup", "pointercancel"]) {
  window.addEventListener(end, (event) => {
    fingers.delete(event.pointerId);
    svg.classList.remove("held");
  });
}
svg.addEventListener("click", (event) => {
  if (dragged) event.stopPropagation();  // the end of a drag is not a click
}, true);
svg.addEventListener("wheel", (event) => {
  event.preventDefault();
  const frame = svg.getBoundingClientRect();
  const lines = event.deltaMode === 1 ? 16 : 1;
  zoom(Math.exp(-clamp(event.deltaY * lines, -150, 150) / 400), event.clientX - frame.left,
    event.clientY - frame.top);
}, { passive: false });

export const zooms = { in: () => zoom(1.3), out: () => zoom(1 / 1.3), fit: () => fit() };
for (const button of document.querySelectorAll("[data-zoom]")) {
  button.addEventListener("click", zooms[button.dataset.zoom]);
}
