// The keys, the slider, the theme; and the beginning.

import "./korean.js";
import { $, make } from "./make.js";
import { plural, say } from "./language.js";
import { backward, forward, moves, steps, tensors } from "./data.js";
import { onModules, showPaths } from "./modules.js";
import { fit, keepInView, measure, placeCamera } from "./camera.js";
import { zooms } from "./pointer.js";
import { chosen, go, position, show } from "./steps.js";
import { drawStrip } from "./norms.js";
import { light } from "./light.js";
import { pause, play, playing } from "./player.js";
import { follow } from "./link.js";
import { fitPaper } from "./print.js";
import "./panel.js";
import "./boxes.js";
import "./search.js";
import "./export.js";

const keys = {
  ArrowRight: () => step(position + 1), ArrowLeft: () => step(position - 1),
  Home: () => step(0), End: () => step(moves.length),
  "+": zooms.in, "=": zooms.in, "-": zooms.out, 0: zooms.fit,
  p: () => playing() ? pause() : play(),
  "/": () => $("search").focus(), Escape: () => { if (chosen) show(null); },
};
document.addEventListener("keydown", (event) => {
  const { target } = event;
  const own = target.matches("#search, #slider") ||  // these handle the keys themselves
    target.closest("#panel") && ["Home", "End"].includes(event.key);
  if (own || event.ctrlKey || event.metaKey || event.altKey || !(event.key in keys)) return;
  event.preventDefault();
  keys[event.key]();
});
/** A step by hand ends the playing. */
function step(to) {
  pause();
  go(to);
}
$("previous").addEventListener("click", () => step(position - 1));
$("next").addEventListener("click", () => step(position + 1));
$("slider").addEventListener("input", () => step(Number($("slider").value)));

const dark = matchMedia("(prefers-color-scheme: dark)");
const theme = document.documentElement.dataset;
const isDark = () => theme.theme ? theme.theme === "dark" : dark.matches;
const showTheme = () => $("theme").setAttribute("aria-pressed", String(isDark()));
$("theme").addEventListener("click", () => {
  theme.theme = isDark() ? "light" : "dark";
  showTheme();
});
dark.addEventListener("change", showTheme);

function begin() {
  const made = tensors.filter(({ kind }) => kind !== "constant").length;
  $("size").textContent = [plural(made, "{count} tensor", "{count} tensors"),
    plural(steps.length, "{count} op", "{count} ops")].join(", ");
  $("slider").max = moves.length;
  $("ways").append(make("span", {}, say("forward {count}", { count: forward.length })),
    ...(backward.length ? [make("span", {}, say("backward {count}", { count: backward.length }))] : []));
  const turn = 100 * forward.length / (moves.length || 1);
  $("slider").style.setProperty("--track", "linear-gradient(90deg, " +
    `color-mix(in srgb, var(--forward) 45%, var(--rule)) ${turn}%, ` +
    `color-mix(in srgb, var(--backward) 45%, var(--rule)) ${turn}%)`);
  [forward, backward].forEach((way, i) => {
    $("ways").children[i]?.style.setProperty("flex-grow", way.length);
  });
  showTheme();
  drawStrip();
  onModules(() => { measure(); light(); });
  showPaths(null);
  fit(0.5, placeCamera);
  follow();
  fitPaper();
  new ResizeObserver(keepInView).observe($("graph"));
}

begin();
