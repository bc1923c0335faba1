import { fromBase64url, toBase64url } from "./base64url.ts";

/** 256 bits: nobody guesses one, so a plain SHA-256 of it may be stored. */
export const secretBytes = 32;

/** What a token carries in the open (ids) and in secret. */
export interface SecretToken {
  readonly ids: readonly string[];
  readonly secrets: readonly Uint8Array[];
}

/** `version.id.….secret.…`: ids without dashes, secrets in base64url. */
export const formatSecretToken = (version: string, { ids, secrets }: SecretToken): string =>
  [version, ...ids.map((id) => id.replaceAll("-", "")), ...secrets.map(toBase64url)].join(".");

/** The parts of a token of this version and shape, spelled as `formatSecretToken` spells it; undefined for anything else. */
export function parseSecretToken(
  text: string,
  version: string,
  shape: { readonly ids: number; readonly secrets: number },
): SecretToken | undefined {
  const [given, ...parts] = text.split(".", 2 + shape.ids + shape.secrets);
  const ids = parts.slice(0, shape.ids);
  const secrets = parts.slice(shape.ids).map(fromBase64url);
  if (given !== version || secrets.length !== shape.secrets) return undefined;
  if (!ids.every((id) => /^[0-9a-f]{32}$/.test(id)) || !secrets.every(isSecret)) return undefined;
  const token = { ids: ids.map(toUuid), secrets };
  // Nothing may follow it.
  return formatSecretToken(version, token) === text ? token : undefined;
}

const isSecret = (bytes: Uint8Array<ArrayBuffer> | undefined): bytes is Uint8Array<ArrayBuffer> =>
  bytes?.length === secretBytes;

const toUuid = (hex: string): string => hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
