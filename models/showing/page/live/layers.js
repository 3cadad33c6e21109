// Layers whose weights were trained: from the bytes in the page to Linear, Embedding, LayerNorm.

import { add, dot, product, times } from "./numbers.js";

/** The trained weights by name, as vectors and matrices. */
export function unpack({ weights, shapes }) {
  const bytes = Uint8Array.from(atob(weights), (letter) => letter.charCodeAt(0));
  const numbers = new DataView(bytes.buffer), named = {};
  let place = 0;
  for (const [name, shape] of Object.entries(shapes)) {
    const size = shape.at(-1), rows = shape.length > 1 ? shape[0] : 1;
    const matrix = Array.from({ length: rows }, () => {
      const row = new Float32Array(size);
      for (let i = 0; i < size; i++, place += 2) row[i] = half(numbers.getUint16(place, true));
      return row;
    });
    named[name] = shape.length > 1 ? matrix : matrix[0];
  }
  return named;
}

/** A float16, given as its 16 bits: one for the sign, five for the exponent, ten for the rest. */
function half(bits) {
  const sign = bits >> 15 ? -1 : 1, exponent = (bits >> 10) & 31, fraction = bits & 1023;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  const size = exponent ? (1 + fraction / 1024) * 2 ** (exponent - 15) : fraction * 2 ** -24;
  return sign * size;
}

/** W x + b, or W x if it has no bias. */
export class Linear {
  constructor(weights, name) {
    this.weight = weights[`${name}.weight`];
    this.bias = weights[`${name}.bias`];
  }

  of(x) {
    const y = product(this.weight, x);
    return this.bias ? add(y, this.bias) : y;
  }
}

/** A vector for each id. */
export class Embedding {
  constructor(weights, name) {
    this.weight = weights[`${name}.weight`];
  }

  of(id) {
    return this.weight[id];
  }
}

/** Layer norm: mean 0 and variance 1, then a factor and a summand for each place. */
export class LayerNorm {
  constructor(weights, name) {
    this.weight = weights[`${name}.weight`];
    this.bias = weights[`${name}.bias`];
  }

  of(x) {
    if (!this.weight) return x; // the other one of the two places is left empty
    const middle = x.reduce((sum, number) => sum + number, 0) / x.length;
    const centred = Array.from(x, (number) => number - middle);
    const deviation = Math.sqrt(dot(centred, centred) / x.length + 1e-5);
    return add(times(centred, this.weight).map((number) => number / deviation), this.bias);
  }
}
