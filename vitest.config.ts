import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";
import { unstable_readConfig } from "wrangler";
import type {} from "./test/support/node/provided-context.ts";

const WRANGLER_CONFIG = "./wrangler.toml";
const GLOBAL_SETUP = "test/support/node/global-setup.ts";
const TEST_TIMEOUT_MS = 30_000;
const HOOK_TIMEOUT_MS = 60_000;

/** The Worker in workerd against real servers. */
const workerdProject = (name: string, groupOrder: number, include: string[]) => ({
  plugins: [
    cloudflareTest(({ inject }) => ({
      wrangler: { configPath: WRANGLER_CONFIG },
      // The file's own variables once more, because a developer's .dev.vars goes before them and must not change a test.
      miniflare: {
        bindings: {
          ...unstable_readConfig({ config: WRANGLER_CONFIG }, { hideWarnings: true }).vars,
          ...inject("workerVars"),
          TEST_STACK: inject("testStack"),
        },
      },
    })),
  ],
  test: {
    name,
    include,
    globalSetup: [GLOBAL_SETUP],
    // One workerd for all files: 0.1 s a file instead of 0.75 s, and a file may stop a server without hitting another.
    maxWorkers: 1,
    isolate: false,
    sequence: { groupOrder },
    testTimeout: TEST_TIMEOUT_MS,
    hookTimeout: HOOK_TIMEOUT_MS,
  },
});

// Pure code; Node code against real servers; the Worker in workerd against the same servers, and under fire: killed, evicted,
// raced, cut off from its servers, which takes minutes. One after the other (groupOrder), with one stack, which starts only when
// something needs it. `npm test` runs all but the last, in parts side by side (local/cli/test.ts).
export default defineConfig({
  test: {
    // A flaky test is a bug.
    retry: 0,
    // The log lines of the Worker under test matter when a test fails.
    silent: "passed-only",
    coverage: {
      provider: "istanbul",
      include: ["src/**/*.ts"],
      reporter: ["text-summary", "html"],
      reportsDirectory: "coverage",
    },
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/unit/**/*.test.ts", "test/property/**/*.test.ts"],
          pool: "threads",
          isolate: false,
          sequence: { groupOrder: 0 },
          // The longest take two seconds, on a machine that does nothing else.
          testTimeout: TEST_TIMEOUT_MS,
        },
      },
      {
        test: {
          name: "node",
          include: ["test/integration/node/**/*.test.ts"],
          globalSetup: [GLOBAL_SETUP],
          // One file at a time: these files start and kill servers.
          maxWorkers: 1,
          isolate: true,
          sequence: { groupOrder: 1 },
          testTimeout: TEST_TIMEOUT_MS,
          hookTimeout: HOOK_TIMEOUT_MS,
        },
      },
      workerdProject("workerd", 2, ["test/integration/workerd/**/*.test.ts", "test/contract/**/*.test.ts"]),
      workerdProject("fire", 3, ["test/integration/under-fire/**/*.test.ts"]),
    ],
  },
});
