import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { createAccessTokens } from "../../../src/platform/crypto/access-tokens.ts";
import type { Actor } from "../../../src/shared/access.ts";
import { AppError } from "../../../src/shared/errors.ts";

const issuer = "https://etter.example.com";
const settings = {
  algorithm: "HS256",
  secret: "s".repeat(32),
  previousSecret: undefined,
  accessSeconds: 1_800,
  refreshSeconds: 604_800,
} as const;
const other = { ...settings, secret: "t".repeat(32) } as const;
const now = new Date("2026-11-22T09:00:00.500Z");
const actor = {
  userId: "3f1c5c0e-5d0b-4b7e-9a51-0d8f4f1f5a10",
  companyId: "8e2a1d8e-1f0a-4a56-9f0a-5a1f0b9b7c11",
  sessionId: "0b6f7a0e-3f0a-4a8e-9d5c-2f5b1a7e9c11",
  group: "Researcher",
} as unknown as Actor;
const tokenId = "6f2b1c1e-8f5e-4f43-9d3a-0c9a4a1c7d55";

const issue = async (config: typeof settings | typeof other = settings): Promise<string> =>
  (await createAccessTokens(config, issuer).issue(actor, now, tokenId)).token;
const at = (seconds: number): Date => new Date(now.getTime() + seconds * 1000);
const decoded = (part: string): Record<string, unknown> =>
  JSON.parse(Buffer.from(part, "base64url").toString()) as Record<string, unknown>;
const encoded = (value: unknown): string =>
  Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");

async function refusal(
  token: string,
  when = now,
  config: Parameters<typeof createAccessTokens>[0] = settings,
): Promise<string> {
  const outcome: unknown = await createAccessTokens(config, issuer)
    .verify(token, when)
    .catch((error: unknown) => error);
  if (!(outcome instanceof AppError)) throw new Error(`expected a refusal, got ${JSON.stringify(outcome)}`);
  return `${outcome.code}: ${outcome.detail}`;
}
const refused =
  "unauthorized: The access token is missing, wrong or expired. Send Authorization: Bearer with the access_token of a sign-in.";

/** A token signed with our own key, with another header or other claims than we would ever write. */
async function odd(change: {
  header?: Record<string, unknown>;
  claims?: Record<string, unknown>;
  payload?: string;
  hash?: string;
}): Promise<string> {
  const [header = "", payload = ""] = (await issue()).split(".");
  const signed = `${encoded({ ...decoded(header), ...change.header })}.${encoded(change.payload ?? { ...decoded(payload), ...change.claims })}`;
  return `${signed}.${createHmac(change.hash ?? "sha256", settings.secret)
    .update(signed)
    .digest("base64url")}`;
}

describe("an access token", () => {
  it("says who acts and nothing personal", async () => {
    const [header = "", payload = ""] = (await issue()).split(".");
    expect(decoded(header)).toEqual({ alg: "HS256", typ: "at+jwt", kid: expect.stringMatching(/^[0-9a-f]{16}$/) });
    const iat = Math.floor(now.getTime() / 1000);
    expect(decoded(payload)).toEqual({
      iss: issuer,
      aud: "etter-api",
      sub: actor.userId,
      sid: actor.sessionId,
      company: actor.companyId,
      group: "Researcher",
      jti: tokenId,
      iat,
      exp: iat + 1_800,
    });
  });

  it("is read back as the same actor until it expires", async () => {
    const token = await issue();
    const tokens = createAccessTokens(settings, issuer);
    expect(await tokens.verify(token, now)).toEqual(actor);
    expect(await tokens.verify(token, at(1_799))).toEqual(actor);
    expect(await refusal(token, at(1_801))).toBe(refused);
  });

  it("may come from a clock that is two seconds ahead, and lives no longer for that", async () => {
    const token = await issue();
    const tokens = createAccessTokens(settings, issuer);
    expect(await tokens.verify(token, at(-2))).toEqual(actor);
    expect(await refusal(token, at(-4))).toBe(refused);
    expect(await refusal(token, at(1_799.5))).toBe(refused);
  });

  it("is refused after any one of its bits flips", async () => {
    const parts = (await issue()).split(".");
    for (const [index, part] of parts.entries()) {
      const bytes = Buffer.from(part, "base64url");
      for (let bit = 0; bit < bytes.length * 8; bit += 1) {
        const flipped = Buffer.from(bytes);
        flipped[bit >> 3]! ^= 1 << (bit & 7);
        const token = parts.with(index, flipped.toString("base64url")).join(".");
        expect(await refusal(token), `part ${index}, bit ${bit}`).toBe(refused);
      }
    }
  });

  it("is signed again, in this test, as the real one is", async () => {
    expect(await createAccessTokens(settings, issuer).verify(await odd({}), now)).toEqual(actor);
  });
});

