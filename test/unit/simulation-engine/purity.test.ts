import { readFileSync, readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";

const ENGINE = new URL("../../../src/features/simulation/engine/", import.meta.url);
/** Exact by definition, on every runtime. */
const EXACT = new Set(["abs", "ceil", "clz32", "floor", "imul", "max", "min", "round", "sqrt", "trunc"]);

const files = readdirSync(ENGINE, { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".ts"))
  .map((name) => {
    const text = readFileSync(new URL(name, ENGINE), "utf8");
    return { name, code: text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/\/\/.*$/gm, "") };
  });

describe("the engine's sources", () => {
  it("are all here", () => {
    expect(files.length).toBeGreaterThan(25);
  });

  it.each(files)("$name: only arithmetic whose bits are the same everywhere", ({ code }) => {
    for (const [, name] of code.matchAll(/\bMath\.(\w+)/g)) expect(EXACT).toContain(name);
    expect(code).not.toMatch(/\bMath\s*\[|\*\*|toPrecision|toFixed|toExponential|toLocaleString/);
  });

  it.each(files)("$name: no clock, no host, no state at module level", ({ code }) => {
    expect(code).not.toMatch(/\b(Date|performance|crypto|process|globalThis|fetch|setTimeout|console)\b/);
    expect(code).not.toMatch(/^(export )?(let|var) /m);
    expect(code).not.toMatch(/^(export )?const \w+ = new (?!Set\()/m);
  });

  it.each(files)("$name: imports the engine's own files and @noble/hashes", ({ name, code }) => {
    for (const [, target] of code.matchAll(/from "([^"]+)"/g)) {
      if (target!.startsWith("@noble/hashes/")) continue;
      expect(new URL(target!, new URL(name, ENGINE)).pathname.startsWith(ENGINE.pathname)).toBe(true);
    }
  });
});
