import { DEMO_USERS, demoPassword, type DemoUser } from "../local/demo-data.ts";
import { startDevServer, type DevServer } from "../local/dev/server.ts";
import { toCursor } from "../src/shared/pagination.ts";
import pg from "pg";
import { median, printTable } from "./table.ts";
import { withScratchFolder } from "./workerd.ts";

const FEW = 10;
const MANY = 100_000;
const ROUNDS = 25;
const TARGET_RATIO = 1.5;
const PAGE = 5;

/** A page of the list in a company of ten documents beside the same page in one of a hundred thousand; in turns. */
export async function run(): Promise<void> {
  await withScratchFolder(async (folder) => {
    const server = await startDevServer({ root: folder, quiet: true });
    try {
      await measure(server);
    } finally {
      await server.stop();
    }
  });
}

/** Each finds a full page in both companies: five documents are special, among ten and among a hundred thousand. */
const pages: readonly (readonly [name: string, query: string])[] = [
  ["first page", ""],
  ["folder", "folder_path=/special"],
  ["folder, recursive", "folder_path=/special&recursive=true"],
  ["role", "role=Special"],
  ["status", "status=quarantined"],
  ["content type", "content_type=text/special"],
  ["search: five match", "q=needle"],
  ["search: all match", "q=.pdf"],
];

async function measure(server: DevServer): Promise<void> {
  const [few, many] = [userOf("Globex"), userOf("Acme")];
  const superuser = Object.assign(new URL(server.stack.postgres.superuserUrl), {
    pathname: new URL(server.stack.postgres.ownerUrl()).pathname,
  }).href;
  await fill(superuser, few, FEW);
  await fill(superuser, many, MANY);
  const clients = [await clientOf(server, few), await clientOf(server, many)] as const;
  const rows: string[][] = [];
  const read = (name: string, of: (count: number) => string) =>
    row(name, [() => clients[0].page(of(FEW)), () => clients[1].page(of(MANY))]);
  for (const [name, query] of pages) rows.push(await read(name, () => query));
  // From the middle: five are left of ten.
  const deep = (count: number) => `cursor=${toCursor({ at: createdAt(count / 2), id: zeros })}`;
  rows.push(await read("deep page", deep));
  const heads = ["", `ms of ${FEW}`, `ms of ${MANY}`, "ratio"];
  printTable(`documents: GET /documents, ${PAGE} of ${FEW} beside ${PAGE} of ${MANY}, medians of ${ROUNDS} in turns`, [
    [...heads, `target ≤ ${TARGET_RATIO}`],
    ...rows,
  ]);
  // What the quota counts is a row, and not all that the company has.
  const begun = await row("POST /uploads", [clients[0].begin, clients[1].begin]);
  printTable(`documents: an upload begun, and given up, in the same companies, medians of ${ROUNDS}`, [heads, begun]);
}

type Timed = () => Promise<number>;

async function row(name: string, sides: readonly [Timed, Timed]) {
  const times: [number[], number[]] = [[], []];
  for (let round = -2; round < ROUNDS; round += 1)
    for (const side of round % 2 === 0 ? ([0, 1] as const) : ([1, 0] as const)) {
      const time = await sides[side]();
      if (round >= 0) times[side].push(time);
    }
  const [few, many] = times.map(median) as [number, number];
  return [name, few.toFixed(1), many.toFixed(1), (many / few).toFixed(2)];
}

function userOf(company: string): DemoUser {
  const user = DEMO_USERS.find((one) => one.company === company);
  if (user === undefined) throw new Error(`nobody of ${company}`);
  return user;
}

/** Calls as this user; each tells how long it took. */
async function clientOf({ url }: DevServer, { email }: DemoUser) {
  const signIn = await fetch(`${url}/api/etter/auth/login`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ email, password: demoPassword() }),
  });
  const { access_token: token } = (await signIn.json()) as { access_token: string };
  const headers = { Authorization: `Bearer ${token}` };
  return {
    async page(query: string): Promise<number> {
      const startedAt = performance.now();
      const response = await fetch(`${url}/api/etter/s3/documents?limit=${PAGE}&${query}`, { headers });
      const { items } = (await response.json()) as { items: unknown[] };
      const time = performance.now() - startedAt;
      if (items.length !== PAGE) throw new Error(`${query}: ${items.length} documents instead of ${PAGE}`);
      return time;
    },
    async begin(): Promise<number> {
      const startedAt = performance.now();
      const response = await fetch(`${url}/api/etter/s3/uploads`, {
        method: "POST",
        headers: { ...headers, "Content-Type": "application/json" },
        body: JSON.stringify({
          original_filename: "a.txt",
          content_type: "text/plain",
          declared_size_bytes: 10,
          transport: "proxy",
        }),
      });
      const { session_id: session } = (await response.json()) as { session_id: string };
      const time = performance.now() - startedAt;
      if (response.status !== 201) throw new Error(`an upload was refused: ${response.status}`);
      await fetch(`${url}/api/etter/s3/uploads/${session}`, { method: "DELETE", headers });
      return time;
    },
  };
}

const zeros = "00000000-0000-4000-8000-000000000000";
const newest = Date.UTC(2026, 0, 1);
/** The nth document, from the newest, is n seconds older. */
const createdAt = (n: number): Date => new Date(newest - n * 1000);

/** Ready documents without objects; every (count / 5)th is special. */
async function fill(superuserUrl: string, { companyId, id }: DemoUser, count: number): Promise<void> {
  const client = new pg.Client({ connectionString: superuserUrl });
  await client.connect();
  try {
    await client.query(
      `insert into folders (company_id, path, created_by, created_at)
        select $1, path, $2, now() from unnest(array['/many', '/special']) path`,
      [companyId, id],
    );
    await client.query(
      `insert into documents (id, company_id, created_by, status, original_filename, content_type, size_bytes, role, folder_path,
          custom_metadata, quarantine_reason, created_at, changed_at)
        select gen_random_uuid(), $1, $2, case when special then 'quarantined' else 'ready' end,
          case when special then 'needle ' else 'report ' end || md5(n::text) || '.pdf',
          case when special then 'text/special' else 'application/pdf' end, 1000, case when special then 'Special' else 'Many' end,
          case when special then '/special' else '/many' end, '{}', case when special then 'by_hand' end, created, created
        from generate_series(1, $3::int) n, lateral (select n % ($3::int / 5) = 0 as special,
          to_timestamp($4::float8 / 1000 - n) as created) given`,
      [companyId, id, count, newest],
    );
    await client.query("vacuum analyze documents");
  } finally {
    await client.end();
  }
}
