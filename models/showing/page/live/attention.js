// Translators: seq2seq, and the one that attends to the encoder's states (models/seq2seq.py and
// models/attention.py).

import { add, dot, maskedFill, softmax, tanh, weighted } from "./numbers.js";
import { Embedding, Linear } from "./layers.js";
import { CELLS, hidden } from "./rnn.js";

/** From the source's word ids to the hidden state after each of them. */
class Encoder {
  constructor(config, weights) {
    this.embedding = new Embedding(weights, "encoder.embedding");
    this.rnn = new CELLS[config.cell](weights, "encoder.rnn");
    this.start = weights["encoder.start"];
  }

  forward(source) {
    const xs = source.map((id) => this.embedding.of(id));
    return this.rnn.forward(xs, this.rnn.state(this.start));
  }
}

/** From a target word and the state before it to the state that predicts the next. */
class Decoder {
  constructor(config, weights) {
    this.embedding = new Embedding(weights, "decoder.embedding");
    this.rnn = new CELLS[config.cell](weights, "decoder.rnn");
  }

  /** `more` are numbers that are read beside the word's embedding. */
  forward(word, h, more = []) {
    const x = [...this.embedding.of(word), ...more];
    return this.rnn.step(this.rnn.input.of(x), h);
  }
}

/** Encoder → one vector → decoder. */
export class Seq2Seq {
  constructor(config, weights) {
    this.config = config;
    this.encoder = new Encoder(config, weights);
    this.decoder = new Decoder(config, weights);
    this.output = new Linear(weights, "output");
  }

  /** The decoder's first state; and the memory: all encoder states, which only Attention uses. */
  encode(source) {
    const hs = this.encoder.forward(source);
    return [hs.at(-1), { hs: hs.map(hidden) }];
  }

  /** The logits of the next word, and the state after this one. */
  decode(word, h) {
    h = this.decoder.forward(word, h);
    return { logits: this.output.of(hidden(h)), h };
  }
}

// The scores of a query with an encoder state h. A key is what the formula computes from h alone.

/** sᵀ h. */
class Dot {
  key(h) {
    return h;
  }

  score(query, key) {
    return dot(query, key);
  }
}

/** sᵀ W h. */
class General extends Dot {
  constructor(weights) {
    super();
    this.W = new Linear(weights, "score.W");
  }

  key(h) {
    return this.W.of(h);
  }
}

/** vᵀ tanh(W s + U h). */
class Additive {
  constructor(weights) {
    this.W = new Linear(weights, "score.W");
    this.U = new Linear(weights, "score.U");
    this.v = new Linear(weights, "score.v");
  }

  key(h) {
    return this.U.of(h);
  }

  score(query, key) {
    return this.v.of(tanh(add(this.W.of(query), key)))[0];
  }
}

const SCORES = { dot: Dot, general: General, additive: Additive };

/** Seq2Seq whose decoder, at each word, attends to all encoder states h_1 … h_T. */
export class Attention extends Seq2Seq {
  constructor(config, weights) {
    super(config, weights);
    this.score = new SCORES[config.score](weights);
  }

  encode(source) {
    const [h, { hs }] = super.encode(source);
    return [h, { hs, keys: hs.map((state) => this.score.key(state)) }];
  }

  /** The context of a query, with its scores and weights; cut[i]: true where state i is masked. */
  attend(query, { hs, keys }, cut) {
    let scores = keys.map((key) => this.score.score(query, key));
    scores = maskedFill(scores, cut);
    const weights = softmax(scores);
    const context = weighted(weights, hs);
    return { query, scores, weights, context };
  }

  /** The logits of the next word, the attention that led to them, and the state after this word. */
  decode(word, h, memory, cut) {
    let attention;
    if (this.config.order === "luong") {
      h = this.decoder.forward(word, h);
      attention = this.attend(hidden(h), memory, cut);
    } else {
      attention = this.attend(hidden(h), memory, cut);
      h = this.decoder.forward(word, h, attention.context);
    }
    const logits = this.output.of([...attention.context, ...hidden(h)]);
    return { logits, h, ...attention };
  }
}
