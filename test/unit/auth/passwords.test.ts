import { randomBytes, scryptSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { passwordFault } from "../../../src/features/auth/password-rules.ts";
import { createPasswordHasher } from "../../../src/platform/crypto/password.ts";

describe("passwordFault", () => {
  const email = "morgan.meyer@example.com";

  it.each([
    "three unlikely words",
    "ünïcödé is fine too!",
    "x9$kLq02vbT7!mZe",
    "a".repeat(20) + "bcdefghij klmno",
    "fifteen letters",
    Array.from({ length: 128 }, (_, index) => String.fromCodePoint(97 + ((index * index) % 26))).join(""),
    "I met Morgan at the Acme fair",
    "a dragon that secretly likes football",
    "we were at the poetry stand",
    "8204 1937 5561 0372",
    // Four words that have nothing to do with one another, also of our own list.
    "coffee thunder london rabbit",
    "purple elephant dances slowly",
    "violin carpet anchor meadow",
    "my dog eats orange umbrellas",
  ])("accepts %s", (password) => {
    expect(passwordFault(password, { email })).toBeUndefined();
  });

  it.each([
    ["short one", /at least 15/],
    ["fourteen chars", /at least 15/],
    [`${"sixteen or more ".repeat(8)}.`, /at most 128/],
    ["aaaaaaaaaaaaaaaaaaaa", /repeat/],
    ["PasswordPassword1!", /common/],
    ["correct horse battery staple", /common/],
    ["Sunshine, princess!", /common/],
    // Digits, walks over the keyboard, phrases; letters in any case, whatever stands between.
    ["123456789012345", /common/],
    ["1234 5678 9098 7654 321", /common/],
    ["1qaz2wsx3edc4rfv", /common/],
    ["Q1W2E3R4T5Y6U7I8", /common/],
    ["qwertyuiopasdfgh", /common/],
    ["0987654321qwerty", /common/],
    ["asdfghjkl-password-2026", /common/],
    // One word or two again and again, names and numbers, whatever little words stand between.
    ["liverpoolliverpool", /common/],
    ["chocolatechocolate", /common/],
    ["iloveyouforever", /common/],
    ["thisismypassword", /common/],
    ["computercomputer", /common/],
    ["starwarsstarwars", /common/],
    ["jessica1234567890", /common/],
    ["harrypotter12345", /common/],
    ["jordan23jordan23", /common/],
    ["My name is Jessica 1990", /common/],
    ["michael-jessica-2024!", /common/],
    ["Summer2024Summer2024", /common/],
    ["chelsea football club", /common/],
    // What says the same again, in words that nobody knows.
    ["zwyrkol zwyrkol zwyrkol", /again/],
    ["Qvortle99 Qvortle00", /again/],
    ["8204193782041937", /again/],
    ["stairway to heaven", /common/],
    ["morgan.meyer-2026", /your name/],
    ["etteretter etter 12", /your name|repeat/],
    ["acme-industries-1", /your name/],
    ["Industries Industries", /your name/],
    ["morgan morgan morgan", /common/],
    ["meyer meyer 1 meyer meyer", /your name/],
    ["meyer@acme, on etter", /your name/],
  ])("refuses %s", (password, reason) => {
    expect(passwordFault(password, { email, words: ["Acme Industries"] })).toMatch(reason);
  });

  it("counts characters, not code units", () => {
    expect(passwordFault("😀😃😄😁😆😅😂🙂🙃😉😊😇🥰😍", { email })).toMatch(/at least 15/);
  });
});

describe("the password hasher", () => {
  const hasher = createPasswordHasher((length) => randomBytes(length));

  it("verifies what it hashed, and nothing else", async () => {
    const phc = await hasher.hash("three unlikely words together");
    expect(phc).toMatch(/^\$scrypt\$ln=15,r=8,p=3\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
    expect(await hasher.verify("three unlikely words together", phc)).toEqual({ matches: true, needsRehash: false });
    expect(await hasher.verify("three unlikely words togethes", phc)).toEqual({ matches: false, needsRehash: false });
  });

  it("compares the whole password, past 72 bytes", async () => {
    const long = "w".repeat(100);
    const phc = await hasher.hash(`${long}a`);
    expect((await hasher.verify(`${long}b`, phc)).matches).toBe(false);
  });

  it("never matches where there is no hash, not even a hash of zeros", async () => {
    expect(await hasher.verify("anything at all", null)).toEqual({ matches: false, needsRehash: false });
  });

  it("asks for a new hash when the parameters are old", async () => {
    const salt = randomBytes(16);
    const key = scryptSync("an old password of mine", salt, 32, { N: 2 ** 14, r: 8, p: 1 });
    const bare = (bytes: Buffer): string => bytes.toString("base64").replace(/=+$/, "");
    const phc = `$scrypt$ln=14,r=8,p=1$${bare(salt)}$${bare(key)}`;
    expect(await hasher.verify("an old password of mine", phc)).toEqual({ matches: true, needsRehash: true });
  });

  it("treats composed and decomposed letters as the same password", async () => {
    const phc = await hasher.hash("caf\u00e9 au lait at noon");
    expect((await hasher.verify("cafe\u0301 au lait at noon", phc)).matches).toBe(true);
  });
});
