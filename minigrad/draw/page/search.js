// Search.

import { $ } from "./make.js";
import { boxes, groups, nameOf, opOf, steps, titleOf } from "./data.js";
import { clusters, nodes, root, svg } from "./picture.js";
import { reveal } from "./camera.js";
import { unfold } from "./folding.js";

/** The words by which each box and each open module is found. */
const index = [
  ...Object.entries(boxes).map(([id, box]) => ({ id, words: [
    titleOf(box), box.class, ...box.tensors.map(nameOf),
    ...box.steps.flatMap((at) => [opOf(steps[at]).name, steps[at].scope]),
  ] })),
  ...groups.map((group, at) => ({ group: at, words: [group.name, group.class] })),
].map(({ words, ...of }) => ({ ...of, words: [...new Set(words)].join("\n").toLowerCase() }));
let found = [], turn = 0;

function search() {
  const words = $("search").value.trim().toLowerCase();
  found = words ? index.filter((entry) => entry.words.includes(words)) : [];
  for (const part of root.querySelectorAll(".found")) part.classList.remove("found");
  for (const { id, group } of found) {
    (id ? nodes.get(id) : clusters.get(group)).classList.add("found");
  }
  svg.classList.toggle("searching", found.some(({ id }) => id));
  turn = 0;
  $("hits").textContent = words ? "none" : "";
  jump(0);
}

/** Go to another search result, `by` places further on. */
function jump(by) {
  if (!found.length) return;
  turn = (turn + by + found.length) % found.length;
  $("hits").textContent = `${turn + 1} of ${found.length}`;
  const { id, group } = found[turn];
  unfold(id ? boxes[id].group : groups[group].outer);
  reveal(id ? nodes.get(id) : clusters.get(group).shut);
}

$("search").addEventListener("input", search);
$("search").addEventListener("keydown", (event) => {
  if (event.key === "Enter") { event.preventDefault(); jump(event.shiftKey ? -1 : 1); }
  if (event.key === "Escape") { $("search").value = ""; search(); }
});
document.querySelector("form").addEventListener("submit", (event) => event.preventDefault());
