import { AwsV4Signer } from "aws4fetch";
import type { Config } from "../../config/index.ts";
import type { Outcome, PresignedRequest } from "../../features/documents/object-store.ts";
import type { Clock } from "../../shared/clock.ts";
import { invariant, unavailable } from "../../shared/errors.ts";
import type { CallMeter } from "../../shared/tracing.ts";
import { readAtMost } from "../bounded-body.ts";
import { readErrorCode } from "./answers.ts";
import { parseXml, type XmlElement } from "./xml.ts";

/** Whatever S3 answers from what it knows. A caller hears within five seconds that it does not. */
const answerTimeoutMs = 4_500;
/** Signature version 4 knows no longer life. */
const longestLifetimeSeconds = 7 * 24 * 3600;
/** A page of 1,000 entries with our keys has about 400 kB. */
const answerBytesLimit = 4 * 1024 * 1024;

export interface StoreSurroundings {
  readonly config: Config["s3"];
  readonly clock: Clock;
  readonly requestId: string;
  readonly meter: CallMeter;
}

/** What S3 was asked and how it failed. For the log: S3's own words are not kept. */
class S3Fault extends Error {
  /** Such as `CompleteMultipartUpload 503 SlowDown 7DCAB2138707FE68`, the last being S3's id of the request. */
  readonly s3: string;

  constructor(s3: string, options?: ErrorOptions) {
    super(s3, options);
    this.name = "S3Fault";
    this.s3 = s3;
  }
}

export interface S3Request {
  /** As S3 calls it; for the log. */
  readonly operation: string;
  readonly method: "GET" | "HEAD" | "PUT" | "POST" | "DELETE";
  /** The bucket itself when absent. */
  readonly key?: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string | ReadableStream<Uint8Array>;
  readonly timeoutMs?: number;
}

/**
 * Of every object. wrangler's server answers what is stored as `text/html` without its length, having rewritten the page;
 * and no server that is reached directly shows a page of somebody's.
 */
export const typeless = { "content-type": "application/octet-stream" } as const;

/** What S3 said, read to its end. */
export interface S3Answer {
  readonly operation: string;
  readonly status: number;
  readonly headers: Headers;
  /** The document; undefined when there is none or it is not readable. */
  readonly root: XmlElement | undefined;
  /** Of an error document. A 200 may have one too. */
  readonly code: string | undefined;
}

/** Signs requests and sends them, each once: who repeats one must know first whether it took effect. */
export class S3Requests {
  readonly #surroundings: StoreSurroundings;
  /** The day's signing key, so that a hundred signatures derive it once. */
  readonly #signingKeys = new Map<string, ArrayBuffer>();

  constructor(surroundings: StoreSurroundings) {
    this.#surroundings = surroundings;
  }

  /** Sends it and reads the answer. @throws AppError `unavailable` when none came in time; a refusal of S3 is an answer. */
  async ask(request: S3Request): Promise<S3Answer> {
    const signal = AbortSignal.timeout(request.timeoutMs ?? answerTimeoutMs);
    return this.read(request, await this.send(request, signal));
  }

  /** Sends it and does not look at the answer. @throws AppError `unavailable` when none begins. */
  async send(request: S3Request, signal: AbortSignal): Promise<Response> {
    const { requestId, meter } = this.#surroundings;
    const { method, body } = request;
    const signer = this.#signer(request, { headers: { ...request.headers, "x-request-id": requestId } });
    const { url, headers } = await signer.sign();
    // The body joins after signing: signing one reads it.
    const init = { method, headers, signal, redirect: "manual" as const, ...(body === undefined ? {} : { body }) };
    return meter
      .track("s3", () => fetch(url, init))
      .catch((error: unknown) => {
        throw unreachable(request.operation, error);
      });
  }

  /** For a body as a stream: the time is up when its headers are there, and `life` ends it later. A stream, or a refusal that was read. */
  async open(
    request: S3Request,
    life?: AbortSignal,
  ): Promise<{ readonly response: Response; readonly answer?: S3Answer }> {
    const controller = new AbortController();
    const timer = setTimeout(() => controller.abort(), answerTimeoutMs);
    const signal = life === undefined ? controller.signal : AbortSignal.any([controller.signal, life]);
    try {
      const response = await this.send(request, signal);
      return response.ok ? { response } : { response, answer: await this.read(request, response) };
    } finally {
      clearTimeout(timer);
    }
  }

