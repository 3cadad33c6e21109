// Steps: the position, and what is lit at it.

import { clamp } from "./make.js";
import { boxes, forward, moves, steps, tensors, usedIn } from "./data.js";
import { edges, nodes, root } from "./picture.js";
import { reveal } from "./camera.js";
import { standIn } from "./folding.js";
import { render } from "./panel.js";

export let position = 0;  // 0: before the first step
export let chosen = null;  // the box or tensor that was selected, and is shown instead of the step

export const current = () => moves[position - 1];
export const turned = () => position > forward.length;
export const wayName = () => turned() ? "backward" : "forward";

export function go(to) {
  position = clamp(to, 0, moves.length);
  chosen = null;
  render();
  const move = current();
  if (move) reveal(standIn(move.step.box));
}

/** The first and the last step that a box takes part in, forward and backward. */
const reach = Object.fromEntries(Object.entries(boxes).map(([id, box]) => {
  const made = box.tensors.map((at) => tensors[at].made ?? -1);
  const used = box.tensors.filter((at) => tensors[at].grad !== undefined)
    .flatMap((at) => usedIn[at].filter((step) => steps[step].back.length));
  const first = box.steps[0] ?? made.reduce((a, b) => Math.min(a, b), Infinity);
  const last = box.steps.at(-1) ?? used.reduce((a, b) => Math.max(a, b), -1);
  return [id, { first, last: box.kind === "output" ? Infinity : last }];
}));

/** Light up what takes part in the current step. */
export function light() {
  for (const name of ["lit", "from", "to", "run", "chosen"]) {
    for (const part of root.querySelectorAll(`.${name}`)) part.classList.remove(name);
  }
  const move = current();
  document.body.classList.toggle("back", turned());
  for (const [id, node] of nodes) {
    const later = move && (move.back ? reach[id].last < move.at : reach[id].first > move.at);
    node.classList.toggle("later", Boolean(later));
  }
  for (const [id, same] of edges) {
    const later = id.split("->").some((end) => nodes.get(end).classList.contains("later"));
    for (const edge of same) edge.classList.toggle("later", later);
  }
  if (chosen?.box) standIn(chosen.box).classList.add("chosen");
  if (move) lightStep(move);
}

function lightStep({ step, back }) {
  const out = tensors[step.out].box;
  step.inputs.forEach((x, j) => {
    if (typeof x !== "number") return;
    const from = tensors[x].box ?? steps[tensors[x].made]?.box;
    if (!from || (back && !step.back.some(([place]) => place === j))) return;
    mark(from, "from");
    run(from, step.box, back);
  });
  if (out) mark(out, "to");
  for (const box of out ? [out] : usersOf(step.out, back)) {
    if (back) mark(box, "to");
    run(step.box, box, back);
  }
  standIn(step.box).classList.remove("from", "to");
  mark(step.box, "lit");
}

/** The boxes that use a tensor; on the way back, those that its gradient comes from. */
function usersOf(at, back) {
  const users = usedIn[at].filter((step) => !back || steps[step].back.length);
  return new Set(users.map((step) => steps[step].box));
}

function mark(id, name) {
  nodes.get(id).classList.remove("later");
  standIn(id).classList.add(name);
}

/** Animate the arrows between two boxes, whichever way they are drawn. */
function run(tail, head, back) {
  for (const [id, drawnBack] of [[`${tail}->${head}`, false], [`${head}->${tail}`, true]]) {
    for (const edge of edges.get(id) ?? []) {
      edge.classList.remove("later");
      edge.classList.add("run");
      edge.classList.toggle("against", back !== drawnBack);
    }
  }
}

/** A click on a box: go to the next step of an op; show any other box in the panel. */
export function choose(id) {
  const box = boxes[id];
  if (box.kind === "op") {
    const own = (i) => moves[i - 1].step.box === id;
    const places = moves.map((_, i) => i + 1).filter(own);
    return go(places.find((i) => i > position) ?? places[0]);
  }
  show({ box: id, tensors: box.tensors });
}

export function show(what) {
  chosen = what;
  render();
}
