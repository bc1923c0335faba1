import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createVerdictSignatures } from "../../../src/platform/crypto/verdict-signatures.ts";
import { verdictHeaders } from "../../support/verdict-signature.ts";

const secret = "s".repeat(32);
const now = new Date("2026-11-30T12:00:00.900Z");
const at = (seconds: number) => new Date(now.getTime() + seconds * 1000);
const signatures = createVerdictSignatures(secret, { now: () => now });
const given = (headers: Record<string, string>) => ({
  timestamp: headers["X-Etter-Timestamp"],
  signature: headers["X-Etter-Signature"],
});

describe("the signature of a verdict", () => {
  it("is good for its body, also one with umlauts, and for five minutes either way", async () => {
    for (const body of ["", "{}", '{"reason":"Größe"}'])
      expect(await signatures.verify(given(verdictHeaders(secret, body, now)), body)).toBe(true);
    for (const [seconds, good] of [
      [-299, true],
      [299, true],
      [-302, false],
      [302, false],
    ] as const)
      expect(await signatures.verify(given(verdictHeaders(secret, "{}", at(seconds))), "{}"), String(seconds)).toBe(
        good,
      );
  });

  it("is the one that OpenSSL makes", async () => {
    // printf '1796040000.{}' | openssl dgst -sha256 -hmac ssssssssssssssssssssssssssssssss
    const signature = "v1=1e0180cfb0a82a7b6756d2b7ac7e92ec69741612017dc8081f64d6e84e792cc5";
    expect(await signatures.verify({ timestamp: "1796040000", signature }, "{}")).toBe(true);
  });

  it("is good for nothing else: another time, body, secret, spelling, or none at all", async () => {
    const { timestamp, signature } = given(verdictHeaders(secret, "{}", now)) as {
      timestamp: string;
      signature: string;
    };
    const later = String(Number(timestamp) + 1);
    for (const [headers, body] of [
      [{ timestamp, signature }, "{ }"],
      [{ timestamp: later, signature }, "{}"],
      [{ timestamp: `0${timestamp}`, signature }, "{}"],
      [{ timestamp: `${timestamp}.0`, signature }, "{}"],
      [{ timestamp, signature: signature.toUpperCase() }, "{}"],
      [{ timestamp, signature: signature.slice(0, -1) }, "{}"],
      [{ timestamp, signature: signature.slice(3) }, "{}"],
      [{ timestamp, signature: undefined }, "{}"],
      [{ timestamp: undefined, signature }, "{}"],
      [given(verdictHeaders(`${secret}x`, "{}", now)), "{}"],
    ] as const)
      expect(await signatures.verify(headers, body), JSON.stringify(headers)).toBe(false);
    // Without a secret not even what an empty one signs.
    const without = createVerdictSignatures(undefined, { now: () => now });
    expect(await without.verify(given(verdictHeaders("", "{}", now)), "{}")).toBe(false);
  });

  it("takes no rubbish for one", async () => {
    const text = fc.oneof(
      fc.string(),
      fc.string().map((tail) => `v1=${tail}`),
      fc.constant("v1=".padEnd(67, "0")),
    );
    await fc.assert(
      fc.asyncProperty(
        text,
        fc.oneof(fc.string(), fc.constant("1796040000")),
        fc.string(),
        async (signature, timestamp, body) => {
          expect(await signatures.verify({ timestamp, signature }, body)).toBe(false);
        },
      ),
    );
  });
});
