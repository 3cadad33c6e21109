// Search: hits are lit wherever they are, and a jump opens the modules around its target.

import { $ } from "./make.js";
import { say } from "./language.js";
import { around, groups, layouts, nameOf, opOf, steps, titleOf } from "./data.js";
import { nodes, root, svg } from "./picture.js";
import { canOpen, layout, onModules, open, opened } from "./modules.js";
import { reveal } from "./camera.js";

/** The words by which each box and each module is found, with all modules open. */
const whole = layouts.at(-1).boxes;
const index = [
  ...Object.entries(whole).map(([id, box]) => ({ id, words: [
    titleOf(box), box.class, ...box.tensors.map(nameOf),
    ...box.steps.flatMap((at) => [opOf(steps[at]).name, steps[at].scope]),
  ] })),
  ...groups.map((group, at) => ({ group: at, words: [group.name, group.class] })),
].map(({ words, ...of }) => ({ ...of, words: [...new Set(words)].join("\n").toLowerCase() }));
let found = [], turn = 0;

/** What is drawn for a search result: its box, its title, or the folded module around it. */
function shownFor({ id, group }) {
  const inside = id ? whole[id].group : group;
  const fold = around(inside).reverse().find((at) => canOpen(at) && !opened.has(at));
  if (fold !== undefined) return nodes.get(groups[fold].box);
  return id ? nodes.get(id) : layout.clusters.get(group)?.title;
}

function search() {
  const words = $("search").value.trim().toLowerCase();
  found = words ? index.filter((entry) => entry.words.includes(words)) : [];
  turn = 0;
  $("hits").textContent = words ? say("none") : "";
  markFound();
  jump(0);
}

/** Light the results; all else is faded, and they are not, whether reached or not. */
function markFound() {
  for (const part of root.querySelectorAll(".found")) part.classList.remove("found");
  for (const entry of found) {
    shownFor(entry)?.classList.add("found");
    nodes.get(entry.id)?.classList.add("found");
  }
  svg.classList.toggle("searching", found.length > 0);
}

/** Go to another search result, `by` places further on. */
function jump(by) {
  if (!found.length) return;
  turn = (turn + by + found.length) % found.length;
  $("hits").textContent = say("{at} of {count}", { at: turn + 1, count: found.length });
  const { id, group } = found[turn];
  if (by) open(id ? whole[id].group : groups[group].outer);
  const part = shownFor(found[turn]);
  if (part) reveal(part);
}

onModules(markFound);
$("search").addEventListener("input", search);
$("search").addEventListener("keydown", (event) => {
  if (event.key === "Enter") { event.preventDefault(); jump(event.shiftKey ? -1 : 1); }
  if (event.key === "Escape") { $("search").value = ""; search(); }
});
document.querySelector("form").addEventListener("submit", (event) => event.preventDefault());
