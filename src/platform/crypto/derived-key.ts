interface DerivedKey {
  /** What the key is for: another purpose, another key. */
  readonly purpose: string;
  readonly algorithm: { readonly name: string; readonly hash?: string; readonly length: number };
  readonly usages: KeyUsage[];
}

type KeyUsage = "sign" | "verify" | "encrypt" | "decrypt";

const utf8 = (text: string) => new TextEncoder().encode(text);

/** A key that HKDF-SHA-256 (RFC 5869) makes of a secret for one purpose alone. */
export async function deriveKey(secret: string, { purpose, algorithm, usages }: DerivedKey): Promise<CryptoKey> {
  const material = await crypto.subtle.importKey("raw", utf8(secret), "HKDF", false, ["deriveKey"]);
  const hkdf = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(32), info: utf8(purpose) };
  return crypto.subtle.deriveKey(hkdf, material, algorithm, false, usages);
}
