// From text to tokens and back: words, known words within longer ones, characters, byte pairs
// (models/tasks/tokens.py and korean.py).

import { END, UNKNOWN } from "./decoding.js";
import { wordsOf } from "./text.js";

const OPENING = [..."([{«“"];

/** Words and marks; `attached` are those that have no space before them. */
class Words {
  constructor({ attached }) {
    this.attached = new Set(attached);
  }

  encode(text) {
    return wordsOf(text);
  }

  /** The words as a text: Today is Friday . → Today is Friday. */
  decode(tokens) {
    return tokens.reduce((text, word, i) => {
      const joined = i === 0 || this.attached.has(word) || OPENING.includes(tokens[i - 1]);
      return text + (joined ? "" : " ") + word;
    }, "");
  }
}

const MARKS = { 다: ".", 까: "?" }; // the mark of a sentence, by the last letter of its verb

/** The tokens of the calendar's Korean: 오늘은 금요일입니다. → 오늘은 금요일 입니다 .
 *
 * The longest known token that ends a word is split off, and so on with what is left of it. What
 * belongs to no known token stays together as one token, and a number is never divided.
 */
class Korean extends Words {
  constructor(settings) {
    super(settings);
    this.known = new Set(settings.words);
    this.longest = Math.max(...settings.words.map((word) => [...word].length));
  }

  /** The tokens of the text; a final mark that is missing is added. */
  encode(text) {
    const tokens = super.encode(text).flatMap((word) => this.split([...word]));
    const mark = MARKS[[...(tokens.at(-1) ?? "")].at(-1)];
    return mark && this.known.has(mark) ? [...tokens, mark] : tokens;
  }

  split(word) {
    const pieces = [];
    let end = word.length, unknown = end; // between them is what is not known
    while (end > 0) {
      const start = this.start(word, end);
      if (start === end) {
        end -= 1;
        continue;
      }
      pieces.unshift(word.slice(start, end), word.slice(end, unknown));
      end = unknown = start;
    }
    return [word.slice(0, unknown), ...pieces].filter((piece) => piece.length).map((piece) => piece.join(""));
  }

  /** Where the longest known token that ends at `end` starts; `end` if there is none. */
  start(word, end) {
    if (inNumber(word, end)) return end;
    for (let i = Math.max(0, end - this.longest); i < end; i++)
      if (this.known.has(word.slice(i, end).join("")) && !inNumber(word, i)) return i;
    return end;
  }
}

const inNumber = (word, place) =>
  0 < place && place < word.length && /^\p{Nd}{2}$/u.test(word[place - 1] + word[place]);

/** Every character is a token. */
class Characters {
  encode(text) {
    return [...text];
  }

  decode(tokens) {
    return tokens.join("");
  }
}

/** Byte pairs: a text starts as characters, and the merges are applied in their order. */
class BytePairs extends Characters {
  constructor({ merges }) {
    super();
    this.ranks = new Map(merges.map((pair, rank) => [pair.join("\0"), rank]));
  }

  encode(text) {
    const pieces = text.match(/ ?[\p{L}\p{N}_]+| ?[^\p{L}\p{N}_\s]+|\s/gu) ?? [];
    return pieces.flatMap((piece) => this.merge([...piece]));
  }

  merge(tokens) {
    const rank = (i) => this.ranks.get(`${tokens[i]}\0${tokens[i + 1]}`) ?? Infinity;
    for (;;) {
      const ranks = tokens.slice(1).map((_, i) => rank(i));
      const first = Math.min(...ranks);
      if (first === Infinity) return tokens;
      const [left, right] = [tokens[ranks.indexOf(first)], tokens[ranks.indexOf(first) + 1]];
      tokens = joined(tokens, left, right);
    }
  }
}

/** The tokens, with each occurrence of the pair as one token. */
function joined(tokens, left, right) {
  const made = [];
  for (const token of tokens)
    if (made.at(-1) === left && token === right) made.push(made.pop() + token);
    else made.push(token);
  return made;
}

const TOKENIZERS = { words: Words, korean: Korean, characters: Characters, bpe: BytePairs };

/** The words a model knows; a word's id is its index. */
export class Vocabulary {
  constructor({ words, tokens, ...settings }) {
    this.words = words;
    this.ids = new Map(words.slice(4).map((word, i) => [word, i + 4])); // no text has the special ones
    this.tokens = new TOKENIZERS[tokens]({ words, ...settings });
  }

  encode(tokens) {
    return tokens.map((token) => this.ids.get(token) ?? UNKNOWN);
  }

  /** The tokens of the ids, without padding, the beginning and the end. */
  decode(ids) {
    return ids.filter((id) => id > END).map((id) => this.words[id]);
  }

  /** The tokens that the model does not know, each once. */
  unknown(tokens) {
    return [...new Set(tokens.filter((token) => !this.ids.has(token)))];
  }
}
