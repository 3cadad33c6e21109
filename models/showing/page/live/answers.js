// Answers: what the model of this page computes for a text, from the text to the words.

import { say } from "../../../../minigrad/draw/page/language.js";
import { argmax, softmax } from "./numbers.js";
import { pointer } from "./self_attention.js";
import { generator } from "./random.js";
import { BEGIN, drawn, END, greedy } from "./decoding.js";
import { cleaned } from "./text.js";
import { data, model, vocabularies } from "./data.js";
import { NONE } from "./cuts.js";

const MOST_WORDS = 200; // of a text

/** The tokens of a text; an Error says what is wrong with it, as Python does. */
function tokensOf(vocabulary, text) {
  const tokens = vocabulary.tokens.encode(text);
  if (!tokens.length) throw new RangeError(say("the sentence is empty: it has no words"));
  if (tokens.length > MOST_WORDS)
    throw new RangeError(
      say("a page shows at most {most} words, and these are {count}",
        { most: MOST_WORDS, count: tokens.length }));
  return tokens;
}

/** A sentence and its translation; at each step the state, the attention and the probabilities. */
export function translation(text, cuts = NONE) {
  const { source, target } = vocabularies;
  const tokens = tokensOf(source, cleaned(text).trim().replace(/\s+/g, " "));
  const ids = source.encode(tokens);
  const [, { hs: states }] = model.encode(ids);
  const steps = greedy(model, ids, (row, column) => cuts.has(0, 0, row, column));
  for (const step of steps) {
    step.word = target.words[step.id];
    step.probabilities = softmax(step.logits);
  }
  const words = target.decode(steps.map((step) => step.id));
  return { tokens, unknown: source.unknown(tokens), states, steps, words,
    text: target.tokens.decode(words) };
}

/** What each layer computes for a text, and the word that *it* (or else the last word) means. */
export function reading(text, cuts = NONE) {
  const known = vocabularies.text, tokens = tokensOf(known, text);
  const layers = model.forward(known.encode(tokens), (...edge) => cuts.has(...edge));
  const its = tokens.flatMap((word, i) => (word.toLowerCase() === "it" ? [i] : []));
  const it = its.at(-1) ?? tokens.length - 1;
  const probabilities = pointer(layers.at(-1), it);
  return { tokens, unknown: known.unknown(tokens), layers, it, probabilities,
    answer: argmax(probabilities) };
}

/** A text that a GPT writes, token by token, after a prompt.
 *
 * Its `rows` are what the model found after each token that it has read: the first is <begin>.
 */
export class Writing {
  constructor(prompt, { temperature = 0.5, seed = 0, topK = null } = {}, cuts = NONE) {
    const known = vocabularies.text;
    this.prompt = known.tokens.encode(prompt);
    this.unknown = known.unknown(this.prompt);
    Object.assign(this, { temperature, topK, cuts, random: generator(seed) });
    this.ids = [BEGIN, ...known.encode(this.prompt)];
    this.tokens = [known.words[BEGIN], ...this.prompt];
    this.rows = [];
    this.start(this.ids.map((_, place) => place));
  }

  /** Read the tokens at these places with an empty cache: all, or those that are still in sight. */
  start(places) {
    const { longest } = model.config;
    if (places.length > longest) places = [0, ...places.slice(-Math.floor(longest / 2))];
    this.places = [];
    this.state = model.empty();
    for (const place of places) this.read(place);
  }

  /** Read the token at a place of the text. */
  read(place) {
    this.places = [...this.places, place];
    const { places } = this;
    const found = model.decode(this.ids[place], this.state, (layer, head, column) =>
      column === undefined ? this.cuts.hasHead(layer, head)
        : this.cuts.has(layer, head, place, places[column]));
    for (const id of data.never) found.logits[id] = -Infinity;
    this.rows[place] = { ...found, places, probabilities: softmax(found.logits) };
  }

  /** True if the model has ended the text. */
  get ended() {
    return this.ids.at(-1) === END;
  }

  /** Write one token more. */
  step() {
    if (this.ended) return;
    const id = drawn(this.rows.at(-1).logits, this.temperature, this.topK, this.random);
    this.ids.push(id);
    this.tokens.push(vocabularies.text.words[id]);
    if (id === END) return;
    const last = this.ids.length - 1;
    if (this.places.length < model.config.longest) this.read(last);
    else this.start([...this.places, last]);
  }

  /** The prompt and what was written, as a text. */
  get text() {
    return vocabularies.text.tokens.decode(this.tokens.slice(1, this.ended ? -1 : undefined));
  }
}
