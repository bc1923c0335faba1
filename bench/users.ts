import { randomUUID } from "node:crypto";
import pg from "pg";
import { DEMO_USERS, demoPassword } from "../local/demo-data.ts";
import { startDevServer, type DevServer } from "../local/dev/server.ts";
import type { RecordedCall } from "../local/stack/call-recorder.ts";
import { MAIN_DATABASE } from "../local/stack/postgres/roles.ts";
import { toCursor } from "../src/shared/pagination.ts";
import { median, printTable } from "./table.ts";
import { withScratchFolder } from "./workerd.ts";

const MANY = 100_000;
const FEW = 10;
/** Rows a page: as many as the few allow twice, so that both sides of a ratio show the same. */
const LIMIT = 5;
const ROUNDS = 15;
const CALLS_A_ROUND = 6;
const TARGET_RATIO = 1.5;

const FIRST_NAMES =
  "ada ben chioma dario elif finn grace hana ivan jonas kofi lena mateo noor olga priya quentin ruth sven tara";
const LAST_NAMES =
  "abara bauer chen diallo eriksen fofanah garcia haddad ito jansen kowalski lindgren moreau novak okafor patel";

interface Side {
  readonly token: string;
  readonly deepCursor: string;
  /** A part of one old address. */
  readonly rare: string;
}

/** A page of the people of a company of ten beside one of a hundred thousand, in turns: its first, a deep one, and by each filter. */
export async function run(): Promise<void> {
  await withScratchFolder(async (folder) => {
    const server = await startDevServer({ root: folder, quiet: true });
    try {
      await measure(
        server,
        await fill(server, "admin@globex.example", FEW),
        await fill(server, "admin@demo.example", MANY),
      );
    } finally {
      await server.stop();
    }
  });
}

/** People of the company whose Admin has this address: a second apart, every twentieth a Reviewer, every second to last inactive. */
async function fill(server: DevServer, adminEmail: string, count: number): Promise<Side> {
  const admin = DEMO_USERS.find(({ email }) => email === adminEmail);
  if (admin === undefined) throw new Error(`the demo data has no ${adminEmail}`);
  const superuser = new URL(server.stack.postgres.superuserUrl);
  superuser.pathname = `/${MAIN_DATABASE}`;
  const client = new pg.Client({ connectionString: superuser.href });
  await client.connect();
  try {
    await client.query(
      `insert into users (id, company_id, email, first_name, last_name, "group", is_active, email_verified_at, created_at, updated_at)
       select gen_random_uuid(), $1, f || '.' || l || n || '@' || $2, f, l, case when n % 20 < 10 then 'Reviewer' else 'Researcher' end,
         n % 2 = 0, now(), now() - n * interval '1 second', now()
       from generate_series(1, $3::int) n,
         lateral (select (string_to_array($4, ' '))[1 + n % 20] as f, (string_to_array($5, ' '))[1 + n % 16] as l) names`,
      [admin.companyId, adminEmail.split("@")[1], count, FIRST_NAMES, LAST_NAMES],
    );
    await client.query("vacuum analyze users");
    const { rows } = await client.query<{ id: string; created_at: Date; email: string }>(
      "select id, created_at, email from users where company_id = $1 order by created_at desc, id desc offset $2 limit 1",
      [admin.companyId, count - LIMIT - 1],
    );
    const [deep] = rows;
    if (deep === undefined) throw new Error("nobody is that deep");
    const token = await signIn(server.url, adminEmail);
    return { token, deepCursor: toCursor({ at: deep.created_at, id: deep.id }), rare: deep.email.split("@")[0] ?? "" };
  } finally {
    await client.end();
  }
}

async function signIn(url: string, email: string): Promise<string> {
  const response = await fetch(`${url}/api/etter/auth/login`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ email, password: demoPassword() }),
  });
  if (!response.ok) throw new Error(`${email} could not sign in: ${response.status}`);
  return ((await response.json()) as { access_token: string }).access_token;
}

const pages: Readonly<Record<string, (side: Side) => string>> = {
  "first page": () => "",
  "deep cursor": ({ deepCursor }) => `&cursor=${deepCursor}`,
  "by group": () => "&group=Reviewer",
  "by activity": () => "&is_active=false",
  "by what all addresses have": () => "&email=example",
  "the same, deep": ({ deepCursor }) => `&email=example&cursor=${deepCursor}`,
  "by what one address has": ({ rare }) => `&email=${rare}`,
  "by what no address has": () => "&email=zebra",
};

async function measure({ url, stack }: DevServer, few: Side, many: Side): Promise<void> {
  const rows: string[][] = [];
  for (const [name, queryOf] of Object.entries(pages)) {
    const requestIds = [randomUUID(), randomUUID()] as const;
    const page = (side: Side, requestId: string) => () =>
      read(`${url}/api/etter/users?limit=${LIMIT}${queryOf(side)}`, side.token, requestId);
    const [ofFew, ofMany] = [page(few, requestIds[0]), page(many, requestIds[1])];
    for (const warmUp of [ofFew, ofMany]) await millisecondsOf(warmUp);
    const times: { few: number[]; many: number[] } = { few: [], many: [] };
    for (let round = 0; round < ROUNDS; round += 1) {
      const turns = [
        async () => times.few.push(await millisecondsOf(ofFew)),
        async () => times.many.push(await millisecondsOf(ofMany)),
      ];
      for (const one of round % 2 === 0 ? turns : turns.toReversed()) await one();
    }
    const ratios = times.many.map((value, index) => value / (times.few[index] ?? Number.NaN));
    const inPostgres = await Promise.all(requestIds.map((id) => medianOfCalls(stack.frontUrls.neon, id)));
    const figures = [median(times.few), median(times.many), ...inPostgres].map((value) => value.toFixed(1));
    rows.push([name, ...figures.slice(0, 2), median(ratios).toFixed(2), ...figures.slice(2)]);
  }
  printTable(
    `users: a page of ${LIMIT}, ms a call, ${ROUNDS} rounds of ${CALLS_A_ROUND} in turns (target: ratio ≤ ${TARGET_RATIO})`,
    [["", `of ${FEW}`, `of ${MANY}`, "ratio", `Postgres, of ${FEW}`, `of ${MANY}`], ...rows],
  );
}

async function millisecondsOf(call: () => Promise<void>): Promise<number> {
  const startedAt = performance.now();
  for (let i = 0; i < CALLS_A_ROUND; i += 1) await call();
  return (performance.now() - startedAt) / CALLS_A_ROUND;
}

/** Milliseconds of a page's batch, as the front before Postgres saw it. */
async function medianOfCalls(front: string, requestId: string): Promise<number> {
  const response = await fetch(`${front}/_calls?${new URLSearchParams({ request_id: requestId })}`);
  const calls = (await response.json()) as RecordedCall[];
  return median(calls.map(({ startedAt, endedAt }) => endedAt - startedAt));
}

async function read(address: string, token: string, requestId: string): Promise<void> {
  const response = await fetch(address, {
    headers: { Authorization: `Bearer ${token}`, "X-Request-Id": requestId },
  });
  await response.arrayBuffer();
  if (!response.ok) throw new Error(`${address} answered ${response.status}`);
}
