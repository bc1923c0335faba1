import { describe, expect, it } from "vitest";
import { createMailSealer } from "../../../src/platform/crypto/mail-sealer.ts";
import { systemRandom } from "../../../src/platform/system.ts";

const [older, newer, other] = ["o", "n", "x"].map((letter) => letter.repeat(32)) as [string, string, string];
const sealer = (secret: string, previousSecret?: string) => createMailSealer({ secret, previousSecret }, systemRandom);
const token = "v1.0f2e.a-token-that-nobody-may-read";
const mail = "7d3f6a52-4d0c-4f8e-9a63-0a54b1f1c6d1";

describe("a sealed token", () => {
  it("opens for its mail, shows nothing of itself, and differs each time", async () => {
    const { seal, open } = sealer(newer);
    const [one, two] = [await seal(token, mail), await seal(token, mail)];
    expect([await open(one, mail), await open(two, mail)]).toEqual([token, token]);
    expect(one).not.toEqual(two);
    expect(new TextDecoder().decode(one)).not.toContain("token");
  });

  it("opens after the key was rotated, while the previous one is known, and not afterwards", async () => {
    const sealed = await sealer(older).seal(token, mail);
    expect(await sealer(newer, older).open(sealed, mail)).toBe(token);
    expect(await sealer(newer).open(sealed, mail)).toBeUndefined();
    expect(await sealer(newer, other).open(sealed, mail)).toBeUndefined();
  });

  it("does not open for another mail, nor with any byte changed or missing", async () => {
    const { seal, open } = sealer(newer, older);
    const sealed = await seal(token, mail);
    expect(await open(sealed, crypto.randomUUID())).toBeUndefined();
    for (const index of sealed.keys()) {
      const changed = sealed.slice();
      changed[index]! ^= 1;
      expect([index, await open(changed, mail)]).toEqual([index, undefined]);
      expect([index, await open(sealed.slice(0, index), mail)]).toEqual([index, undefined]);
    }
  });
});
