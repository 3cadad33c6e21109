// Self-attention: the words of one text attend to each other, and to themselves
// (models/self_attention.py).

import { add, chunk, dot, maskedFill, mean, sinusoids, softmax, weighted } from "./numbers.js";
import { Embedding, Linear } from "./layers.js";

/** One layer of scaled dot-product self-attention, with one or several heads. */
class Layer {
  constructor(config, weights, name) {
    this.heads = config.heads;
    this.scale = config.scaled ? 1 / Math.sqrt(config.embedding / config.heads) : 1;
    this.query = new Linear(weights, `${name}.query`);
    this.key = new Linear(weights, `${name}.key`);
    this.value = new Linear(weights, `${name}.value`);
    this.output = new Linear(weights, `${name}.output`);
  }

  /** What each word gets from the others, and each head's queries, keys, scores and weights.
   *
   * xs: a vector for each word; cut(head, row, column): true where a word may not attend to another.
   */
  forward(xs, cut) {
    const split = (vectors) => vectors.map((vector) => chunk(vector, this.heads));
    const queries = split(xs.map((x) => this.query.of(x)));
    const keys = split(xs.map((x) => this.key.of(x)));
    const values = split(xs.map((x) => this.value.of(x)));
    const heads = Array.from({ length: this.heads }, (_, head) => {
      const of = (vectors) => vectors.map((parts) => parts[head]);
      return this.attention(of(queries), of(keys), of(values), (i, j) => cut(head, i, j));
    });
    const contexts = xs.map((_, i) => heads.flatMap((head) => head.contexts[i]));
    return { outputs: contexts.map((context) => this.output.of(context)), heads };
  }

  /** softmax(QKᵀ · scale) V, for one head. */
  attention(queries, keys, values, cut) {
    let scores = queries.map((query) => keys.map((key) => dot(query, key) * this.scale));
    scores = scores.map((row, i) => maskedFill(row, row.map((_, j) => cut(i, j))));
    const weights = scores.map(softmax);
    const contexts = weights.map((row) => weighted(row, values));
    return { queries, keys, values, scores, weights, contexts };
  }
}

/** A stack of attention layers with residual connections. */
export class SelfAttention {
  constructor(config, weights) {
    this.config = config;
    this.embedding = new Embedding(weights, "embedding");
    this.position = weights["position.weight"];
    const names = Array.from({ length: config.layers }, (_, i) => `layers.${i}`);
    this.layers = names.map((name) => new Layer(config, weights, name));
  }

  /** What each layer computes for these word ids; cut(layer, head, row, column) as in Layer. */
  forward(text, cut) {
    let xs = this.placed(text.map((id) => this.embedding.of(id)));
    const layers = [];
    for (const [i, layer] of this.layers.entries()) {
      const found = layer.forward(xs, (head, row, column) => cut(i, head, row, column));
      xs = xs.map((x, word) => add(x, found.outputs[word])); // a word keeps what it was
      layers.push(found);
    }
    return layers;
  }

  /** The words plus positional encodings, if there are any. */
  placed(xs) {
    const { positions, embedding, longest } = this.config;
    if (positions === "none") return xs;
    if (positions === "learned" && xs.length > longest)
      throw new RangeError(
        `a text of ${xs.length} words, but there are only ${longest} positions`);
    const table = positions === "learned" ? this.position : sinusoids(xs.length, embedding);
    return xs.map((x, t) => add(x, table[t]));
  }
}

/** The probability that a word points to each of the words: the mean of the heads' weights. */
export const pointer = (layer, row) => mean(layer.heads.map((head) => head.weights[row]));
