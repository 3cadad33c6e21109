// What a box does when it is pointed at, focused, or pressed.

import { boxOf, kindName, titleOf } from "./data.js";
import { nodes, onPress } from "./picture.js";
import { calledAs } from "./titles.js";
import { canOpen, groupOf, onModules } from "./modules.js";
import { reveal } from "./camera.js";
import { choose } from "./steps.js";
import { hideTip, showTip, tipOf } from "./tip.js";

function dress(id, node) {
  const box = boxOf(id), group = groupOf(id);
  node.dressed = true;
  node.classList.add(box.kind);
  node.setAttribute("tabindex", "0");
  node.setAttribute("role", "button");
  if (group !== undefined && canOpen(group)) {
    node.classList.add("folded");
    node.setAttribute("aria-expanded", "false");
  }
  const name = group === undefined ? `${titleOf(box)}, ${kindName(box.kind)}` : calledAs(group);
  node.setAttribute("aria-label", [name, ...tipOf(box)].join(", "));
  node.addEventListener("pointerenter", () => showTip(box, node));
  node.addEventListener("pointerleave", hideTip);
  node.addEventListener("focus", () => { reveal(node); showTip(box, node); });
  node.addEventListener("blur", hideTip);
  onPress(node, () => choose(id));
}

onModules(() => {
  hideTip();
  for (const [id, node] of nodes) {
    if (!node.dressed && !node.classList.contains("gone")) dress(id, node);
  }
});
