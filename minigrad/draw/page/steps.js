// Steps: where we are in the forward and the backward pass.

import { clamp } from "./make.js";
import { say } from "./language.js";
import { boxOf, forward, moves } from "./data.js";
import { root } from "./picture.js";
import { canOpen, groupOf, open, standIn } from "./modules.js";
import { reveal } from "./camera.js";

export let position = 0;  // 0: before the first step
export let chosen = null;  // the box or tensor that was selected, and is shown instead of the step
const stepListeners = [];

export const onStep = (listener) => stepListeners.push(listener);
export const current = () => moves[position - 1];
export const turned = () => position > forward.length;
export const wayName = () => turned() ? say("backward") : say("forward");

/** Everything that depends on the step, or on what was chosen, is shown again. */
function render(fresh = false) {
  for (const listener of stepListeners) listener(fresh);
}

export function go(to) {
  const before = position;
  position = clamp(to, 0, moves.length);
  chosen = null;
  render(position !== before);
  revealStep();
}

/** Bring the box of the step into view. */
export function revealStep() {
  const move = current();
  if (!move || chosen) return;
  reveal(standIn(move.step.box), [...root.querySelectorAll(".node:is(.from, .to)")]);
}

export function show(what) {
  chosen = what;
  render();
  if (!what) revealStep();
}

/** A click on a box: an op's next step, a folded module open, any other box in the panel. */
export function choose(id) {
  const box = boxOf(id), group = groupOf(id);
  if (group !== undefined && canOpen(group)) return open(group);
  if (box.kind === "op") {
    const own = (i) => moves[i - 1].step.box === id;
    const places = moves.map((_, i) => i + 1).filter(own);
    return go(places.find((i) => i > position) ?? places[0]);
  }
  return show({ box: id, tensors: box.tensors });
}

