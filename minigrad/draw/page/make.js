// Elements, and a few words.

export const $ = (id) => document.getElementById(id);
export const paper = matchMedia("print");
export const calm = matchMedia("(prefers-reduced-motion: reduce)");

/** Make an element; strings among its children become text, never markup. */
export function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (value !== null && value !== undefined) element.setAttribute(key, value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

export const makeSvg = (name) => document.createElementNS("http://www.w3.org/2000/svg", name);
export const clamp = (x, low, high) => Math.min(Math.max(x, low), high);

/** A number as a reader writes it: with a minus sign, not a hyphen. */
export const minus = (text) => text.replaceAll("-", "−");
