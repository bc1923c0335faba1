import { createHmac, generateKeyPairSync, sign, createSign } from "node:crypto";
import { Buffer } from "node:buffer";
import { beforeAll, describe, expect, it } from "vitest";
import { createAccessTokens } from "../../../../src/platform/crypto/access-tokens.ts";
import { call, type Answer } from "../../../support/workerd/api.ts";
import { config, makePerson, makeSession, testPassword, type Person } from "../../../support/workerd/factories.ts";

type Json = Record<string, unknown>;

let person: Person;
let good: string;
/** The answer to no token at all: every other wrong token must get the same. */
let reference: Json;

beforeAll(async () => {
  person = await makePerson();
  good = (await makeSession(person)).accessToken;
  reference = comparable(await call("/api/etter/users/me"));
});

const me = (authorization: string): Promise<Answer> =>
  call("/api/etter/users/me", { headers: { Authorization: authorization } });
const comparable = ({ status, headers, body }: Answer): Json => ({
  status,
  authenticate: headers.get("www-authenticate"),
  names: [...headers.keys()],
  ...body,
  request_id: "",
});

async function expectRefused(token: string, what = token.slice(0, 60)): Promise<void> {
  const answer = await me(`Bearer ${token}`);
  expect(answer.status, what).toBe(401);
  expect(comparable(answer), what).toEqual(reference);
}

const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
const decoded = (part: string | undefined): Json => JSON.parse(Buffer.from(part ?? "", "base64url").toString()) as Json;
const header = (): Json => decoded(good.split(".")[0]);
const payload = (): Json => decoded(good.split(".")[1]);
const hmac = (key: string | Buffer, text: string, hash = "sha256"): string =>
  createHmac(hash, key).update(text).digest("base64url");

/** Signed with the deployment's own key: only the header and the claims are odd. */
function odd(headerChange: Json, claimChange: Json = {}): string {
  const text = `${encoded({ ...header(), ...headerChange })}.${encoded({ ...payload(), ...claimChange })}`;
  return `${text}.${hmac(config.tokens.secret, text)}`;
}

describe("a good token", () => {
  it("is let in, also when this test signs it", async () => {
    expect((await me(`Bearer ${good}`)).status).toBe(200);
    expect((await me(`Bearer ${odd({})}`)).status).toBe(200);
    expect((await me(`bearer ${good}`)).status).toBe(200);
  });

  it("is what the refusals below are compared with: a problem that asks for a token", () => {
    expect(reference).toMatchObject({ status: 401, code: "unauthorized", authenticate: 'Bearer realm="etter"' });
  });
});

describe("algorithms", () => {
  it.each(["none", "None", "NONE", "nOnE", "", "HS384", "HS512", "RS256", "ES256", "PS256", "EdDSA", "hs256"])(
    "%j is refused, signed or not",
    async (alg) => {
      const text = `${encoded({ ...header(), alg })}.${encoded(payload())}`;
      for (const signature of ["", hmac(config.tokens.secret, text), good.split(".")[2]!])
        await expectRefused(`${text}.${signature}`, alg);
    },
  );

  it("of the same family are refused even when they are done right", async () => {
    for (const [alg, hash] of [
      ["HS384", "sha384"],
      ["HS512", "sha512"],
    ] as const) {
      const text = `${encoded({ ...header(), alg })}.${encoded(payload())}`;
      await expectRefused(`${text}.${hmac(config.tokens.secret, text, hash)}`, alg);
    }
  });

  it("cannot be confused: a public key is no secret, a real RSA or EdDSA signature no way in", async () => {
    const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const pem = rsa.publicKey.export({ type: "spki", format: "pem" }).toString();
    const rsText = `${encoded({ ...header(), alg: "RS256", jwk: rsa.publicKey.export({ format: "jwk" }) })}.${encoded(payload())}`;
    await expectRefused(
      `${rsText}.${createSign("RSA-SHA256").update(rsText).sign(rsa.privateKey).toString("base64url")}`,
      "RS256",
    );
    const hsText = `${encoded(header())}.${encoded(payload())}`;
    await expectRefused(`${hsText}.${hmac(pem, hsText)}`, "HS256 by a public key");
    const ed = generateKeyPairSync("ed25519");
    const edText = `${encoded({ ...header(), alg: "EdDSA" })}.${encoded(payload())}`;
    await expectRefused(`${edText}.${sign(null, Buffer.from(edText), ed.privateKey).toString("base64url")}`, "EdDSA");
  });
});

