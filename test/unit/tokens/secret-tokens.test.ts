import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatRefreshToken, parseRefreshToken } from "../../../src/features/auth/refresh-token.ts";
import type { CompanyId, SessionId } from "../../../src/shared/ids.ts";
import {
  formatMailedToken,
  mailedTokenEnd,
  mailedTokenLink,
  parseMailedToken,
  type MailedTokenPurpose,
} from "../../../src/shared/mailed-token.ts";
import { formatSecretToken, parseSecretToken } from "../../../src/shared/secret-token.ts";

const secret = fc.uint8Array({ minLength: 32, maxLength: 32 });
const purposes: readonly MailedTokenPurpose[] = ["verify", "invite", "reset"];
const mailed = fc
  .record({ companyId: fc.uuid(), subjectId: fc.uuid(), secret })
  .map(({ companyId, ...rest }) => ({ companyId: companyId as CompanyId, ...rest }));

describe("secret tokens", () => {
  it("are read as they were written, and as nothing else", () => {
    fc.assert(
      fc.property(
        fc.array(fc.uuid(), { minLength: 1, maxLength: 3 }),
        fc.array(secret, { minLength: 1, maxLength: 3 }),
        (ids, secrets) => {
          const text = formatSecretToken("x1", { ids, secrets });
          expect(text).toMatch(/^[\w.-]+$/);
          expect(parseSecretToken(text, "x1", { ids: ids.length, secrets: secrets.length })).toEqual({ ids, secrets });
          for (const [version, shape] of [
            ["x2", { ids: ids.length, secrets: secrets.length }],
            ["x1", { ids: ids.length + 1, secrets: secrets.length }],
            ["x1", { ids: ids.length, secrets: secrets.length + 1 }],
            ["x1", { ids: ids.length + 1, secrets: secrets.length - 1 }],
          ] as const)
            expect(parseSecretToken(text, version, shape)).toBeUndefined();
        },
      ),
    );
  });

  it("have one spelling: whatever else is sent means another token or none", () => {
    fc.assert(
      fc.property(mailed, fc.nat(), fc.string({ minLength: 1, maxLength: 1 }), (token, where, letter) => {
        const text = formatMailedToken("reset", token);
        const at = where % text.length;
        fc.pre(text[at] !== letter);
        const changed = text.slice(0, at) + letter + text.slice(at + 1);
        expect(parseMailedToken("reset", changed)).not.toEqual(token);
      }),
      { numRuns: 2_000 },
    );
  });

  it.each(["", ".", "...", "r1", "x1..", "x1.a.b", "x1\n", "💥", "x".repeat(100_000), ".".repeat(100_000)])(
    "refuse %s",
    (text) => {
      expect(parseSecretToken(text, "x1", { ids: 1, secrets: 1 })).toBeUndefined();
    },
  );

  it("refuse any text", () => {
    fc.assert(fc.property(fc.string(), (text) => parseSecretToken(text, "x1", { ids: 2, secrets: 2 }) === undefined));
  });
});

describe("refresh tokens", () => {
  it("are read as they were written, and are no mailed tokens", () => {
    fc.assert(
      fc.property(fc.uuid(), fc.uuid(), secret, secret, (company, session, familySecret, rotatingSecret) => {
        const token = {
          companyId: company as CompanyId,
          sessionId: session as SessionId,
          familySecret,
          rotatingSecret,
        };
        const text = formatRefreshToken(token);
        expect(parseRefreshToken(text)).toEqual(token);
        for (const purpose of purposes) expect(parseMailedToken(purpose, text)).toBeUndefined();
      }),
    );
  });
});

describe("mailed tokens", () => {
  it("are good for their own purpose only", () => {
    fc.assert(
      fc.property(mailed, fc.constantFrom(...purposes), fc.constantFrom(...purposes), (token, made, used) => {
        expect(parseMailedToken(used, formatMailedToken(made, token))).toEqual(made === used ? token : undefined);
      }),
    );
  });

  it("live 24 hours, 72 hours and 30 minutes", () => {
    const at = new Date("2026-11-22T09:00:00Z");
    expect(purposes.map((purpose) => mailedTokenEnd(purpose, at).toISOString())).toEqual([
      "2026-11-23T09:00:00.000Z",
      "2026-11-25T09:00:00.000Z",
      "2026-11-22T09:30:00.000Z",
    ]);
  });

  it("travel in the fragment, which servers do not see", () => {
    const link = new URL(mailedTokenLink("https://app.example.com", "invite", "i1.x.y"));
    expect([link.origin, link.pathname, link.search, link.hash]).toEqual([
      "https://app.example.com",
      "/accept-invitation",
      "",
      "#token=i1.x.y",
    ]);
  });
});
