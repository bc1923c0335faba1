import { describe, expect, it } from "vitest";
import {
  maxSweepAttempts,
  nextRound,
  roundBegun,
  roundDone,
  type SweepMemory,
} from "../../../src/features/simulation/sweeps/coordinator.ts";
import { longestSweepMs, sweepRunsAtOnce } from "../../../src/features/simulation/limits.ts";
import type { SimulationId } from "../../../src/shared/ids.ts";
import { seededRandom } from "../../support/workerd/openapi-fuzz/seeded-random.ts";

const fresh: SweepMemory = { companyId: "", sweepId: "", attempts: 0, refusals: {} };
const ids = (count: number) => Array.from({ length: count }, (_, index) => `run ${index}` as SimulationId);
const sight = (unfinished: readonly SimulationId[], ageMs = 0) => ({ unfinished, ageMs });

describe("a round of a sweep", () => {
  it("starts the first few unfinished runs, in the order of their factors", () => {
    expect(nextRound(sight(ids(9).slice(2)), fresh)).toEqual({
      kind: "go",
      start: ids(9).slice(2, 2 + sweepRunsAtOnce),
      fail: [],
    });
  });

  it("is the last when no run is left, however often it failed", () => {
    expect(nextRound(sight([], longestSweepMs * 2), { ...fresh, attempts: 99 })).toEqual({ kind: "end" });
  });

  it("gives up after rounds that were begun and never finished, and after a day", () => {
    let memory = fresh;
    for (let round = 1; round <= maxSweepAttempts; round += 1) {
      memory = roundBegun(memory);
      expect(nextRound(sight(ids(2)), memory).kind).toBe("go");
    }
    expect(nextRound(sight(ids(2)), roundBegun(memory))).toEqual({ kind: "give_up", reason: "attempts_exhausted" });
    expect(nextRound(sight(ids(2), longestSweepMs), fresh).kind).toBe("go");
    expect(nextRound(sight(ids(2), longestSweepMs + 1), fresh)).toEqual({ kind: "give_up", reason: "waited_too_long" });
  });

  it("fails the one run whose object refuses again and again, and lets the next in", () => {
    const [bad, ...good] = ids(6) as [SimulationId, ...SimulationId[]];
    let memory = fresh;
    for (let round = 1; round <= maxSweepAttempts; round += 1) {
      const plan = nextRound(sight([bad, ...good]), memory);
      expect(plan).toMatchObject({ kind: "go", fail: [] });
      memory = roundDone(roundBegun(memory), plan.kind === "go" ? plan.start : [], [bad]);
    }
    expect(nextRound(sight([bad, ...good]), memory)).toEqual({
      kind: "go",
      start: good.slice(0, sweepRunsAtOnce),
      fail: [bad],
    });
    // One start that worked, and it is as good as new.
    expect(roundDone(memory, [bad], [])).toEqual({ ...fresh, refusals: {} });
  });
});

type Ending = "by itself" | "refused" | "given up";

/**
 * A world of one sweep: runs with their objects, Postgres, and the sweep's object, whose memory may be lost. Everything that
 * can go wrong does, at random. Returns what ended each run. @throws Error where a rule is broken
 */
function live(seed: number): ReadonlyMap<SimulationId, Ending> {
  const random = seededRandom(seed);
  const chance = (percent: number) => random.below(100) < percent;
  const all = ids(1 + random.below(30));
  const poisoned = new Set(all.filter(() => chance(5)));
  const ended = new Map<SimulationId, Ending>();
  const going = new Set<SimulationId>();
  let memory: SweepMemory | undefined = fresh;
  let rounds = 0;
  const end = (id: SimulationId, how: Ending) => {
    if (ended.has(id)) throw new Error(`seed ${seed}: ${id} ends twice`);
    ended.set(id, how);
    going.delete(id);
  };
  while (memory !== undefined || ended.size < all.length) {
    rounds += 1;
    if (rounds > 5_000) throw new Error(`seed ${seed}: comes to no end`);
    // Runs end by themselves, or lose their object.
    for (const id of going) {
      if (chance(30)) end(id, "by itself");
      else if (chance(2)) going.delete(id);
    }
    if (chance(5)) memory = undefined;
    // The clock pokes a sweep that has unfinished runs.
    if (memory === undefined) {
      if (chance(50)) memory = fresh;
      continue;
    }
    const before: SweepMemory = memory;
    memory = roundBegun(before);
    // The database is away; or the isolate dies with the round under way, and the alarm comes again.
    if (chance(10)) {
      memory = before;
      continue;
    }
    if (chance(10)) continue;
    const unfinished = all.filter((id) => !ended.has(id));
    const round = nextRound(sight(unfinished), memory);
    if (round.kind === "end") {
      memory = undefined;
      continue;
    }
    if (round.kind === "give_up") {
      for (const id of unfinished) end(id, "given up");
      memory = undefined;
      continue;
    }
    for (const id of round.fail) end(id, "refused");
    for (const id of round.start) if (!poisoned.has(id) && !ended.has(id)) going.add(id);
    if (going.size > sweepRunsAtOnce) throw new Error(`seed ${seed}: ${going.size} going at once`);
    memory = roundDone(
      memory,
      round.start,
      round.start.filter((id) => poisoned.has(id)),
    );
  }
  for (const [id, how] of ended)
    if (how !== "given up" && poisoned.has(id) === (how === "by itself"))
      throw new Error(`seed ${seed}: ${id} ended ${how}`);
  return ended;
}

describe("a sweep in a world where everything fails", () => {
  const from = crypto.getRandomValues(new Uint32Array(1))[0]!;
  it(
    `ends every run once and never has too many going, 10,000 schedules from seed ${from}`,
    { timeout: 60_000 },
    () => {
      const endings = new Map<Ending, number>();
      for (let schedule = 0; schedule < 10_000; schedule += 1)
        for (const how of live(from + schedule).values()) endings.set(how, (endings.get(how) ?? 0) + 1);
      // All that should happen did.
      expect([...endings.keys()]).toEqual(expect.arrayContaining(["by itself", "refused"]));
    },
  );
});
