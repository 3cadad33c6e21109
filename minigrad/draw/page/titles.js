// The titles of open modules, which fold them.

import { makeSvg } from "./make.js";
import { say } from "./language.js";
import { groups, moduleOf, pathOf } from "./data.js";
import { onPress } from "./picture.js";

const put = (element, values) => {
  for (const [key, value] of Object.entries(values)) element.setAttribute(key, value);
};

/** Make a module's frame a rectangle, and its title a button; once for each. */
export function nameCluster(cluster, at, press) {
  if (cluster.frame) return;
  const shape = cluster.querySelector(":scope > :not(text)"), frame = makeSvg("rect");
  const { x, y, width, height } = shape.getBBox();
  cluster.frame = { x, y, width, height };
  put(frame, { class: "frame", rx: 8, x, y, width, height });
  shape.replaceWith(frame);
  const title = makeSvg("g"), sign = makeSvg("text"), area = makeSvg("rect");
  title.append(...cluster.querySelectorAll(":scope > text"));
  cluster.append(title);
  const box = title.getBBox();
  put(sign, { class: "sign", x: box.x + box.width + 5, y: box.y + box.height / 2 + 3.5 });
  put(area, { x: box.x - 5, y: box.y - 3, width: box.width + 24, height: box.height + 6, rx: 5 });
  put(title, { class: "title", tabindex: 0, role: "button", "aria-expanded": "true",
    "aria-label": calledAs(at) });
  sign.textContent = "▾";
  title.prepend(area);
  title.append(sign);
  Object.assign(title, { at: box.x, room: box.width + 24 });
  cluster.title = title;
  if (groups[at].box === undefined) title.removeAttribute("role");
  else onPress(title, () => press(at));
}

/** A module in words: those of one name are told apart by the module around them. */
export const calledAs = (at) => [say("module {name}", { name: moduleOf(at) }), groups[at].class,
  ...inModule(groups[at].outer)].join(", ");

/** The module that something is in, as the rest of a list of words. */
export const inModule = (group) => group === undefined ? []
  : [say("in {module}", { module: pathOf(group) })];
