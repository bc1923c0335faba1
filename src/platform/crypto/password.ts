import { scrypt, timingSafeEqual } from "node:crypto";
import { inTurn } from "./hash-turns.ts";
import type { PasswordHasher } from "../../features/auth/ports.ts";

/**
 * scrypt with N = 2^15, r = 8, p = 3 (OWASP Password Storage Cheat Sheet, one of its equal choices), through the
 * platform's native implementation. About 175 ms of CPU that block the isolate: always behind a rate limit.
 */
const current = { logN: 15, r: 8, p: 3 } as const;
const saltBytes = 16;
const hashBytes = 32;
/** What one hash may use. With the parameters above it is 128 · N · r bytes, 32 MiB. */
const maxMemoryBytes = 64 * 1024 * 1024;

interface Parameters {
  readonly logN: number;
  readonly r: number;
  readonly p: number;
}

export function createPasswordHasher(randomBytes: (length: number) => Uint8Array): PasswordHasher {
  return {
    async hash(password) {
      const salt = randomBytes(saltBytes);
      return format(current, salt, await derive(password, salt, current));
    },
    async verify(password, phc) {
      const stored = phc === null ? null : parse(phc);
      const parameters = stored ?? { ...current, salt: new Uint8Array(saltBytes), hash: new Uint8Array(hashBytes) };
      const hash = await derive(password, parameters.salt, parameters);
      const same = hash.length === parameters.hash.length && timingSafeEqual(hash, parameters.hash);
      const { logN, r, p } = parameters;
      return {
        matches: stored !== null && same,
        needsRehash: logN !== current.logN || r !== current.r || p !== current.p,
      };
    },
  };
}

function derive(password: string, salt: Uint8Array, { logN, r, p }: Parameters): Promise<Uint8Array> {
  const options = { N: 2 ** logN, r, p, maxmem: maxMemoryBytes };
  const hash = (): Promise<Uint8Array> =>
    new Promise((resolve, reject) => {
      scrypt(password.normalize("NFC"), salt, hashBytes, options, (error, key: Uint8Array) =>
        error ? reject(error) : resolve(key),
      );
    });
  return inTurn(hash);
}

const toBase64 = (bytes: Uint8Array): string => btoa(String.fromCharCode(...bytes)).replace(/=+$/, "");
const fromBase64 = (text: string): Uint8Array => Uint8Array.from(atob(text), (char) => char.charCodeAt(0));

function format({ logN, r, p }: Parameters, salt: Uint8Array, hash: Uint8Array): string {
  return `$scrypt$ln=${logN},r=${r},p=${p}$${toBase64(salt)}$${toBase64(hash)}`;
}

const phcPattern = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;

function parse(phc: string): Parameters & { salt: Uint8Array; hash: Uint8Array } {
  const [, logN, r, p, salt, hash] = phcPattern.exec(phc) ?? [];
  if (!logN || !r || !p || !salt || !hash) throw new Error("stored password hash is not a scrypt PHC string");
  return {
    logN: Number(logN),
    r: Number(r),
    p: Number(p),
    salt: fromBase64(salt),
    hash: fromBase64(hash),
  };
}
