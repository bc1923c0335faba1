import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { environmentSchema, loadConfig } from "../../../src/config/index.ts";

const root = path.resolve(import.meta.dirname, "../../..");
const read = (file: string): string => readFileSync(path.join(root, file), "utf8");

/** What wrangler.toml says of one table: enough of TOML for the plain strings and tables of our own file. */
function table(name: string): Map<string, string> {
  const entries = new Map<string, string>();
  let current = "";
  for (const line of read("wrangler.toml").split("\n")) {
    const header = /^\[+([\w.]+)\]+\s*$/.exec(line)?.[1];
    if (header !== undefined) current = header;
    else if (current === name) {
      const [, key, value] = /^(\w+)\s*=\s*"(.*)"\s*$/.exec(line) ?? [];
      if (key !== undefined && value !== undefined) entries.set(key, value);
    }
  }
  return entries;
}

/** `NAME=value` lines of the example, and those that are commented out because they are optional or made elsewhere. */
function exampleEntries(): Map<string, string> {
  return new Map(
    [...read(".dev.vars.example").matchAll(/^(?:# )?([A-Z][A-Z0-9_]+)=(.*)$/gm)].map(([, name = "", value = ""]) => [
      name,
      value,
    ]),
  );
}

const bindings = ["SIMULATION_RUN", "SIMULATION_SWEEP", "SIMULATION_SHARD"];
const productionBindings = ["AUTH_FENCE"];
const variables = Object.keys(environmentSchema.shape).filter(
  (name) => ![...bindings, ...productionBindings].includes(name),
);
const vars = table("vars");
const productionVars = table("env.production.vars");
const example = exampleEntries();
/** Set by hand in production: never in a file. */
const secrets = [
  "SECRET_KEY",
  "SECRET_KEY_PREVIOUS",
  "ADMIN_SECRET",
  "DATABASE_URL",
  "UPSTASH_REDIS_REST_URL",
  "UPSTASH_REDIS_REST_TOKEN",
  "AWS_ACCESS_KEY_ID",
  "AWS_SECRET_ACCESS_KEY",
  "SIMULATION_PROVIDER_TOKEN",
  "SCANNER_TOKEN",
  "SCANNER_SECRET",
];

describe("schema, .dev.vars.example and wrangler.toml", () => {
  it("are read by this test at all", () => {
    expect(vars.size).toBeGreaterThan(5);
    expect(productionVars.size).toBeGreaterThan(5);
    expect(example.size).toBeGreaterThan(5);
  });

  it("name every variable of the schema, in one of the two files", () => {
    expect(variables.filter((name) => !vars.has(name) && !example.has(name))).toEqual([]);
  });

  it("name nothing that the schema does not know", () => {
    const named = [...vars.keys(), ...productionVars.keys(), ...example.keys()];
    expect(named.filter((name) => !variables.includes(name))).toEqual([]);
  });

  it("say each thing once", () => {
    expect([...vars.keys()].filter((name) => example.has(name))).toEqual([]);
  });

  it("keep secrets out of wrangler.toml, by name and by value", () => {
    for (const name of secrets)
      expect([vars.has(name), productionVars.has(name), example.has(name)], name).toEqual([false, false, true]);
    const values = [...vars.values(), ...productionVars.values()].join("\n");
    expect(values).not.toMatch(/\/\/[^/\s]*:[^/\s]*@/);
  });

  it("have the same variables in production, but for the address of S3 that the local stack gives", () => {
    expect([...productionVars.keys()].filter((name) => name !== "S3_ENDPOINT").toSorted()).toEqual(
      [...vars.keys()].toSorted(),
    );
    expect(productionVars.has("S3_ENDPOINT")).toBe(true);
  });

  it("keep whole addresses out of the platform's logs", () => {
    const off = /^\[(.*)observability\.logs\]\ninvocation_logs = false$/gm;
    expect([...read("wrangler.toml").matchAll(off)].map(([, of]) => of)).toEqual(["", "env.production."]);
  });

  it("bind the same things in production, except what is local only", () => {
    const toml = read("wrangler.toml");
    for (const binding of bindings)
      expect([...toml.matchAll(new RegExp(`^(?:name|binding) = "${binding}"$`, "gm"))], binding).toHaveLength(2);
    const production = toml.slice(toml.indexOf("\n[env.production]"));
    for (const binding of productionBindings) expect(production).toContain(`name = "${binding}"`);
    expect(production).not.toContain("r2_buckets");
  });

  it("give a Worker that starts, in development and in production, once the secrets are there", () => {
    const fromServers = {
      SECRET_KEY: "k".repeat(32),
      ADMIN_SECRET: "a".repeat(32),
      DATABASE_URL: "postgres://etter_app:x@db.example.com/etter",
      UPSTASH_REDIS_REST_URL: "https://redis.example.com",
      UPSTASH_REDIS_REST_TOKEN: "token",
      AWS_ACCESS_KEY_ID: "id",
      AWS_SECRET_ACCESS_KEY: "key",
      S3_ENDPOINT: "https://s3.example.com",
      SES_ACCESS_KEY_ID: "id",
      SES_SECRET_ACCESS_KEY: "key",
      SIMULATION_RUN: {},
      SIMULATION_SWEEP: {},
      SIMULATION_SHARD: {},
    };
    expect(
      loadConfig({ ...fromServers, MAIL_SINK_URL: "http://127.0.0.1:1", ...Object.fromEntries(vars) }).environment,
    ).toBe("development");
    expect(loadConfig({ ...fromServers, ...Object.fromEntries(productionVars) }).environment).toBe("production");
  });

  it("give a Worker that does not start with the secrets of the example", () => {
    const values = Object.fromEntries([...vars, ...[...example].filter(([, value]) => value !== "")]);
    expect(() => loadConfig({ ...values, SIMULATION_RUN: {}, SIMULATION_SWEEP: {}, SIMULATION_SHARD: {} })).toThrow(
      /SECRET_KEY.*ADMIN_SECRET/s,
    );
  });
});