  /** Reads an answer to its end. @throws AppError `unavailable` when it breaks off. */
  async read({ operation }: S3Request, response: Response): Promise<S3Answer> {
    const { status, headers } = response;
    const bytes = await readAtMost(response.body, answerBytesLimit).catch((error: unknown) => {
      throw unreachable(operation, error);
    });
    if (bytes === undefined) throw unreachable(operation, new Error("an answer without end"));
    const root = parseXml(new TextDecoder().decode(bytes));
    return { operation, status, headers, root, code: readErrorCode(root) };
  }

  /** An address with which somebody else may send a PUT, with exactly these headers. */
  async presignPut(
    request: Pick<S3Request, "key" | "query" | "headers">,
    lifetimeSeconds: number,
  ): Promise<PresignedRequest> {
    invariant(
      Number.isInteger(lifetimeSeconds) && lifetimeSeconds >= 1 && lifetimeSeconds <= longestLifetimeSeconds,
      "a presigned address lives between a second and seven days",
    );
    const { headers = {} } = request;
    const now = this.#surroundings.clock.now();
    const query = { ...request.query, "X-Amz-Expires": String(lifetimeSeconds) };
    const { url } = await this.#signer({ ...request, method: "PUT", query }, { headers, signQuery: true, now }).sign();
    // The signature counts whole seconds from the one that has begun.
    const expiresAt = new Date(Math.floor(now.getTime() / 1000 + lifetimeSeconds) * 1000);
    return { method: "PUT", url: url.href, headers, expiresAt };
  }

  #signer(
    { method, key, query = {} }: Pick<S3Request, "method" | "key" | "query">,
    { headers, signQuery = false, now = this.#surroundings.clock.now() }: SigningOptions,
  ): AwsV4Signer {
    const { endpoint, bucket, accessKeyId, secretAccessKey, region } = this.#surroundings.config;
    const path = key === undefined ? "" : `/${checkedKey(key)}`;
    const url = `${endpoint}/${bucket}${path}${withQuery(query)}`;
    const datetime = now.toISOString().replace(/[:-]|\.\d{3}/g, "");
    const credentials = { accessKeyId, secretAccessKey, region, service: "s3", cache: this.#signingKeys };
    return new AwsV4Signer({ method, url, headers, signQuery, allHeaders: true, datetime, ...credentials });
  }
}

interface SigningOptions {
  readonly headers: Record<string, string>;
  readonly signQuery?: boolean;
  readonly now?: Date;
}

/** The key as it stands in a path: ours need no encoding, about which servers disagree. */
function checkedKey(key: string): string {
  invariant(/^[\w.-]+(\/[\w.-]+)*$/.test(key) && !/(^|\/)\.\.?(\/|$)/.test(key), "a key of an object is made by us");
  return key;
}

const withQuery = (query: Readonly<Record<string, string>>): string => {
  const pairs = Object.entries(query).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  return pairs.length === 0 ? "" : `?${pairs.join("&")}`;
};

/** No answer came, or it broke off. */
export const unreachable = (operation: string, cause: unknown): Error =>
  unavailable("S3", new S3Fault(`${operation} unanswered`, { cause }));

/** S3 answered, but not what this code can go on with: overload, a fault of its own, a wrong key or clock of ours. */
export function unexpected({ operation, status, headers, code }: Omit<S3Answer, "root">): Error {
  const id = headers.get("x-amz-request-id") ?? "";
  const parts = [operation, status, code, /^[\w-]{1,64}$/.test(id) ? id : undefined];
  return unavailable("S3", new S3Fault(parts.filter((part) => part !== undefined).join(" ")));
}

/** The value of a good answer. @throws AppError `unavailable` for any other, and when there is no value. */
export function expected<T>(answer: S3Answer, value: T | undefined): T {
  if (answer.status >= 300 || answer.code !== undefined || value === undefined) throw unexpected(answer);
  return value;
}

/** A value, or one of the refusals that a caller can act upon. @throws AppError `unavailable` for all else. */
export function outcome<T, Reason extends string>(
  answer: S3Answer,
  refusals: Readonly<Record<string, Reason>>,
  read: () => T | undefined,
): Outcome<T, Reason> {
  const reason = answer.code === undefined ? undefined : refusals[answer.code];
  return reason === undefined ? { ok: true, value: expected(answer, read()) } : { ok: false, reason };
}
