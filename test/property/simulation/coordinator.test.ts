import { describe, expect, it } from "vitest";
import { plainRandom } from "../../support/oracle/plain-random.ts";
import { RunWorld } from "../../support/simulation/run-world.ts";

const SCHEDULES = Number(process.env["SCHEDULES"] ?? 20_000);

describe("a run and its shards", () => {
  it(
    `come to one right end whatever is lost, doubled, late, killed or cancelled (${SCHEDULES} schedules)`,
    { timeout: 180_000 },
    async () => {
      const first = Number(process.env["SEED"] ?? 1);
      const ends = new Map<string, number>();
      for (let seed = first; seed < first + SCHEDULES; seed += 1) {
        const { uniform } = plainRandom(seed);
        const shards = 1 + Math.floor(uniform() * 5);
        const iterations = shards + Math.floor(uniform() * 20);
        const world = new RunWorld(uniform, {
          shards,
          iterations,
          atOnce: 1 + Math.floor(uniform() * shards),
          troubleSteps: Math.floor(uniform() * 80),
        });
        try {
          await world.live();
          expect(["completed", "cancelled", ...(world.killsWhileStoring >= 6 ? ["failed"] : [])]).toContain(
            world.status,
          );
          // Each iteration once, and all of them.
          if (world.status === "completed") expect(new Set(world.result)).toEqual(new Set([1]));
          else expect(world.result).toBeUndefined();
        } catch (error) {
          throw new Error(`seed ${seed}`, { cause: error });
        }
        ends.set(world.status, (ends.get(world.status) ?? 0) + 1);
      }
      console.log(`ends of ${SCHEDULES} schedules from seed ${first}: ${JSON.stringify([...ends])}`);
      expect([...ends.keys()]).toEqual(expect.arrayContaining(["completed", "cancelled"]));
    },
  );
});
