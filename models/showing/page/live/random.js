// Random numbers, the same as NumPy draws from a seed (numpy.random.default_rng): so the page
// writes the text that `python -m models write --seed` writes. The generator is PCG64 (O'Neill
// 2014); the seed is spread over its state by NumPy's SeedSequence.

const BITS_32 = 0xffffffffn, BITS_64 = (1n << 64n) - 1n, BITS_128 = (1n << 128n) - 1n;

/** Four numbers of 64 bits from a seed (at least 0). */
function spread(seed) {
  let factor = 0x43b0d7e5n;
  const hashed = (word) => {
    word ^= factor;
    factor = (factor * 0x931e8875n) & BITS_32;
    word = (word * factor) & BITS_32;
    return word ^ (word >> 16n);
  };
  const mixed = (x, y) => {
    const word = (x * 0xca01f9ddn - y * 0x4973f715n) & BITS_32;
    return word ^ (word >> 16n);
  };
  const pool = [0n, 32n, 64n, 96n].map((shift) => hashed((BigInt(seed) >> shift) & BITS_32));
  for (let from = 0; from < 4; from++)
    for (let to = 0; to < 4; to++)
      if (from !== to) pool[to] = mixed(pool[to], hashed(pool[from]));

  factor = 0x8b51f9ddn;
  const words = Array.from({ length: 8 }, (_, i) => {
    let word = pool[i % 4] ^ factor;
    factor = (factor * 0x58f38dedn) & BITS_32;
    word = (word * factor) & BITS_32;
    return word ^ (word >> 16n);
  });
  return [0, 2, 4, 6].map((i) => words[i] | (words[i + 1] << 32n));
}

/** A function that draws numbers from 0 to 1, the same for the same seed. */
export function generator(seed) {
  const [high, low, increaseHigh, increaseLow] = spread(seed);
  const increase = ((((increaseHigh << 64n) | increaseLow) << 1n) | 1n) & BITS_128;
  const factor = 0x2360ed051fc65da44385df649fccf645n;
  const next = (state) => (state * factor + increase) & BITS_128;
  let state = next(increase + ((high << 64n) | low));
  return () => {
    state = next(state);
    const word = (state >> 64n) ^ (state & BITS_64), turn = state >> 122n;
    const turned = ((word >> turn) | (word << (64n - turn))) & BITS_64;
    return Number(turned >> 11n) / 2 ** 53;
  };
}