describe("keys", () => {
  const rotated = { ...settings, secret: other.secret, previousSecret: settings.secret };

  it("rotate: what the previous key signed still counts, what is new is signed by the new one", async () => {
    const old = await issue();
    expect(await createAccessTokens(rotated, issuer).verify(old, now)).toEqual(actor);
    const { token } = await createAccessTokens(rotated, issuer).issue(actor, now, tokenId);
    expect(decoded(token.split(".")[0]!)["kid"]).not.toBe(decoded(old.split(".")[0]!)["kid"]);
    expect(await createAccessTokens(other, issuer).verify(token, now)).toEqual(actor);
    expect(await refusal(token)).toBe(refused);
  });

  it("are gone once the previous one is taken out", async () => {
    expect(await refusal(await issue(), now, other)).toBe(refused);
  });

  it("cannot stand in for one another: the kid chooses, and the signature must be that key's", async () => {
    const oldKid = decoded((await issue()).split(".")[0]!)["kid"];
    const newKid = decoded((await issue(other)).split(".")[0]!)["kid"];
    expect(oldKid).not.toBe(newKid);
    expect(await refusal(await odd({ header: { kid: newKid } }), now, rotated)).toBe(refused);
  });

  it("do not show in their names", async () => {
    const kid = String(decoded((await issue()).split(".")[0]!)["kid"]);
    expect(createHmac("sha256", "").update(settings.secret).digest("hex")).not.toContain(kid);
    expect(settings.secret).not.toContain(kid);
  });
});

describe("a token with our signature and an odd header", () => {
  it.each([
    ["no kid", { kid: undefined }],
    ["an unknown kid", { kid: "0000000000000000" }],
    ["a path as kid", { kid: "../../../../dev/null" }],
    ["SQL as kid", { kid: "' UNION SELECT 'key" }],
    ["an object as kid", { kid: { toString: "x" } }],
    ["a number as kid", { kid: 0 }],
    ["a prototype key as kid", { kid: "__proto__" }],
    ["another prototype key as kid", { kid: "constructor" }],
    ["alg none", { alg: "none" }],
    ["alg None", { alg: "None" }],
    ["no alg", { alg: undefined }],
    ["an alg that is no string", { alg: ["HS256"] }],
    ["HS384", { alg: "HS384" }],
    ["HS512", { alg: "HS512" }],
    ["RS256", { alg: "RS256" }],
    ["ES256", { alg: "ES256" }],
    ["EdDSA", { alg: "EdDSA" }],
    ["alg in lower case", { alg: "hs256" }],
    ["no typ", { typ: undefined }],
    ["typ JWT", { typ: "JWT" }],
    ["typ of another purpose", { typ: "verify+jwt" }],
    ["a typ that is no string", { typ: 1 }],
    ["crit", { crit: ["exp"] }],
    ["crit of an extension", { crit: ["b64"], b64: false }],
    ["empty crit", { crit: [] }],
  ])("(%s) is refused", async (_what, header) => {
    expect(await refusal(await odd({ header }))).toBe(refused);
  });

  it.each([
    ["HS384", "sha384"],
    ["HS512", "sha512"],
  ])("is refused when it is really signed by %s", async (alg, hash) => {
    expect(await refusal(await odd({ header: { alg }, hash }))).toBe(refused);
  });

  it("is not told where to find a key", async () => {
    const jwk = { kty: "oct", k: encoded("attacker's own key of 32 bytes!!"), alg: "HS256" };
    const header = {
      jwk,
      jku: "https://attacker.example/keys.json",
      x5u: "https://attacker.example/cert.pem",
      x5c: ["MIIB"],
      x5t: "AAAA",
    };
    const parts = (await odd({ header })).split(".");
    const forged = createHmac("sha256", "attacker's own key of 32 bytes!!")
      .update(`${parts[0]}.${parts[1]}`)
      .digest("base64url");
    expect(await refusal(parts.with(2, forged).join("."))).toBe(refused);
    // With our own signature these fields change nothing.
    expect(await createAccessTokens(settings, issuer).verify(parts.join("."), now)).toEqual(actor);
  });
});

