// GPT: the decoder of a Transformer alone, which continues a text (models/gpt.py, and the layers
// of models/transformer.py). It reads token after token, and keeps the keys and values of all.

import {
  add, chunk, dot, maskedFill, relu, scaled, sinusoids, softmax, weighted,
} from "./numbers.js";
import { Embedding, LayerNorm, Linear } from "./layers.js";

/** Rotary position embedding: each pair of numbers is turned by an angle that grows with `place`. */
function rotary(x, place) {
  const turned = [];
  for (let i = 0; i < x.length; i += 2) {
    const angle = place * 10_000 ** -(i / x.length);
    const sin = Math.sin(angle), cos = Math.cos(angle);
    turned.push(x[i] * cos - x[i + 1] * sin, x[i] * sin + x[i + 1] * cos);
  }
  return turned;
}

/** Attention with several heads, from a token to itself and to those before it. */
class MultiHead {
  constructor(config, weights, name) {
    this.heads = config.heads;
    this.scale = 1 / Math.sqrt(config.embedding / config.heads);
    this.query = new Linear(weights, `${name}.query`);
    this.key = new Linear(weights, `${name}.key`);
    this.value = new Linear(weights, `${name}.value`);
    this.output = new Linear(weights, `${name}.output`);
    this.turn = config.positions === "rotary" ? rotary : (x) => x;
  }

  /** The next token's context, and each head's scores and weights.
   *
   * past: of each head the keys and values of the tokens before it, to which its own are added;
   * cut(head, column): true where the token may not attend; cut(head): where the head is cut, and
   * passes nothing on.
   */
  forward(x, past, cut) {
    const place = past[0].keys.length;
    const queries = chunk(this.query.of(x), this.heads);
    const keys = chunk(this.key.of(x), this.heads);
    const values = chunk(this.value.of(x), this.heads);
    const heads = past.map((head, i) => {
      head.keys.push(this.turn(keys[i], place));
      head.values.push(values[i]);
      const query = this.turn(queries[i], place);
      let scores = head.keys.map((key) => dot(query, key) * this.scale);
      scores = maskedFill(scores, scores.map((_, column) => cut(i, column)));
      const weights = softmax(scores);
      const context = weighted(weights, head.values);
      return { scores, weights, context: cut(i) ? scaled(context, 0) : context };
    });
    return { output: this.output.of(heads.flatMap((head) => head.context)), heads };
  }
}

/** One layer: self-attention and a feed-forward network, each with a residual connection. */
class Block {
  constructor(config, weights, name) {
    this.attention = new MultiHead(config, weights, `${name}.attention`);
    this.first = new Linear(weights, `${name}.feed_forward.first`);
    this.second = new Linear(weights, `${name}.feed_forward.second`);
    this.before = [0, 1].map((i) => new LayerNorm(weights, `${name}.before.${i}`));
    this.after = [0, 1].map((i) => new LayerNorm(weights, `${name}.after.${i}`));
  }

  /** The token after this layer, and what its heads found. */
  forward(x, past, cut) {
    const { output, heads } = this.attention.forward(this.before[0].of(x), past, cut);
    x = this.after[0].of(add(x, output));
    const y = this.second.of(relu(this.first.of(this.before[1].of(x))));
    return [this.after[1].of(add(x, y)), heads];
  }
}

/** A stack of Transformer blocks under a causal mask. */
export class GPT {
  constructor(config, weights) {
    this.config = config;
    this.embedding = new Embedding(weights, "embedding.words");
    this.position = weights["embedding.position"];
    if (config.positions === "sinusoidal")
      this.position = sinusoids(config.longest, config.embedding);
    const names = Array.from({ length: config.layers }, (_, i) => `blocks.${i}`);
    this.blocks = names.map((name) => new Block(config, weights, name));
    this.norm = new LayerNorm(weights, "norm");
    this.output = new Linear(weights, config.tied ? "embedding.words" : "output");
  }

  /** The cache before the first token: no keys and values, in each head of each layer. */
  empty() {
    const heads = () => Array.from({ length: this.config.heads }, () => ({ keys: [], values: [] }));
    return this.blocks.map(heads);
  }

  /** The logits of the token after this one, and what the heads of each layer found.
   *
   * state: the cache, to which this token is added; cut(layer, head, column) as in MultiHead.
   */
  decode(id, state, cut) {
    const place = state[0][0].keys.length, layers = [];
    let x = scaled(this.embedding.of(id), Math.sqrt(this.config.embedding));
    if (this.position) x = add(x, this.position[place]);
    for (const [i, block] of this.blocks.entries()) {
      const [y, heads] = block.forward(x, state[i], (head, column) => cut(i, head, column));
      layers.push(heads);
      x = y;
    }
    return { logits: this.output.of(this.norm.of(x)), layers };
  }
}
