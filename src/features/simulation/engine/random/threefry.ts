/** Skein's key-schedule parity constant for 32-bit words. */
const KEY_PARITY = 0x1bd11bda;

/** Words of one block, of its key and of its counter. */
export const BLOCK_WORDS = 4;

/**
 * Threefry4x32-20: turns (key, counter) into four uncorrelated 32-bit words, a bijection of the counter for each key.
 * Additions, rotations and exclusive-ors only. The counter's third and fourth word are `counter2`, `counter3`.
 * Source: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
 *
 * @param key four words; read from `key[0..3]`
 * @param out four words; overwritten
 */
export function threefry4x32(
  key: Int32Array,
  counter0: number,
  counter1: number,
  counter2: number,
  counter3: number,
  out: Int32Array,
): void {
  let k0 = key[0]!;
  let k1 = key[1]!;
  let k2 = key[2]!;
  let k3 = key[3]!;
  let k4 = KEY_PARITY ^ k0 ^ k1 ^ k2 ^ k3;
  let a = (counter0 + k0) | 0;
  let b = (counter1 + k1) | 0;
  let c = (counter2 + k2) | 0;
  let d = (counter3 + k3) | 0;
  // Two words are mixed by: sum, rotate, exclusive-or. After four rounds the next window of the key is added.
  for (let injection = 1; injection <= 5; injection++) {
    if ((injection & 1) === 1) {
      a = (a + b) | 0;
      b = ((b << 10) | (b >>> 22)) ^ a;
      c = (c + d) | 0;
      d = ((d << 26) | (d >>> 6)) ^ c;
      a = (a + d) | 0;
      d = ((d << 11) | (d >>> 21)) ^ a;
      c = (c + b) | 0;
      b = ((b << 21) | (b >>> 11)) ^ c;
      a = (a + b) | 0;
      b = ((b << 13) | (b >>> 19)) ^ a;
      c = (c + d) | 0;
      d = ((d << 27) | (d >>> 5)) ^ c;
      a = (a + d) | 0;
      d = ((d << 23) | (d >>> 9)) ^ a;
      c = (c + b) | 0;
      b = ((b << 5) | (b >>> 27)) ^ c;
    } else {
      a = (a + b) | 0;
      b = ((b << 6) | (b >>> 26)) ^ a;
      c = (c + d) | 0;
      d = ((d << 20) | (d >>> 12)) ^ c;
      a = (a + d) | 0;
      d = ((d << 17) | (d >>> 15)) ^ a;
      c = (c + b) | 0;
      b = ((b << 11) | (b >>> 21)) ^ c;
      a = (a + b) | 0;
      b = ((b << 25) | (b >>> 7)) ^ a;
      c = (c + d) | 0;
      d = ((d << 10) | (d >>> 22)) ^ c;
      a = (a + d) | 0;
      d = ((d << 18) | (d >>> 14)) ^ a;
      c = (c + b) | 0;
      b = ((b << 20) | (b >>> 12)) ^ c;
    }
    const k5 = k0;
    k0 = k1;
    k1 = k2;
    k2 = k3;
    k3 = k4;
    k4 = k5;
    a = (a + k0) | 0;
    b = (b + k1) | 0;
    c = (c + k2) | 0;
    d = (d + k3 + injection) | 0;
  }
  out[0] = a;
  out[1] = b;
  out[2] = c;
  out[3] = d;
}
