// Tooltips.

import { $, clamp, make } from "./make.js";
import { plural, say } from "./language.js";
import { arrays, nameOf, shapeOf, tensors, titleOf } from "./data.js";
import { onStep } from "./steps.js";
import { comeBack } from "./numbers.js";
import { inModule } from "./titles.js";

export let tipped = null, tippedBox = null;  // the box whose tooltip is shown

/** The lines of a box's tooltip. */
export function tipOf(box) {
  const around = inModule(box.group);
  if (box.kind === "op" || box.kind === "module") {
    const [first] = box.steps, { length } = box.steps;
    const made = length ? [plural(length, "step {first}", "{count} steps, from step {first}",
      { first: first + 1 })] : [];
    const kept = box.tensors.map((at) => `${nameOf(at)} ${shapeOf(at)}`).slice(0, 6);
    const kind = box.class && box.class !== box.name ? [box.class] : [];
    return [...kind, ...made, ...kept, ...around];
  }
  const [at] = box.tensors;
  if (at === undefined) return around;
  const { value, grad } = tensors[at];
  const lines = [`${shapeOf(at)} ${arrays[value].dtype}`, ...lineOf(arrays[value])];
  const come = grad === undefined || !comeBack(at) ? []
    : lineOf(arrays[grad]).map((line) => say("gradient {numbers}", { numbers: line }));
  return [...lines, ...come, ...around];
}

function lineOf({ numbers, stats }) {
  if (!stats) return numbers ? [numbers] : [];
  const { mean, std, min, max, zeros, nan, inf } = stats;
  const bad = [nan && say("{count} not a number", { count: nan }),
    inf && say("{count} infinite", { count: inf })].filter(Boolean);
  const good = mean === undefined ? []
    : [say("{mean} ± {std}, from {min} to {max}", { mean, std, min, max })];
  const none = zeros && zeros !== "0%" ? [say("{part} zeros", { part: zeros })] : [];
  return [[...good, ...none, ...bad].join(", ")];
}

export function showTip(box, node) {
  tipped = node;
  tippedBox = box;
  $("tip").replaceChildren(make("b", {}, titleOf(box)),
    ...tipOf(box).map((line) => make("span", {}, line)));
  $("tip").hidden = false;
  placeTip();
}

/** Put the tooltip below its box, or above it if there is no room. */
export function placeTip() {
  const area = $("graph").getBoundingClientRect(), at = tipped.getBoundingClientRect();
  const { width, height } = $("tip").getBoundingClientRect();
  const left = clamp(at.left + (at.width - width) / 2, area.left + 4, area.right - width - 4);
  const below = at.bottom + height + 8 < area.bottom;
  const top = below ? at.bottom + 8 : Math.max(at.top - height - 8, area.top + 4);
  $("tip").style.left = `${left - area.left}px`;
  $("tip").style.top = `${top - area.top}px`;
}

export function hideTip() {
  tipped = null;
  $("tip").hidden = true;
}

onStep(() => { if (tipped) showTip(tippedBox, tipped); });
