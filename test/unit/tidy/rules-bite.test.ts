import { describe, expect, test } from "vitest";
import { engineFindings, featureFindings, focusFindings, routeFindings } from "./code-rules.ts";
import { adrFindings, linkFindings, linkTargets, scriptFindings } from "./docs-rules.ts";
import {
  disableFindings,
  leftOverFindings,
  lockFindings,
  machineFindings,
  migrationFindings,
  nameFindings,
  sizeFindings,
} from "./text-rules.ts";

const at = (path: string, text = "") => ({ path, text });
const lines = (count: number): string => "export {};\n".repeat(count);

// The offending words are put together, so that the rules do not find them in this file.
const join = (...parts: string[]): string => parts.join("");

describe("code rules", () => {
  test.each([
    "const y = Math.exp(x);",
    "const { log } = Math;",
    "const m = Math;",
    'const y = Math["pow"](x, 2);',
    "const y = Math.random();",
    "const y = x ** 2;",
    "x **= 2;",
    "let seed = 1;",
    "var seed = 1;",
    "const cache = new Map<string, number>();",
    "const seen: string[] = [];",
    "export const totals = { count: 0 };",
    "class Run { static count = 0; }",
    "interface Cell { count: number }\nconst cell: Cell = { count: 0 };",
  ])("the engine refuses: %s", (text) => {
    expect(engineFindings(at("engine.ts", text))).toHaveLength(1);
  });

  test.each([
    "const y = Math.sqrt(x) * Math.floor(x);",
    "function f() { let n = 0; n += 1; return n; }",
    "const rates = [1, 2] as const;",
    "const rates: readonly number[] = [1, 2];",
    "const byName: ReadonlyMap<string, number> = new Map();",
    "const limits = Object.freeze({ most: 3 });",
    "const size = 3;",
    "interface Cell { readonly most: number }\nconst cell: Cell = { most: 3 };",
    "type M = typeof Math;",
    "class Run { static readonly most = 3; }",
  ])("the engine accepts: %s", (text) => {
    expect(engineFindings(at("engine.ts", text))).toEqual([]);
  });

  test("features may not read the clock, but may make dates", () => {
    expect(featureFindings(at("service.ts", "const a = new Date();\nconst b = Date();"))).toEqual([
      expect.stringContaining("service.ts:1 reads the clock"),
      expect.stringContaining("service.ts:2 reads the clock"),
    ]);
    expect(featureFindings(at("service.ts", "const a = new Date(now); const b: Date = a;"))).toEqual([]);
  });

  test.each(["try { f(); } finally { g(); }", "db.run(sql`select 1`);", "const k = c.env.KEY;", "redisClient.get(1);"])(
    "routes refuse: %s",
    (text) => {
      expect(routeFindings(at("routes.ts", text))).toHaveLength(1);
    },
  );

  test("a focused or skipped test is found, a method of that name is not", () => {
    for (const text of ["it.only(f)", "describe.skip(f)", "test.each(x).only(f)", "test.todo('x')"]) {
      expect(focusFindings(at("a.test.ts", text))).toHaveLength(1);
    }
    expect(focusFindings(at("a.test.ts", "rows.skip(1); page.only;"))).toEqual([]);
  });
});

describe("text rules", () => {
  test("names", () => {
    for (const path of [
      "src/fooBar.ts",
      "src/Foo.ts",
      "src/a_b.ts",
      "src/utils.ts",
      "test/helpers/a.ts",
      "src/run-manager.ts",
    ]) {
      expect(nameFindings(at(path))).toHaveLength(1);
    }
    for (const path of [
      "src/a-b.ts",
      "src/x/repository.drizzle.ts",
      "docs/adr/0001-real-postgres.md",
      "docs/README.md",
    ]) {
      expect(nameFindings(at(path))).toEqual([]);
    }
  });

  test.each([
    ["src/worker.ts", 60],
    ["src/objects/run.ts", 200],
    ["src/shared/a.ts", 351],
  ])("%s must have fewer than %i lines", (path, limit) => {
    expect(sizeFindings(at(path, lines(limit)))).toHaveLength(1);
    expect(sizeFindings(at(path, lines(limit - 1)))).toEqual([]);
  });

  test("left-overs", () => {
    expect(leftOverFindings(at("a.ts", join("// TO", "DO: later\n// FIX", "ME")))).toHaveLength(2);
    expect(leftOverFindings(at("a.ts", "const todoList = 1;"))).toEqual([]);
  });

  test("a disabled rule needs a reason", () => {
    const directive = join("// oxlint-", "disable-next-line no-console");
    expect(disableFindings(at("a.ts", directive))).toHaveLength(1);
    expect(disableFindings(at("a.ts", join("// @ts-", "expect-error")))).toHaveLength(1);
    expect(disableFindings(at("a.ts", `${directive} -- the one place that writes lines`))).toEqual([]);
    expect(disableFindings(at("a.ts", join("// @ts-", "expect-error: the wrong type is the test")))).toEqual([]);
  });

  test("machine paths and private hosts", () => {
    for (const text of [join("cd /ro", "ot/x"), join("see /ho", "me/ada/x"), join("https://npm.acme.int", "ernal/")]) {
      expect(machineFindings(at("a.md", text))).toHaveLength(1);
    }
    for (const text of ["https://example.com/home/ada/", "./root/x", "https://registry.npmjs.org/"]) {
      expect(machineFindings(at("a.md", text))).toEqual([]);
    }
  });

  test("download addresses in the lockfile", () => {
    expect(lockFindings(at("package-lock.json", '"resolved": "https://example.com/a.tgz"'))).toHaveLength(1);
    expect(lockFindings(at("package-lock.json", '"integrity": "sha512-x"'))).toEqual([]);
  });

  test("migrations", () => {
    const journal = JSON.stringify({ entries: [{ tag: "0000_a" }, { tag: "0002_c" }] });
    expect(migrationFindings(["drizzle/0000_a.sql", "drizzle/0001_b.sql", "drizzle/0009_z.down.sql"], journal)).toEqual(
      [
        "drizzle/0000_a.sql has no .down.sql",
        "drizzle/0001_b.sql has no .down.sql",
        "drizzle/0001_b.sql is not in the journal",
        "the journal names 0002_c, no such file",
        "drizzle/0009_z.down.sql undoes nothing",
      ],
    );
  });
});

describe("document rules", () => {
  test("links", () => {
    const targets = linkTargets(["README.md", "docs/adr/0001-x.md"]);
    const text = "[a](adr/0001-x.md#why) [b](../README.md) [c](adr/) [d](https://example.com) [e](#here) `[f](no.md)`";
    expect(linkFindings(at("docs/README.md", text), targets)).toEqual([]);
    expect(linkFindings(at("docs/README.md", "x\n[g](gone.md)"), targets)).toEqual([
      "docs/README.md:2 links to gone.md, which is not there",
    ]);
  });

  test("commands", () => {
    const text = join("npm run ", "build then npm run ", "check.");
    expect(scriptFindings(at("README.md", text), new Set(["check"]))).toHaveLength(1);
  });

  test("choices", () => {
    expect(adrFindings(at("docs/adr/1.md", "# X\n## Context\n## Choice\n## Losers\n## Consequences\n"))).toEqual([]);
    expect(adrFindings(at("docs/adr/1.md", "# X\n## Context\n## Losers\n"))).toHaveLength(1);
  });
});
