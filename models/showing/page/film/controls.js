// The sliders, play and pause, the keys.

import { say } from "../../../../minigrad/draw/page/language.js";
import { $, calm } from "../../../../minigrad/draw/page/make.js";
import { last, moments } from "./data.js";
import { change, ofAll, readAddress, state } from "./state.js";

const PACE = 110; // milliseconds per moment
const CALM = 700; // with less motion
let timer = 0;

function play() {
  if (timer) return pause();
  if (state.at === last) change({ at: 0 });
  timer = setInterval(() => {
    if (state.at < last) change({ at: state.at + 1 });
    if (state.at === last) pause();
  }, calm.matches ? CALM : PACE);
  drawControls();
}

function pause() {
  clearInterval(timer);
  timer = 0;
  drawControls();
}

/** Keys that a control of the page does not take itself. */
function pressed(event) {
  const on = event.target;
  if (event.ctrlKey || event.metaKey || event.altKey || on.matches("input")) return;
  const steps = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity };
  const ways = steps[event.key];
  if (event.key === " " && !on.matches("button")) play();
  else if (ways && !on.matches(".scroll")) change({ at: state.at + ways });
  else return;
  event.preventDefault();
}

export function startControls() {
  for (const name of ["at", "beside"]) {
    $(name).max = last;
    $(name).addEventListener("input", () => change({ [name]: Number($(name).value) }));
    $(name).addEventListener("keydown", (event) => {
      if (event.key === " ") play();
    });
  }
  $("play").addEventListener("click", play);
  $("compare").addEventListener("click", () =>
    change({ beside: state.beside === null ? last : null }));
  $("theme").addEventListener("click", () => {
    const dark = $("theme").getAttribute("aria-pressed") !== "true";
    document.documentElement.dataset.theme = dark ? "dark" : "light";
    $("theme").setAttribute("aria-pressed", dark);
  });
  $("theme").setAttribute("aria-pressed", matchMedia("(prefers-color-scheme: dark)").matches);
  addEventListener("keydown", pressed);
  addEventListener("hashchange", readAddress);
}

export function drawControls() {
  const sign = document.createElement("span"), name = timer ? say("Pause") : say("Play");
  sign.textContent = ` ${name}`;
  $("play").replaceChildren(timer ? "❚❚" : "▶", sign);
  $("play").setAttribute("aria-label", name);
  $("compare").setAttribute("aria-pressed", state.beside !== null);
  $("second").hidden = state.beside === null;
  for (const name of ["at", "beside"]) {
    if (state[name] === null) continue;
    const { step } = moments[state[name]];
    $(name).value = state[name];
    $(name).setAttribute("aria-valuetext", say("step {step}", { step: ofAll(step) }));
    const now = step.toLocaleString("en"), rest = document.createElement("i");
    rest.textContent = ofAll(step).slice(now.length);
    $(`${name}-step`).replaceChildren(now, rest);
  }
}
