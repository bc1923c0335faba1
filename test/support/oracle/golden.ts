import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import {
  compileScenario,
  createAccumulator,
  createRunner,
  serialiseAccumulator,
} from "../../../src/features/simulation/engine/index.ts";
import type { EngineInput } from "../../../src/features/simulation/engine/index.ts";
import { manyWorkloads, roleOf, twoRoles } from "./scenarios.ts";

/** A run whose bytes are pinned: they must be the same on every runtime, and change only with the engine's version. */
export interface GoldenCase {
  name: string;
  input: EngineInput;
  iterations: number;
  sha256: string;
}

/** SHA-256 of the serialised accumulator of iterations 0 … n − 1. */
export function goldenHash(input: EngineInput, iterations: number): string {
  const scenario = compileScenario(input);
  const accumulator = createAccumulator(scenario);
  createRunner(scenario).run(0, iterations, accumulator);
  return bytesToHex(sha256(serialiseAccumulator(accumulator)));
}

const SMALL: EngineInput = {
  model: "classic",
  oversight: 0.05,
  learnFactor: 1,
  actFactor: 1,
  months: 36,
  seed: Number.MAX_SAFE_INTEGER,
  roles: [
    roleOf("Sole", 1, 90_000, [
      [true, 0.9, 0.5],
      [false, 0.8, 0.5],
    ]),
    roleOf("Pair", 2, 50_000, [
      [true, 0.2, 0.5],
      [true, 0.4, 0.5],
    ]),
    roleOf("Büro ☂", 7, 33_333.33, [
      [true, 0.6, 1 / 3],
      [true, 1, 1 / 3],
      [false, 0, 1 / 3],
    ]),
  ],
};

export const GOLDEN_CASES: readonly GoldenCase[] = [
  { name: "classic, 400 people", input: twoRoles("classic", 400, 7), iterations: 60, sha256: "" },
  { name: "classic, a million people", input: twoRoles("classic", 1_000_000, 7), iterations: 20, sha256: "" },
  { name: "classic, three tiny roles", input: SMALL, iterations: 60, sha256: "" },
  { name: "classic, 30 workloads", input: manyWorkloads("classic", 30, 5_000, 120), iterations: 5, sha256: "" },
  { name: "conserving, 400 people", input: twoRoles("conserving", 400, 7), iterations: 60, sha256: "" },
  { name: "conserving, a million people", input: twoRoles("conserving", 1_000_000, 7), iterations: 20, sha256: "" },
  { name: "conserving, 30 workloads", input: manyWorkloads("conserving", 30, 5_000, 120), iterations: 5, sha256: "" },
];
