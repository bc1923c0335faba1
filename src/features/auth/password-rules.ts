import { sha256 } from "@noble/hashes/sha2.js";
import { utf8ToBytes } from "@noble/hashes/utils.js";
import { commonPasswordDigests } from "./common-passwords.ts";
import { passwordLength } from "./limits.ts";

/** The start of what people choose when asked for a long password; refused when there is nothing else but digits. */
const commonWords = [
  "password",
  "passwort",
  "letmein",
  "welcome",
  "qwertyuiop",
  "asdfghjkl",
  "iloveyou",
  "administrator",
  "changeme",
  "trustno",
  "correcthorsebatterystaple",
  "thisismypassword",
  "mypassword",
  "secret",
  "monkey",
  "dragon",
  "football",
  "baseball",
  "sunshine",
  "princess",
];
const product = "etter";
const minContextLength = 4;
/** Fewer characters beside words of the context are no password. */
const minRest = 8;
const minDistinct = 5;

export interface PasswordContext {
  readonly email: string;
  readonly words?: readonly string[];
}

/**
 * Why a password is refused, as a sentence part ("must …"), or undefined when it will do. Length counts (15–128
 * characters), classes do not; common ones and words of the context (mail name, company, product) are refused
 * when the password is made of little else.
 */
export function passwordFault(password: string, { email, words = [] }: PasswordContext): string | undefined {
  const length = [...password].length;
  if (length < passwordLength.min) return `must have at least ${passwordLength.min} characters`;
  if (length > passwordLength.max) return `must have at most ${passwordLength.max} characters`;
  const plain = plainOf(password);
  if (new Set(plain).size < minDistinct) return "must not repeat a few characters";
  if (isCommon(plain)) return "must not be a common password";
  const rest = without(plain, contextOf([email.split("@")[0] ?? "", product, ...words]));
  if (rest !== plain && rest.length < minRest) return "must not be made of your name, company or this product";
  return undefined;
}

/** As passwords are compared with others: letters and digits, in lower case. */
export const plainOf = (password: string): string => password.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");

function isCommon(plain: string): boolean {
  const letters = plain.replace(/\p{N}+/gu, "");
  if (letters !== "" && without(letters, commonWords) === "") return true;
  return isListed(commonDigest(plain));
}

/** Names as they are and in their parts: "morgan.meyer" is `morganmeyer`, `morgan`, `meyer`. */
const contextOf = (names: readonly string[]): string[] =>
  names
    .flatMap((name) => [plainOf(name), ...name.split(/[^\p{L}\p{N}]+/u).map(plainOf)])
    .filter((word) => word.length >= minContextLength);

/** The longest first, so that a part of a word does not leave half of it. */
const without = (text: string, words: readonly string[]): string =>
  words.toSorted((a, b) => b.length - a.length).reduce((rest, word) => rest.replaceAll(word, ""), text);

/** Characters of a digest in the list: 48 bits, of which one in a hundred billion passwords hits one by chance. */
const digestLength = 8;

/** The start of the SHA-256 of a plain password, in base64url: how the list of common ones names it. */
export const commonDigest = (plain: string): string =>
  btoa(String.fromCharCode(...sha256(utf8ToBytes(plain)).subarray(0, 6)))
    .replaceAll("+", "-")
    .replaceAll("/", "_");

/** The list is one string, in order, every digest as long as the other: halved until it is there or not. */
function isListed(digest: string): boolean {
  let [from, to] = [0, commonPasswordDigests.length / digestLength];
  while (from < to) {
    const middle = (from + to) >>> 1;
    const found = commonPasswordDigests.slice(middle * digestLength, (middle + 1) * digestLength);
    if (found === digest) return true;
    if (found < digest) from = middle + 1;
    else to = middle;
  }
  return false;
}
