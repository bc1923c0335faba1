import path from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { scratchTree } from "./scratch-tree.ts";

/** Who imports whom in a house in order. `type ` before a target makes it a type-only import. */
const inOrder: Readonly<Record<string, readonly string[]>> = {
  "src/worker.ts": ["./http/app.ts", "./objects/run.ts", "./cron.ts"],
  "src/http/app.ts": ["hono", "../container.ts", "../config/index.ts", "../features/auth/index.ts", "../shared/ids.ts"],
  "src/http/docs.ts": ["../features/simulation/routes.ts", "../platform/telemetry/log.ts"],
  "src/objects/run.ts": [
    "cloudflare:workers",
    "../container.ts",
    "../features/simulation/runs/contract.ts",
    "../features/simulation/sweeps/coordinator.ts",
    "../features/simulation/engine/step.ts",
  ],
  "src/cron.ts": ["./container.ts", "./config/index.ts", "./shared/ids.ts"],
  "src/config/index.ts": ["zod"],
  "src/container.ts": [
    "type ./config/index.ts",
    "./platform/db/client.ts",
    "./platform/crypto/password.ts",
    "./features/auth/service.ts",
    "./features/auth/repository.drizzle.ts",
  ],
  "src/platform/db/client.ts": [
    "type ../../config/index.ts",
    "drizzle-orm",
    "@neondatabase/serverless",
    "../../shared/ids.ts",
  ],
  "src/platform/db/schema/index.ts": ["drizzle-orm/pg-core"],
  "src/platform/crypto/password.ts": ["node:crypto", "type ../../features/auth/ports.ts"],
  "src/platform/telemetry/log.ts": [],
  "src/shared/ids.ts": ["zod"],
  "src/features/auth/index.ts": ["./routes.ts"],
  "src/features/auth/ports.ts": ["../../shared/ids.ts"],
  "src/features/auth/password-rules.ts": [],
  "src/features/auth/routes.ts": ["@hono/zod-openapi", "./service.ts"],
  "src/features/auth/service.ts": ["./ports.ts", "./password-rules.ts", "../simulation/index.ts"],
  "src/features/auth/repository.drizzle.ts": ["drizzle-orm", "../../platform/db/client.ts", "./ports.ts"],
  "src/features/simulation/index.ts": ["./runs/contract.ts"],
  "src/features/simulation/routes.ts": ["hono", "./index.ts", "./runs/routes.ts"],
  "src/features/simulation/limits.ts": [],
  "src/features/simulation/roles/service.ts": ["../limits.ts"],
  "src/features/simulation/request/estimate.ts": ["../engine/step.ts", "../roles/service.ts"],
  "src/features/simulation/results/series.ts": ["../engine/step.ts"],
  "src/features/simulation/runs/contract.ts": ["zod"],
  "src/features/simulation/runs/routes.ts": ["hono", "../results/series.ts", "./contract.ts"],
  "src/features/simulation/runs/repository.drizzle.ts": [
    "drizzle-orm",
    "../../../platform/db/client.ts",
    "./contract.ts",
  ],
  "src/features/simulation/coordinator/plan.ts": ["../runs/contract.ts", "../engine/step.ts"],
  "src/features/simulation/compare/difference.ts": ["../runs/contract.ts"],
  "src/features/simulation/sweeps/coordinator.ts": ["../runs/contract.ts"],
  "src/features/simulation/engine/step.ts": ["@noble/hashes/sha2.js", "../../../shared/ids.ts"],
  "local/dev.ts": [
    "../src/platform/db/schema/index.ts",
    "../src/platform/crypto/password.ts",
    "../src/features/auth/password-rules.ts",
    "pg",
  ],
  "console/page.ts": [],
  "test/unit/some.test.ts": ["../../src/features/auth/service.ts", "vitest"],
};

