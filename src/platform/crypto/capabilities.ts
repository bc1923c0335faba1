import type { Config } from "../../config/index.ts";
import type { Capability, CapabilityTokens } from "../../features/documents/ports.ts";
import { groups, isGroup } from "../../shared/access.ts";
import { fromBase64url, toBase64url } from "../../shared/base64url.ts";
import { uuidPattern, type CompanyId, type DocumentId, type SessionId, type UserId } from "../../shared/ids.ts";
import { deriveKey } from "./derived-key.ts";

const algorithm = { name: "HMAC", hash: "SHA-256" } as const;
/** The longest token of ours is below 300 characters. */
const maxTokenLength = 500;

const utf8 = (text: string) => new TextEncoder().encode(text);

const keyOf = (secret: string): Promise<CryptoKey> =>
  deriveKey(secret, {
    purpose: "etter capability, version 1",
    algorithm: { ...algorithm, length: 256 },
    usages: ["sign", "verify"],
  });

/**
 * `claims.signature`, both in base64url: claims are our own words joined by dots, the signature is HMAC-SHA-256 under a
 * key that HKDF makes of SECRET_KEY for this purpose alone. What the previous secret signed still opens.
 */
export function createCapabilityTokens({
  secret,
  previousSecret,
}: Pick<Config["tokens"], "secret" | "previousSecret">): CapabilityTokens {
  return {
    async seal(capability) {
      const claims = toBase64url(utf8(claimsOf(capability)));
      const signature = await crypto.subtle.sign(algorithm, await keyOf(secret), utf8(claims));
      return `${claims}.${toBase64url(new Uint8Array(signature))}`;
    },
    async open(token, now) {
      const [claims = "", signature = "", ...rest] = token.length > maxTokenLength ? [] : token.split(".");
      const bytes = fromBase64url(signature);
      if (rest.length > 0 || bytes === undefined) return undefined;
      for (const key of [secret, previousSecret])
        if (key !== undefined && (await crypto.subtle.verify(algorithm, await keyOf(key), bytes, utf8(claims))))
          return opened(new TextDecoder().decode(fromBase64url(claims)), now);
      return undefined;
    },
  };
}

function claimsOf(capability: Capability): string {
  const until = Math.floor(capability.expiresAt.getTime() / 1000);
  if ("actor" in capability) {
    const { companyId, userId, sessionId, group } = capability.actor;
    const of = capability.purpose === "download" ? [capability.documentId] : [];
    return [capability.purpose, until, companyId, userId, sessionId, groups.indexOf(group), ...of].join(".");
  }
  const { purpose, companyId, documentId } = capability;
  const since = purpose === "scan" ? [capability.since.getTime()] : [];
  return [purpose, until, companyId, documentId, ...since].join(".");
}

function opened(claims: string, now: Date): Capability | undefined {
  const [purposeName, until = "", companyId = "", ...ids] = claims.split(".");
  const expiresAt = new Date(Number(until) * 1000);
  if (!(now < expiresAt) || !uuidPattern.test(companyId)) return undefined;
  if (purposeName === "scan-read")
    return { purpose: purposeName, companyId: companyId as CompanyId, documentId: ids[0] as DocumentId, expiresAt };
  if (purposeName === "scan") {
    const since = new Date(Number(ids[1]));
    return { purpose: "scan", companyId: companyId as CompanyId, documentId: ids[0] as DocumentId, since, expiresAt };
  }
  const [userId, sessionId, groupIndex, documentId] = ids;
  const group = groups[Number(groupIndex)];
  if (!isGroup(group)) return undefined;
  const actor = {
    companyId: companyId as CompanyId,
    userId: userId as UserId,
    sessionId: sessionId as SessionId,
    group,
  };
  if (purposeName === "download" && documentId !== undefined)
    return { purpose: "download", actor, documentId: documentId as DocumentId, expiresAt };
  return purposeName === "uppy" ? { purpose: "uppy", actor, expiresAt } : undefined;
}
