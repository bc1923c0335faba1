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
  {
    name: "classic, 400 people",
    input: twoRoles("classic", 400, 7),
    iterations: 60,
    sha256: "5425786ac7a90133a84853a915ded54347e269c0d2a4c7521e62bfa1761d3f8a",
  },
  {
    name: "classic, a million people",
    input: twoRoles("classic", 1_000_000, 7),
    iterations: 20,
    sha256: "51b4c3cba54604ec3672de146d5a752a6414b03b67bef562887e00bc86b541cb",
  },
  {
    name: "classic, three tiny roles",
    input: SMALL,
    iterations: 60,
    sha256: "f46361b5f0fc9e35501125f4c082e7035928a8abba32191b1d7eaae7240ca513",
  },
  {
    name: "classic, 30 workloads",
    input: manyWorkloads("classic", 30, 5_000, 120),
    iterations: 5,
    sha256: "ccdc5f0348a168ca4743b935fd397f2f35409e4d65b8b775f44ab4aaf56c5bf4",
  },
  {
    name: "conserving, 400 people",
    input: twoRoles("conserving", 400, 7),
    iterations: 60,
    sha256: "e1a68859cb5c12bcf225e681bab16d037b77a8eae66293c132e6a467bebbf149",
  },
  {
    name: "conserving, a million people",
    input: twoRoles("conserving", 1_000_000, 7),
    iterations: 20,
    sha256: "b9fa08c2036d2bfb394a3c0c30d73d63f038b46b523760b1f70138fe656213c9",
  },
  {
    name: "conserving, 30 workloads",
    input: manyWorkloads("conserving", 30, 5_000, 120),
    iterations: 5,
    sha256: "f2937ea7042368bc30467402bcec1faab168373579e53537209ffc5087b2f6f8",
  },
];
