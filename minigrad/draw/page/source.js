// Python source, coloured.

import { make } from "./make.js";
import { say } from "./language.js";
import { heading } from "./cards.js";

const PYTHON = new RegExp([
  "(?<c>#.*)", `(?<s>"""[^]*?"""|"(?:\\\\.|[^"\\\\\\n])*"|'(?:\\\\.|[^'\\\\\\n])*')`,
  "(?<d>(?<=^[ \\t]*)@[\\w.]+(?=\\s*(?:\\(|#|$)))",  // not the @ of a product, as in x@w
  "(?<n>\\b\\d[\\d._]*(?:e[+-]?\\d+)?\\b)",
  "(?<k>\\b(?:and|as|assert|def|del|elif|else|except|False|for|from|if|import|in|is|lambda|None" +
    "|not|or|pass|raise|return|True|try|while|with|yield)\\b)",
].join("|"), "gm");

/** Python with highlighting: a list of lines, each a list of strings and spans. */
function coloured(source) {
  const lines = [[]];
  const add = (text, kind) => text.split("\n").forEach((part, i) => {
    if (i) lines.push([]);
    if (part) lines.at(-1).push(kind ? make("span", { class: kind }, part) : part);
  });
  let end = 0;
  for (const found of source.matchAll(PYTHON)) {
    add(source.slice(end, found.index));
    add(found[0], Object.keys(found.groups).find((kind) => found.groups[kind]));
    end = found.index + found[0].length;
  }
  add(source.slice(end));
  return lines;
}

export function sourceParts(title, source) {
  if (!source) return [];
  const lines = coloured(source).map((line) => make("span", { class: "line" }, line));
  return [heading(title), make("pre", { class: "full", tabindex: "0" }, lines)];
}

/** The line of the user's code that called the op. */
export function placeParts({ file, line, function: name, first, lines }) {
  const where = make("p", { class: "hush" }, name.startsWith("<")
    ? say("{file}, line {line}", { file, line })
    : say("{file}, line {line}, in {name}", { file, line, name }));
  if (!lines) return [heading(say("Called by")), where];
  const shown = coloured(lines.join("\n")).map((parts, i) => make("span", {
    class: first + i === line ? "line here" : "line", "data-number": first + i }, parts));
  return [heading(say("Called by")), where, make("pre", { tabindex: "0" }, shown)];
}