describe("keys from the header", () => {
  it("are not used, however they are offered", async () => {
    const secret = "attacker's key of thirty-two bytes";
    const jwk = { kty: "oct", k: Buffer.from(secret).toString("base64url"), alg: "HS256", kid: "mine" };
    const offers: Json[] = [
      { jwk },
      { jwk, kid: undefined },
      { jku: "https://attacker.example/keys.json", kid: "mine" },
      { x5u: "https://attacker.example/cert.pem" },
      { x5c: [Buffer.from(secret).toString("base64")] },
      { kid: "mine" },
      { kid: "" },
      { kid: null },
      { kid: 1 },
      { kid: ["mine"] },
      { kid: "../../../../dev/null" },
      { kid: "' OR '1'='1" },
      { kid: "http://127.0.0.1/key" },
      { kid: "__proto__" },
      { kid: "x".repeat(2_000) },
    ];
    for (const offer of offers) {
      const text = `${encoded({ ...header(), ...offer })}.${encoded(payload())}`;
      for (const key of [secret, "", "\0"]) await expectRefused(`${text}.${hmac(key, text)}`, JSON.stringify(offer));
    }
  });

  it("do not stand in for a missing or unknown kid under our own signature", async () => {
    for (const kid of [undefined, "", "mine", 1, null, {}, ["x"]])
      await expectRefused(odd({ kid }), JSON.stringify(kid));
  });
});

describe("shape", () => {
  it("refuses a flipped bit in each part", async () => {
    const parts = good.split(".");
    for (const [index, part] of parts.entries())
      for (const at of [0, 0.3, 0.6, 0.99]) {
        const bytes = Buffer.from(part, "base64url");
        bytes[Math.floor(at * bytes.length)]! ^= 1 << Math.floor(at * 8);
        await expectRefused(parts.with(index, bytes.toString("base64url")).join("."), `part ${index} at ${at}`);
      }
  });

  it("refuses parts too many, too few, empty and mixed", async () => {
    const [h = "", p = "", s = ""] = good.split(".");
    const another = (await makeSession(await makePerson({ group: "Admin" }))).accessToken.split(".");
    for (const token of [
      h,
      `${h}.${p}`,
      `${h}.${p}.`,
      `.${p}.${s}`,
      `${h}..${s}`,
      `${good}.${s}`,
      `${h}.${p}.${s}.${s}.${s}`,
      `${h}.${another[1]}.${s}`,
      `${h}.${p}.${another[2]}`,
      "..",
      "....",
      "a",
      "=",
      "~",
    ])
      await expectRefused(token);
  });

  it.each([5_000, 100_000])("refuses %i bytes", async (size) => {
    const [h = "", p = "", s = ""] = good.split(".");
    for (const token of [
      "a".repeat(size),
      `${h}.${"a".repeat(size)}.${s}`,
      `${h}.${p}.${"A".repeat(size)}`,
      ".".repeat(size),
      odd({}, { padding: "x".repeat(size) }),
    ])
      await expectRefused(token, `${size} bytes`);
  });

  it("refuses JSON that is no claims", async () => {
    for (const body of [null, [], "text", 7, true, {}, { sub: payload()["sub"] }]) {
      const text = `${encoded(header())}.${encoded(body)}`;
      await expectRefused(`${text}.${hmac(config.tokens.secret, text)}`, JSON.stringify(body));
    }
    for (const head of [null, [], "text", {}]) {
      const text = `${encoded(head)}.${encoded(payload())}`;
      await expectRefused(`${text}.${hmac(config.tokens.secret, text)}`, JSON.stringify(head));
    }
  });
});

