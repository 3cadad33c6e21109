// What a box does when it is pointed at, focused, or pressed.

import { boxes, titleOf } from "./data.js";
import { nodes, onPress } from "./picture.js";
import { hideTip, showTip, tipOf } from "./tip.js";
import { reveal } from "./camera.js";
import { choose } from "./steps.js";

for (const [id, node] of nodes) {
  const box = boxes[id];
  node.classList.add(box.kind);
  node.setAttribute("tabindex", "0");
  node.setAttribute("role", "button");
  node.setAttribute("aria-label", [titleOf(box), box.kind, ...tipOf(box)].join(", "));
  node.addEventListener("pointerenter", () => showTip(box, node));
  node.addEventListener("pointerleave", hideTip);
  node.addEventListener("focus", () => { reveal(node); showTip(box, node); });
  node.addEventListener("blur", hideTip);
  onPress(node, () => choose(id));
}
