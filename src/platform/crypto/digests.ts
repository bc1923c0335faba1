import { sha256 } from "@noble/hashes/sha2.js";
import type { Digests } from "../../features/auth/ports.ts";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";

export const sha256Hex = (value: string): string => bytesToHex(sha256(utf8ToBytes(value)));

/** Compares two secrets over their digests, so that neither length nor content shows in the time it takes. */
function sameSecret(given: string, expected: string): boolean {
  const a = sha256(utf8ToBytes(given));
  const b = sha256(utf8ToBytes(expected));
  let difference = 0;
  for (const [index, byte] of a.entries()) difference |= byte ^ (b[index] ?? 0);
  return difference === 0;
}

export const digests: Digests = { sha256: (bytes) => sha256(bytes), same: sameSecret };
