import { commonWalks, commonWords, fillerWords } from "./common-words.ts";
import { passwordLength } from "./limits.ts";

const product = "etter";
const minContextLength = 4;
/** Fewer characters beside words of the context are no password. */
const minRest = 8;
const minDistinct = 5;
/** So many keys in one piece are a walk. */
const minWalk = 4;
/** Fewer characters beside common words, walks and digits are no password … */
const minUnusual = 3;
/** … unless there are so many different words: who guesses them must try all of our list that often over. */
const minDifferentWords = 4;
/** Fewer letters that come again are no repetition: a password of digits may have a letter twice. */
const minRepeated = 6;

export interface PasswordContext {
  readonly email: string;
  readonly words?: readonly string[];
}

/**
 * Why a password is refused, as a sentence part ("must …"), or undefined when it will do. Length counts (15–128
 * characters), classes do not; common ones and words of the context (mail name, company, product) are refused
 * when the password is made of little else; and so is one that says the same again.
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
  if (isRepetition(plain)) return "must not be the same again and again";
  return undefined;
}

/** As passwords are compared with others: letters and digits, in lower case. */
const plainOf = (password: string): string => password.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");

/** Of a few common words, walks over the keyboard and digits, and of hardly anything else. */
function isCommon(plain: string): boolean {
  const rest = withoutWalks(plain);
  if (/^\p{N}+$/u.test(plain)) return rest.length < minUnusual;
  const { unusual, different } = inWords(rest);
  return unusual < minUnusual && different < minDifferentWords;
}

/** The same letters twice or more, whatever digits stand between. */
function isRepetition(plain: string): boolean {
  const letters = plain.replace(/\p{N}+/gu, "");
  const parts = letters.length < minRepeated ? [plain] : [plain, letters];
  return parts.some((part) => /^(.+?)\1+$/u.test(part));
}

const common = new Set(commonWords);
const fillers = new Set(fillerWords);
const longestWord = Math.max(...commonWords.map(({ length }) => length));

interface InWords {
  /** Letters that belong to no word. */
  readonly unusual: number;
  readonly words: readonly string[];
}

const empty: InWords = { unusual: 0, words: [] };

/** Takes a text apart so that the fewest letters are left over, and then into the fewest words. Digits count for nothing. */
function inWords(text: string): { unusual: number; different: number } {
  const best: InWords[] = [empty];
  for (let end = 1; end <= text.length; end += 1) {
    const before = best[end - 1] ?? empty;
    const isDigit = /\p{N}/u.test(text.charAt(end - 1));
    let found: InWords = isDigit ? before : { ...before, unusual: before.unusual + 1 };
    for (let start = Math.max(0, end - longestWord); start < end - 1; start += 1) {
      const word = text.slice(start, end);
      const upTo = best[start] ?? empty;
      if (fillers.has(word)) found = better(found, upTo);
      else if (common.has(word)) found = better(found, { ...upTo, words: [...upTo.words, word] });
    }
    best.push(found);
  }
  const { unusual, words } = best[text.length] ?? empty;
  return { unusual, different: new Set(words).size };
}

const better = (one: InWords, other: InWords): InWords =>
  (other.unusual - one.unusual || other.words.length - one.words.length) < 0 ? other : one;

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
