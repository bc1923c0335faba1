import type { Actor } from "../../shared/access.ts";

export interface PasswordHasher {
  /** → a PHC string such as `$scrypt$ln=15,r=8,p=3$salt$hash`. */
  hash(password: string): Promise<string>;
  /**
   * Does exactly one derivation, whether or not there is a stored hash, so that an unknown address costs the same.
   * `needsRehash` tells that the stored parameters are no longer the current ones.
   */
  verify(password: string, phc: string | null): Promise<{ matches: boolean; needsRehash: boolean }>;
}

export interface AccessTokens {
  /** Signs a token for `actor`; it holds ids and the group, nothing personal. */
  issue(actor: Actor, now: Date, tokenId: string): Promise<{ token: string; expiresIn: number }>;
  /** @throws AppError `unauthorized`, the same for every way in which a token can be wrong. */
  verify(token: string, now: Date): Promise<Actor>;
}

/** Digests and comparisons of secrets. */
export interface Digests {
  sha256(bytes: Uint8Array): Uint8Array;
  /** Constant time in the content and the length of both. */
  same(given: string, expected: string): boolean;
}
