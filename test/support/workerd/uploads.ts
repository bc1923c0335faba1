import { and, eq, inArray, sql } from "drizzle-orm";
import { loadConfig } from "../../../src/config/index.ts";
import { documents, uploadSessions } from "../../../src/platform/db/schema/index.ts";
import { call, send, workerEnv, type Answer } from "./api.ts";
import { superuserDatabase, type Person } from "./factories.ts";
import { storeAt } from "./stores.ts";

export const s3Path = "/api/etter/s3";
export const mebibyte = 1024 * 1024;

/** Bytes of no known format, the same for the same length. */
export function noise(length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  for (let at = 0, state = 1; at < length; at += 1) {
    state = (state * 1_103_515_245 + 12_345) & 0x7fffffff;
    bytes[at] = state >> 16;
  }
  return bytes;
}

export const pdf = (text = "hello"): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(new TextEncoder().encode(`%PDF-1.7\n${text}\n%%EOF\n`));

/** Rows that have no object, for tests that need many, must not outlive them: the clock, which sees all companies, would look for the objects. */
export const endRowsOf = ({ companyId }: Person) =>
  superuserDatabase()
    .update(documents)
    .set({ status: "deleted", folderPath: null, dueAt: null })
    .where(and(eq(documents.companyId, companyId), inArray(documents.status, ["ready", "scanning", "quarantined"])));

export interface UploadOptions {
  readonly filename?: string;
  readonly contentType?: string;
  readonly transport?: "direct" | "proxy";
  readonly more?: Readonly<Record<string, unknown>>;
  readonly headers?: Record<string, string>;
}

export const begin = (as: Person, size: number, options: UploadOptions = {}): Promise<Answer> =>
  call(`${s3Path}/uploads`, {
    as,
    headers: options.headers ?? {},
    body: {
      original_filename: options.filename ?? "overview 2026.pdf",
      content_type: options.contentType ?? "application/octet-stream",
      declared_size_bytes: size,
      transport: options.transport ?? "proxy",
      ...options.more,
    },
  });

export const putPart = (
  as: Person,
  session: string,
  number: number,
  bytes: BodyInit,
  headers: Record<string, string> = {},
) => call(`${s3Path}/uploads/${session}/parts/${number}`, { method: "PUT", as, raw: bytes, headers });

export const complete = (as: Person, session: string, body?: unknown): Promise<Answer> =>
  call(`${s3Path}/uploads/${session}/complete`, { method: "POST", as, ...(body === undefined ? {} : { body }) });

/** A MULTIPART upload whose one part may be small: as Uppy's protocol begins one, which does not say how large it will be. */
export async function beginOpenEnded(as: Person, options: UploadOptions = {}): Promise<Answer> {
  const begun = await begin(as, 9 * mebibyte, options);
  await superuserDatabase()
    .update(uploadSessions)
    .set({ openEnded: true })
    .where(eq(uploadSessions.id, begun.body.session_id));
  return begun;
}

/** Sends every part of the upload through the Worker. */
export async function putAll(
  as: Person,
  plan: { session_id: string; part_size: number; part_count: number },
  bytes: Uint8Array<ArrayBuffer>,
) {
  for (let number = 1; number <= plan.part_count; number += 1) {
    const part = bytes.subarray((number - 1) * plan.part_size, number * plan.part_size);
    const { status, text } = await putPart(as, plan.session_id, number, part);
    if (status !== 200) throw new Error(`part ${number} was refused: ${text}`);
  }
}

/** A document of these bytes, completed. */
export async function upload(as: Person, bytes: Uint8Array<ArrayBuffer> = pdf(), options: UploadOptions = {}) {
  const begun = await begin(as, bytes.length, { contentType: "application/pdf", ...options });
  if (begun.status !== 201) throw new Error(`an upload was refused: ${begun.text}`);
  await putAll(as, begun.body, bytes);
  const completed = await complete(as, begun.body.session_id);
  if (completed.status !== 200) throw new Error(`a completion was refused: ${completed.text}`);
  return { sessionId: begun.body.session_id as string, id: completed.body.id as string, document: completed.body };
}

/** The keys of everything the company has at the S3 server that the Worker uses now. */
export async function objectsOf({ companyId }: Person): Promise<string[]> {
  return (await storeAt(loadConfig(workerEnv()).s3).list(`test/${companyId}/`)).items.map(({ key }) => key);
}

/** An address to read the document from, granted to this person. */
export async function addressOf(as: Person, id: string): Promise<string> {
  const { status, body, text } = await call(`${s3Path}/documents/${id}/download`, { method: "POST", as });
  if (status !== 200) throw new Error(`a download was refused: ${text}`);
  return body.url;
}

/** Follows an address of ours, as a stock client would. */
export async function read(
  url: string,
  headers: Record<string, string> = {},
): Promise<{ answer: Answer; bytes: Uint8Array }> {
  const response = await send(new URL(url).pathname, { headers });
  const bytes = new Uint8Array(await response.arrayBuffer());
  const text = new TextDecoder().decode(bytes);
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    body = undefined;
  }
  return { answer: { status: response.status, headers: response.headers, text, body }, bytes };
}

/** As many documents like this one, without objects, each by an upload of so many parts. */
export async function copyRows(documentId: string, count: number, parts: number): Promise<void> {
  await superuserDatabase().execute(sql`
    with made as (
      insert into documents select (jsonb_populate_record(d, jsonb_build_object('id', gen_random_uuid(), 'due_at', null))).*
      from documents d, generate_series(1, ${count}::int) where d.id = ${documentId}::uuid returning id
    )
    insert into upload_sessions select (jsonb_populate_record(s, jsonb_build_object('id', gen_random_uuid(), 'document_id', made.id, 'part_count', ${parts}::int))).*
    from made, upload_sessions s where s.document_id = ${documentId}::uuid`);
}
