import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Population } from "../../../src/features/simulation/engine/classes/population.ts";
import { learn } from "../../../src/features/simulation/engine/classes/learning.ts";
import {
  compileScenario,
  createAccumulator,
  createRunner,
  floorPeople,
  iterationPath,
  mergeInto,
  serialiseAccumulator,
  summarise,
} from "../../../src/features/simulation/engine/index.ts";
import type { EngineInput, EngineModel, EngineWorkload } from "../../../src/features/simulation/engine/index.ts";
import { Xoshiro128 } from "../../../src/features/simulation/engine/random/stream.ts";
import { BinomialSampler } from "../../../src/features/simulation/engine/sampling/binomial.ts";
import { chiSquareScore, logFactorials } from "../../support/oracle/goodness-of-fit.ts";
import { ClassReducer } from "../../support/oracle/one-reduction.ts";
import { plainRandom } from "../../support/oracle/plain-random.ts";
import { randomState, randomWorkloads, tableOf } from "../../support/oracle/random-states.ts";
import { manyWorkloads, roleOf, twoRoles } from "../../support/oracle/scenarios.ts";

const RUNS = { numRuns: 120, seed: 20_241_117 };
const TIMEOUT_MS = 60_000;

const workload: fc.Arbitrary<EngineWorkload> = fc.record({
  name: fc.constant("w"),
  auto: fc.boolean(),
  skill: fc.oneof(fc.constantFrom(0, 0.2, 0.6, 1, 1.2), fc.double({ min: 0, max: 1.3, noNaN: true })),
  time: fc.oneof(fc.constantFrom(0, 0.1, 0.25, 0.5, 1 / 3, 1), fc.double({ min: 1e-6, max: 2, noNaN: true })),
});

function inputs(model?: EngineModel): fc.Arbitrary<EngineInput> {
  const role = fc.record({
    count: fc.oneof(fc.integer({ min: 1, max: 30 }), fc.constantFrom(1, 2, 1000, 1_000_000)),
    salary: fc.integer({ min: 1, max: 200_000 }),
    workloads: fc.array(workload, { minLength: 1, maxLength: 6 }),
  });
  return fc.record({
    model: model === undefined ? fc.constantFrom<EngineModel>("classic", "conserving") : fc.constant(model),
    oversight: fc.constantFrom(0.01, 0.05, 0.5, 0.9999, 1),
    learnFactor: fc.double({ min: 0, max: 1, noNaN: true }),
    actFactor: fc.double({ min: 0, max: 1, noNaN: true }),
    months: fc.integer({ min: 1, max: 30 }),
    seed: fc.maxSafeNat(),
    roles: fc
      .array(role, { minLength: 1, maxLength: 3 })
      .map((roles) => roles.map((one, index) => ({ ...one, name: `Role ${index}` }))),
  });
}

function paths(input: EngineInput, iterations: number) {
  const scenario = compileScenario(input);
  const runner = createRunner(scenario);
  return Array.from({ length: iterations }, (_, iteration) => iterationPath(scenario, runner, iteration));
}

