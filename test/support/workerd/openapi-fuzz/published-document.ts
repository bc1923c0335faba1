import { call } from "../api.ts";
import type { OpenApiDocument } from "./document.ts";

/** The document as a client gets it. */
export async function publishedDocument(): Promise<OpenApiDocument> {
  const { status, body } = await call("/openapi.json");
  if (status !== 200) throw new Error(`GET /openapi.json answered ${status}`);
  return body as OpenApiDocument;
}
