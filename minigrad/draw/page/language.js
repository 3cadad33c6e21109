// The language of the page: English, as the sources have it, or Korean, from a table.

const NAMES = { en: "English", ko: "한국어" };
const framed = location.protocol === "about:";  // in a notebook: the page has no address of its own
const wanted = framed ? window.name : new URLSearchParams(location.search).get("language");

/** The language that the reader chose, else the first of the browser's that the page has. */
export const language = [wanted, ...navigator.languages].map((name) => name?.split("-")[0])
  .find((name) => Object.hasOwn(NAMES, name)) ?? "en";
let table = {};

/** Take the Korean texts by their English ones, and put them in place of those in the HTML. */
export function learn(korean) {
  document.documentElement.lang = language;
  addSwitch();
  if (language === "en") return;
  table = korean;
  const walk = document.createTreeWalker(document, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const node = walk.currentNode;
    if (!node.parentElement.closest("svg, script")) node.data = inHtml(node.data);
  }
  for (const name of ["aria-label", "title", "placeholder"]) {
    for (const element of document.querySelectorAll(`[${name}]:not(svg, svg *)`)) {
      element.setAttribute(name, inHtml(element.getAttribute(name)));
    }
  }
}

const inHtml = (text) => table[text.trim().replace(/\s+/g, " ")] ?? text;

/** A text in the page's language, with values in place of their {names}. */
export const say = (english, values) => sayParts(english, values).join("");

/** The same as a list: values may be elements, or lists of them. */
export function sayParts(english, values = {}) {
  const parts = (table[english] ?? english).split(/\{(\w+)\}/);
  return parts.flatMap((part, i) => i % 2 ? values[part] : part);
}

/** The first text for one thing, the second for several: {count} of them. */
export const plural = (count, one, several, values = {}) =>
  say(count === 1 ? one : several, { count: count.toLocaleString("en"), ...values });

/** A text that Python made: an entry of the table, whose {names} may be any words. */
export function sayMade(text) {
  if (Object.hasOwn(table, text)) return table[text];
  for (const english of Object.keys(table)) {
    const pattern = english.replace(/[.?()|]/g, "\\$&").replace(/\{(\w+)\}/g, "(?<$1>.+)");
    const found = text.match(new RegExp(`^${pattern}$`));
    if (found) {
      return say(english, Object.fromEntries(Object.entries(found.groups ?? {}).map(
        ([name, value]) => [name, value.includes(" ") ? sayMade(value) : value])));
    }
  }
  return text;
}

/** The attribute that says in which language a word is written. */
export const languageOf = (word) => ({ lang: /[가-힣]/.test(word) ? "ko" : "en" });

/** A button for the other language, beside that for light and dark. */
function addSwitch() {
  const theme = document.getElementById("theme"), button = document.createElement("button");
  const other = language === "en" ? "ko" : "en";
  Object.assign(button, { id: "language", type: "button", lang: other, className: theme.className,
    textContent: NAMES[other], onclick: () => switchTo(other) });
  theme.before(button);
}

/** Begin again in another language, with what the address says of what is shown. */
function switchTo(other) {
  if (framed) {
    window.name = other;  // it outlives the document
    location.reload();
  } else {
    const address = new URL(location.href);
    address.searchParams.set("language", other);
    location.replace(address);
  }
}
