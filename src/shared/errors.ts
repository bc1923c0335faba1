import type { ProblemCode } from "./problems.ts";

/** One thing that is wrong with one field. `path` is a JSON path such as `roles[3].salary`; the value is never echoed. */
export interface FieldError {
  readonly path: string;
  readonly message: string;
}

export interface AppErrorOptions {
  readonly errors?: readonly FieldError[];
  /** Seconds after which trying again makes sense; becomes `Retry-After`. */
  readonly retryAfterSeconds?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Members of the problem document beyond the standard ones. */
  readonly extensions?: Readonly<Record<string, unknown>>;
  /** For the log only. Never reaches a client. */
  readonly cause?: unknown;
}

/**
 * A refusal that a client is meant to see. `detail` is a sentence for people and says what to do next;
 * it is written in code and never carries a vendor's text.
 */
export class AppError extends Error {
  readonly code: ProblemCode;
  readonly detail: string;
  readonly errors: readonly FieldError[] | undefined;
  readonly retryAfterSeconds: number | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly extensions: Readonly<Record<string, unknown>>;

  constructor(code: ProblemCode, detail: string, options: AppErrorOptions = {}) {
    super(`${code}: ${detail}`, { cause: options.cause });
    this.name = "AppError";
    this.code = code;
    this.detail = detail;
    this.errors = options.errors;
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.headers = options.headers ?? {};
    this.extensions = options.extensions ?? {};
  }
}

/** What a client can do about a part of ours that is down: wait. The part is named, its own words are not repeated. */
export function unavailable(part: "Postgres" | "Redis" | "S3" | "The simulation runner", cause?: unknown): AppError {
  return new AppError(
    "unavailable",
    `${part} cannot be reached right now. Nothing was lost; try again in a few seconds.`,
    {
      retryAfterSeconds: 5,
      cause,
    },
  );
}

/** Throws when something that our own code guarantees does not hold. A bug, hence a 500 with constant text. */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`invariant: ${message}`);
}
