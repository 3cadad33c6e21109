// Shapes: paths of cells, markers, and where the pointer is.

import { clamp, make, makeSvg } from "../../../../minigrad/draw/page/make.js";
import { last } from "./data.js";
import { change, state } from "./state.js";

const SHADES = 12;

/** An SVG element with attributes. */
export function svg(name, attributes = {}, ...children) {
  const element = makeSvg(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

/** A drawing that fills its box, whatever the proportions. */
export const canvas = (width, height, ...children) =>
  svg("svg", {
    viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: "none", "aria-hidden": true,
  }, ...children);

/** Cells of a map as paths, one per shade: values from 0 to 1, row by row. */
export function shades(values, columns) {
  const paths = Array.from({ length: SHADES + 1 }, () => "");
  for (const [i, value] of values.entries()) {
    if (value === null) continue;
    const shade = Math.round(clamp(value, 0, 1) * SHADES);
    paths[shade] += `M${i % columns} ${Math.floor(i / columns)}h1v1h-1z`;
  }
  return paths.flatMap((d, shade) => d && shade
    ? [svg("path", { d, style: `--shade: ${Math.round((shade / SHADES) * 100)}%` })] : []);
}

/** The lines that mark the moments shown; place(moment) is the x of each. */
export const markers = (height, place) =>
  [["marker", state.at], ["marker other", state.beside]].flatMap(([kind, i]) => i === null ? []
    : [svg("line", { class: kind, x1: place(i), x2: place(i), y1: 0, y2: height })]);

/** A plot that goes to the moment under the pointer, while that is down; more(y) changes more. */
export function scrubbed(plot, more = () => {}) {
  const go = (event) => {
    const box = plot.getBoundingClientRect();
    const across = (event.clientX - box.left) / box.width;
    const down = (event.clientY - box.top) / box.height;
    change({ at: Math.round(across * (last + 1) - 0.5), ...more(down) });
  };
  plot.addEventListener("pointerdown", (event) => {
    plot.setPointerCapture(event.pointerId);
    go(event);
  });
  plot.addEventListener("pointermove", (event) => {
    if (plot.hasPointerCapture(event.pointerId)) go(event);
  });
  return plot;
}

/** The two ends of an axis, as text. */
export const ends = (...texts) =>
  make("div", { class: "ends" }, ...texts.map((text) => make("span", {}, text)));
