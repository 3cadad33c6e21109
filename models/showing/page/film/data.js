// The film: its head, its moments, and what is packed in them.

import { $ } from "../../../../minigrad/draw/page/make.js";

export const { head, moments, every } = JSON.parse($("data").textContent);
export const { example, parameters, bins } = head;
export const last = moments.length - 1;
export const parts = ["gradients", "weights"];

export const [layers, heads] = example?.maps ?? [0, 0];

/** The numbers of a packed text, from 0 to 1. */
const unpacked = (text) => Float32Array.from(atob(text), (letter) => letter.charCodeAt(0) / 255);

const known = new WeakMap(); // a moment's attention weights, unpacked once

/** The attention weights of a head, or of the mean of all heads: rows × columns numbers. */
export function attention(moment, map) {
  if (!known.has(moment)) known.set(moment, unpacked(moment.attention));
  const all = known.get(moment);
  const size = example.rows.length * example.columns.length;
  if (map !== null) return all.subarray(map * size, (map + 1) * size);
  const mean = new Float32Array(size);
  for (const [i, weight] of all.entries()) mean[i % size] += weight / (layers * heads);
  return mean;
}

/** The heights of a histogram's bins, its range, and the norm; null if there was no gradient. */
export function histogram(moment, part, parameter) {
  const found = moment[part];
  return found && {
    heights: unpacked(found.histograms[parameter]),
    range: found.ranges[parameter],
    norm: found.norms[parameter],
  };
}

/** A number as short text; a dash for one that is missing. */
export function short(x) {
  if (x === null || x === undefined) return "–";
  const far = x !== 0 && (Math.abs(x) < 0.001 || Math.abs(x) >= 1e5);
  const text = far ? x.toExponential(1) : `${Number(x.toPrecision(3))}`;
  return text.replaceAll("-", "−").replace("e+", "e");
}
