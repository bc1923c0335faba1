import { defineConfig } from "vitest/config";

// Whole processes and a real browser: one file at a time, for they need the machine's cores to themselves.
const project = (name: string, groupOrder: number) => ({
  test: {
    name,
    include: [`test/e2e/${name}/**/*.test.ts`],
    pool: "forks" as const,
    maxWorkers: 1,
    sequence: { groupOrder },
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});

export default defineConfig({
  test: {
    // A flaky test is a bug.
    retry: 0,
    projects: [project("dev", 0), project("faults", 1), project("browser", 2)],
  },
});
