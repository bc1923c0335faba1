import type { TestStack } from "../test-stack.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** The Worker's variables and secrets. */
    workerVars: Record<string, string>;
    testStack: TestStack;
  }
}
