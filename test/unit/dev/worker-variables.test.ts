import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { ensureVariablesFile, readVariables, writeVariables } from "../../../local/dev/worker-variables.ts";
import { cronExpressions, localBucket } from "../../../local/dev/wrangler-config.ts";

function scratchFile(): string {
  const folder = mkdtempSync(path.join(tmpdir(), "etter-variables-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return path.join(folder, ".dev.vars");
}

it("makes different secrets each time, and never overwrites a file", () => {
  const [one, other] = [scratchFile(), scratchFile()];
  expect([ensureVariablesFile(one), ensureVariablesFile(other)]).toEqual([true, true]);
  expect(readVariables(one)).not.toEqual(readVariables(other));
  expect(readFileSync(one, "utf8")).not.toContain("replace-me");
  writeFileSync(one, "SECRET_KEY=mine\n");
  expect(ensureVariablesFile(one)).toBe(false);
  expect(readVariables(one)).toEqual({ SECRET_KEY: "mine" });
});

it("writes values with quotes, hashes and blanks so that they come back, and escapes the dollar for wrangler", () => {
  const file = scratchFile();
  const values = { A: `it's "so" #1`, B: "postgres://u:p@127.0.0.1:1/db?x=1&y=2", C: "", D: "back`tick" };
  writeVariables(file, values);
  expect(readVariables(file)).toEqual(values);
  writeVariables(file, { E: "$HOME" });
  expect(readFileSync(file, "utf8")).toBe("E='\\$HOME'\n");
  expect(() => writeVariables(file, { F: "it's `both`" })).toThrow("F has both");
});

it("finds in wrangler.toml what it needs, and says what is missing", () => {
  expect(localBucket()).toMatchObject({ bucket: expect.any(String), accessKeyId: expect.any(String) });
  expect(cronExpressions().length).toBeGreaterThan(0);
  const toml = '[triggers]\ncrons = [\n  "* * * * *", # each minute\n  "0 3 * * *",\n]\n[limits]\n';
  expect(cronExpressions(toml)).toEqual(["* * * * *", "0 3 * * *"]);
  expect(cronExpressions('[env.production.triggers]\ncrons = ["* * * * *"]')).toEqual([]);
  expect(() => localBucket('[[r2_buckets]]\nbucket_name = "b"\n')).toThrow(/accessKeyId = "…" in \[r2_buckets/);
});
