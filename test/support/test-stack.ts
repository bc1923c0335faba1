// A type and not an interface: only that fits the JSON type of a binding.
/** What tests may know of the stack they run against: in Node by `inject("testStack")`, in workerd as `env.TEST_STACK`. */
export type TestStack = {
  /** Connection strings. The fronts look at user, password and database only. */
  superuserUrl: string;
  ownerUrl: string;
  appUrl: string;
  /** A migrated database nobody is connected to: the template for a database of one's own. */
  templateDatabase: string;
  /** The fronts; each has `/_calls` and `/_control/{start,stop,pause,resume}`. */
  neonFrontUrl: string;
  upstashFrontUrl: string;
  upstashToken: string;
  mailSinkUrl: string;
  /** The front of the S3 server that the Worker uses, wrangler's; beside the doors above it has `/_control/faults`. */
  s3FrontUrl: string;
  /** The front of the second S3 server, which starts when it is first called; null where it is not installed. */
  swiftFrontUrl: string | null;
  /** A workload service that behaves as the path says: `/well`, `/silent` … (test/support/node/workload-service.ts). */
  workloadServiceUrl: string;
  workloadServiceToken: string;
  /** A malware scanner that behaves as the path says: `/well`, `/silent` … (test/support/node/scanner-service.ts). */
  scannerUrl: string;
  scannerToken: string;
  /** Mail services that behave as the path says: `/well/messages`, `/silent/v2/…` (test/support/node/mail-service.ts). */
  mailServiceUrl: string;
  mailServiceToken: string;
  sesSecret: string;
};
