import { OpenAPIHono, z } from "@hono/zod-openapi";
import type { RequestEnv } from "../../shared/http.ts";
import type { DocumentId } from "../../shared/ids.ts";
import { jsonBody, jsonContent, operation } from "../../shared/openapi.ts";
import type { ScanService } from "./scan-service.ts";
import { documentId, verdictBody, verdictTakenSchema } from "./schemas.ts";

const verdict = operation({
  operationId: "takeScanVerdict",
  method: "post",
  path: "/scans/{document_id}",
  tags: ["Documents"],
  access: "scanner-signature",
  summary: "The scanner's verdict",
  description:
    "For the malware scanner: `X-Etter-Timestamp` (Unix seconds, five minutes off at most) and `X-Etter-Signature: v1=` with HMAC-SHA-256 of timestamp, dot and body in hex. Safe to repeat; a settled document stays as it is.",
  request: { params: z.object({ document_id: documentId }), body: jsonBody(verdictBody) },
  problems: ["not_found", "scan_outdated"],
  responses: { 200: jsonContent(verdictTakenSchema, "Taken; where the document stands now.") },
});

export function scanRoutes() {
  const routes = new OpenAPIHono<RequestEnv<{ scans: ScanService }>>();
  routes.openapi(verdict, async (c) => {
    const { scan, verdict: found, reason } = c.req.valid("json");
    const id = c.req.valid("param").document_id as DocumentId;
    const { status } = await c.var.services.scans.take(id, { scan, verdict: found, reason });
    return c.json({ document_id: id, status }, 200);
  });
  return routes;
}
