// Short numbers for narrow cells: .25 for 0.25, and 1 for 1.00.

import { make } from "../../../minigrad/draw/page/make.js";

export function short(value) {
  const size = Math.abs(value);
  const text = size.toFixed(size < 0.995 ? 2 : size < 9.95 ? 1 : 0);
  return text === "0.00" ? "0" : text === "1.0" ? "1" : text.replace(/^0/, "");
}

export function signed(value) {
  const text = short(value);
  return text === "0" ? text : (value < 0 ? "−" : "+") + text;
}

/** The power of ten in which numbers up to `limit` are shown; 0 if none is needed. */
export const powerOf = (limit) =>
  limit < 0.1 || limit >= 100 ? Math.floor(Math.log10(limit)) : 0;

/** "× 10" to this power, or nothing for 0. */
export const timesTen = (power) =>
  power ? ["\u00a0×\u00a010", make("sup", {}, String(power).replace("-", "−"))] : [];
