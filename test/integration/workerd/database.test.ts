import { env } from "cloudflare:workers";
import { sql } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import { createDatabase } from "../../../src/platform/db/client.ts";
import { RequestMeter } from "../../../src/platform/telemetry/meter.ts";
import { AppError } from "../../../src/shared/errors.ts";
import { platformCompanyId } from "../../../src/shared/ids.ts";
import { appDatabase, config } from "../../support/workerd/factories.ts";
import { recordedCalls } from "../../support/workerd/front-clients.ts";

const scope = { kind: "company", companyId: platformCompanyId } as const;
const lock = (key: number) => sql`select pg_advisory_xact_lock(${key})`;

describe("the database", () => {
  it("is unavailable to one of two units of work that wait for each other; the other one ends well", async () => {
    const [first, second] = [71_001, 71_002];
    const bothHold = Promise.withResolvers<void>();
    let holding = 0;
    const unit = (own: number, others: number) =>
      appDatabase().unitOfWork(scope, async (tx) => {
        await tx.execute(lock(own));
        holding += 1;
        if (holding === 2) bothHold.resolve();
        await bothHold.promise;
        await tx.execute(lock(others));
      });
    const ends = await Promise.allSettled([unit(first, second), unit(second, first)]);
    expect(ends.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
    expect(ends.find(({ status }) => status === "rejected")).toMatchObject({
      reason: { code: "unavailable", retryAfterSeconds: 5, cause: expect.anything() },
    });
  });

  it("is called under the request's id also in a unit of work", async () => {
    const requestId = `unit-${crypto.randomUUID()}`;
    const { url, localProxy } = config.database;
    const database = createDatabase({ url, localProxy, requestId, meter: new RequestMeter(Date.now) });
    await database.unitOfWork(scope, (tx) => tx.execute(sql`select 'in a unit of work'`));
    const calls = await recordedCalls(env.TEST_STACK.neonFrontUrl, requestId);
    expect(JSON.stringify(calls)).toContain("in a unit of work");
  });

  it.each([
    ["57014", "a statement that took too long", "unavailable"],
    ["55P03", "a lock that was not to be had", "unavailable"],
    ["53300", "too many connections", "unavailable"],
    ["57P01", "a shut-down", "unavailable"],
    ["42501", "a privilege that is missing", undefined],
    ["23514", "a check that failed", undefined],
  ])("%s, %s, is %s", async (state, _, code) => {
    const raise = sql.raw(`do $$ begin raise exception using errcode = '${state}'; end $$`);
    const error = await appDatabase()
      .batch(scope, (db) => [db.execute(raise)])
      .then(
        () => "nothing went wrong",
        (cause: unknown) => cause,
      );
    expect(error).toBeInstanceOf(Error);
    expect(error instanceof AppError ? error.code : undefined).toBe(code);
  });
});