/** Every rule but no-cycle broken, once or more: the rule, the file that breaks it, what it imports. */
const offences: readonly (readonly [rule: string, file: string, target: string])[] = [
  ["worker-imports-entries", "src/worker.ts", "./container.ts"],
  ["http-imports", "src/http/app.ts", "../features/auth/service.ts"],
  ["http-imports", "src/http/app.ts", "../platform/db/client.ts"],
  ["http-imports", "src/http/app.ts", "../cron.ts"],
  ["objects-imports", "src/objects/run.ts", "../features/simulation/routes.ts"],
  ["objects-imports", "src/objects/run.ts", "../features/simulation/runs/routes.ts"],
  ["objects-imports", "src/objects/run.ts", "../platform/db/client.ts"],
  ["cron-imports", "src/cron.ts", "./features/auth/index.ts"],
  ["entries-hold-no-vendor", "src/http/docs.ts", "drizzle-orm"],
  ["entries-hold-no-vendor", "src/objects/run.ts", "@upstash/redis"],
  ["config-imports", "src/config/index.ts", "../shared/ids.ts"],
  ["config-imports", "src/config/index.ts", "hono"],
  ["container-imports", "src/container.ts", "./http/docs.ts"],
  ["platform-imports", "src/platform/db/client.ts", "../../cron.ts"],
  ["platform-imports-types", "src/platform/db/client.ts", "../../config/index.ts"],
  ["platform-imports-types", "src/platform/db/client.ts", "../../features/auth/ports.ts"],
  ["platform-imports-ports", "src/platform/telemetry/log.ts", "type ../../features/simulation/routes.ts"],
  ["platform-imports-ports", "src/platform/telemetry/log.ts", "type ../../features/simulation/runs/routes.ts"],
  ["shared-imports-nothing", "src/shared/ids.ts", "../config/index.ts"],
  ["shared-does-no-io", "src/shared/ids.ts", "aws4fetch"],
  ["shared-does-no-io", "src/shared/ids.ts", "node:fs"],
  ["features-import", "src/features/auth/service.ts", "../../platform/db/client.ts"],
  ["features-import", "src/features/auth/service.ts", "../../config/index.ts"],
  ["drizzle-adapter-imports", "src/features/auth/repository.drizzle.ts", "../../platform/telemetry/log.ts"],
  ["features-meet-at-the-door", "src/features/auth/service.ts", "../simulation/runs/contract.ts"],
  ["features-do-no-io", "src/features/auth/service.ts", "@neondatabase/serverless"],
  ["sql-in-drizzle-adapters-only", "src/features/auth/service.ts", "drizzle-orm"],
  ["sql-in-drizzle-adapters-only", "src/features/simulation/results/series.ts", "drizzle-orm"],
  ["http-in-routes-only", "src/features/auth/service.ts", "hono"],
  ["http-in-routes-only", "src/features/simulation/results/series.ts", "hono"],
  ["engine-is-pure", "src/features/simulation/engine/step.ts", "../../auth/index.ts"],
  ["engine-is-pure", "src/features/simulation/engine/step.ts", "../limits.ts"],
  ["engine-is-pure", "src/features/simulation/engine/step.ts", "zod"],
  ["simulation-roles", "src/features/simulation/roles/service.ts", "../request/estimate.ts"],
  ["simulation-results", "src/features/simulation/results/series.ts", "../roles/service.ts"],
  ["simulation-request", "src/features/simulation/request/estimate.ts", "../results/series.ts"],
  ["simulation-runs", "src/features/simulation/runs/contract.ts", "../sweeps/coordinator.ts"],
  ["simulation-runs", "src/features/simulation/runs/contract.ts", "../index.ts"],
  ["simulation-coordinator", "src/features/simulation/coordinator/plan.ts", "../sweeps/coordinator.ts"],
  ["simulation-compare", "src/features/simulation/compare/difference.ts", "../sweeps/coordinator.ts"],
  ["simulation-sweeps", "src/features/simulation/sweeps/coordinator.ts", "../compare/difference.ts"],
  ["src-stands-alone", "src/platform/telemetry/log.ts", "../../../local/dev.ts"],
  ["src-stands-alone", "src/platform/telemetry/log.ts", "../../../test/unit/some.test.ts"],
  ["local-imports", "local/dev.ts", "../src/features/auth/service.ts"],
  ["local-is-no-test", "local/dev.ts", "../console/page.ts"],
  ["console-stands-alone", "console/page.ts", "../src/shared/ids.ts"],
  ["resolvable", "src/cron.ts", "./gone.ts"],
  ["declared", "local/dev.ts", "semver"],
  ["no-dev-package-in-worker", "src/http/docs.ts", "vitest"],
];

const source = (targets: readonly string[]): string =>
  targets
    .map((target, index) =>
      target.startsWith("type ") ? `import type * as t${index} from "${target.slice(5)}";` : `import "${target}";`,
    )
    .join("\n");

/** Written as violations are: paths from the root, a package by its name, a Node module without its prefix. */
function resolved(file: string, target: string): string {
  const bare = target.replace(/^type /, "");
  if (!bare.startsWith(".")) return bare.replace(/^node:/, "");
  return bare === "./gone.ts" ? bare : path.posix.join(path.posix.dirname(file), bare);
}

const packageName = (to: string): string => to.replace(/^.*node_modules\/((?:@[^/]+\/)?[^/]+)\/.*$/, "$1");

interface Report {
  readonly summary: {
    readonly violations: readonly { readonly from: string; readonly to: string; readonly rule: { name: string } }[];
    readonly ruleSetUsed: { readonly forbidden: readonly { readonly name: string }[] };
  };
}

test("a house in order breaks no rule, and every rule bites where it should", { timeout: 20_000 }, () => {
  const house: Record<string, readonly string[]> = { ...inOrder };
  for (const [, file, target] of offences) house[file] = [...(house[file] ?? []), target];
  Object.assign(house, { "src/shared/one.ts": ["./two.ts"], "src/shared/two.ts": ["./one.ts"] });
  const files = Object.fromEntries(Object.entries(house).map(([file, targets]) => [file, source(targets)]));
  const scratch = scratchTree(files, [".dependency-cruiser.mjs", "package.json", "tsconfig.json"]);
  onTestFinished(() => scratch.remove());

  const { summary } = JSON.parse(scratch.run("depcruise", ["-T", "json", "src", "local", "test", "console"])) as Report;

  const expected = offences.map(([rule, file, target]) => `${rule}: ${file} → ${resolved(file, target)}`);
  const found = summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} → ${packageName(to)}`);
  const cycles = found.filter((violation) => violation.startsWith("no-cycle"));
  expect(found.filter((violation) => !cycles.includes(violation)).toSorted()).toEqual(expected.toSorted());
  // Imports that run upwards close cycles of their own; this one is a cycle and nothing else.
  expect(cycles).toContain("no-cycle: src/shared/one.ts → src/shared/two.ts");

  const broken = new Set(found.map((violation) => violation.split(":")[0]));
  expect(summary.ruleSetUsed.forbidden.map(({ name }) => name).filter((name) => !broken.has(name))).toEqual([]);
});
