/**
 * What the S3 front may do to a call instead of passing it on:
 *
 * - `slow-down`, `internal-error`, `skewed-clock`: S3's own refusals, and nothing happens
 * - `early-refusal`: a refusal while the request's body still comes, which nobody reads
 * - `error-in-200`: a 200 whose body is an error, and nothing happens
 * - `lost-reply`: S3 does it, and the line breaks before the answer
 * - `hold-reply`: S3 does it, and the answer never comes
 * - `refused-key`: S3 does it, and says of `refusedKey`, one of the many it was asked for, that it did not
 * - `cut-reply`: the line breaks in the middle of the answer's body
 * - `stall-reply`: the answer's body stops in the middle, and the line stays
 * - `drop`: the line breaks after `afterBytes` of the request's body
 * - `slow`: passed on after `delayMs`
 * - `hang`: no answer at all
 */
export const FAULTS = [
  "slow-down",
  "internal-error",
  "skewed-clock",
  "early-refusal",
  "error-in-200",
  "lost-reply",
  "hold-reply",
  "refused-key",
  "cut-reply",
  "stall-reply",
  "drop",
  "slow",
  "hang",
] as const;

export interface FaultRule {
  readonly fault: (typeof FAULTS)[number];
  /** S3's name of the operation, or `*`. */
  readonly operation: string;
  /** Only calls with a key that has this in it. */
  readonly key?: string;
  /** How many calls it hits; one if not given. */
  readonly times?: number;
  /** How many calls it lets through first. */
  readonly skip?: number;
  readonly afterBytes?: number;
  readonly delayMs?: number;
  readonly refusedKey?: string;
}

export interface S3Call {
  readonly operation: string;
  readonly key: string;
}

/** The rules that are in force. Each call asks once. */
export class FaultPlan {
  #rules: { rule: FaultRule; skip: number; left: number }[] = [];
  readonly #reached = new Set<FaultRule>();

  add(rule: FaultRule): void {
    this.#rules.push({ rule, skip: rule.skip ?? 0, left: rule.times ?? 1 });
  }

  clear(): void {
    this.#rules = [];
  }

  /** Says that a call stands where the rule wanted it: taken and unanswered, or done and unanswered. */
  reach(rule: FaultRule): void {
    this.#reached.add(rule);
  }

  hasReached(rule: FaultRule): boolean {
    return this.#reached.has(rule);
  }

  /** The first rule that hits the call, counted as used. */
  take({ operation, key }: S3Call): FaultRule | undefined {
    for (const entry of this.#rules) {
      const { rule } = entry;
      if (rule.operation !== "*" && rule.operation !== operation) continue;
      if ((rule.key !== undefined && !key.includes(rule.key)) || entry.left === 0) continue;
      if (entry.skip > 0) {
        entry.skip -= 1;
        continue;
      }
      entry.left -= 1;
      return rule;
    }
    return undefined;
  }
}

/** Reads a rule that a test has sent. @throws Error that says what is wrong with it. */
export function readRule(value: unknown): FaultRule {
  const rule = value as FaultRule;
  if (!FAULTS.includes(rule.fault)) throw new Error(`no such fault: ${String(rule.fault)}`);
  if (typeof rule.operation !== "string") throw new Error("a rule names an operation, or *");
  return rule;
}

/** S3's name of what is asked. `path` has the bucket in front. */
export function callOf(method: string, path: string, query: URLSearchParams): S3Call {
  const [, , ...rest] = path.split("/");
  const key = decodeURIComponent(rest.join("/"));
  return { key, operation: key === "" ? bucketOperation(query) : objectOperation(method, query) };
}

const bucketOperation = (query: URLSearchParams): string =>
  query.has("delete") ? "DeleteObjects" : query.has("uploads") ? "ListMultipartUploads" : "ListObjectsV2";

function objectOperation(method: string, query: URLSearchParams): string {
  const inUpload: Record<string, string> = {
    PUT: "UploadPart",
    POST: "CompleteMultipartUpload",
    DELETE: "AbortMultipartUpload",
    GET: "ListParts",
  };
  const onObject: Record<string, string> = {
    PUT: "PutObject",
    POST: "CreateMultipartUpload",
    DELETE: "DeleteObject",
    GET: "GetObject",
    HEAD: "HeadObject",
  };
  return (query.has("uploadId") ? inUpload : onObject)[method] ?? method;
}
