// Recurrent layers: one hidden state, carried from word to word (models/rnn.py).

import { add, chunk, sigmoid, tanh, times } from "./numbers.js";
import { Linear } from "./layers.js";

/** h_t = tanh(W_x x_t + W_h h_{t-1} + b). */
class RNN {
  constructor(weights, name) {
    this.input = new Linear(weights, `${name}.input`);
    this.hidden = new Linear(weights, `${name}.hidden`);
  }

  /** The states after each of the words x_1 … x_T, given the state before the first. */
  forward(xs, h) {
    const hs = [];
    for (const x of xs) {
      h = this.step(this.input.of(x), h);
      hs.push(h);
    }
    return hs;
  }

  /** The state after a word: x is W_x x_t + b. */
  step(x, h) {
    return tanh(add(x, this.hidden.of(h)));
  }

  /** A vector as a state. */
  state(vector) {
    return vector;
  }
}

/** A gated recurrent unit: r says how much of the old state is seen, z how much of it stays. */
class GRU extends RNN {
  step(x, h) {
    const [x_r, x_z, x_n] = chunk(x, 3);
    const [h_r, h_z, h_n] = chunk(this.hidden.of(h), 3);
    const r = sigmoid(add(x_r, h_r));
    const z = sigmoid(add(x_z, h_z));
    const n = tanh(add(x_n, times(r, h_n)));
    return n.map((number, i) => (1 - z[i]) * number + z[i] * h[i]);
  }
}

/** Long short-term memory: its state is the pair (h, c), and c is changed by addition only. */
class LSTM extends RNN {
  step(x, [h, c]) {
    const [i, f, g, o] = chunk(add(x, this.hidden.of(h)), 4);
    c = add(times(sigmoid(f), c), times(sigmoid(i), tanh(g)));
    h = times(sigmoid(o), tanh(c));
    return [h, c];
  }

  state(vector) {
    return chunk(vector, 2);
  }
}

export const CELLS = { rnn: RNN, gru: GRU, lstm: LSTM };

/** The part h of a state, which is all that others see of it: the first of an LSTM's (h, c). */
export const hidden = (state) => (Array.isArray(state[0]) || ArrayBuffer.isView(state[0]) ? state[0] : state);
