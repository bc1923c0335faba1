import { jwtVerify, SignJWT, errors, type JWTPayload } from "jose";
import { z } from "zod";
import type { Config } from "../../config/index.ts";
import type { AccessTokens } from "../../features/auth/ports.ts";
import { groups } from "../../shared/access.ts";
import { AppError } from "../../shared/errors.ts";
import { uuidPattern, type CompanyId, type SessionId, type UserId } from "../../shared/ids.ts";
import { sha256Hex } from "./digests.ts";

const audience = "etter-api";
const tokenType = "at+jwt";
/** A real token has about 500 bytes; longer ones are not parsed. */
const maxTokenLength = 4_096;
/** How far the clock of the machine that issued a token may be ahead of that of the machine it comes to. */
const clockToleranceSeconds = 2;
/** jose overlooks what follows a good signature; we do not. */
const compactForm = /^[\w-]+\.[\w-]+\.[\w-]+$/;

const claims = z.object({
  sub: z.string().regex(uuidPattern),
  company: z.string().regex(uuidPattern),
  sid: z.string().regex(uuidPattern),
  jti: z.string().regex(uuidPattern),
  group: z.enum(groups),
  iat: z.number().int(),
  exp: z.number().int(),
});

type TokenSettings = Pick<Config["tokens"], "algorithm" | "secret" | "previousSecret" | "accessSeconds">;

/** HS256 (or 384, 512) access tokens after RFC 9068. Two secrets live side by side while keys rotate, told apart by `kid`. */
export function createAccessTokens(config: TokenSettings, issuer: string): AccessTokens {
  const keys = new Map<string, Uint8Array>();
  const keyId = (secret: string): string => sha256Hex(`kid:${secret}`).slice(0, 16);
  for (const secret of [config.secret, config.previousSecret])
    if (secret !== undefined) keys.set(keyId(secret), new TextEncoder().encode(secret));
  const currentId = keyId(config.secret);
  const currentKey = new TextEncoder().encode(config.secret);

  return {
    async issue(actor, now, tokenId) {
      const issuedAt = Math.floor(now.getTime() / 1000);
      const token = await new SignJWT({ sid: actor.sessionId, company: actor.companyId, group: actor.group })
        .setProtectedHeader({ alg: config.algorithm, typ: tokenType, kid: currentId })
        .setIssuer(issuer)
        .setAudience(audience)
        .setSubject(actor.userId)
        .setJti(tokenId)
        .setIssuedAt(issuedAt)
        .setExpirationTime(issuedAt + config.accessSeconds)
        .sign(currentKey);
      return { token, expiresIn: config.accessSeconds };
    },
    async verify(token, now) {
      if (token.length > maxTokenLength || !compactForm.test(token)) throw refused();
      const payload = await jwtVerify(
        token,
        ({ kid }) => {
          const key = kid === undefined ? undefined : keys.get(kid);
          if (key === undefined) throw refused();
          return key;
        },
        {
          algorithms: [config.algorithm],
          issuer,
          audience,
          typ: tokenType,
          requiredClaims: ["sub", "sid", "jti", "company", "group", "iat", "exp"],
          maxTokenAge: config.accessSeconds,
          clockTolerance: clockToleranceSeconds,
          currentDate: now,
        },
      ).then(
        (result): JWTPayload => result.payload,
        (error: unknown) => {
          if (error instanceof errors.JOSEError || error instanceof AppError || error instanceof TypeError)
            throw refused();
          throw error;
        },
      );
      const parsed = claims.safeParse(payload);
      // The tolerance is for its beginning alone.
      if (!parsed.success || parsed.data.exp * 1000 <= now.getTime()) throw refused();
      const { sub, company, sid, group } = parsed.data;
      return { userId: sub as UserId, companyId: company as CompanyId, sessionId: sid as SessionId, group };
    },
  };
}

const refused = (): AppError =>
  new AppError(
    "unauthorized",
    "The access token is missing, wrong or expired. Send Authorization: Bearer with the access_token of a sign-in.",
  );
