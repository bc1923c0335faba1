import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";

/** What a scanner sends beside its verdict: docs/design/scanner.md, written a second time. */
export function verdictHeaders(secret: string, body: string, at = new Date()): Record<string, string> {
  const timestamp = String(Math.floor(at.getTime() / 1000));
  const signature = bytesToHex(hmac(sha256, utf8ToBytes(secret), utf8ToBytes(`${timestamp}.${body}`)));
  return { "X-Etter-Timestamp": timestamp, "X-Etter-Signature": `v1=${signature}` };
}