describe(`for any input (fast-check, seed ${RUNS.seed})`, () => {
  it(
    "head counts never rise and never fall below 1 a role",
    () => {
      fc.assert(
        fc.property(inputs(), (input) => {
          for (const { roles } of paths(input, 3)) {
            roles.forEach(({ count }, role) => {
              expect(count[0]).toBe(input.roles[role]!.count);
              for (let step = 1; step <= input.months; step++) {
                expect(count[step]).toBeLessThanOrEqual(count[step - 1]!);
                expect(count[step]).toBeGreaterThanOrEqual(1);
              }
            });
          }
        }),
        RUNS,
      );
    },
    TIMEOUT_MS,
  );

  it(
    "act_factor 0 keeps everyone; learn_factor 0 automates nothing that needs knowledge",
    () => {
      fc.assert(
        fc.property(inputs(), (input) => {
          for (const { roles } of paths({ ...input, actFactor: 0 }, 2)) {
            roles.forEach(({ count }, role) => expect(count.at(-1)).toBe(input.roles[role]!.count));
          }
          for (const { roles } of paths({ ...input, learnFactor: 0 }, 2)) {
            roles.forEach(({ avg_automation_rate: rate }, role) => {
              const { workloads } = input.roles[role]!;
              const untaught = workloads.filter((one) => one.auto && one.skill === 0).length / workloads.length;
              rate.forEach((value) => expect(value).toBeCloseTo(untaught, 12));
            });
          }
        }),
        RUNS,
      );
    },
    TIMEOUT_MS,
  );

  it(
    "averages stay within the bounds that the exact sums are built on",
    () => {
      fc.assert(
        fc.property(inputs(), (input) => {
          const { roles: tables } = compileScenario(input);
          for (const { roles } of paths(input, 2)) {
            roles.forEach((role, index) => {
              const { timeCeiling, capacityFloor, capacityCeiling } = tables[index]!;
              const slack = 1 + 1e-9;
              role.avg_time_per_employee.forEach((time) => expect(time).toBeLessThanOrEqual(timeCeiling * slack));
              role.avg_unused_output_capacity.forEach((capacity) => {
                expect(capacity).toBeGreaterThanOrEqual(capacityFloor * slack);
                expect(capacity).toBeLessThanOrEqual(capacityCeiling * slack);
              });
            });
          }
        }),
        RUNS,
      );
    },
    TIMEOUT_MS,
  );

  it(
    "2m iterations are m, then the next m: the same bytes, whoever runs them",
    () => {
      fc.assert(
        fc.property(inputs(), fc.integer({ min: 1, max: 6 }), (input, m) => {
          const scenario = compileScenario(input);
          const whole = createAccumulator(scenario);
          createRunner(scenario).run(0, 2 * m, whole);
          const first = createAccumulator(scenario);
          const second = createAccumulator(scenario);
          const runner = createRunner(scenario);
          runner.run(m, 2 * m, second);
          runner.run(0, m, first);
          mergeInto(second, first);
          expect(Buffer.compare(serialiseAccumulator(second), serialiseAccumulator(whole))).toBe(0);
        }),
        { ...RUNS, numRuns: 40 },
      );
    },
    TIMEOUT_MS,
  );

  it(
    "editing one role leaves every other role's path untouched: paired runs stay paired",
    () => {
      fc.assert(
        fc.property(inputs(), fc.array(workload, { minLength: 1, maxLength: 4 }), (input, workloads) => {
          const edited = { ...input.roles[0]!, workloads, count: input.roles[0]!.count + 1, salary: 7 };
          const before = paths(input, 3);
          const after = paths({ ...input, roles: [edited, ...input.roles.slice(1)] }, 3);
          const appended = paths({ ...input, roles: [{ ...edited, name: "New" }, ...input.roles] }, 3);
          before.forEach(({ roles }, iteration) => {
            expect(after[iteration]!.roles.slice(1)).toEqual(roles.slice(1));
            expect(appended[iteration]!.roles.slice(1)).toEqual(roles);
          });
        }),
        { ...RUNS, numRuns: 40 },
      );
    },
    TIMEOUT_MS,
  );

  it(
    "conserving keeps every role above its floor, and overloads nobody",
    () => {
      fc.assert(
        fc.property(inputs("conserving"), (input) => {
          const scenario = compileScenario(input);
          let sum = 0;
          const floors = scenario.roles.map((role) => {
            const floor = role.people * role.unitTime[scenario.learnProbability > 0 ? role.levels - 1 : 0]!;
            sum += floor;
            // Where there is more work than people, nobody can leave.
            return Math.min(role.people, floor);
          });
          expect(floorPeople(scenario)).toBe(sum);
          for (const { roles } of paths(input, 2)) {
            roles.forEach(({ count }, role) => {
              expect(count.at(-1)).toBeGreaterThanOrEqual(floors[role]! * (1 - 1e-6));
            });
          }
          // Only those are overloaded who were from the start, all of whose role are.
          const sums = createAccumulator(scenario);
          createRunner(scenario).run(0, 2, sums);
          const overworked = scenario.roles.filter(({ unitTime }) => unitTime[0]! > 1 + 1e-9);
          const most = overworked.reduce((people, role) => people + role.people, 0);
          for (const overloaded of summarise(scenario, sums).outcomes.overloadedPeople) {
            expect(overloaded).toBeLessThanOrEqual(most);
          }
        }),
        RUNS,
      );
    },
    TIMEOUT_MS,
  );
});

describe("conserving, on random states", () => {
  it(
    "keeps the work of a role and overloads nobody who takes some over, through a chain of reductions (seed 99)",
    () => {
      const chance = plainRandom(99);
      const reducer = new ClassReducer();
      for (let trial = 0; trial < 2_000; trial++) {
        const rules = { model: "conserving", oversight: [0.01, 0.05, 0.5, 0.99999, 1][trial % 5]! } as const;
        const ladder = tableOf(randomWorkloads(chance), 1, rules);
        let state = randomState(chance, ladder, 8, 40);
        const work = state.reduce((sum, { expected, count }) => sum + expected * count, 0);
        const role = { ...ladder, people: Math.ceil(work) };
        for (let reduction = 0; reduction < 3; reduction++) {
          const known = new Set(state.map(({ level, expected }) => `${level} ${expected}`));
          state = reducer.reduce("conserving", state, role, chance);
          const left = state.reduce((sum, { expected, count }) => sum + expected * count, 0);
          expect(Math.abs(left - work)).toBeLessThanOrEqual(1e-9 * role.people * (reduction + 1));
          for (const { level, expected } of state) {
            if (known.has(`${level} ${expected}`)) continue;
            expect(role.unitTime[level]! * expected).toBeLessThanOrEqual(1 + 1e-9);
          }
        }
      }
    },
    TIMEOUT_MS,
  );
});

