import { env } from "cloudflare:workers";
import { Client } from "@neondatabase/serverless";
import type {} from "./test-environment.ts";

export interface ScratchDatabase {
  /** As the role that owns the tables. */
  ownerUrl: string;
  /** As the role the Worker has. */
  appUrl: string;
  superuserUrl: string;
  drop(): Promise<void>;
}

/** A database of one test file's own: a copy of the migrated template, or an empty one. */
export async function createScratchDatabase(content: "migrated" | "empty"): Promise<ScratchDatabase> {
  const name = `scratch_${crypto.randomUUID().replaceAll("-", "")}`;
  const { superuserUrl, ownerUrl, appUrl, templateDatabase } = env.TEST_STACK;
  const template = content === "migrated" ? `TEMPLATE ${templateDatabase} STRATEGY FILE_COPY` : "";
  await runAsSuperuser(`CREATE DATABASE ${name} OWNER etter_owner ${template}`);
  return {
    ownerUrl: withDatabase(ownerUrl, name),
    appUrl: withDatabase(appUrl, name),
    superuserUrl: withDatabase(superuserUrl, name),
    drop: () => runAsSuperuser(`DROP DATABASE ${name} WITH (FORCE)`),
  };
}

/** Over WebSocket, because there the driver's settings are the client's own and not global. */
async function runAsSuperuser(statement: string): Promise<void> {
  const { superuserUrl, neonFrontUrl } = env.TEST_STACK;
  const client = new Client(superuserUrl);
  // When both sides have said goodbye workerd may still report a lost connection.
  client.on("error", () => undefined);
  client.neonConfig.wsProxy = () => `${new URL(neonFrontUrl).host}/v2`;
  client.neonConfig.useSecureWebSocket = false;
  try {
    await client.connect();
    await client.query(statement);
  } finally {
    await client.end();
  }
}

function withDatabase(connectionString: string, name: string): string {
  const url = new URL(connectionString);
  url.pathname = `/${name}`;
  return url.href;
}
