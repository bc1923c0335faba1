import { randomBytes, randomUUID } from "node:crypto";
import { jwtVerify } from "jose";
import { DEMO_USERS, demoPassword } from "../local/demo-data.ts";
import { startDevServer } from "../local/dev/server.ts";
import { createAccessTokens } from "../src/platform/crypto/access-tokens.ts";
import type { CompanyId, SessionId, UserId } from "../src/shared/ids.ts";
import { bundleScrypt } from "./bundles.ts";
import { median, printTable } from "./table.ts";
import { startWorkerd, withScratchFolder } from "./workerd.ts";

/** Five accounts have ten tries each, a network sixty. */
const ROUNDS = 5;
const LOGINS_A_ROUND = 8;
const AT_ONCE = 4;
const CHECK_ROUNDS = 15;
const CHECKS_A_ROUND = 2_000;
const TARGET_RATIO = 0.8;

/** Sign-ins of the whole service beside a Worker that only hashes, then the check of an access token beside jose's; in turns. */
export async function run(): Promise<void> {
  await withScratchFolder(async (folder) => {
    const server = await startDevServer({ root: folder, quiet: true });
    try {
      const workerd = await startWorkerd(folder, [bundleScrypt(folder)]);
      try {
        await measureLogins(server.url, workerd.urls[0] ?? "");
      } finally {
        await workerd.stop();
      }
    } finally {
      await server.stop();
    }
  });
  await measureChecks();
}

async function measureLogins(etterUrl: string, bareUrl: string): Promise<void> {
  let turn = 0;
  const login = (): Promise<Response> => {
    const { email } = DEMO_USERS[(turn += 1) % DEMO_USERS.length] ?? { email: "" };
    return fetch(`${etterUrl}/api/etter/auth/login`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ email, password: demoPassword() }),
    });
  };
  const hash = (): Promise<Response> => fetch(`${bareUrl}/hash`);
  for (const warmUp of [login, hash]) await answered(warmUp);
  const [etter, bare]: [number[], number[]] = [[], []];
  for (let round = 0; round < ROUNDS; round += 1) {
    const turns = [
      async () => etter.push(await perSecond(login, LOGINS_A_ROUND)),
      async () => bare.push(await perSecond(hash, LOGINS_A_ROUND)),
    ];
    for (const one of round % 2 === 0 ? turns : turns.toReversed()) await one();
  }
  printRatio(
    `sign-in: POST /auth/login beside bare scrypt, ${AT_ONCE} at once, ${ROUNDS} rounds of ${LOGINS_A_ROUND} in turns`,
    ["Etter", "bare scrypt"],
    { etter, bare },
  );
}

async function perSecond(call: () => Promise<Response>, count: number): Promise<number> {
  let left = count;
  const startedAt = performance.now();
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      while (left > 0) {
        left -= 1;
        await answered(call);
      }
    }),
  );
  return (count * 1000) / (performance.now() - startedAt);
}

async function answered(call: () => Promise<Response>): Promise<void> {
  const response = await call();
  await response.arrayBuffer();
  if (!response.ok) throw new Error(`${response.url} answered ${response.status}`);
}

/** In this process: no network, the same key, token and options for both. */
async function measureChecks(): Promise<void> {
  const secret = randomBytes(32).toString("hex");
  const issuer = "https://etter.example.com";
  const tokens = createAccessTokens(
    { algorithm: "HS256", secret, previousSecret: undefined, accessSeconds: 1_800 },
    issuer,
  );
  const now = new Date();
  const actor = {
    userId: randomUUID() as UserId,
    companyId: randomUUID() as CompanyId,
    sessionId: randomUUID() as SessionId,
    group: "Researcher" as const,
  };
  const { token } = await tokens.issue(actor, now, randomUUID());
  const key = new TextEncoder().encode(secret);
  const options = { algorithms: ["HS256"], issuer, audience: "etter-api", typ: "at+jwt", currentDate: now };
  const ours = (): Promise<unknown> => tokens.verify(token, now);
  const joses = (): Promise<unknown> => jwtVerify(token, key, options);
  for (const warmUp of [ours, joses]) await checksPerSecond(warmUp);
  const [etter, bare]: [number[], number[]] = [[], []];
  for (let round = 0; round < CHECK_ROUNDS; round += 1) {
    const turns = [
      async () => etter.push(await checksPerSecond(ours)),
      async () => bare.push(await checksPerSecond(joses)),
    ];
    for (const one of round % 2 === 0 ? turns : turns.toReversed()) await one();
  }
  printRatio(
    `access token: its check beside bare jose, ${CHECK_ROUNDS} rounds of ${CHECKS_A_ROUND} in turns`,
    ["Etter", "bare jose"],
    { etter, bare },
  );
}

async function checksPerSecond(check: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  for (let i = 0; i < CHECKS_A_ROUND; i += 1) await check();
  return (CHECKS_A_ROUND * 1000) / (performance.now() - startedAt);
}

function printRatio(
  title: string,
  names: readonly [string, string],
  { etter, bare }: { etter: number[]; bare: number[] },
): void {
  const ratios = etter.map((value, index) => value / (bare[index] ?? Number.NaN));
  const figure = (value: number): string => (value < 100 ? value.toFixed(2) : value.toFixed(0));
  printTable(title, [
    ["", "a second"],
    [names[0], figure(median(etter))],
    [names[1], figure(median(bare))],
    ["ratio (1 = as fast)", median(ratios).toFixed(2)],
    ["  lowest … highest", `${Math.min(...ratios).toFixed(2)} … ${Math.max(...ratios).toFixed(2)}`],
    ["  target", `≥ ${TARGET_RATIO}`],
  ]);
}
