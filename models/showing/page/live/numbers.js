// Numbers: a vector is an array, a matrix an array of rows, and each operation is a few lines.

/** The dot product of two vectors. */
export function dot(x, y) {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += x[i] * y[i];
  return sum;
}

/** W x: the dot product of each row of W with x. */
export const product = (W, x) => W.map((row) => dot(row, x));

/** x + y, number by number. */
export const add = (x, y) => Array.from(x, (number, i) => number + y[i]);

/** x · y, number by number. */
export const times = (x, y) => Array.from(x, (number, i) => number * y[i]);

/** The vector, each of its numbers multiplied by a factor. */
export const scaled = (x, factor) => Array.from(x, (number) => number * factor);

export const tanh = (x) => Array.from(x, Math.tanh);
export const sigmoid = (x) => Array.from(x, (number) => 1 / (1 + Math.exp(-number)));
export const relu = (x) => Array.from(x, (number) => Math.max(0, number));

/** The scores as weights that add up to 1; a score of -Infinity gets the weight 0. */
export function softmax(scores) {
  const most = Math.max(...scores);
  const exponentials = Array.from(scores, (score) => Math.exp(score - most));
  const sum = exponentials.reduce((x, y) => x + y, 0);
  return exponentials.map((number) => number / sum);
}

/** The sum of the vectors, each times its weight. */
export function weighted(weights, vectors) {
  const sum = Array.from(vectors[0], () => 0);
  for (const [i, vector] of vectors.entries())
    for (let j = 0; j < sum.length; j++) sum[j] += weights[i] * vector[j];
  return sum;
}

/** The mean of the vectors. */
export const mean = (vectors) => weighted(vectors.map(() => 1 / vectors.length), vectors);

/** The scores with -Infinity where the mask is true: there softmax gives 0. */
export const maskedFill = (scores, mask) => scores.map((score, i) => (mask[i] ? -Infinity : score));

/** The index of the largest number, the first if there are several. */
export const argmax = (x) => x.reduce((best, number, i) => (number > x[best] ? i : best), 0);

/** The indices of the numbers, the largest first; equal ones stay in their order. */
export const sorted = (x) => Array.from(x, (_, i) => i).sort((i, j) => x[j] - x[i]);

/** The vector in equal parts, one after the other. */
export function chunk(x, parts) {
  const size = x.length / parts;
  return Array.from({ length: parts }, (_, i) => x.slice(i * size, (i + 1) * size));
}

/** Sinusoidal positional encodings: `words` vectors of this size. */
export function sinusoids(words, size) {
  const functions = Array.from({ length: size }, (_, i) => (i % 2 ? Math.cos : Math.sin));
  const rates = functions.map((_, i) => 10_000 ** -((i - (i % 2)) / size));
  return Array.from({ length: words }, (_, t) => functions.map((f, i) => f(t * rates[i])));
}
