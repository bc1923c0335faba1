import type { TestStack } from "../test-stack.ts";

declare global {
  namespace Cloudflare {
    interface Env {
      TEST_STACK: TestStack;
    }
  }
}
