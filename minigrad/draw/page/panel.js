// The panel: the step, or the box that was chosen.

import { $, make } from "./make.js";
import { say, sayMade, sayParts } from "./language.js";
import {
  backward, boxes, boxOf, data, forward, kindName, moves, nameOf, opOf, places, steps, tensors,
  titleOf,
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
    make("h2", {}, say("How it was computed")),
    make("p", { class: "hush" }, helpParts()),
    backward.length || !steps.length ? null
      : make("p", { class: "hush" },
        say("Draw after loss.backward() to step through the backward pass, too.")),
    ...data.notes.map((note) => make("p", { class: "note" }, sayMade(note))),
    heading(outputs.length > 1 ? say("The outputs") : say("The output")),
    ...outputs.slice(0, 12).flatMap(tensorCards),
  ].filter(Boolean);
}

function helpParts() {
  const key = (name) => make("kbd", {}, name), keys = [key("←"), " ", key("→")];
  return [...backward.length
    ? sayParts("{keys} step forward through the graph, and then backward.", { keys })
    : sayParts("{keys} step through the graph.", { keys }), " ",
  ...sayParts("{p} plays it. Click a box to see what is in it; click a folded module to open it, " +
    "or the title of an open one to fold it. Drag to move, scroll or pinch to zoom, and press " +
    "{slash} to search.", { p: key("p"), slash: key("/") })];
}

function stepParts(move) {
  const { at, step, back } = move, op = opOf(step), own = boxes[step.box].steps;
  const here = back ? own.length - own.indexOf(at) : own.indexOf(at) + 1;
  const [done, all] = turned() ? [position - forward.length, backward.length]
    : [position, forward.length];
  const head = [
    make("span", { class: "way" },
      say("{way} {at} of {count}", { way: wayName(), at: done, count: all })),
    make("h2", {}, (back ? null : equation(move)) ?? step.text),
    make("p", { class: "hush" }, [
      step.scope && say("in {module}", { module: step.scope }),
      own.length > 1 && say("step {at} of {count} here", { at: here, count: own.length }),
    ].filter(Boolean).join(" · ")),
  ];
  const called = placeParts(places[step.place]);
  const forwardCode = sourceParts(say("Its forward"), op.forward);
  if (back) {
    return [...head,
      heading(say("Incoming gradient")), gradCard(step.out, tensors[step.out].grad),
      heading(step.back.length > 1 ? say("Gradients passed back") : say("Gradient passed back")),
      ...step.back.map(([j, g]) => explained(handedCard(step, j, g, at), move, j)),
      ...operands(move), ...sourceParts(say("Its rule"), op.rule), ...called, ...forwardCode];
  }
  return [...head, heading(step.inputs.length > 1 ? say("Inputs") : say("Input")),
    ...step.inputs.map((x) => typeof x === "number" ? valueCard(x) : numberCard(x)),
    heading(say("Output")), explained(valueCard(step.out), move), ...called, ...forwardCode];
}

/** The inputs of a product, which its gradients are made from. */
const operands = ({ step }) => isProduct(step) ? [heading(say("Its inputs")),
  ...step.inputs.filter((x) => typeof x === "number").map(valueCard)] : [];

function chosenParts({ box, tensors: shown }) {
  const of = box === undefined ? undefined : boxOf(box);
  return [
    make("span", { class: "way" }, kindName(of?.kind ?? tensors[shown[0]].kind)),
    make("h2", {}, of ? titleOf(of) : nameOf(shown[0])),
    ...stepRow(say("Steps"), of?.steps ?? []),
    ...shown.slice(0, 12).flatMap((at) => [...tensorCards(at), ...jumps(at)]),
    shown.length > 12 ? make("p", { class: "hush" },
      say("and {count} more", { count: shown.length - 12 })) : null,
    make("p", {}, make("button", { type: "button", onclick: () => show(null) },
      position ? say("Back to step {at}", { at: position }) : say("Back"))),
  ].filter(Boolean);
}

onStep(fill);
