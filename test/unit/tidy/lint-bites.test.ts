import { expect, onTestFinished, test } from "vitest";
import { scratchTree } from "./scratch-tree.ts";

const ENGINE = "src/features/simulation/engine/step.ts";
const VERB = "src/features/auth/service.ts";

/** The rules of .oxlintrc.json that the architecture leans on: a file, a line that breaks one, the rule it breaks. */
const offences: readonly (readonly [file: string, line: string, rule: string])[] = [
  ...["exp", "log", "log2", "log10", "log1p", "expm1", "pow", "sin", "cos", "tan", "hypot", "cbrt", "random"].map(
    (name) => [ENGINE, `export const ${name} = Math.${name}(1, 2);`, "eslint(no-restricted-properties)"] as const,
  ),
  ...["Date", "performance", "crypto", "globalThis", "fetch", "setTimeout", "console"].map(
    (name) => [ENGINE, `export const ${name}$ = ${name};`, "eslint(no-restricted-globals)"] as const,
  ),
  ...["Date.now", "Math.random", "crypto.randomUUID", "crypto.getRandomValues", "performance.now"].map(
    (name) =>
      [VERB, `export const ${name.replace(".", "$")} = ${name}();`, "eslint(no-restricted-properties)"] as const,
  ),
  [VERB, 'import { createRoute } from "@hono/zod-openapi"; createRoute({});', "eslint(no-restricted-imports)"],
  [VERB, 'import { randomUUID } from "node:crypto"; randomUUID();', "eslint(no-restricted-imports)"],
  [VERB, 'console.log("x");', "eslint(no-console)"],
  [VERB, "export const anything = (x: any): string => String(x);", "typescript(no-explicit-any)"],
  [VERB, "export const loose = (x: number): boolean => x == 1;", "eslint(eqeqeq)"],
  [VERB, "export const later = async (): Promise<void> => {}; later();", "typescript(no-floating-promises)"],
  [VERB, "export const held = [1].forEach(async () => {});", "typescript(no-misused-promises)"],
  [VERB, "export const waited = async (): Promise<number> => await 1;", "typescript(await-thenable)"],
  [
    VERB,
    "export const leaks = async (p: Promise<number>): Promise<number> => { try { return p; } catch { return 0; } };",
    "typescript(return-await)",
  ],
  [
    "src/http/app.ts",
    'import { createRoute } from "@hono/zod-openapi"; createRoute({});',
    "eslint(no-restricted-imports)",
  ],
  ["test/unit/a.test.ts", 'import { test } from "vitest"; test.only("a", () => {});', "vitest(no-focused-tests)"],
];

/** What must stay allowed, so that the rules are not merely on everywhere. */
const accepted: Readonly<Record<string, string>> = {
  "src/shared/openapi.ts": 'import { createRoute } from "@hono/zod-openapi";\nexport const operation = createRoute;\n',
  "src/platform/system.ts": "export const now = (): number => Date.now();\n",
  "local/dev.ts": 'console.log("ready");\n',
  "src/features/simulation/engine/exact.ts": "export const root = (x: number): number => Math.sqrt(Math.floor(x));\n",
};

interface Diagnostic {
  readonly code: string;
  readonly filename: string;
  readonly labels: readonly { readonly span: { readonly line: number } }[];
}

test("lint rules bite where they should, and only there", { timeout: 20_000 }, () => {
  const files: Record<string, string> = { ...accepted };
  const expected = offences.map(([file, line, rule]) => {
    files[file] = `${files[file] ?? ""}${line}\n`;
    return `${file}:${(files[file] ?? "").split("\n").length - 1} ${rule}`;
  });
  const scratch = scratchTree(files, [".oxlintrc.json", "tsconfig.json", "local/tsconfig.json", "test/tsconfig.json"]);
  onTestFinished(() => scratch.remove());

  const printed = JSON.parse(scratch.run("oxlint", ["-f", "json", "src", "local", "test"])) as {
    diagnostics: readonly Diagnostic[];
  };

  const found = printed.diagnostics.map(({ code, filename, labels }) => `${filename}:${labels[0]?.span.line} ${code}`);
  expect(expected.filter((offence) => !found.includes(offence))).toEqual([]);
  const spoken = new Set(Object.keys(accepted));
  expect(found.filter((line) => spoken.has(line.split(":")[0] ?? ""))).toEqual([]);
});
