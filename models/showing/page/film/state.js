// What is shown: one moment or two, a head, a parameter. The address has it: #step=…&beside=….

import { say } from "../../../../minigrad/draw/page/language.js";
import { clamp } from "../../../../minigrad/draw/page/make.js";
import { head, heads, last, layers, moments, parameters, parts } from "./data.js";

/** The first parameter that is a matrix: its histograms show more than those of a bias. */
const matrix = Math.max(0, parameters.findIndex(([, shape]) => shape.length > 1));

export const state = {
  at: last,  // a moment
  beside: null,  // another one, or null
  map: layers * heads === 1 ? 0 : null,  // a head, counted through all layers; null: their mean
  part: parts[0],
  parameter: matrix,
};

let draw = () => {};
let later = 0;

/** Call this function whenever something has changed, and now. */
export function whenChanged(drawAll) {
  draw = drawAll;
  draw();
}

export function change(changes) {
  Object.assign(state, changes);
  state.at = clamp(state.at, 0, last);
  draw();
  clearTimeout(later); // browsers allow few changes of the address per second
  later = setTimeout(() => history.replaceState(null, "", `#${address()}`), 150);
}

/** The moments that are shown. */
export const shown = () => [state.at, state.beside].filter((i) => i !== null);

export const mapName = (map) => map === null ? say("mean of all heads")
  : say("layer {layer}, head {head}",
    { layer: Math.floor(map / heads) + 1, head: (map % heads) + 1 });

function address() {
  const said = new URLSearchParams({ step: moments[state.at].step });
  if (state.beside !== null) said.set("beside", moments[state.beside].step);
  if (state.map !== null && layers * heads > 1) said.set("head", state.map + 1);
  if (state.part !== parts[0]) said.set("norms", state.part);
  if (state.parameter !== matrix) said.set("parameter", parameters[state.parameter][0]);
  return said.toString();
}

/** The moment that is nearest to a step; null if that is not a number. */
function nearest(text) {
  const step = Number.parseFloat(text);
  if (!Number.isFinite(step)) return null;
  const away = moments.map((moment) => Math.abs(moment.step - step));
  return away.indexOf(Math.min(...away));
}

/** What the address says, as far as this film has it. */
export function readAddress() {
  const said = new URLSearchParams(location.hash.slice(1));
  const map = Number.parseInt(said.get("head"), 10) - 1;
  const named = parameters.findIndex(([name]) => name === said.get("parameter"));
  change({
    at: nearest(said.get("step")) ?? state.at,
    beside: nearest(said.get("beside")),
    map: map >= 0 && map < layers * heads ? map : state.map,
    part: parts.includes(said.get("norms")) ? said.get("norms") : state.part,
    parameter: named < 0 ? state.parameter : named,
  });
}

export const ofAll = (step) => say("{step} of {steps}",
  { step: step.toLocaleString("en"), steps: head.steps.toLocaleString("en") });
