import { passwordLength } from "./limits.ts";

/** The start of what people choose when asked for a long password. Compared without case, blanks and digits at the ends. */
const common = [
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
const minContextLength = 4;

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
  const plain = password.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");
  if (new Set(plain).size < 5) return "must not repeat a few characters";
  const letters = plain.replace(/\p{N}+/gu, "");
  if (common.some((word) => consistsOf(letters, word))) return "must not be a common password";
  const context = [email.split("@")[0] ?? "", "etter", ...words].map((w) =>
    w.toLowerCase().replace(/[^\p{L}\p{N}]/gu, ""),
  );
  if (context.some((word) => word.length >= minContextLength && leavesLittle(plain, word)))
    return "must not be made of your name, company or this product";
  return undefined;
}

const consistsOf = (password: string, word: string): boolean => password !== "" && password.replaceAll(word, "") === "";

const minRest = 8;
const leavesLittle = (password: string, word: string): boolean =>
  password.includes(word) && password.replaceAll(word, "").length < minRest;
