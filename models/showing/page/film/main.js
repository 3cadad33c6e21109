// Begins: every view is made once, and drawn again whenever something changes.

import "./korean.js";
import { languageOf, plural, say, sayParts } from "../../../../minigrad/draw/page/language.js";
import { $, make } from "../../../../minigrad/draw/page/make.js";
import { example, head, every, moments } from "./data.js";
import { readAddress, shown, whenChanged } from "./state.js";
import { drawLoss, startLoss } from "./loss.js";
import { drawNorms, startNorms } from "./norms.js";
import { exampleCard } from "./example.js";
import { histogramCard } from "./histograms.js";
import { drawControls, startControls } from "./controls.js";

/** The two places in which moments are shown; the second one is empty without a comparison. */
const places = [0, 1].map(() => {
  const cards = [["histograms", histogramCard()]];
  if (example) cards.unshift(["example", exampleCard()]);
  const titles = cards.map(() => make("h2"));
  const sections = cards.map(([name, card], i) =>
    make("section", { class: name }, titles[i], card.element));
  const element = make("div", { class: "moment" }, ...sections);
  const show = (moment) => {
    const step = moment.step.toLocaleString("en");
    for (const [i, [name, card]] of cards.entries()) {
      titles[i].textContent = name === "example" ? say("The sentence at step {step}", { step })
        : say("A parameter at step {step}", { step });
      card.show(moment);
    }
  };
  return { element, show };
});

function drawMoments() {
  const two = shown();
  $("moments").classList.toggle("two", two.length > 1);
  for (const [i, { element, show }] of places.entries()) {
    if (i < two.length) {
      show(moments[two[i]]);
      if (!element.parentNode) $("moments").append(element);
    } else element.remove();
  }
}

function about() {
  const { model, steps } = head;
  document.title = say("A film of training: {model}", { model });
  $("about").append(...subject(make("b", {}, model)), ", ",
    plural(moments.length, "{count} moment of {steps} steps", "{count} moments of {steps} steps",
      { steps: steps.toLocaleString("en") }),
    every > 1 ? ` ${say("(one in {every} of those kept, so that this page stays small)", { every })}`
      : "");
}

function subject(model) {
  if (!example) return [model];
  const text = example.columns.filter((word) => word !== "<begin>").join(" ");
  return sayParts("{model} on {text}", { model, text: make("b", languageOf(text), `«${text}»`) });
}

about();
startLoss();
startNorms();
startControls();
whenChanged(() => {
  drawLoss();
  drawNorms();
  drawMoments();
  drawControls();
});
if (location.hash) readAddress();
