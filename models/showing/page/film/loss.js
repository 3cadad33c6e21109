// The curve of the loss, with the moments marked.

import { say } from "../../../../minigrad/draw/page/language.js";
import { $, make } from "../../../../minigrad/draw/page/make.js";
import { last, moments, short } from "./data.js";
import { canvas, ends, markers, scrubbed, svg } from "./paint.js";
import { ofAll, shown } from "./state.js";

const fields = { training: "loss", validation: "validation" };
const own = Object.keys(fields).filter((name) =>
  moments.some((moment) => moment[fields[name]] !== null));
const found = own.flatMap((name) => moments.map((moment) => moment[fields[name]]))
  .filter((loss) => loss !== null && loss > 0);
const [low, high] = [Math.min(...found), Math.max(...found)].map(Math.log);

const x = (i) => i + 0.5;
const y = (loss) =>
  (high > low ? 0.06 + (0.9 * (high - Math.log(Math.max(loss, 1e-30)))) / (high - low) : 0.5);

/** The path of a loss through the moments that have it. */
function path(name) {
  const points = moments.flatMap((moment, i) => {
    const loss = moment[fields[name]];
    return loss === null ? [] : [`${x(i)} ${y(loss).toFixed(4)}`];
  });
  return svg("path", { class: name, d: `M${points.join("L")}` });
}

const lossMarks = svg("g");
const values = make("p", { class: "values" });

export function startLoss() {
  const plot = make("div", { class: "plot" }, canvas(last + 1, 1, ...own.map(path), lossMarks));
  if (found.length) {
    plot.append(make("span", { class: "scale high" }, short(Math.exp(high))),
      make("span", { class: "scale low" }, short(Math.exp(low))));
  }
  const names = { training: say("training"), validation: say("validation") };
  const keys = own.map((name) => make("span", { class: `key ${name}` }, names[name]));
  $("loss").append(make("div", { class: "line note" }, ...keys,
    make("span", {}, say("logarithmic; validation without dropout or smoothing"))), scrubbed(plot),
    ends(...[0, 0.25, 0.5, 0.75, 1].map((part) => {
      const { step } = moments[Math.round(part * last)];
      return part ? step.toLocaleString("en") : say("step {step}", { step });
    })), values);
}

export function drawLoss() {
  lossMarks.replaceChildren(...markers(1, x));
  values.replaceChildren(...shown().map((i, place) => {
    const { step, loss, validation } = moments[i];
    const said = [say("training {loss}", { loss: short(loss) })];
    if (validation !== null) said.push(say("validation {loss}", { loss: short(validation) }));
    const dot = make("i", { class: place ? "dot other" : "dot" });
    return make("span", {}, dot, `${say("step {step}", { step: ofAll(step) })}: ${said.join(", ")}`);
  }));
}
