import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { firstPauseSeconds, longestPauseSeconds, maxAttempts } from "../../../src/features/email/limits.ts";
import type { ClaimedMail, Delivery } from "../../../src/features/email/ports.ts";
import { verdictAfter, verdictBefore } from "../../../src/features/email/schedule.ts";

const createdAt = new Date("2026-11-22T10:00:00.000Z");
const after = (seconds: number) => new Date(createdAt.getTime() + seconds * 1000);
const mail = (template: ClaimedMail["template"], attempts = 1) => ({ template, attempts, createdAt });
const busy: Delivery = { outcome: "later", fault: "busy" };

describe("before a call", () => {
  it.each([
    ["verify_email", 24 * 3600],
    ["invitation", 72 * 3600],
    ["password_reset", 1800],
  ] as const)("a %s is good until its token expires", (template, seconds) => {
    expect(verdictBefore(mail(template), after(seconds - 0.001))).toBeUndefined();
    expect(verdictBefore(mail(template), after(seconds))).toEqual({ status: "dead", reason: "expired" });
  });

  it("a mail without a token is good at any time: an operator may send it again days later", () => {
    expect(verdictBefore(mail("password_changed"), after(20 * 86_400))).toBeUndefined();
  });

  it("a mail that was claimed too often is given up, whoever died over it", () => {
    expect(verdictBefore(mail("password_changed", maxAttempts), createdAt)).toBeUndefined();
    expect(verdictBefore(mail("password_changed", maxAttempts + 1), createdAt)).toEqual({
      status: "dead",
      reason: "attempts_exhausted",
    });
  });
});

describe("after a call", () => {
  it("what was taken is sent and what never will be is dead, however late", () => {
    const last = mail("password_reset", maxAttempts);
    expect(verdictAfter(last, { outcome: "accepted", messageId: "m" }, after(9e6), 0)).toEqual({
      status: "sent",
      messageId: "m",
    });
    expect(verdictAfter(mail("invitation"), { outcome: "never", fault: "rejected" }, createdAt, 0)).toEqual({
      status: "dead",
      reason: "rejected",
    });
  });

  it("what would come after its token has expired is given up now", () => {
    expect(verdictAfter(mail("password_reset"), busy, after(1800 - firstPauseSeconds), 1)).toEqual({
      status: "dead",
      reason: "busy",
    });
    expect(verdictAfter(mail("password_reset"), busy, after(1800 - firstPauseSeconds - 1), 1).status).toBe("queued");
  });

  it("pauses stay within their bounds, grow, and heed what the service asks", () => {
    const arbitrary = fc.record({
      attempts: fc.integer({ min: 1, max: maxAttempts - 1 }),
      jitter: fc.double({ min: 0, max: 1, noNaN: true }),
      asked: fc.option(fc.integer({ min: 0, max: 1_000_000 }), { nil: undefined }),
    });
    fc.assert(
      fc.property(arbitrary, ({ attempts, jitter, asked }) => {
        const delivery: Delivery = asked === undefined ? busy : { ...busy, retryAfterSeconds: asked };
        const verdict = verdictAfter(mail("password_changed", attempts), delivery, createdAt, jitter);
        if (verdict.status !== "queued") throw new Error(`is ${verdict.status}`);
        const pause = (verdict.dueAt.getTime() - createdAt.getTime()) / 1000;
        const full = Math.min(firstPauseSeconds * 2 ** (attempts - 1), longestPauseSeconds);
        const wanted = Math.min(asked ?? 0, longestPauseSeconds);
        expect(pause).toBeGreaterThanOrEqual(Math.max(full / 2, wanted) - 0.001);
        expect(pause).toBeLessThanOrEqual(Math.max(full, wanted));
      }),
    );
  });

  it("every history ends: a service that is always busy sees a mail the most often that there are attempts", () => {
    let attempts = 0;
    for (let at = createdAt; ;) {
      attempts += 1;
      const verdict = verdictAfter(mail("password_changed", attempts), busy, at, 1);
      if (verdict.status !== "queued") break;
      at = verdict.dueAt;
    }
    expect(attempts).toBe(maxAttempts);
  });
});
