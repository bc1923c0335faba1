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
  /** A workload service that behaves as the path says: `/well`, `/silent` … (test/support/node/workload-service.ts). */
  workloadServiceUrl: string;
  workloadServiceToken: string;
};
