import { env } from "cloudflare:workers";
import { eq } from "drizzle-orm";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  askSeconds,
  deadSeconds,
  endingSessions,
  liveSeconds,
  type SessionGate,
} from "../../../../src/shared/session-gate.ts";
import { createSessionRepository } from "../../../../src/features/auth/session-repository.drizzle.ts";
import { sessions } from "../../../../src/platform/db/schema/index.ts";
import { createSessionGate } from "../../../../src/platform/redis/session-gate.ts";
import type { Actor } from "../../../../src/shared/access.ts";
import { call } from "../../../support/workerd/api.ts";
import { appDatabase, makePerson, makeSession, superuserDatabase } from "../../../support/workerd/factories.ts";
import { control, upstash } from "../../../support/workerd/front-clients.ts";

const redis = upstash();
const repository = createSessionRepository(appDatabase());
const lifetimes = { liveSeconds, askSeconds, deadSeconds };
let asked: number;
let actor: Actor;
let accessToken: string;

/** A gate on the real Redis and Postgres; `beforeAnswer` runs between Postgres's answer and what is made of it. */
const gateWith = (beforeAnswer: () => Promise<unknown> = async () => undefined): SessionGate =>
  createSessionGate(
    () => redis,
    async (who) => {
      asked += 1;
      const live = await repository.isLive(who, new Date());
      await beforeAnswer();
      return live;
    },
    lifetimes,
  );
const gate = gateWith();

const mark = () => redis.get<string>(`session:${actor.sessionId}`);
const ttl = (key: string) => redis.ttl(key);
const endInPostgres = () =>
  superuserDatabase()
    .update(sessions)
    .set({ endedAt: new Date(), endReason: "logout" })
    .where(eq(sessions.id, actor.sessionId));

beforeEach(async () => {
  asked = 0;
  const person = await makePerson();
  const session = await makeSession(person);
  actor = { ...person, sessionId: session.sessionId };
  accessToken = session.accessToken;
});
afterEach(() => control(env.TEST_STACK.upstashFrontUrl, "start"));

describe("the gate", () => {
  it("asks Postgres once and remembers, for half a minute", async () => {
    expect([await gate.isLive(actor), await gate.isLive(actor), asked]).toEqual([true, true, 1]);
    expect(await mark()).toBe("live");
    expect(await ttl(`session:${actor.sessionId}`)).toBeLessThanOrEqual(liveSeconds);
  });

  it("remembers who is dead as well, and never lets in who is not of the session", async () => {
    await endInPostgres();
    expect([await gate.isLive(actor), await gate.isLive(actor), asked]).toEqual([false, false, 1]);
    expect(await mark()).toBe("dead");
    expect(await gate.isLive({ ...actor, sessionId: crypto.randomUUID() as Actor["sessionId"] })).toBe(false);
  });

  it("closes when the session is ended: by its id, or with all of the person's", async () => {
    for (const whom of [{ sessionId: actor.sessionId }, { userId: actor.userId }]) {
      await redis.del(`session:${actor.sessionId}`, `session-user:${actor.userId}`);
      await superuserDatabase()
        .update(sessions)
        .set({ endedAt: null, endReason: null })
        .where(eq(sessions.id, actor.sessionId));
      expect(await gate.isLive(actor)).toBe(true);
      await endingSessions(gate, whom, async () => {
        await endInPostgres();
        return { ended: [actor.sessionId], result: undefined };
      });
      expect(await gate.isLive(actor)).toBe(false);
      expect(await mark()).toBe("dead");
    }
  });

  it("closes by signing out over HTTP, in each scope that ends the session", async () => {
    expect(await gate.isLive(actor)).toBe(true);
    const answer = await call("/api/etter/auth/logout", {
      body: { scope: "all" },
      headers: { Authorization: `Bearer ${accessToken}` },
    });
    expect(answer.status).toBe(204);
    expect(await gate.isLive(actor)).toBe(false);
  });
});

describe("a process that dies while it ends a session", () => {
  const dies = () => Promise.reject(new Error("killed here"));

  it.each([{ by: "session" }, { by: "user" }])(
    "after `ask`, before Postgres: the session lives ($by)",
    async ({ by }) => {
      expect(await gate.isLive(actor)).toBe(true);
      const whom = by === "session" ? { sessionId: actor.sessionId } : { userId: actor.userId };
      await expect(endingSessions(gate, whom, dies)).rejects.toThrow("killed here");
      expect(await gate.isLive(actor)).toBe(true);
      expect(asked).toBe(2);
    },
  );

  it.each([{ by: "session" }, { by: "user" }])(
    "after Postgres, before `dead`: the session is dead ($by)",
    async ({ by }) => {
      expect(await gate.isLive(actor)).toBe(true);
      const whom = by === "session" ? { sessionId: actor.sessionId } : { userId: actor.userId };
      const work = endingSessions(gate, whom, async () => {
        await endInPostgres();
        return dies();
      });
      await expect(work).rejects.toThrow("killed here");
      expect(await gate.isLive(actor)).toBe(false);
    },
  );

  it("Postgres first and Redis then would have left it alive: the test above can fail", async () => {
    expect(await gate.isLive(actor)).toBe(true);
    await endInPostgres();
    expect(await gate.isLive(actor)).toBe(true);
  });
});

describe("an answer of Postgres that is late", () => {
  it("does not open again what was closed meanwhile", async () => {
    // Read as live; then the session is ended from start to end; then the late reader writes what it knows.
    const late = gateWith(() =>
      endingSessions(gate, { sessionId: actor.sessionId }, async () => {
        await endInPostgres();
        return { ended: [actor.sessionId], result: undefined };
      }),
    );
    await late.isLive(actor);
    expect(await mark()).toBe("dead");
    expect(await gate.isLive(actor)).toBe(false);
  });

  it("nor between `ask` and Postgres", async () => {
    const late = gateWith(() => gate.askAbout({ sessionId: actor.sessionId }));
    await late.isLive(actor);
    expect(await mark()).toBe("ask");
    await endInPostgres();
    expect(await gate.isLive(actor)).toBe(false);
  });

  it("nor when all of a person's sessions are ended: `live` written late is gone before `ask` is", async () => {
    const late = gateWith(() => gate.askAbout({ userId: actor.userId }));
    await late.isLive(actor);
    await endInPostgres();
    expect(await gate.isLive(actor)).toBe(false);
    expect(await ttl(`session-user:${actor.userId}`)).toBeGreaterThan(liveSeconds);
  });
});

describe("with Redis stopped", () => {
  it("the gate asks Postgres, and sessions can be ended", { timeout: 60_000 }, async () => {
    expect(await gate.isLive(actor)).toBe(true);
    await control(env.TEST_STACK.upstashFrontUrl, "stop");
    expect(await gate.isLive(actor)).toBe(true);
    const answer = await call("/api/etter/auth/logout", {
      body: {},
      headers: { Authorization: `Bearer ${accessToken}` },
    });
    expect(answer.status, answer.text).toBe(204);
    expect(await gate.isLive(actor)).toBe(false);
  });
});

it("every key has an end", async () => {
  await gate.isLive(actor);
  await gate.askAbout({ userId: actor.userId });
  expect(await ttl(`session:${actor.sessionId}`)).toBeGreaterThan(0);
  expect(await ttl(`session-user:${actor.userId}`)).toBeGreaterThan(0);
  await gate.bar([actor.sessionId]);
  expect(await ttl(`session:${actor.sessionId}`)).toBeGreaterThan(0);
});
