/** One round trip that a front has served. Times in milliseconds since 1970, with fractions. */
export interface RecordedCall {
  /** X-Request-Id of an HTTP call; `application_name` of a WebSocket's session. */
  requestId?: string;
  kind:
    | "sql"
    | "sql-batch"
    | "websocket-connect"
    | "websocket-query"
    | "redis"
    | "redis-pipeline"
    | "redis-multi"
    | "s3";
  startedAt: number;
  endedAt: number;
  /** SQL texts, Redis commands without their values, or S3's name of the operation with key and part number. */
  statements: string[];
  /** Of the request's body, as far as it came. S3 only. */
  bytes?: number;
  failed?: boolean;
}

const CALL_LIMIT = 20_000;
const STATEMENTS_LIMIT = 100;

/** Remembers the newest calls, so that tests can count the round trips of a request. */
export class CallRecorder {
  #calls: RecordedCall[] = [];

  record(call: RecordedCall): void {
    if (this.#calls.length >= CALL_LIMIT) this.#calls = this.#calls.slice(CALL_LIMIT / 2);
    this.#calls.push({ ...call, statements: call.statements.slice(0, STATEMENTS_LIMIT) });
  }

  /** Oldest first; those of one request, or all. */
  list(requestId?: string): RecordedCall[] {
    return requestId === undefined ? [...this.#calls] : this.#calls.filter((call) => call.requestId === requestId);
  }

  clear(): void {
    this.#calls = [];
  }
}

/** Wall-clock milliseconds with the resolution of the monotonic clock. */
export function preciseNowMs(): number {
  return performance.timeOrigin + performance.now();
}

/**
 * How many of the calls had to wait for one another: the longest chain in which each began after the one before had
 * ended. Calls made at the same time count once.
 */
export function sequentialRoundTrips(calls: readonly Pick<RecordedCall, "startedAt" | "endedAt">[]): number {
  let count = 0;
  let chainEnd = -Infinity;
  for (const call of calls.toSorted((a, b) => a.endedAt - b.endedAt)) {
    if (call.startedAt < chainEnd) continue;
    count += 1;
    chainEnd = call.endedAt;
  }
  return count;
}
