import type { Config } from "../../config/index.ts";
import type { Random } from "../../shared/clock.ts";
import type { MailSealer } from "../../shared/mail.ts";
import { deriveKey } from "./derived-key.ts";

/** First byte of what is sealed: which cipher and derivation. */
const version = 1;
const nonceBytes = 12;

const utf8 = (text: string) => new TextEncoder().encode(text);

const keyOf = (secret: string): Promise<CryptoKey> =>
  deriveKey(secret, {
    purpose: "etter mailed token, version 1",
    algorithm: { name: "AES-GCM", length: 256 },
    usages: ["encrypt", "decrypt"],
  });

/**
 * version (1 byte) | nonce (12) | AES-256-GCM ciphertext and tag. The key is HKDF-SHA-256 of SECRET_KEY; what the previous
 * secret sealed still opens. The mail's id is authenticated with it, so that a token cannot be moved to another row.
 */
export function createMailSealer(
  { secret, previousSecret }: Pick<Config["tokens"], "secret" | "previousSecret">,
  random: Pick<Random, "bytes">,
): MailSealer {
  return {
    async seal(token, mailId) {
      const nonce = new Uint8Array(random.bytes(nonceBytes));
      const algorithm = { name: "AES-GCM", iv: nonce, additionalData: utf8(mailId) };
      const sealed = await crypto.subtle.encrypt(algorithm, await keyOf(secret), utf8(token));
      return Uint8Array.of(version, ...nonce, ...new Uint8Array(sealed));
    },
    async open(sealed, mailId) {
      if (sealed[0] !== version) return undefined;
      const iv = sealed.slice(1, 1 + nonceBytes);
      const algorithm = { name: "AES-GCM", iv, additionalData: utf8(mailId) };
      for (const key of [secret, previousSecret]) {
        if (key === undefined) continue;
        const opened = await crypto.subtle
          .decrypt(algorithm, await keyOf(key), sealed.slice(1 + nonceBytes))
          .catch(refusedAsUndefined);
        if (opened !== undefined) return new TextDecoder().decode(opened);
      }
      return undefined;
    },
  };
}

/** WebCrypto says OperationError for a wrong key, tag or length. */
function refusedAsUndefined(error: unknown): undefined {
  if (error instanceof Error && error.name === "OperationError") return undefined;
  throw error;
}