describe("classes", () => {
  it(
    "are listed once, in order, with nobody lost, after any reduction (seed 12)",
    () => {
      const chance = plainRandom(12);
      const reducer = new ClassReducer();
      for (let trial = 0; trial < 3_000; trial++) {
        const model = trial % 2 === 0 ? "classic" : "conserving";
        const ladder = tableOf(randomWorkloads(chance), 1, { model, oversight: 0.05 });
        const state = randomState(chance, ladder, 12, 50);
        const role = { ...ladder, people: state.reduce((sum, { count }) => sum + count, 0) };
        const after = reducer.reduce(model, state, role, chance);
        const byLevel = (classes: typeof state, level: number) =>
          classes.reduce((sum, one) => sum + (one.level === level ? one.count : 0), 0);
        after.forEach((one, index) => {
          expect(one.count).toBeGreaterThan(0);
          expect(byLevel(after, one.level)).toBeLessThanOrEqual(byLevel(state, one.level));
          const next = after[index + 1];
          if (next === undefined) return;
          expect(next.expected > one.expected || (next.expected === one.expected && next.level > one.level)).toBe(true);
        });
      }
    },
    TIMEOUT_MS,
  );

  it(
    "share a splitting tie group out without bias: the hypergeometric law (chi-square, seed 3)",
    () => {
      // Level 0 and 1 have the same unit time, so all ten people tie. Five leave one for one; then a bucket of two, whose
      // capacity is counted a second time, covers one more.
      const role = tableOf(
        [
          { name: "a", auto: true, skill: 0.4, time: 0.5 },
          { name: "b", auto: true, skill: 0, time: 0.5 },
        ],
        10,
        { model: "classic", oversight: 0 },
      );
      const state = [
        { level: 0, expected: 1, count: 4 },
        { level: 1, expected: 1, count: 6 },
      ];
      const chance = plainRandom(3);
      const reducer = new ClassReducer();
      const observed = [0, 0, 0, 0, 0];
      for (let trial = 0; trial < 20_000; trial++) {
        const after = reducer.reduce("classic", state, role, chance);
        expect(after.reduce((sum, { count }) => sum + count, 0)).toBe(4);
        observed[after.filter(({ level }) => level === 0).reduce((sum, { count }) => sum + count, 0)]!++;
      }
      const ln = logFactorials(10);
      const choose = (n: number, k: number) => Math.exp(ln[n]! - ln[k]! - ln[n - k]!);
      const law = observed.map((_, stay) => (choose(4, stay) * choose(6, 4 - stay)) / choose(10, 4));
      expect(chiSquareScore(observed, law)).toBeLessThan(4.5);
    },
    TIMEOUT_MS,
  );

  it("learn by the binomial law: gains after k months are Binomial(k, p), capped (chi-square, seed 6)", () => {
    const p = 0.32332358381693654 * 0.7;
    const months = 9;
    const lastLevel = 4;
    const stream = new Xoshiro128();
    stream.state.set([6, 7, 8, 9]);
    const gains = new BinomialSampler(p);
    let now = new Population();
    let next = new Population();
    const people = 200_000;
    now.push(0, 1, people);
    for (let month = 0; month < months; month++) {
      learn(now, next, lastLevel, gains, stream);
      [now, next] = [next, now];
    }
    const observed = new Array<number>(lastLevel + 1).fill(0);
    for (let index = 0; index < now.size; index++) observed[now.level[index]!] = now.count[index]!;
    const ln = logFactorials(months);
    const law = new Array<number>(lastLevel + 1).fill(0);
    for (let k = 0; k <= months; k++) {
      const mass = Math.exp(ln[months]! - ln[k]! - ln[months - k]! + k * Math.log(p) + (months - k) * Math.log1p(-p));
      law[Math.min(k, lastLevel)]! += mass;
    }
    expect(observed.reduce((sum, count) => sum + count, 0)).toBe(people);
    expect(chiSquareScore(observed, law)).toBeLessThan(4.5);
  });
});

describe("the engine's limits", () => {
  it("refuse what cannot be worked out, naming the field", () => {
    const good = twoRoles("classic", 40, 1);
    const bad: [Partial<EngineInput>, string][] = [
      [{ learnFactor: 1.01 }, "learnFactor"],
      [{ actFactor: Number.NaN }, "actFactor"],
      [{ months: 0 }, "months"],
      [{ seed: -1 }, "seed"],
      [{ seed: 2 ** 53 }, "seed"],
      [{ roles: [] }, "roles"],
      [{ roles: [good.roles[0]!, good.roles[0]!] }, "names"],
      [{ roles: [roleOf("A", 0.5, 1, [])] }, "count"],
      [{ roles: [roleOf("A", 1, Infinity, [])] }, "salary"],
      [{ roles: [roleOf("A", 1, 1, [[true, -1, 0.5]])] }, "skill"],
      [{ roles: [roleOf("A", 1, 1, [[true, 0.5, 1e-9]])] }, "time"],
    ];
    for (const [change, field] of bad) expect(() => compileScenario({ ...good, ...change })).toThrow(field);
  });

  it("let arrays grow: fifty workloads over 240 months, both models", () => {
    for (const model of ["classic", "conserving"] as const) {
      const [path] = paths(manyWorkloads(model, 50, 100_000, 240), 1);
      expect(path!.organisation.employees.at(-1)).toBeLessThan(100_000);
    }
  });
});
