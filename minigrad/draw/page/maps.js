// Arrays: their numbers in a grid, or as heat maps, with words at rows and columns.

import { make, minus } from "./make.js";
import { say } from "./language.js";
import { data, shapeText } from "./data.js";

/** A cell, coloured by its number's share of the largest absolute one: from -1 to 1. */
function cell(name, share, bad, ...children) {
  const made = make(name, { class: bad ? "cell bad" : "cell" }, ...children);
  if (!bad && share) {
    made.style.setProperty("--side", share < 0 ? "var(--below)" : "var(--above)");
    made.style.setProperty("--share", `${Math.round(Math.abs(share) * 100)}%`);
  }
  return made;
}

export const numberOf = (text) => ({ True: 1, False: 0 })[text] ?? Number(text);

export function numberGrid({ shape, numbers }, words) {
  if (!numbers) return make("p", { class: "hush" }, say("no elements"));
  const texts = numbers.split(" "), values = texts.map(numberOf);
  const most = Math.max(...values.filter(Number.isFinite).map(Math.abs), 0) || 1;
  const wide = shape.length > 1 ? shape.at(-1) : Math.min(texts.length, 8);
  const block = shape.length > 2 ? shape.at(-2) : Infinity;
  const across = words.at(-1), down = shape.length > 1 ? words.at(-2) : null, rows = [];
  if (across && texts.length === wide || across && shape.length > 1) {
    rows.push(make("tr", {}, down ? make("td", { class: "corner" }) : null,
      across.map((word) => make("th", { scope: "col" }, word))));
  }
  for (let i = 0; i < texts.length; i += wide) {
    const cells = texts.slice(i, i + wide).map((text, j) => {
      const value = values[i + j];
      const made = cell("td", value / most, !Number.isFinite(value), minus(text));
      made.dataset.at = i + j;
      return made;
    });
    const gap = i > 0 && (i / wide) % block === 0;
    rows.push(make("tr", gap ? { class: "gap" } : {},
      down ? make("th", { scope: "row" }, down[(i / wide) % shape.at(-2)]) : null, cells));
  }
  return make("div", { class: wide > 5 ? "scroll wide" : "scroll", tabindex: "0" },
    make("table", {}, make("tbody", {}, rows)));
}

/** Heat maps: one for each index of the axes before the rows, as one for each head. */
export function heatMap(array, words) {
  const { shape, map, rows, maps = 1, left = 0, scale, block, axes = [] } = array;
  const columns = map.length / rows, high = rows / maps;
  const names = axes.map((axis) => axis === null ? null : words[axis] ?? null);
  const drawn = Array.from({ length: maps }, (_, i) =>
    oneMap(array, map.slice(i * high * columns, (i + 1) * high * columns), columns, names,
      maps > 1 ? indexOf(i, shape, axes) : ""));
  const several = maps > 1 || left ? make("p", { class: "hush" },
    left ? say("{some} of {all} maps", { some: maps, all: maps + left })
      : say("{count} maps, with one scale", { count: maps })) : null;
  const means = block ? make("p", { class: "hush" },
    say("each cell is the mean of up to {high} × {wide} numbers", { high: block[0], wide: block[1] })) : null;
  return make("div", {}, make("div", { class: maps > 1 ? "maps" : "" }, drawn),
    make("div", { class: "scale", "aria-hidden": "true" }, `−${scale}`, make("i"), scale),
    several, means);
}

function oneMap(array, text, columns, [down, across], index) {
  const middle = (data.levels.length - 1) / 2, rows = text.length / columns;
  const cells = [...text].map((c) => {
    const level = data.levels.indexOf(c);
    return cell("i", level / middle - 1, level < 0);
  });
  const image = make("div", { class: "map", role: "img", "aria-label":
    say("heat map of {tensor}, {rows} by {columns} cells",
      { tensor: shapeText(array.shape) + (index && `, ${index}`), rows, columns }) }, cells);
  image.style.setProperty("--columns", columns);
  image.style.gridTemplateColumns = `repeat(${columns}, 1fr)`;
  const named = down || across;
  const made = named ? make("div", { class: "named", "aria-hidden": "true" },
    across ? make("div", { class: "across" }, labels(across, columns)) : null,
    down ? make("div", { class: "down" }, labels(down, rows)) : null, image) : image;
  if (named) made.style.setProperty("--columns", columns);
  if (!index) return made;
  const least = named ? `calc(${columns * 16}px + 4em)` : "0px";
  return make("figure", { style: `--least: ${least}` }, make("figcaption", {}, index), made);
}

/** The words of an axis that are at the cells: with fewer cells than words, each cell's first. */
const labels = (words, cells) => Array.from({ length: cells }, (_, i) =>
  make("span", {}, words[Math.floor(i * words.length / cells)] || "\u00a0"));

/** The index of a map in the axes that are longer than 1 and are neither its rows nor columns. */
function indexOf(i, shape, axes) {
  const found = [];
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (axes.includes(axis) || shape[axis] === 1) continue;
    found.unshift(i % shape[axis]);
    i = Math.floor(i / shape[axis]);
  }
  return `[${found.join(", ")}]`;
}
