// The panel: the step, or the box that was chosen.

import { $, make } from "./make.js";
import {
  backward, boxes, boxOf, data, forward, moves, nameOf, opOf, places, steps, tensors, titleOf,
} from "./data.js";
import { chosen, current, onStep, position, show, turned, wayName } from "./steps.js";
import { equation, saidOf, welcome } from "./saying.js";
import { placeParts, sourceParts } from "./source.js";
import { explained, isProduct } from "./product.js";
import {
  gradCard, handedCard, heading, jumps, numberCard, stepRow, tensorCards, valueCard,
} from "./cards.js";

function fill() {
  const move = current();
  $("slider").value = position;
  $("previous").disabled = position === 0;
  $("next").disabled = position === moves.length;
  const said = move ? saidOf(move) : welcome();
  $("said").textContent = said;
  $("slider").setAttribute("aria-valuetext", said);
  const parts = chosen ? chosenParts(chosen) : move ? stepParts(move) : welcomeParts();
  const inside = $("panel").contains(document.activeElement);
  $("panel").replaceChildren(...parts);
  if (inside) $("panel").focus();  // the focused button is gone
  $("panel").scrollTop = 0;
}

function welcomeParts() {
  const outputs = tensors.map((_, at) => at).filter((at) => tensors[at].kind === "output");
  return [
    make("h2", {}, "How it was computed"),
    make("p", { class: "hush" }, make("kbd", {}, "←"), " ", make("kbd", {}, "→"),
      backward.length ? " step forward through the graph, and then backward. "
        : " step through the graph. ",
      make("kbd", {}, "p"), " plays it. Click a box to see what is in it; click a folded module to ",
      "open it, or the title of an open one to fold it. Drag to move, scroll or pinch to zoom, ",
      "and press ", make("kbd", {}, "/"), " to search."),
    backward.length || !steps.length ? null
      : make("p", { class: "hush" },
        "Draw after loss.backward() to step through the backward pass, too."),
    data.note ? make("p", { class: "note" }, data.note) : null,
    make("h3", {}, outputs.length > 1 ? "The outputs" : "The output"),
    ...outputs.slice(0, 12).flatMap(tensorCards),
  ].filter(Boolean);
}

function stepParts(move) {
  const { at, step, back } = move, op = opOf(step), own = boxes[step.box].steps;
  const here = back ? own.length - own.indexOf(at) : own.indexOf(at) + 1;
  const way = turned() ? `${position - forward.length} of ${backward.length}`
    : `${position} of ${forward.length}`;
  const head = [
    make("span", { class: "way" }, `${wayName()} ${way}`),
    make("h2", {}, (back ? null : equation(move)) ?? step.text),
    make("p", { class: "hush" }, step.scope ? `in ${step.scope}` : "",
      own.length > 1 ? `${step.scope ? " · " : ""}step ${here} of ${own.length} here` : ""),
  ];
  const called = placeParts(places[step.place]);
  if (back) {
    return [...head,
      heading("Incoming gradient"), gradCard(step.out, tensors[step.out].grad),
      heading(step.back.length > 1 ? "Gradients passed back" : "Gradient passed back"),
      ...step.back.map(([j, g]) => explained(handedCard(step, j, g, at), move, j)),
      ...operands(move), ...sourceParts("Its rule", op.rule), ...called,
      ...sourceParts("Its forward", op.forward)];
  }
  return [...head, heading(step.inputs.length > 1 ? "Inputs" : "Input"),
    ...step.inputs.map((x) => typeof x === "number" ? valueCard(x) : numberCard(x)),
    heading("Output"), explained(valueCard(step.out), move), ...called, ...sourceParts("Its forward", op.forward)];
}

/** The inputs of a product, which its gradients are made from. */
const operands = ({ step }) => isProduct(step) ? [heading("Its inputs"),
  ...step.inputs.filter((x) => typeof x === "number").map(valueCard)] : [];

function chosenParts({ box, tensors: shown }) {
  const of = box === undefined ? undefined : boxOf(box);
  return [
    make("span", { class: "way" }, of?.kind ?? tensors[shown[0]].kind),
    make("h2", {}, of ? titleOf(of) : nameOf(shown[0])),
    ...stepRow("Steps", of?.steps ?? []),
    ...shown.slice(0, 12).flatMap((at) => [...tensorCards(at), ...jumps(at)]),
    shown.length > 12 ? make("p", { class: "hush" }, `and ${shown.length - 12} more`) : null,
    make("p", {}, make("button", { type: "button", onclick: () => show(null) },
      position ? `Back to step ${position}` : "Back")),
  ].filter(Boolean);
}

onStep(fill);
