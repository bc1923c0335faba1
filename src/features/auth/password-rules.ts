import { commonWalks, commonWords } from "./common-words.ts";
import { passwordLength } from "./limits.ts";

const product = "etter";
const minContextLength = 4;
/** Fewer characters beside words of the context are no password. */
const minRest = 8;
const minDistinct = 5;
/** So many keys in one piece are a walk. */
const minWalk = 4;
/** Fewer characters beside common words, walks and digits are no password. */
const minUnusual = 3;

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
const plainOf = (password: string): string => password.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");

/** Of common words, walks over the keyboard and digits, and of hardly anything else. */
function isCommon(plain: string): boolean {
  const unusual = without(withoutWalks(plain), commonWords);
  const isOfDigits = /^\p{N}+$/u.test(plain);
  return (isOfDigits ? unusual : unusual.replace(/\p{N}+/gu, "")).length < minUnusual;
}

const walks = commonWalks.flatMap((walk) => [walk, [...walk].toReversed().join("")]);

/** Cuts out what goes along a walk for a while, the longest way first. */
function withoutWalks(plain: string): string {
  let [rest, from] = ["", 0];
  while (from < plain.length) {
    const steps = Math.max(...walks.map((walk) => stepsAlong(walk, plain.slice(from))));
    if (steps < minWalk) rest += plain.charAt(from);
    from += steps < minWalk ? 1 : steps;
  }
  return rest;
}

/** How many characters `text` begins with that are in the walk in one piece. */
function stepsAlong(walk: string, text: string): number {
  let steps = Math.min(text.length, walk.length);
  while (steps >= minWalk && !walk.includes(text.slice(0, steps))) steps -= 1;
  return steps >= minWalk ? steps : 0;
}

/** Names as they are and in their parts: "morgan.meyer" is `morganmeyer`, `morgan`, `meyer`. */
const contextOf = (names: readonly string[]): string[] =>
  names
    .flatMap((name) => [plainOf(name), ...name.split(/[^\p{L}\p{N}]+/u).map(plainOf)])
    .filter((word) => word.length >= minContextLength);

/** The longest first, so that a part of a word does not leave half of it. */
const without = (text: string, words: readonly string[]): string =>
  words.toSorted((a, b) => b.length - a.length).reduce((rest, word) => rest.replaceAll(word, ""), text);
