// Arrows: their two ends, which way their heads point, and arrows to folded modules.

import { makeSvg } from "./make.js";

/** Where an arrow begins and ends, read once: its line, its head, and the point of the head. */
function shapeOfArrow(edge) {
  if (edge.shape) return edge.shape;
  const line = edge.querySelector(":scope > path"), heads = edge.querySelectorAll(":scope > polygon");
  const d = line?.getAttribute("d");
  const length = line?.getTotalLength() ?? 0;
  if (heads.length !== 1 || !length) return edge.shape = { line, heads };
  const first = line.getPointAtLength(0), last = line.getPointAtLength(length);
  const points = heads[0].getAttribute("points").trim().split(/\s+/)
    .map((pair) => pair.split(",").map(Number));
  const away = ([x, y]) => Math.min(Math.hypot(x - first.x, y - first.y),
    Math.hypot(x - last.x, y - last.y));
  const tip = points.reduce((best, point) => away(point) > away(best) ? point : best);
  const near = (at) => Math.hypot(tip[0] - at.x, tip[1] - at.y);
  const atStart = near(first) < near(last);  // an arrow that is drawn backwards
  const size = Math.min(near(atStart ? first : last) || 6, length / 2);
  return edge.shape = { line, heads, d, length, tip, atStart, size };
}

/** Let an arrow's head point the other way, or as it was drawn. */
export function turnHead(edge, turned) {
  if (Boolean(edge.turnedHead) === turned) return;
  edge.turnedHead = turned;
  const { line, heads, d, length, tip, atStart, size } = shapeOfArrow(edge);
  edge.classList.toggle("turned", turned);
  if (!tip) return;
  if (!turned) {
    line.setAttribute("d", d);
    heads[0].removeAttribute("transform");
    return;
  }
  const end = line.getPointAtLength(atStart ? length : 0);
  const inner = line.getPointAtLength(atStart ? length - size : size);
  const old = line.getPointAtLength(atStart ? 0 : length);
  const angle = (from, to) => Math.atan2(to.y - from.y, to.x - from.x) * 180 / Math.PI;
  const by = angle(inner, end) - angle(old, { x: tip[0], y: tip[1] });
  heads[0].setAttribute("transform",
    `translate(${end.x} ${end.y}) rotate(${by}) translate(${-tip[0]} ${-tip[1]})`);
  // The line reaches to where the head was.
  line.setAttribute("d", atStart ? `M${tip[0]},${tip[1]}L${d.slice(1)}` : `${d} L${tip[0]},${tip[1]}`);
}

/** A point on an arrow, from 0 where the values begin to 1 where they arrive. */
export function pointOn(edge, share) {
  const { line, length = 0, atStart } = shapeOfArrow(edge);
  return line.getPointAtLength((atStart ? 1 - share : share) * length);
}

/** A straight arrow between two rectangles, in the look of another arrow. */
export function straight(from, to, model) {
  const center = ({ x, y, width, height }) => [x + width / 2, y + height / 2];
  const [a, b] = [center(from), center(to)];
  const [dx, dy] = [b[0] - a[0], b[1] - a[1]], far = Math.hypot(dx, dy) || 1;
  const reach = ({ width, height }) =>
    Math.min(width / 2 / Math.abs(dx || 1e-9), height / 2 / Math.abs(dy || 1e-9)) * far;
  const [ux, uy] = [dx / far, dy / far], out = reach(from), into = far - reach(to);
  const at = (along, aside = 0) =>
    `${(a[0] + ux * along - uy * aside).toFixed(1)},${(a[1] + uy * along + ux * aside).toFixed(1)}`;
  const edge = model.cloneNode(false), line = makeSvg("path"), head = makeSvg("polygon");
  const look = model.querySelector("path"), old = model.querySelector("polygon");
  for (const name of ["stroke", "stroke-width", "stroke-dasharray", "fill"]) {
    if (look?.hasAttribute(name)) line.setAttribute(name, look.getAttribute(name));
    if (old?.hasAttribute(name)) head.setAttribute(name, old.getAttribute(name));
  }
  line.setAttribute("d", `M${at(out)}L${at(Math.max(into - 6, out + 1))}`);
  head.setAttribute("points", `${at(into)} ${at(into - 8, 3)} ${at(into - 8, -3)} ${at(into)}`);
  edge.removeAttribute("style");
  edge.append(line, head);
  return Object.assign(edge, { shift: [0, 0] });
}
