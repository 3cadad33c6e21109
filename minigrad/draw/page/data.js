// The data: tensors and steps, and what belongs to them.

import { say } from "./language.js";

export const data = JSON.parse(document.getElementById("data").textContent);
export const { arrays, tensors, steps, groups, places, ops, layouts } = data;

/**
 * Forward in order of birth, then back through the steps that a gradient passed. If the backward
 * pass was itself recorded, its steps follow instead: they are like those of any graph.
 */
const all = steps.map((step, at) => ({ at, step, back: false }));
export const forward = all.slice(0, data.turn), recorded = all.slice(data.turn);
const returned = forward.filter(({ step }) => step.back.length).reverse()
  .map((move) => ({ ...move, back: true }));
export const backward = recorded.length ? recorded : returned;
export const moves = [...forward, ...backward];
export const usedIn = tensors.map(() => []);
steps.forEach((step, at) => {
  for (const x of new Set(step.inputs)) if (typeof x === "number") usedIn[x].push(at);
});

// --- the boxes, which differ from layout to layout -----------------------------------------------

export let boxes = data.boxes;  // those of the layout that is shown

Object.assign(layouts.find(({ svg }) => !svg), { drawn: true, boxes,
  steps: steps.map(({ box }) => box), tensors: tensors.map(({ box }) => box) });
for (const layout of layouts) {
  for (const box of Object.values(layout.boxes)) Object.assign(box, { tensors: [], steps: [] });
  layout.tensors.forEach((id, at) => layout.boxes[id]?.tensors.push(at));
  layout.steps.forEach((id, at) => layout.boxes[id].steps.push(at));
}

/** Take a layout's boxes for those of the steps and the tensors. */
export function take(layout) {
  boxes = layout.boxes;
  steps.forEach((step, at) => { step.box = layout.steps[at]; });
  tensors.forEach((tensor, at) => { tensor.box = layout.tensors[at] ?? undefined; });
}

/** A box of any layout. */
export const boxOf = (id) => boxes[id] ?? layouts.find((layout) => layout.boxes[id]).boxes[id];

/** The box that a tensor is in, or that of the step that made it. */
export const homeOf = (at) => tensors[at].box ?? steps[tensors[at].made]?.box;

// --- names ---------------------------------------------------------------------------------------

export const shapeOf = (at) => shapeText(arrays[tensors[at].value].shape);
export const shapeText = (shape) => `(${shape.join(", ")}${shape.length === 1 ? "," : ""})`;
export const opOf = (step) => ops[step.op];

/** The name of a tensor, or how it is called without one. */
export function nameOf(at) {
  const { name, kind, made } = tensors[at];
  if (name) return name;
  if (made !== undefined) return say("result of {op}", { op: opOf(steps[made]).name });
  return kindName(kind === "constant" || kind === "data" ? kind : "tensor");
}

/** The kind of a tensor or of a box, as a word. */
export const kindName = (kind) => ({ constant: say("constant"), data: say("data"),
  leaf: say("leaf"), module: say("module"), op: say("op"), output: say("output"),
  parameter: say("parameter"), result: say("result"), tensor: say("tensor") })[kind];

/** The title of a box. */
export function titleOf(box) {
  if (box.name) return box.name;
  if (box.kind === "op") {
    const first = steps[box.steps[0]], times = box.steps.length;
    return times > 1 ? `${opOf(first).name} ×${times}` : first.text;
  }
  return nameOf(box.tensors[0]) + (box.tensors.length > 1 ? ` ×${box.tensors.length}` : "");
}

export const moduleOf = (group) => groups[group].name +
  (groups[group].calls > 1 ? ` ×${groups[group].calls}` : "");

/** A module and the modules around it, the innermost first. */
export function around(group) {
  const found = [];
  for (; group !== undefined; group = groups[group].outer) found.push(group);
  return found;
}

/** The way to a module from the outermost, which tells two "layers.0" apart. */
export const pathOf = (group) => around(group).reverse().map((at) => groups[at].name).join("/");
