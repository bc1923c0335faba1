import { MAX_ITERATIONS } from "../limits.ts";
import type { Scenario } from "../scenario.ts";
import { createAccumulator } from "./accumulator.ts";
import type { Accumulator } from "./accumulator.ts";
import { OUTCOME_STRIDE } from "./outcomes.ts";

/** First word of a serialised accumulator: "ETA" and the format's number. */
const FORMAT = 0x45544101;
/** Format, iterations, cells of the organisation, cells of the roles: four 32-bit words. */
const HEADER_BYTES = 16;

/**
 * An accumulator as bytes, little-endian on every machine. The same iterations give the same bytes, in whatever order and
 * parts they were run.
 */
export function serialiseAccumulator(accumulator: Accumulator): Uint8Array {
  const outcomes = accumulator.outcomes.sorted();
  const parts = [accumulator.organisation, accumulator.roles, outcomes];
  const bytes = new Uint8Array(HEADER_BYTES + 8 * parts.reduce((sum, part) => sum + part.length, 0));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, FORMAT, true);
  view.setUint32(4, accumulator.iterations, true);
  view.setUint32(8, accumulator.organisation.length, true);
  view.setUint32(12, accumulator.roles.length, true);
  let at = HEADER_BYTES;
  for (const part of parts) {
    for (let index = 0; index < part.length; index++, at += 8) view.setFloat64(at, part[index]!, true);
  }
  return bytes;
}

/**
 * The inverse of `serialiseAccumulator`.
 *
 * @throws RangeError when the bytes are not of this format, or of an accumulator of another shape of scenario
 */
export function restoreAccumulator(scenario: Scenario, bytes: Uint8Array): Accumulator {
  const accumulator = createAccumulator(scenario);
  const { organisation, roles, outcomes } = accumulator;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.byteLength < HEADER_BYTES || view.getUint32(0, true) !== FORMAT) refuse();
  const iterations = view.getUint32(4, true);
  const cells = organisation.length + roles.length + iterations * OUTCOME_STRIDE;
  if (iterations > MAX_ITERATIONS || view.getUint32(8, true) !== organisation.length) refuse();
  if (view.getUint32(12, true) !== roles.length || bytes.byteLength !== HEADER_BYTES + 8 * cells) refuse();
  let at = HEADER_BYTES;
  for (const part of [organisation, roles]) {
    for (let index = 0; index < part.length; index++, at += 8) part[index] = view.getFloat64(at, true);
  }
  for (let row = 0; row < iterations; row++) {
    const start = outcomes.append(view.getFloat64(at, true));
    for (let column = 1; column < OUTCOME_STRIDE; column++) {
      outcomes.cells[start + column - 1] = view.getFloat64(at + 8 * column, true);
    }
    at += 8 * OUTCOME_STRIDE;
  }
  accumulator.iterations = iterations;
  return accumulator;
}

function refuse(): never {
  throw new RangeError("simulation engine: these bytes are not an accumulator of this scenario");
}
