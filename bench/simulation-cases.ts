import { compileScenario, createAccumulator, createRunner } from "../src/features/simulation/engine/index.ts";
import type { EngineInput, EngineModel, Scenario } from "../src/features/simulation/engine/index.ts";
import { organisationUniforms } from "../src/features/simulation/engine/random/stream-keys.ts";
import { RolePath } from "../src/features/simulation/engine/role-path.ts";
import { manyRoles, twoRoles } from "../test/support/oracle/scenarios.ts";

// Runs in Node and in workerd: no import of either.

const SEED = 7;
export const PEOPLE = [400, 4_000, 40_000, 1_000_000] as const;
export const MODELS: readonly EngineModel[] = ["classic", "conserving"];

/** What is timed: two roles of a size; the same without statistics; two hundred roles. */
export type CaseKind = "run" | "bare" | "many-roles";

/** Milliseconds an iteration, ascending. */
export type Timings = number[];

/** Iterations of one repetition: long beside the millisecond that workerd's clock ticks in, short beside other work. */
const ITERATIONS: Record<CaseKind, number> = { run: 200, bare: 200, "many-roles": 4 };
const REPETITIONS = 12;

/** Times one case after as many iterations to warm up. `now` is a clock in milliseconds. */
export function timeCase(kind: CaseKind, model: EngineModel, people: number, now: () => number): Timings {
  const input: EngineInput = kind === "many-roles" ? manyRoles(200, 50, SEED) : twoRoles(model, people, SEED);
  const scenario = compileScenario(input);
  const advance = kind === "bare" ? withoutStatistics(scenario) : withStatistics(scenario);
  const iterations = ITERATIONS[kind];
  advance(0, iterations * REPETITIONS);
  const timings = Array.from({ length: REPETITIONS }, (_, repetition) => {
    const start = now();
    advance(repetition * iterations, (repetition + 1) * iterations);
    return (now() - start) / iterations;
  });
  return timings.sort((a, b) => a - b);
}

function withStatistics(scenario: Scenario): (from: number, to: number) => void {
  const runner = createRunner(scenario);
  const accumulator = createAccumulator(scenario);
  return (from, to) => void runner.run(from, to, accumulator);
}

/** The same paths, of which nothing is kept. */
function withoutStatistics(scenario: Scenario): (from: number, to: number) => void {
  const path = new RolePath(scenario);
  const block = new Int32Array(4);
  const uniforms = new Float64Array(scenario.months);
  return (from, to) => {
    for (let iteration = from; iteration < to; iteration++) {
      organisationUniforms(scenario.organisationKey, iteration, scenario.months, block, uniforms);
      for (let role = 0; role < scenario.roles.length; role++) {
        path.begin(role, iteration);
        for (let month = 0; month < scenario.months; month++) {
          path.advance(month, uniforms[month]! < scenario.actProbability);
        }
      }
    }
  };
}
