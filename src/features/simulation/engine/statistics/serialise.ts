import { MAX_ITERATIONS } from "../limits.ts";
import type { Scenario } from "../scenario.ts";
import { createAccumulator } from "./accumulator.ts";
import type { Accumulator } from "./accumulator.ts";
import { OUTCOME_STRIDE } from "./outcomes.ts";
import { packCounts, packedLength, unpackCounts } from "./sparse-counts.ts";

/** First word of a serialised accumulator: "ETA" and the format's number. */
const FORMAT = 0x45544102;
/**
 * 32-bit words: format, iterations, cells of the organisation, cells of the roles, bytes of the organisation's counters,
 * bytes of the roles' counters; then the work units, as a double.
 */
const HEADER_BYTES = 32;
const WORK_UNITS_AT = 24;

/**
 * An accumulator as bytes, little-endian on every machine: header, cells of the organisation, cells of the roles, outcomes
 * by iteration, packed counters. The same iterations give the same bytes, in whatever order and parts they were run.
 *
 * @throws RangeError when an iteration was counted twice
 */
export function serialiseAccumulator(accumulator: Accumulator): Uint8Array {
  const { organisation, roles, organisationCounts, roleCounts } = accumulator;
  const outcomes = accumulator.outcomes.sorted();
  const numbers = [organisation, roles, outcomes];
  const numberBytes = 8 * numbers.reduce((sum, part) => sum + part.length, 0);
  const organisationLength = packedLength(organisationCounts);
  const roleLength = roleCounts === undefined ? 0 : packedLength(roleCounts);
  const bytes = new Uint8Array(HEADER_BYTES + numberBytes + organisationLength + roleLength);
  const view = new DataView(bytes.buffer);
  [FORMAT, accumulator.iterations, organisation.length, roles.length, organisationLength, roleLength].forEach(
    (word, index) => view.setUint32(4 * index, word, true),
  );
  view.setFloat64(WORK_UNITS_AT, accumulator.workUnits, true);
  let at = HEADER_BYTES;
  for (const part of numbers) {
    for (let index = 0; index < part.length; index++, at += 8) view.setFloat64(at, part[index]!, true);
  }
  at = packCounts(organisationCounts, bytes, at);
  if (roleCounts !== undefined) packCounts(roleCounts, bytes, at);
  return bytes;
}

/**
 * The inverse of `serialiseAccumulator`.
 *
 * @throws RangeError when the bytes are not of this format, or of an accumulator of another shape of scenario
 */
export function restoreAccumulator(scenario: Scenario, bytes: Uint8Array): Accumulator {
  const accumulator = createAccumulator(scenario);
  const { organisation, roles, outcomes, organisationCounts, roleCounts } = accumulator;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const word = (index: number) => view.getUint32(4 * index, true);
  require(bytes.byteLength >= HEADER_BYTES && word(0) === FORMAT);
  const iterations = word(1);
  const numbers = organisation.length + roles.length + iterations * OUTCOME_STRIDE;
  require(iterations <= MAX_ITERATIONS && word(2) === organisation.length && word(3) === roles.length);
  require(bytes.byteLength === HEADER_BYTES + 8 * numbers + word(4) + word(5));
  let at = HEADER_BYTES;
  for (const part of [organisation, roles]) {
    for (let index = 0; index < part.length; index++, at += 8) part[index] = view.getFloat64(at, true);
  }
  for (let row = 0; row < iterations; row++, at += 8 * OUTCOME_STRIDE) {
    const start = outcomes.append(view.getFloat64(at, true));
    for (let column = 1; column < OUTCOME_STRIDE; column++) {
      outcomes.cells[start + column - 1] = view.getFloat64(at + 8 * column, true);
    }
  }
  require(unpackCounts(bytes, at, at + word(4), organisationCounts));
  at += word(4);
  require(roleCounts === undefined ? word(5) === 0 : unpackCounts(bytes, at, at + word(5), roleCounts));
  accumulator.iterations = iterations;
  accumulator.workUnits = view.getFloat64(WORK_UNITS_AT, true);
  return accumulator;
}

function require(condition: boolean): asserts condition {
  if (!condition) throw new RangeError("simulation engine: these bytes are not an accumulator of this scenario");
}
