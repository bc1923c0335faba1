import { sha256 } from "@noble/hashes/sha2.js";
import { utf8ToBytes } from "@noble/hashes/utils.js";
import { BLOCK_WORDS, threefry4x32 } from "./threefry.ts";
import type { Xoshiro128 } from "./stream.ts";

/** Changing it changes every draw of every run: a new major engine version. */
const DOMAIN = "etter/simulation/streams/1";

/** What a stream is for: the organisation's reduce draws, or one role (by name, so that editing a role moves no other's luck). */
export type StreamPurpose = { kind: "organisation" } | { kind: "role"; name: string };

/**
 * The 128-bit key of all streams of one purpose under one seed: the head of SHA-256 over (domain, seed, purpose).
 * With it, (iteration, month) picks a stream; no two pairs share a starting state, Threefry being a bijection.
 *
 * @param seed an integer, 0 … 2⁵³ − 1
 */
export function streamKey(seed: number, purpose: StreamPurpose): Int32Array {
  const text = purpose.kind === "role" ? `role:${purpose.name}` : "organisation";
  const digest = sha256(utf8ToBytes(`${DOMAIN}\n${seed}\n${text}`));
  const view = new DataView(digest.buffer, digest.byteOffset, digest.byteLength);
  const key = new Int32Array(BLOCK_WORDS);
  for (let word = 0; word < BLOCK_WORDS; word++) key[word] = view.getInt32(4 * word, true);
  return key;
}

/** Sets `stream` to the start of the stream (key, iteration, month). */
export function openStream(stream: Xoshiro128, key: Int32Array, iteration: number, month: number): void {
  const state = stream.state;
  threefry4x32(key, iteration, month, 0, 0, state);
  // xoshiro's one forbidden state; it comes up with probability 2⁻¹²⁸ a stream.
  if ((state[0]! | state[1]! | state[2]! | state[3]!) === 0) state[3] = 1;
}

/** 2⁻⁵³ and 2²⁶, as in the stream's own uniforms. */
const UNIFORM_STEP = 1.1102230246251565e-16;
const TWO_TO_26 = 67108864;

/**
 * Fills `uniforms[0 … months − 1]` with the organisation's one draw of each month of an iteration: straight from
 * Threefry, one block for two months.
 *
 * @param block scratch of four words
 */
export function organisationUniforms(
  key: Int32Array,
  iteration: number,
  months: number,
  block: Int32Array,
  uniforms: Float64Array,
): void {
  for (let month = 0; month < months; month += 2) {
    threefry4x32(key, iteration, month, 0, 0, block);
    uniforms[month] = ((block[0]! >>> 5) * TWO_TO_26 + (block[1]! >>> 6)) * UNIFORM_STEP;
    if (month + 1 < months) {
      uniforms[month + 1] = ((block[2]! >>> 5) * TWO_TO_26 + (block[3]! >>> 6)) * UNIFORM_STEP;
    }
  }
}
