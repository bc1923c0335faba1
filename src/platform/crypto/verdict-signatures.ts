import type { VerdictSignatures } from "../../features/documents/ports.ts";
import type { Clock } from "../../shared/clock.ts";

/** How far the two clocks may be apart, and how long a verdict that was overheard can be sent again. */
const maxSecondsOff = 300;
const algorithm = { name: "HMAC", hash: "SHA-256" } as const;

/**
 * `X-Etter-Signature: v1=` and HMAC-SHA-256 in hex, under the secret that scanner and we share, of `X-Etter-Timestamp`, a
 * dot and the body as it was sent. Without a secret nothing is good. The platform's `verify` takes the same time for any signature.
 */
export function createVerdictSignatures(secret: string | undefined, clock: Clock): VerdictSignatures {
  return {
    async verify({ timestamp = "", signature = "" }, body) {
      const [, hex] = /^v1=([0-9a-f]{64})$/.exec(signature) ?? [];
      if (secret === undefined || hex === undefined || !/^[0-9]{1,12}$/.test(timestamp)) return false;
      if (Math.abs(clock.now().getTime() / 1000 - Number(timestamp)) > maxSecondsOff) return false;
      const encoder = new TextEncoder();
      const key = await crypto.subtle.importKey("raw", encoder.encode(secret), algorithm, false, ["verify"]);
      const given = Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
      return crypto.subtle.verify(algorithm, key, given, encoder.encode(`${timestamp}.${body}`));
    },
  };
}
