// Decoding: from a model's probabilities to words (models/decoding.py).

import { argmax, softmax, sorted } from "./numbers.js";

export const [PAD, BEGIN, END, UNKNOWN] = [0, 1, 2, 3];
const LIMIT = 80; // words of a translation, at most

/** Greedy decoding: what the model finds at each step, with the likeliest word as its `id`.
 *
 * cut(row, column): true where the step may not attend to the source word.
 */
export function greedy(model, source, cut) {
  const [first, memory] = model.encode(source);
  let h = first, word = BEGIN;
  const steps = [];
  while (steps.length < LIMIT && word !== END) {
    const found = model.decode(word, h, memory, source.map((_, i) => cut(steps.length, i)));
    word = argmax(found.logits);
    h = found.h;
    steps.push({ ...found, id: word });
  }
  return steps;
}

/** The ids from which a word is drawn, the likeliest first, and their probabilities. */
export function candidates(logits, temperature, topK) {
  const ids = sorted(logits);
  if (temperature === 0) return { ids: ids.slice(0, 1), p: [1] };
  const kept = ids.slice(0, topK ?? ids.length);
  return { ids: kept, p: softmax(kept.map((id) => logits[id] / temperature)) };
}

/** A word drawn from softmax(logits / temperature), or only from the `topK` likeliest words. */
export function drawn(logits, temperature, topK, random) {
  const { ids, p } = candidates(logits, temperature, topK);
  if (temperature === 0) return ids[0];
  const place = random() * p.reduce((x, y) => x + y, 0);
  let sum = 0;
  const found = p.findIndex((one) => (sum += one) > place);
  return ids[found < 0 ? ids.length - 1 : found];
}
