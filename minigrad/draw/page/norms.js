// Norms: how wide an arrow is, and the strip under the slider, both on one logarithmic scale.

import { $, clamp, makeSvg } from "./make.js";
import { say } from "./language.js";
import { arrays, forward, moves, steps, tensors } from "./data.js";
import { go, onStep, position, turned } from "./steps.js";

/** The norm of an array; NaN if it is not finite, undefined if it has none. */
function normOf(place) {
  const norm = place === undefined ? undefined : arrays[place].norm;
  return norm === undefined ? undefined : Number(norm);
}

const usable = (norm) => norm > 0 && Number.isFinite(norm);

/** The smallest and the largest logarithm of some norms. */
function range(norms) {
  const logs = norms.filter(usable).map(Math.log10);
  return { low: logs.reduce((a, b) => Math.min(a, b), Infinity),
    high: logs.reduce((a, b) => Math.max(a, b), -Infinity) };
}

const passedRange = range(steps.flatMap(({ back, out }) => [
  ...back.map(([, place]) => normOf(place)), normOf(tensors[out].grad)]));

/** From 0 for the smallest norm to 1 for the largest; norms that differ by little are alike. */
function share(norm, { low, high }) {
  return high - low < 0.05 ? 0.5 : clamp((Math.log10(norm) - low) / (high - low), 0, 1);
}

/** How an arrow looks that this gradient comes along; without one, that values go along. */
export function lookOf(gradient) {
  const norm = normOf(gradient);
  if (norm === undefined) return { width: 3, color: "var(--now)" };
  if (norm === 0) return { width: 1, color: "var(--line)" };
  if (!usable(norm)) return { width: 8, color: "var(--alarm)" };
  const part = share(norm, passedRange);
  return { width: Math.round(10 * (1.2 + 6.8 * part)) / 10,
    color: `color-mix(in oklab, var(--g3) ${Math.round(100 * part)}%, var(--g0))` };
}

// --- the strip -----------------------------------------------------------------------------------

/** The norm that a step shows: of its result, or on the way back of the gradient that it gets. */
const stepNorm = ({ step, back }) =>
  normOf(back ? tensors[step.out].grad : tensors[step.out].value);
const norms = moves.map(stepNorm);
const scale = range(norms);
const HIGH = 30, LOW = 3;  // the heights of the largest and of the smallest norm

/** A bar for each step: its place and its height. */
function bars(from, to, right) {
  return norms.slice(from, to).map((norm, i) => {
    if (!right(norm)) return "";
    const height = usable(norm) ? LOW + (HIGH - LOW) * share(norm, scale) : norm === 0 ? 1 : HIGH;
    return `M${from + i + 0.12},${HIGH}v${-height.toFixed(2)}h.76v${height.toFixed(2)}z`;
  }).join("");
}

function bar(name, d) {
  const made = makeSvg("path");
  made.setAttribute("class", name);
  made.setAttribute("d", d);
  return made;
}

const spoken = (log) => `1e${Math.round(log)}`.replace("-", "−");

/** Draw the strip; it is left out if no step has a norm. */
export function drawStrip() {
  const strip = $("strip");
  strip.hidden = norms.every((norm) => norm === undefined);
  if (strip.hidden) return;
  const picture = makeSvg("svg"), bad = (norm) => norm !== undefined && !Number.isFinite(norm);
  picture.setAttribute("viewBox", `0 0 ${moves.length} ${HIGH}`);
  picture.setAttribute("preserveAspectRatio", "none");
  picture.setAttribute("aria-hidden", "true");
  const good = (norm) => norm !== undefined && Number.isFinite(norm);
  picture.append(bar("values", bars(0, forward.length, good)),
    bar("gradients", bars(forward.length, moves.length, good)),
    bar("bad", bars(0, moves.length, bad)), bar("here", ""));
  const known = Number.isFinite(scale.low);
  const low = spoken(scale.low), high = spoken(scale.high);
  const text = known ? say("norms, from {low} to {high}", { low, high }) : say("norms");
  strip.setAttribute("aria-label", moves.length > forward.length
    ? say("Each step's ‖result‖ and ‖gradient‖: {norms}", { norms: text })
    : say("Each step's ‖result‖: {norms}", { norms: text }));
  strip.append(picture);
  $("scale").textContent = known ? say("bars: {norms}, logarithmic", { norms: text }) : "";
  const stepAt = (event) => {
    const { left, width } = picture.getBoundingClientRect();
    return clamp(Math.floor((event.clientX - left) / width * moves.length) + 1, 1, moves.length);
  };
  strip.addEventListener("pointerdown", (event) => {
    strip.setPointerCapture(event.pointerId);
    go(stepAt(event));
  });
  strip.addEventListener("pointermove", (event) => {
    if (event.buttons) go(stepAt(event));
  });
}

onStep(() => {
  const here = $("strip").querySelector(".here");
  if (!here) return;
  here.setAttribute("d", position ? `M${position - 1},0h1v${HIGH}h-1z` : "");
  $("norm").textContent = norms[position - 1] === undefined ? "" : saidNorm();
});

function saidNorm() {
  const norm = arrays[placeOf()].norm.replace("-", "−");
  return turned() ? say("‖gradient‖ {norm}", { norm }) : say("‖result‖ {norm}", { norm });
}

/** The array whose norm the current step shows. */
function placeOf() {
  const { step, back } = moves[position - 1];
  return back ? tensors[step.out].grad : tensors[step.out].value;
}
