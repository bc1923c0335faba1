import { DEMO_USERS, demoPassword } from "../../../local/demo-data.ts";
import type { ScratchServer } from "./scratch-server.ts";

const REQUEST_TIMEOUT_MS = 60_000;

export interface Answer {
  readonly status: number;
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look into answers of every shape
  readonly body: any;
}

/** Calls the documents' routes as one person. */
export interface DocumentsClient {
  readonly companyId: string;
  readonly token: string;
  call(method: string, path: string, sent?: { json?: unknown; bytes?: Uint8Array; key?: string }): Promise<Answer>;
}

export async function documentsClient({ server }: ScratchServer): Promise<DocumentsClient> {
  const { email, companyId } = DEMO_USERS.find(({ group }) => group === "Researcher")!;
  const login = await fetch(`${server.url}/api/etter/auth/login`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ email, password: demoPassword() }),
  });
  const { access_token: token } = (await login.json()) as { access_token: string };
  return {
    companyId,
    token,
    async call(method, path, { json, bytes, key } = {}) {
      const response = await fetch(`${server.url}/api/etter/s3${path}`, {
        method,
        headers: {
          Authorization: `Bearer ${token}`,
          ...(json === undefined ? {} : { "Content-Type": "application/json" }),
          ...(key === undefined ? {} : { "Idempotency-Key": key }),
        },
        signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
        ...(json === undefined && bytes === undefined
          ? {}
          : { body: (bytes as Uint8Array<ArrayBuffer>) ?? JSON.stringify(json) }),
      });
      const text = await response.text();
      return { status: response.status, body: text === "" ? undefined : JSON.parse(text) };
    },
  };
}

/** The bytes of a document, by an address of its own. */
export async function bytesOf(client: DocumentsClient, id: string): Promise<Uint8Array> {
  const { status, body } = await client.call("POST", `/documents/${id}/download`);
  if (status !== 200) throw new Error(`a download was refused: ${body.detail}`);
  const response = await fetch(body.url);
  return new Uint8Array(await response.arrayBuffer());
}
