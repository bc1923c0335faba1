import { sha256 } from "@noble/hashes/sha2.js";
import { utf8ToBytes } from "@noble/hashes/utils.js";

/** JSON with the keys of every object in order: two spellings of one value are the same text. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

/** SHA-256 of a JSON value, whatever the order of its keys. */
export const digestOfJson = (value: unknown): Uint8Array => sha256(utf8ToBytes(canonicalJson(value)));

/** The same of an object and a number that goes with it. For many numbers the object is read and hashed once. */
export function digestsWithNumber(value: object): (number: number) => Uint8Array {
  const hash = sha256.create().update(utf8ToBytes(canonicalJson(value)));
  return (number) =>
    hash
      .clone()
      .update(utf8ToBytes(JSON.stringify(number)))
      .digest();
}
