/** 2⁻⁵³: the spacing of the uniforms. */
const UNIFORM_STEP = 1.1102230246251565e-16;
const TWO_TO_26 = 67108864;

/** Where draws come from: uniforms in [0, 1), multiples of 2⁻⁵³. */
export interface UniformSource {
  uniform(): number;
}

/**
 * xoshiro128**, version 1.1 (Blackman and Vigna, "Scrambled linear pseudorandom number generators", 2021).
 * The state is an Int32Array and not four fields, since fields beyond 31 bits would be boxed under pointer compression.
 */
export class Xoshiro128 implements UniformSource {
  /** The four state words; not all of them may be 0. */
  readonly state = new Int32Array(4);

  /** The next 32-bit output, 0 … 2³² − 1. */
  word(): number {
    const state = this.state;
    const s0 = state[0]!;
    const s1 = state[1]!;
    const s2 = state[2]! ^ s0;
    const s3 = state[3]! ^ s1;
    const times5 = Math.imul(s1, 5);
    state[1] = s1 ^ s2;
    state[0] = s0 ^ s3;
    state[2] = s2 ^ (s1 << 9);
    state[3] = (s3 << 11) | (s3 >>> 21);
    return Math.imul((times5 << 7) | (times5 >>> 25), 9) >>> 0;
  }

  /** A uniform from two outputs: the upper 27 bits of the first, then the upper 26 of the second. */
  uniform(): number {
    const state = this.state;
    // Two steps of word(), kept in locals.
    const s0 = state[0]!;
    const s1 = state[1]!;
    const s2 = state[2]! ^ s0;
    const s3 = state[3]! ^ s1;
    const first = Math.imul(s1, 5);
    const t0 = s0 ^ s3;
    const t1 = s1 ^ s2;
    const t2 = s2 ^ (s1 << 9) ^ t0;
    const t3 = ((s3 << 11) | (s3 >>> 21)) ^ t1;
    const second = Math.imul(t1, 5);
    state[0] = t0 ^ t3;
    state[1] = t1 ^ t2;
    state[2] = t2 ^ (t1 << 9);
    state[3] = (t3 << 11) | (t3 >>> 21);
    const high = Math.imul((first << 7) | (first >>> 25), 9) >>> 5;
    const low = Math.imul((second << 7) | (second >>> 25), 9) >>> 6;
    return (high * TWO_TO_26 + low) * UNIFORM_STEP;
  }
}
