// Playing: step after step, and a dot that runs along the arrows.

import { $, calm, makeSvg } from "./make.js";
import { say } from "./language.js";
import { moves } from "./data.js";
import { layer } from "./picture.js";
import { pointOn } from "./arrows.js";
import { go, onStep, position } from "./steps.js";
import { running } from "./light.js";

const STEP = 1000;  // milliseconds for a step at speed 1
let timer = 0, frame = 0;

const speed = () => Number($("speed").value);
export const playing = () => timer !== 0;

export function play() {
  if (!moves.length) return;
  if (position === moves.length) go(0);
  pause();
  tick();
}

export function pause() {
  clearTimeout(timer);
  timer = 0;
  showButton();
}

function tick() {
  timer = setTimeout(tick, STEP / speed());
  go(position + 1);
  if (position === moves.length) pause();
  showButton();
}

function showButton() {
  $("play").textContent = playing() ? "❚❚" : "▶";
  $("play").setAttribute("aria-label", playing() ? say("Pause") : say("Play"));
}

$("play").addEventListener("click", () => playing() ? pause() : play());
document.addEventListener("visibilitychange", () => { if (document.hidden) pause(); });

// --- dots ----------------------------------------------------------------------------------------

/** Let a dot run along each arrow that is lit: first to the step, then away from it. */
function runDots(fresh) {
  cancelAnimationFrame(frame);
  layer.dots.replaceChildren();
  if (!fresh || calm.matches || document.hidden || running.length > 40) return;
  const lasts = Math.min(600, STEP * 0.7 / speed()), start = performance.now();
  const dots = running.map((run) => ({ ...run, dot: makeDot(run) }));
  const back = running.some(({ edge }) => edge.turnedHead);
  const move = (now) => {
    const time = (now - start) / lasts;
    for (const { edge, from, part, dot } of dots) {
      const second = (part === "output") !== back;  // values go in and out, gradients the other way
      const share = Math.min(Math.max(time * 2 - (second ? 1 : 0), 0), 1);
      const at = pointOn(edge, from ? 1 - share : share);
      if (at) dot.setAttribute("transform", `translate(${at.join(" ")})`);
      dot.classList.toggle("gone", !at || share === 0 || share === 1);
    }
    if (time < 1) frame = requestAnimationFrame(move);
    else layer.dots.replaceChildren();
  };
  frame = requestAnimationFrame(move);
}

function makeDot({ width }) {
  const dot = makeSvg("circle");
  dot.setAttribute("r", Math.max(4, width));
  dot.setAttribute("class", "dot gone");
  layer.dots.append(dot);
  return dot;
}

onStep(runDots);
