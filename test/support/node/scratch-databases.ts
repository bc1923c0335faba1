import { randomBytes } from "node:crypto";
import pg from "pg";
import type { TestStack } from "../test-stack.ts";

/** Creates a database owned by etter_owner, empty or migrated, and returns its addresses; `drop` removes it again. */
export async function scratchDatabase(stack: TestStack, content: "empty" | "migrated" = "empty") {
  const name = `scratch_${randomBytes(6).toString("hex")}`;
  const template = content === "empty" ? "template0" : stack.templateDatabase;
  await runSql(stack.superuserUrl, `CREATE DATABASE ${name} OWNER etter_owner TEMPLATE ${template} STRATEGY FILE_COPY`);
  const inDatabase = (address: string) => Object.assign(new URL(address), { pathname: `/${name}` }).href;
  return {
    ownerUrl: inDatabase(stack.ownerUrl),
    appUrl: inDatabase(stack.appUrl),
    superuserUrl: inDatabase(stack.superuserUrl),
    drop: async () => {
      await runSql(stack.superuserUrl, `DROP DATABASE ${name} WITH (FORCE)`);
    },
  };
}

/** Runs SQL on a connection of its own and returns the rows of the (last) statement. */
export async function runSql(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const result: pg.QueryResult | pg.QueryResult[] = await client.query(sql);
    return (Array.isArray(result) ? result.at(-1) : result)?.rows ?? [];
  } finally {
    await client.end();
  }
}