describe("a token with our signature and odd claims", () => {
  const seconds = Math.floor(now.getTime() / 1000);
  it.each([
    ["no exp", { exp: undefined }],
    ["exp as text", { exp: String(seconds + 60) }],
    ["exp null", { exp: null }],
    ["exp in the past", { exp: seconds - 1 }],
    ["exp negative", { exp: -1 }],
    ["exp not whole", { exp: seconds + 0.5 }],
    ["exp in a list", { exp: [seconds + 60] }],
    ["no iat", { iat: undefined }],
    ["iat as text", { iat: String(seconds) }],
    ["iat in the future", { iat: seconds + 60 }],
    ["iat long ago, exp far away", { iat: seconds - 86_400, exp: seconds + 86_400 * 365 }],
    ["iat not whole", { iat: seconds - 0.5 }],
    ["nbf in the future", { nbf: seconds + 60 }],
    ["nbf as text", { nbf: "now" }],
    ["nbf null", { nbf: null }],
    ["no iss", { iss: undefined }],
    ["another iss", { iss: "https://attacker.example" }],
    ["iss with a slash more", { iss: `${issuer}/` }],
    ["iss in a list", { iss: [issuer] }],
    ["no aud", { aud: undefined }],
    ["another aud", { aud: "etter-verify-email" }],
    ["aud empty", { aud: [] }],
    ["no sub", { sub: undefined }],
    ["sub that is no id", { sub: "admin" }],
    ["sub in a list", { sub: [actor.userId] }],
    ["no sid", { sid: undefined }],
    ["sid null", { sid: null }],
    ["sid that is no id", { sid: "*" }],
    ["no company", { company: undefined }],
    ["company that is no id", { company: "'; select 1" }],
    ["no jti", { jti: undefined }],
    ["no group", { group: undefined }],
    ["a group there is not", { group: "Root" }],
    ["a group in a list", { group: ["Researcher"] }],
    ["a group in another case", { group: "super admin" }],
  ])("(%s) is refused", async (_what, claims) => {
    expect(await refusal(await odd({ claims }))).toBe(refused);
  });

  it.each(["", "null", "[]", '"text"', "7", "{", "{}", '{"exp":1e999}'])(
    "whose payload is %j is refused",
    async (payload) => {
      expect(await refusal(await odd({ payload }))).toBe(refused);
    },
  );

  it("whose exp is beyond all numbers is refused", async () => {
    const [, payload = ""] = (await issue()).split(".");
    expect(
      await refusal(await odd({ payload: JSON.stringify(decoded(payload)).replace(/"exp":\d+/, '"exp":1e999') })),
    ).toBe(refused);
  });
});

describe("what is no token", () => {
  it.each([
    "",
    ".",
    "..",
    "...",
    "a.b",
    "a.b.c",
    "a.b.c.d",
    "a.b.c.d.e",
    "null",
    "undefined",
    "{}",
    "=.=.=",
    "\u{d800}.a.b",
    "é.é.é",
  ])("%j is refused", async (token) => {
    expect(await refusal(token)).toBe(refused);
  });

  it("is refused whatever its size and number of parts", async () => {
    const good = await issue();
    const [header = "", payload = "", signature = ""] = good.split(".");
    for (const token of [
      `${good}.${signature}`,
      `${good}..`,
      `${header}.${payload}.`,
      `${header}.${payload}`,
      `.${payload}.${signature}`,
      "x".repeat(100_000),
      `${header}.${"x".repeat(100_000)}.${signature}`,
      `${header}.${payload}.${"A".repeat(100_000)}`,
      JSON.stringify({ protected: header, payload, signature }),
      `${encoded({ alg: "none", typ: "at+jwt" })}.${payload}.`,
      `${encoded({ alg: "dir", enc: "A256GCM" })}..${payload}.${payload}.${signature}`,
    ])
      expect(await refusal(token), token.slice(-80)).toBe(refused);
  });
});
