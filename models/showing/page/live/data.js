// The data of the page: the trained model and its words. A run wrote them (models/showing/live.py).

import { unpack } from "./layers.js";
import { Attention, Seq2Seq } from "./attention.js";
import { SelfAttention } from "./self_attention.js";
import { GPT } from "./gpt.js";
import { Vocabulary } from "./tokens.js";

const MODELS = { seq2seq: Seq2Seq, attention: Attention, self_attention: SelfAttention, gpt: GPT };

export const data = JSON.parse(document.getElementById("data").textContent);

export const vocabularies = Object.fromEntries(
  Object.entries(data.vocabularies).map(([name, words]) => [name, new Vocabulary(words)]));

export const model = new MODELS[data.model](data.config, unpack(data));
