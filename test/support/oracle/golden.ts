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
    sha256: "4a2cc80beee5b7c761ad82e11a6bebb3977f7d1a76d4db41e2aa1260e5a140f3",
  },
  {
    name: "classic, a million people",
    input: twoRoles("classic", 1_000_000, 7),
    iterations: 20,
    sha256: "fe05c3b9f34bce2d6c93a8fcf7c122d84e92cccb4ddac11f4fb731e7523f8110",
  },
  {
    name: "classic, three tiny roles",
    input: SMALL,
    iterations: 60,
    sha256: "6d2866d0c39825a22c0650666d845041a4c916c103d3f8a691d8356841bc0ba7",
  },
  {
    name: "classic, 30 workloads",
    input: manyWorkloads("classic", 30, 5_000, 120),
    iterations: 5,
    sha256: "a88aa5384afa8c874dd54843fe4b556d8766fa2511e2ff249003d7f2db055961",
  },
  {
    name: "conserving, 400 people",
    input: twoRoles("conserving", 400, 7),
    iterations: 60,
    sha256: "da6e47ffc162f9993754eb4fa3dcee786666f80c5a848eac428ef26b1f99103a",
  },
  {
    name: "conserving, a million people",
    input: twoRoles("conserving", 1_000_000, 7),
    iterations: 20,
    sha256: "92fb83c2aa9820eaf000c60acf99b9fbaff373f184cb40d59707ab8d26bf1e2c",
  },
  {
    name: "conserving, 30 workloads",
    input: manyWorkloads("conserving", 30, 5_000, 120),
    iterations: 5,
    sha256: "7e56a22995a1df6e71b0d67b98a8b39661181912892584d2a787e9b0e5a02dca",
  },
];
