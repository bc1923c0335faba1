import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";

export interface SignedRequest {
  method: string;
  /** Path and query as they were sent. */
  target: string;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

export interface SigningKey {
  accessKeyId: string;
  secretAccessKey: string;
  region: string;
  service: string;
}

const MAX_SKEW_MS = 15 * 60_000;
const sha256 = (data: string | Buffer): string => createHash("sha256").update(data).digest("hex");
const hmac = (key: string | Buffer, data: string): Buffer => createHmac("sha256", key).update(data).digest();
const encode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);

/** What is wrong with a request's AWS Signature Version 4 in its Authorization header; undefined if nothing is. */
export function signatureFault(request: SignedRequest, key: SigningKey, now = new Date()): string | undefined {
  const { headers, method, target, body } = request;
  const form = /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\S+), ?SignedHeaders=([a-z0-9;-]+), ?Signature=([0-9a-f]{64})$/;
  const [, accessKeyId, scope, signedHeaders = "", signature = ""] = form.exec(headers.authorization ?? "") ?? [];
  if (scope === undefined) return "no Authorization of the right form";
  const date = String(headers["x-amz-date"]);
  const [, y, mo, d, h, mi, s] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(date) ?? [];
  if (Math.abs(Date.parse(`${y}-${mo}-${d}T${h}:${mi}:${s}Z`) - now.getTime()) > MAX_SKEW_MS || y === undefined)
    return "no present X-Amz-Date";
  if (accessKeyId !== key.accessKeyId) return "another access key";
  const day = date.slice(0, 8);
  if (scope !== `${day}/${key.region}/${key.service}/aws4_request`) return `another scope: ${scope}`;
  const names = signedHeaders.split(";");
  if (!names.includes("host") || !names.includes("x-amz-date")) return "Host or X-Amz-Date not signed";
  const payloadHash = sha256(body);
  const declared = headers["x-amz-content-sha256"];
  if (declared !== undefined && declared !== payloadHash) return "the body is not what was signed";
  const url = new URL(target, "http://host.invalid");
  const query = [...url.searchParams].map(([name, value]) => `${encode(name)}=${encode(value)}`).toSorted();
  const path = url.pathname.split("/").map((part) => encode(part));
  const lines = names.map((name) => `${name}:${String(headers[name]).trim().replace(/\s+/g, " ")}\n`);
  const canonical = [method, path.join("/"), query.join("&"), lines.join(""), signedHeaders, payloadHash].join("\n");
  const toSign = ["AWS4-HMAC-SHA256", date, scope, sha256(canonical)].join("\n");
  const signingKey = [key.region, key.service, "aws4_request"].reduce<Buffer>(
    hmac,
    hmac(`AWS4${key.secretAccessKey}`, day),
  );
  return timingSafeEqual(hmac(signingKey, toSign), Buffer.from(signature, "hex")) ? undefined : "another signature";
}
