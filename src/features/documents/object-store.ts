/**
 * Where the bytes of documents live. Whoever implements this throws AppError `unavailable` when the store is down, slow,
 * overloaded or answers what nobody can read. That says nothing about whether the call took effect: a reply may be lost
 * after the work is done, so the caller looks (`head`, `listParts`) before it decides. What a caller can act upon is a value.
 * Keys are made of letters, digits and `/ . _ -`: nothing of a user's is in them. Nor does the store hear a name or a type.
 */
export interface ObjectStore {
  readonly capabilities: StoreCapabilities;

  /** Begins an upload in parts. */
  createUpload(key: string): Promise<{ readonly uploadId: string }>;
  /**
   * Streams one part through, hashing on the way; memory stays flat. A body that is not exactly `size` bytes long, or has
   * not the SHA-256 it should have, is cut off before its last bytes leave, so that the part never exists.
   */
  uploadPart(
    part: UploadRef & { readonly partNumber: number } & PassingBody,
  ): Promise<Outcome<UploadedPart, PassFault>>;
  /** Joins the parts, which are given in ascending order. `no_such_upload` also when it was completed or aborted before: look with `head`. */
  completeUpload(
    upload: UploadRef,
    parts: readonly PartTag[],
  ): Promise<Outcome<{ readonly etag: string }, "no_such_upload" | "part_missing" | "part_too_small">>;
  /** Throws the parts away. No fault when there were none any more, even if the object is complete: not every server tells that apart. */
  abortUpload(upload: UploadRef): Promise<void>;
  /** Every part that is there, in order. Only with the capability `listParts`. */
  listParts(upload: UploadRef): Promise<Outcome<readonly StoredPart[], "no_such_upload">>;
  /** A page of the uploads whose keys begin so and which are neither completed nor aborted. Only with the capability `listUploads`. */
  listUploads(prefix: string, page?: PageOptions): Promise<Page<PendingUpload>>;

  /** An object, streamed through as a part is. */
  putStreamed(key: string, body: PassingBody): Promise<Outcome<Passed, PassFault>>;
  /** A small object in one go. */
  put(key: string, body: Uint8Array): Promise<{ readonly etag: string }>;
  /** Undefined when there is no such object. */
  head(key: string): Promise<StoredObject | undefined>;
  /** The object, or some of its bytes, as a stream. A range beyond its end is `no_such_range`; one that ends beyond it is cut short. */
  get(key: string, range?: ByteRange): Promise<Outcome<ObjectBody, "no_such_key" | "no_such_range">>;
  /** The same, read to its end into memory: for what is small. `size` is the whole object's. */
  read(
    key: string,
    range?: ByteRange,
  ): Promise<Outcome<{ readonly bytes: Uint8Array; readonly size: number }, "no_such_key" | "no_such_range">>;
  /** SHA-256 of the whole object, in hex, read through; memory stays flat. Not for objects beyond `maxHashedBytes`: they take too long. */
  hash(
    key: string,
  ): Promise<Outcome<{ readonly sha256: string; readonly size: number }, "no_such_key" | "no_such_range">>;
  /** Deletes an object; one that is not there is no fault. */
  delete(key: string): Promise<void>;
  /**
   * Deletes up to 1,000 objects in one call; those that are not there are no fault. Tells which ones the store refused, and its
   * code for it. Only with the capability `deleteObjects`.
   */
  deleteTogether(keys: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** A page of the objects whose keys begin so, in the order of their keys. */
  list(prefix: string, page?: PageOptions): Promise<Page<StoredObject & { readonly key: string }>>;

  /** An address that takes exactly `size` bytes as an object, once or more often, until it expires. */
  presignPut(
    object: { readonly key: string; readonly size: number },
    lifetimeSeconds: number,
  ): Promise<PresignedRequest>;
  /** An address that takes exactly `size` bytes as a part. It is dead as soon as the upload is completed or aborted. */
  presignPart(
    part: UploadRef & { readonly partNumber: number; readonly size: number },
    lifetimeSeconds: number,
  ): Promise<PresignedRequest>;

  /** Resolves when the bucket answers a signed request. @throws the transport's error, or one that names the status. */
  probe(): Promise<void>;
}

/** What servers that speak S3 differ in. Said in the configuration, never guessed. */
export interface StoreCapabilities {
  /** ListParts; else our own rows must do. */
  readonly listParts: boolean;
  /** ListMultipartUploads; else the sweep knows uploads by our rows only. */
  readonly listUploads: boolean;
  /** DeleteObjects; else each is deleted by itself. */
  readonly deleteObjects: boolean;
}

export type Outcome<T, Reason extends string> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly reason: Reason };

export interface UploadRef {
  readonly key: string;
  readonly uploadId: string;
}

/** As the store named it, quotes and all. */
export interface PartTag {
  readonly partNumber: number;
  readonly etag: string;
}

export interface StoredPart extends PartTag {
  readonly size: number;
}

export interface PassingBody {
  /** Bytes. */
  readonly size: number;
  readonly body: ReadableStream<Uint8Array>;
  /** In hex; refused as `wrong_sha256` when it has another. */
  readonly sha256?: string | undefined;
}

export interface Passed {
  readonly size: number;
  readonly etag: string;
  /** In hex, of what passed through. */
  readonly sha256: string;
}
export type PassFault = "no_such_upload" | "wrong_size" | "wrong_sha256" | "cut_off";

export type UploadedPart = StoredPart & Passed;

export interface PendingUpload extends UploadRef {
  readonly startedAt: Date;
}

export interface StoredObject {
  readonly size: number;
  readonly etag: string;
  readonly modifiedAt: Date;
}

/** Both ends counted, from 0. */
export interface ByteRange {
  readonly first: number;
  readonly last: number;
}

export interface ObjectBody {
  readonly body: ReadableStream<Uint8Array>;
  /** Bytes in `body`. */
  readonly length: number;
  /** Bytes of the whole object. */
  readonly size: number;
  readonly etag: string;
}

export interface PageOptions {
  /** Goes on after this one: the last that was seen. */
  readonly after?: { readonly key: string; readonly uploadId?: string | undefined } | undefined;
  /** 1 to 1,000, which is the default. */
  readonly limit?: number;
}

export interface Page<T> {
  readonly items: readonly T[];
  /** Whether there are others after these. */
  readonly more: boolean;
}

export interface PresignedRequest {
  readonly method: "PUT";
  readonly url: string;
  /** What the caller must send beside its own: all of them are signed. `content-length` is what a client sends by itself. */
  readonly headers: Readonly<Record<string, string>>;
  readonly expiresAt: Date;
}
