import { randomBytes } from "node:crypto";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { buildAssets } from "../../../local/cli/build-assets.ts";
import { migrateUp } from "../../../local/migrations.ts";
import { RootInUseError } from "../../../local/stack/root-lock.ts";
import { startStack } from "../../../local/stack/stack.ts";
import type { Stack } from "../../../local/stack/stack.ts";
import type { TestStack } from "../test-stack.ts";
import type {} from "./provided-context.ts";
import { startMailService } from "./mail-service.ts";
import { startS3Fronts } from "./s3-front/both.ts";
import { startScannerService } from "./scanner-service.ts";
import { startWorkloadService } from "./workload-service.ts";

const TEMPLATE_DATABASE = "etter_template";
const SUITE_DATABASE = "etter_suite";
// How many test runs may go on in one clone at the same time.
const SLOT_LIMIT = 8;

interface SharedStack {
  stop: () => Promise<void>;
  workerVars: Record<string, string>;
  testStack: TestStack;
}

// Each project of a run loads this file for itself; the process is all they share.
const shared = globalThis as { etterTestStack?: { started: Promise<SharedStack>; users: number } };

/** Starts the stack for the first project that needs it, and stops it after the last one. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const entry = (shared.etterTestStack ??= { started: startShared(project.vitest.config.root), users: 0 });
  entry.users += 1;
  const { stop, workerVars, testStack } = await entry.started;
  project.provide("workerVars", workerVars);
  project.provide("testStack", testStack);
  return async () => {
    entry.users -= 1;
    if (entry.users > 0) return;
    delete shared.etterTestStack;
    await stop();
  };
}

async function startShared(projectFolder: string): Promise<SharedStack> {
  // The platform lists the files it serves when the Worker starts.
  await buildAssets();
  const { stack, root } = await startInFreeSlot(join(projectFolder, ".data"));
  const closers: (() => Promise<void>)[] = [() => stack.stop()];
  const stop = async (): Promise<void> => {
    for (const close of closers.splice(0).toReversed()) await close();
  };
  try {
    const s3 = await startS3Fronts(root, stack.vars.S3_ENDPOINT ?? "");
    closers.push(s3.close);
    const { postgres, frontUrls } = stack;
    await postgres.ensureDatabase(TEMPLATE_DATABASE);
    await migrateUp(postgres.ownerUrl(TEMPLATE_DATABASE));
    // Not from the template: a copy does not inherit what a migration revokes on the database itself.
    await postgres.ensureDatabase(SUITE_DATABASE);
    await migrateUp(postgres.ownerUrl(SUITE_DATABASE));
    const workloadServiceToken = randomBytes(32).toString("hex");
    const workloadService = await startWorkloadService(workloadServiceToken);
    closers.push(() => workloadService.close());
    const scannerToken = randomBytes(32).toString("hex");
    const scanner = await startScannerService(scannerToken);
    closers.push(() => scanner.close());
    const [mailServiceToken, sesSecret] = [randomBytes(32).toString("hex"), randomBytes(32).toString("hex")];
    const sesKey = { accessKeyId: "ses-test", secretAccessKey: sesSecret, region: "eu-central-1", service: "ses" };
    const mailService = await startMailService(mailServiceToken, sesKey);
    closers.push(() => mailService.close());
    const appUrl = postgres.appUrl(SUITE_DATABASE);
    const testStack: TestStack = {
      superuserUrl: postgres.superuserUrl,
      ownerUrl: postgres.ownerUrl(SUITE_DATABASE),
      appUrl,
      templateDatabase: TEMPLATE_DATABASE,
      neonFrontUrl: frontUrls.neon,
      upstashFrontUrl: frontUrls.upstash,
      upstashToken: stack.vars.UPSTASH_REDIS_REST_TOKEN ?? "",
      mailSinkUrl: frontUrls.mailSink,
      workloadServiceUrl: workloadService.url,
      workloadServiceToken,
      scannerUrl: scanner.url,
      scannerToken,
      s3FrontUrl: s3.s3FrontUrl,
      swiftFrontUrl: s3.swiftFrontUrl,
      mailServiceUrl: mailService.url,
      mailServiceToken,
      sesSecret,
    };
    const workerVars = { ...stack.vars, ...testVars(), DATABASE_URL: appUrl, S3_ENDPOINT: s3.s3Endpoint };
    return { stop, testStack, workerVars };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Two test runs in one clone must not share servers: each takes the first folder that no other one holds. */
async function startInFreeSlot(dataFolder: string): Promise<{ stack: Stack; root: string }> {
  for (let slot = 0; slot < SLOT_LIMIT; slot += 1) {
    const root = join(dataFolder, "test", String(slot));
    try {
      const stack = await startStack({ root, cache: join(dataFolder, "cache"), durable: false, s3: true });
      return { stack, root };
    } catch (error) {
      if (!(error instanceof RootInUseError)) throw error;
    }
  }
  throw new Error(`${SLOT_LIMIT} test runs are going on in this clone already: wait for one to end.`);
}

function testVars(): Record<string, string> {
  return {
    ETTER_ENV: "test",
    SECRET_KEY: randomBytes(32).toString("hex"),
    ADMIN_SECRET: randomBytes(32).toString("hex"),
    SCANNER_SECRET: randomBytes(32).toString("hex"),
  };
}
