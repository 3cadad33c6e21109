// Arrows: which way their heads point, how wide they are, and arrows to folded modules.

import { makeSvg } from "./make.js";

const SAMPLES = 24;

/** An arrow, read once: points along its line, from where values begin to the tip of the head. */
function shapeOfArrow(edge) {
  if (edge.shape) return edge.shape;
  const line = edge.querySelector(":scope > path"), heads = edge.querySelectorAll(":scope > polygon");
  const d = line?.getAttribute("d"), length = line?.getTotalLength() ?? 0;
  if (heads.length !== 1 || !length) return edge.shape = { line };
  const way = Array.from({ length: SAMPLES + 1 }, (_, i) => {
    const { x, y } = line.getPointAtLength(i / SAMPLES * length);
    return [x, y];
  });
  const points = heads[0].getAttribute("points"), corners = points.trim().split(/\s+/)
    .map((pair) => pair.split(",").map(Number));
  const apart = ([x, y], [a, b]) => Math.hypot(x - a, y - b);
  const away = (corner) => Math.min(apart(corner, way[0]), apart(corner, way.at(-1)));
  const tip = corners.reduce((best, corner) => away(corner) > away(best) ? corner : best);
  if (apart(tip, way[0]) < apart(tip, way.at(-1))) way.reverse();  // it is drawn backwards
  way.push(tip);
  const marks = [0];  // the length up to each point
  for (let i = 1; i < way.length; i++) marks.push(marks[i - 1] + apart(way[i], way[i - 1]));
  return edge.shape = { line, head: heads[0], d, points, way, marks, long: marks.at(-1) };
}

function pointAt({ way, marks }, along) {
  const i = Math.max(1, marks.findIndex((mark) => mark >= along));
  const share = (along - marks[i - 1]) / (marks[i] - marks[i - 1] || 1);
  return way[i].map((value, k) => way[i - 1][k] + (value - way[i - 1][k]) * share);
}

/** Draw an arrow with its head at the other end, or wide; or as it was: turned false, width 0. */
export function drawArrow(edge, turned, width) {
  if (Boolean(edge.turnedHead) === turned && (edge.width ?? 0) === width) return;
  Object.assign(edge, { turnedHead: turned, width });
  const shape = shapeOfArrow(edge), { line, head, d, points, long } = shape;
  edge.classList.toggle("turned", turned);
  if (!head) return;
  if (!turned && !width) {
    line.setAttribute("d", d);
    head.setAttribute("points", points);
    return;
  }
  const size = Math.min(Math.max(7, 2.4 * width), 0.62 * long), half = Math.max(3, 0.42 * size);
  const [from, to] = turned ? [size * 0.8, long] : [0, long - size * 0.8];
  const inside = shape.way.filter((_, i) => shape.marks[i] > from && shape.marks[i] < to);
  const drawn = [pointAt(shape, from), ...inside, pointAt(shape, to)];
  line.setAttribute("d", `M${drawn.map(text).join("L")}`);
  const tip = pointAt(shape, turned ? 0 : long), base = pointAt(shape, turned ? size : long - size);
  const [x, y] = [tip[0] - base[0], tip[1] - base[1]], far = Math.hypot(x, y) || 1;
  const [ox, oy] = [-y / far * half, x / far * half];
  head.setAttribute("points", [tip, [base[0] + ox, base[1] + oy], [base[0] - ox, base[1] - oy]]
    .map(text).join(" "));
}

const text = (point) => point.map((value) => value.toFixed(1)).join(",");

/** A point on an arrow, from 0 where the values begin to 1 where they arrive. */
export function pointOn(edge, share) {
  const shape = shapeOfArrow(edge);
  return shape.way ? pointAt(shape, share * shape.long) : null;
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
