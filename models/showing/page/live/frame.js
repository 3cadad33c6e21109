// Around the page: light or dark, and how it fits into another page.

import { byId } from "./elements.js";

/** Light or dark as the button says, or as the page says that this one stands in. */
export function startFrame() {
  const button = byId("theme"), system = matchMedia("(prefers-color-scheme: dark)");
  const show = (dark) => {
    document.documentElement.style.colorScheme = dark ? "dark" : "light";
    button.setAttribute("aria-pressed", dark);
  };
  button.setAttribute("aria-pressed", system.matches);
  button.addEventListener("click", () => show(button.getAttribute("aria-pressed") !== "true"));
  if (window.parent === window) return;

  document.body.classList.add("framed");
  byId("stage").addEventListener("click", () => document.body.classList.add("asked"));
  window.addEventListener("message", ({ source, data: said }) => {
    if (source !== window.parent) return;
    if (said.theme === "light" || said.theme === "dark") show(said.theme === "dark");
    else document.documentElement.style.colorScheme = "";
  });
  const tell = () => window.parent.postMessage({ high: document.body.scrollHeight }, "*");
  new ResizeObserver(tell).observe(document.body);
}
