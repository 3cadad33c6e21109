// Links to a step, the open modules in it, and the title of the tab.

import { backward, forward, moves, nameOf, opOf, tensors } from "./data.js";
import { onModules, openPaths, showPaths } from "./modules.js";
import { current, go, onStep, position, turned, wayName } from "./steps.js";

const outputs = tensors.map((_, at) => at).filter((at) => tensors[at].kind === "output");
const names = outputs.map(nameOf);

/** What is drawnName: the names of the outputs. */
export const drawnName = names.slice(0, 3).join(", ") + (names.length > 3 ? ", …" : "");

function titled() {
  const move = current();
  if (!move) return `${drawnName} · minigrad`;
  const count = turned() ? `${position - forward.length}/${backward.length}`
    : `${position}/${forward.length}`;
  return `${opOf(move.step).name}, ${wayName()} ${count} · ${drawnName} · minigrad`;
}

/** The link to what is shown now, as a part of an address. */
function hash() {
  const open = openPaths(), parts = [];
  if (position) parts.push(`step=${position}`);
  if (open) parts.push(`open=${open.map(encodeURIComponent).join(",")}`);
  return parts.length ? `#${parts.join("&")}` : "#";
}

let follows = false;  // once the page has begun, the address follows what is shown

function writeLink() {
  document.title = titled();
  if (!follows || location.hash === hash() || !location.hash && hash() === "#") return;
  try {
    history.replaceState(null, "", hash() === "#" ? location.href.split("#")[0] : hash());
  } catch { /* a page inside another one may have no address of its own */ }
}

/** Show what the address says; numbers out of range are brought into it. */
export function follow() {
  follows = false;
  const found = new Map(location.hash.slice(1).split("&").map((part) => part.split("=")));
  const paths = found.has("open") ? found.get("open").split(",").map(decoded) : null;
  const step = Number(found.get("step") ?? 0);
  showPaths(paths);
  go(Number.isInteger(step) ? Math.min(step, moves.length) : 0);
  follows = true;
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

onStep(writeLink);
onModules(writeLink);
window.addEventListener("hashchange", follow);