describe("claims under our own signature", () => {
  const now = Math.floor(Date.now() / 1000);
  const claims: readonly (readonly [string, Json])[] = [
    ["exp missing", { exp: undefined }],
    ["exp as text", { exp: String(now + 600) }],
    ["exp past", { exp: now - 1 }],
    ["exp null", { exp: null }],
    ["exp not whole", { exp: now + 600.5 }],
    ["iat missing", { iat: undefined }],
    ["iat as text", { iat: "now" }],
    ["iat in the future", { iat: now + 600 }],
    ["iat long past and exp far away", { iat: now - 86_400, exp: now + 86_400 }],
    ["nbf in the future", { nbf: now + 600 }],
    ["nbf as text", { nbf: "soon" }],
    ["iss wrong", { iss: "https://attacker.example" }],
    ["iss missing", { iss: undefined }],
    ["aud wrong", { aud: "another-api" }],
    ["aud missing", { aud: undefined }],
    ["aud of another purpose", { aud: "etter-reset-password" }],
    ["sub missing", { sub: undefined }],
    ["sub no id", { sub: "root" }],
    ["sid missing", { sid: undefined }],
    ["sid no id", { sid: "' or 1=1 --" }],
    ["jti missing", { jti: undefined }],
    ["company missing", { company: undefined }],
    ["company no id", { company: "*" }],
    ["group unknown", { group: "Root" }],
    ["group in a list", { group: ["Super Admin"] }],
  ];
  it.each(claims)("%s is refused", async (what, change) => {
    await expectRefused(odd({}, change), what);
  });

  it.each(["JWT", "jwt", "refresh+jwt", "at", "", null, 7])(
    "typ %j is refused: a token of another purpose",
    async (typ) => {
      await expectRefused(odd({ typ }), String(typ));
    },
  );

  it("crit is refused", async () => {
    await expectRefused(odd({ crit: ["exp"] }));
    await expectRefused(odd({ crit: ["b64"], b64: false }));
  });
});

describe("other credentials", () => {
  it("are no access tokens: a refresh token, the admin secret, the signing key, a password", async () => {
    const signedIn = await call("/api/etter/auth/login", { body: { email: person.email, password: testPassword } });
    for (const credential of [
      signedIn.body.refresh_token as string,
      config.adminSecret,
      config.tokens.secret,
      person.userId,
    ])
      await expectRefused(credential);
  });

  it.each(["Basic", "Token", "JWT", "Digest", "Bearer,", "Bearer\t", "Bearer  ", "BearerBearer", ""])(
    "the scheme %j is refused",
    async (scheme) => {
      const answer = await me(`${scheme} ${good}`);
      expect(comparable(answer)).toEqual(reference);
    },
  );

  it("two tokens in one header are refused", async () => {
    for (const value of [`Bearer ${good}, Bearer ${good}`, `Bearer ${good} ${good}`, `Bearer ${good},${good}`])
      expect(comparable(await me(value))).toEqual(reference);
  });
});

describe("keys that rotate", () => {
  const next = { ...config.tokens, secret: "n".repeat(32) };
  const issueWith = async (settings: Parameters<typeof createAccessTokens>[0]): Promise<string> => {
    const { sessionId } = await makeSession(person);
    return (
      await createAccessTokens(settings, config.publicUrl).issue(
        { ...person, sessionId },
        new Date(),
        crypto.randomUUID(),
      )
    ).token;
  };

  it("a token of a key that the Worker does not have is refused", async () => {
    await expectRefused(await issueWith(next));
  });

  it("a token of the key before the present one is let in as long as that one is named", async () => {
    const old = await issueWith(config.tokens);
    const rotated = createAccessTokens({ ...next, previousSecret: config.tokens.secret }, config.publicUrl);
    expect(await rotated.verify(old, new Date())).toMatchObject({ userId: person.userId });
    const rotatedOut = createAccessTokens({ ...next, previousSecret: undefined }, config.publicUrl);
    await expect(rotatedOut.verify(old, new Date())).rejects.toMatchObject({ code: "unauthorized" });
  });

  it("new tokens are signed with the present key only", async () => {
    const { token } = await createAccessTokens(
      { ...next, previousSecret: config.tokens.secret },
      config.publicUrl,
    ).issue({ ...person, sessionId: (await makeSession(person)).sessionId }, new Date(), crypto.randomUUID());
    await expectRefused(token);
  });
});
