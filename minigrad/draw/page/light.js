// What takes part in the current step is lit; what has not been reached yet is faded.

import { boxes, forward, homeOf, moves, steps, tensors, usedIn } from "./data.js";
import { nodes, root } from "./picture.js";
import { drawArrow } from "./arrows.js";
import { drawnFor, edges, layout, standIn } from "./modules.js";
import { chosen, current, onStep, position, turned } from "./steps.js";
import { lookOf } from "./norms.js";

export let running = [];  // the arrows that are lit: { edge, back, part }
let reach = {}, reached = null;  // and of which layout it is

/** The first and the last step that each box takes part in, forward and backward. */
function reachOf() {
  return Object.fromEntries(Object.entries(boxes).map(([id, box]) => {
    const made = box.tensors.map((at) => tensors[at].made ?? -1);
    const used = box.tensors.filter((at) => tensors[at].grad !== undefined)
      .flatMap((at) => usedIn[at].filter((step) => steps[step].back.length));
    const first = box.steps[0] ?? made.reduce((a, b) => Math.min(a, b), Infinity);
    const last = box.steps.at(-1) ?? used.reduce((a, b) => Math.max(a, b), -1);
    return [id, { first, last: box.kind === "output" ? Infinity : last }];
  }));
}

export function light() {
  for (const name of ["lit", "from", "to", "run", "chosen"]) {
    for (const part of root.querySelectorAll(`.${name}`)) part.classList.remove(name);
  }
  running = [];
  if (reached !== layout) [reach, reached] = [reachOf(), layout];
  const move = current();
  document.body.classList.toggle("back", turned());
  const waits = new Map();  // for each box that is drawn, whether all of it is still to come
  for (const id of Object.keys(boxes)) {
    const later = Boolean(move) && (move.back ? reach[id].last < move.at : reach[id].first > move.at);
    const drawn = drawnFor(id);
    waits.set(drawn, (waits.get(drawn) ?? true) && later);
  }
  for (const [id, node] of nodes) node.classList.toggle("later", waits.get(id) ?? false);
  for (const [id, same] of edges) {
    const later = id.split("->").some((end) => waits.get(end));
    for (const edge of same) {
      edge.classList.toggle("later", later);
      drawArrow(edge, Boolean(move?.back) && !later && cameBack(edge), 0);
    }
  }
  if (chosen?.box) (nodes.get(chosen.box) ?? standIn(chosen.box)).classList.add("chosen");
  if (move) lightStep(move);
}

// --- which arrows the gradient has come back along -----------------------------------------------

let came = { position: -1, ids: new Set() };

/** True if the gradient has come back along an arrow, by the current step. */
function cameBack(edge) {
  if (came.position !== position || came.layout !== layout) {
    came = { position, layout, ids: new Set() };
    for (const { step, back } of moves.slice(forward.length, position)) {
      if (back) for (const [tail, head] of wayBack(step)) came.ids.add(`${tail}->${head}`);
    }
  }
  return came.ids.has(edge.ends.join("->"));
}

/** The arrows that a step's gradients come along: from a step to its result, and to its inputs. */
function wayBack(step) {
  const out = tensors[step.out].box;
  const into = out ? [out] : [...usersOf(step.out, true)];
  const inputs = step.back.map(([j]) => homeOf(step.inputs[j])).filter(Boolean);
  return [...into.map((box) => [step.box, box]), ...inputs.map((box) => [box, step.box])]
    .map((pair) => pair.map(drawnFor));
}

// --- the step ------------------------------------------------------------------------------------

function lightStep({ step, back }) {
  const out = tensors[step.out].box;
  step.inputs.forEach((x, j) => {
    if (typeof x !== "number") return;
    const from = homeOf(x), passed = step.back.find(([place]) => place === j);
    if (!from || back && !passed) return;
    mark(from, "from");
    run(from, step.box, back, "input", back ? passed[1] : undefined);
  });
  if (out) mark(out, "to");
  const grad = back ? tensors[step.out].grad : undefined;
  for (const box of out ? [out] : usersOf(step.out, back)) {
    if (back) mark(box, "to");
    run(step.box, box, back, "output", out || !back ? grad : handedBy(box, step.out) ?? grad);
  }
  standIn(step.box).classList.remove("from", "to");
  mark(step.box, "lit");
}

/** The gradient that the last of a box's steps passes back to a tensor. */
function handedBy(box, x) {
  for (const at of usedIn[x]) {
    const { step, back } = { step: steps[at], back: steps[at].back };
    const passed = step.box === box && back.find(([j]) => step.inputs[j] === x);
    if (passed) return passed[1];
  }
  return undefined;
}

/** The boxes that use a tensor; on the way back, those that its gradient comes from. */
function usersOf(at, back) {
  const users = usedIn[at].filter((step) => !back || steps[step].back.length);
  return new Set(users.map((step) => steps[step].box));
}

function mark(id, name) {
  const node = standIn(id);
  node.classList.remove("later");
  node.classList.add(name);
}

/** Light the arrows between two boxes, whichever way they are drawn. */
function run(from, to, back, part, gradient) {
  const [tail, head] = [from, to].map(drawnFor);
  if (tail === head) return;
  for (const [id, drawnBack] of [[`${tail}->${head}`, false], [`${head}->${tail}`, true]]) {
    for (const edge of edges.get(id) ?? []) {
      const { width, color } = lookOf(gradient);
      edge.classList.remove("later");
      edge.classList.add("run");
      edge.classList.toggle("against", back !== drawnBack);
      edge.style.setProperty("--wide", `${width}px`);
      edge.style.setProperty("--tone", color);
      drawArrow(edge, back, width);
      running.push({ edge, from: back !== drawnBack, part, width });
    }
  }
}

onStep(light);
