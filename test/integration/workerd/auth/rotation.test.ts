import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { createApp } from "../../../../src/http/app.ts";
import { createMailSealer } from "../../../../src/platform/crypto/mail-sealer.ts";
import { systemRandom } from "../../../../src/platform/system.ts";
import { config, makePerson, testPassword } from "../../../support/workerd/factories.ts";

const app = createApp();
const oldKey = config.tokens.secret;
const newKey = "n".repeat(64);

type Keys = { SECRET_KEY: string; SECRET_KEY_PREVIOUS?: string };

/** A call to the Worker as it is deployed with these keys. */
async function send(keys: Keys, path: string, init: { body?: object; token?: string }) {
  const { SECRET_KEY_PREVIOUS: _, ...bindings } = env as unknown as Record<string, unknown>;
  const request = new Request(`https://etter.test/api/etter${path}`, {
    method: init.body === undefined ? "GET" : "POST",
    headers: {
      "CF-Connecting-IP": `10.${[...crypto.getRandomValues(new Uint8Array(3))].join(".")}`,
      ...(init.body === undefined ? {} : { "Content-Type": "application/json" }),
      ...(init.token === undefined ? {} : { Authorization: `Bearer ${init.token}` }),
    },
    ...(init.body === undefined ? {} : { body: JSON.stringify(init.body) }),
  });
  const response = await app.fetch(request, { ...bindings, ...keys });
  // oxlint-disable-next-line typescript/no-explicit-any -- answers of every shape
  return { status: response.status, body: (await response.json()) as any };
}

const me = async (keys: Keys, token: string) => (await send(keys, "/users/me", { token })).status;
const login = async (keys: Keys) => {
  const { email } = await makePerson();
  return (await send(keys, "/auth/login", { body: { email, password: testPassword } })).body;
};
const refresh = (keys: Keys, refresh_token: string) => send(keys, "/auth/refresh", { body: { refresh_token } });

describe("keys rotate, step by step as docs/design/identity.md says", () => {
  it("routine: nobody notices, and at the end the old key is worth nothing", async () => {
    const before: Keys = { SECRET_KEY: oldKey };
    const between: Keys = { SECRET_KEY: newKey, SECRET_KEY_PREVIOUS: oldKey };
    const after: Keys = { SECRET_KEY: newKey };
    const old = await login(before);
    expect(await me(before, old.access_token)).toBe(200);

    expect(await me(between, old.access_token)).toBe(200);
    const fresh = await login(between);
    expect(await me(between, fresh.access_token)).toBe(200);
    // Signed with the new key: what the old one alone knows refuses it.
    expect(await me(before, fresh.access_token)).toBe(401);

    expect(await me(after, old.access_token)).toBe(401);
    expect(await me(after, fresh.access_token)).toBe(200);
    // A refresh token is not signed: the session goes on.
    const refreshed = await refresh(after, old.refresh_token);
    expect(refreshed.status).toBe(200);
    expect(await me(after, refreshed.body.access_token)).toBe(200);
  });

  it("leak: from the first deployment on no access token of the leaked key is let in, and sessions go on", async () => {
    const leaked: Keys = { SECRET_KEY: oldKey };
    const after: Keys = { SECRET_KEY: newKey };
    const signedIn = await login(leaked);
    expect(await me(after, signedIn.access_token)).toBe(401);
    const refreshed = await refresh(after, signedIn.refresh_token);
    expect(await me(after, refreshed.body.access_token)).toBe(200);
  });

  it("a mail that waits is opened by the key that sealed it while that is named, and not after", async () => {
    const sealer = (secret: string, previousSecret?: string) =>
      createMailSealer({ secret, previousSecret }, systemRandom);
    const id = crypto.randomUUID();
    const sealed = await sealer(oldKey).seal("a token", id);
    expect(await sealer(newKey, oldKey).open(sealed, id)).toBe("a token");
    expect(await sealer(newKey).open(sealed, id)).toBeUndefined();
  });

  it("equal, short and example keys stop the Worker", async () => {
    for (const keys of [
      { SECRET_KEY: newKey, SECRET_KEY_PREVIOUS: newKey },
      { SECRET_KEY: "short" },
      { SECRET_KEY: newKey, SECRET_KEY_PREVIOUS: "short" },
      { SECRET_KEY: "replace-me-secret-key-of-the-example" },
    ])
      expect((await send(keys, "/test", {})).status).toBe(500);
  });
});
