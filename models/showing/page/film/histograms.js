// The histograms of the chosen parameter at one moment: of its weights, and of their gradients.

import { say } from "../../../../minigrad/draw/page/language.js";
import { make } from "../../../../minigrad/draw/page/make.js";
import { bins, head, histogram, moments, parameters, short } from "./data.js";
import { canvas, ends, svg } from "./paint.js";
import { shown, state } from "./state.js";

const WIDTH = 1000;

/** A card that shows a moment: { element, show(moment) }. */
export function histogramCard() {
  const title = make("p", { class: "said" });
  const figures = ["weights", "gradients"].map((part) => {
    const figure = make("figure", { class: `histogram ${part}` });
    return { figure, show: (moment) => drawHistogram(figure, part, moment) };
  });
  const note = make("p", { class: "note" },
    say("{bins} bins of equal width from the least to the largest value; the fullest one is as " +
      "high as the picture. Of more than {most} values, evenly spaced ones are counted.",
    { bins, most: head.most.toLocaleString("en") }));
  const drawn = figures.map(({ figure }) => figure);
  const element = make("div", { class: "pictures" }, title, ...drawn, note);
  const show = (moment) => {
    const [name, shape] = parameters[state.parameter];
    title.replaceChildren(make("b", {}, name), ` (${shape.join(" × ") || say("one number")})`);
    for (const figure of figures) figure.show(moment);
  };
  return { element, show };
}

/** The axis: weights have one for the whole film, gradients that of the moments shown. */
function axis(part) {
  const all = part === "weights" ? moments : shown().map((i) => moments[i]);
  const ranges = all.flatMap((moment) =>
    moment[part] ? [moment[part].ranges[state.parameter]] : []);
  return [Math.min(...ranges.map(([low]) => low)), Math.max(...ranges.map(([, high]) => high))];
}

function drawHistogram(figure, part, moment) {
  const found = histogram(moment, part, state.parameter);
  const name = part === "weights" ? say("weights") : say("gradients, before clipping");
  const norm = make("span", {}, say("norm {norm}", { norm: short(found?.norm) }));
  const caption = make("figcaption", {}, make("h3", {}, name), norm);
  const [low, high] = axis(part);
  const place = (x) => (high > low ? ((x - low) / (high - low)) * WIDTH : WIDTH / 2);
  const zero = low < 0 && high > 0
    ? [svg("line", { x1: place(0), x2: place(0), y1: 0, y2: 1 })] : [];
  const bars = make("div", { class: "bars" }, canvas(WIDTH, 1, ...zero,
    ...(found ? [svg("path", { d: barsOf(found, place) })] : [])));
  const both = Number.isFinite(low) ? [short(low), short(high)] : [say("no gradient yet"), ""];
  figure.replaceChildren(caption, bars, ends(...both));
}

/** The bars as one path, in the places of their bins on the axis; each at least a hair wide. */
function barsOf({ heights, range: [low, high] }, place) {
  const [start, end] = [place(low), place(high)];
  const width = Math.max((end - start) / heights.length, 2);
  return Array.from(heights, (height, i) => {
    if (!height) return "";
    const x = start + ((end - start) * i) / heights.length;
    return `M${x.toFixed(2)} 1v${-Math.max(height, 0.012).toFixed(4)}h${width.toFixed(2)}V1z`;
  }).join("");
}
