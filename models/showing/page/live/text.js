// From text to words, by the same rules as models/tasks/text.py.

const LETTER = "[\\p{L}\\p{N}_]", REST = "[\\p{L}\\p{N}_\\p{M}\\u200C\\u200D]*";
const WORD = new RegExp(
  `${LETTER}${REST}(?:['\\-]${LETTER}${REST}|(?<=\\p{Nd})[.,:]\\p{Nd}${REST})*`, "yv");

// Characters that nobody sees: controls, direction marks, soft hyphens, byte order marks, fillers.
const HIDDEN =
  "[[\\p{Cc}\\p{Default_Ignorable_Code_Point}\\p{Noncharacter_Code_Point}\\uFFF9-\\uFFFB]--[\\p{M}\\s]]";
const SHAPED = "[[\\p{L}\\p{M}\\p{N}]--[\\p{sc=Latin}\\p{sc=Greek}\\p{sc=Cyrillic}\\p{sc=Hangul}"
  + "\\p{sc=Han}\\p{sc=Hiragana}\\p{sc=Katakana}\\p{sc=Common}]]";
// Those that make a difference stay: joiners within a word, and those that join emoji.
const KEPT = [
  `(?<=${SHAPED})[\\u200C\\u200D](?=${HIDDEN}*${SHAPED})`,
  "(?<=\\p{Extended_Pictographic}[\\p{M}\\p{Emoji_Modifier}]{0,3})\\u200D(?=\\p{Extended_Pictographic})",
  "(?<=\\u{1F3F4}[\\u{E0020}-\\u{E007F}]{0,8})[\\u{E0020}-\\u{E007F}]",
].join("|");
const MARKS_AFTER_30 = "(?<=\\p{M}{30})\\p{M}";
const SPACE = new RegExp(
  "[\\x1C-\\x1F]|(?<=[\\p{sc=Thai}\\p{sc=Lao}\\p{sc=Khmer}\\p{sc=Myanmar}\\p{sc=Han}\\p{sc=Hiragana}"
  + "\\p{sc=Katakana}])\\u200B", "gv");
const UNSEEN = new RegExp(`(${KEPT})|${HIDDEN}|${MARKS_AFTER_30}`, "gv");

/** The text in NFC, without characters that nobody sees, and with straight apostrophes. */
export function cleaned(text) {
  text = text.replace(SPACE, " ").replace(UNSEEN, (_, kept) => kept ?? "");
  return text.normalize("NFC").replaceAll("\u2019", "'");
}

const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });

/** The words of a text; a mark or an emoji is a word of its own. */
export function wordsOf(text) {
  text = cleaned(text);
  const found = [];
  let place = 0;
  while (place < text.length) {
    WORD.lastIndex = place;
    let word = WORD.exec(text)?.[0];
    if (!word) {
      word = graphemes.segment(text.slice(place))[Symbol.iterator]().next().value.segment;
      if (/^[\s\p{Default_Ignorable_Code_Point}]/v.test(word)) {
        place += String.fromCodePoint(text.codePointAt(place)).length;
        continue;
      }
    }
    found.push(word);
    place += word.length;
  }
  return found;
}
