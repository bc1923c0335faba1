import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { demoPassword } from "../../../local/demo-data.ts";
import { signIn, type Client } from "../../../local/demo/client.ts";
import type { RecordedCall } from "../../../local/stack/call-recorder.ts";
import { bytesOf, LONG_RUN, reaches } from "./long-run.ts";
import { startScratchServer, type ScratchServer } from "./scratch-server.ts";

const PATIENCE_MS = 30_000;

let scratch: ScratchServer;
let client: Client;
let undisturbed: string;

beforeAll(async () => {
  scratch = await startScratchServer();
  client = await signIn(scratch.server.url, "researcher@demo.example", demoPassword());
  undisturbed = await bytesOf(client, (await client.createRun({ ...LONG_RUN, name: "Undisturbed" })).id);
});

afterAll(() => scratch?.remove());

afterEach(() => scratch.server.stack.postgres.start());

describe("a run that ends while Postgres is stopped", () => {
  it("lands when Postgres is back, with the same bytes", async () => {
    const id = await endsWithoutPostgres("Postgres away");
    await scratch.server.stack.postgres.start();
    expect(await bytesOf(client, id)).toBe(undisturbed);
  });

  it("lands when both are back, if workerd is killed meanwhile", async () => {
    const id = await endsWithoutPostgres("Postgres away, workerd killed");
    await scratch.server.killWorkerd();
    await scratch.server.stack.postgres.start();
    expect(await bytesOf(client, id)).toBe(undisturbed);
  });
});

/** Starts a run, stops Postgres in the middle of it, and returns when its object has tried in vain to store the end. */
async function endsWithoutPostgres(name: string): Promise<string> {
  const { id } = await client.createRun({ ...LONG_RUN, name });
  await reaches(client, id, 0.5);
  await scratch.server.stack.postgres.stop();
  const before = await failedStores();
  await expect.poll(failedStores, { timeout: PATIENCE_MS }).toBeGreaterThan(before);
  return id;
}

async function failedStores(): Promise<number> {
  const response = await fetch(`${scratch.server.stack.frontUrls.neon}/_calls`);
  const calls = (await response.json()) as RecordedCall[];
  const stores = ({ statements }: RecordedCall) =>
    statements.some((text) => text.includes('insert into "simulation_series"'));
  return calls.filter((call) => call.failed && stores(call)).length;
}
