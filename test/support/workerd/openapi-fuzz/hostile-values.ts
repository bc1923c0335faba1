import { resolved, type OpenApiDocument, type Schema } from "./document.ts";

/** Stands in every hostile string: an answer that holds it has echoed a value. */
export const canary = "etter-canary-7f3a";
/** The same for numbers: these digits come from nowhere else. */
export const canaryNumber = 735_192_584;

/** A token that JSON.stringify cannot write, such as 1e999. */
export class RawJson {
  readonly token: string;

  constructor(token: string) {
    this.token = token;
  }
}

const nest = (levels: number): unknown => {
  let value: unknown = [];
  for (let level = 0; level < levels; level += 1) value = level % 2 === 0 ? [value] : { a: value };
  return value;
};

export const hostileStrings: readonly string[] = [
  "",
  " ",
  "\t\r\n",
  canary,
  `${canary}\0`,
  `${canary}\u{d800}`,
  `\u{dc00}${canary}`,
  `\u{feff}${canary}\u{202e}\u{2028}`,
  `${"👩‍👩‍👧‍👦".repeat(30)}${canary}`,
  `'; DROP TABLE users; --${canary}`,
  `%s%n%00{{7*7}}\${7*7}${canary}`,
  `<script>alert("${canary}")</script>`,
  `../../etc/passwd${canary}`,
  `nobody.${canary}@example.com`,
  "Z̸̡̛".repeat(200),
  "12",
  "1e3",
  "true",
  "__proto__",
  "NaN",
  "ſK",
  canary.repeat(2_000),
];

const hostileNumbers: readonly unknown[] = [
  0,
  -0,
  -1,
  0.5,
  -1.5,
  canaryNumber,
  canaryNumber + 0.25,
  5e-324,
  1e308,
  -1e308,
  2 ** 31,
  2 ** 53 + 2,
  new RawJson("1e999"),
  new RawJson("-1e999"),
  new RawJson("9".repeat(400)),
  new RawJson(`0.${"1".repeat(400)}`),
];

const hostileOthers = (): readonly unknown[] => [
  null,
  true,
  false,
  [],
  {},
  [canary],
  { toString: canary },
  { length: 1e9 },
  nest(300),
  Array.from({ length: 5_000 }, (_, index) => index),
  Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`field_${index}`, canary])),
];

/** Values of every kind, right and wrong, and those at and beyond each limit the schema names. */
export function hostileValues(document: OpenApiDocument, given: Schema): unknown[] {
  const schema = resolved(document, given);
  return [...limitValues(schema), ...hostileStrings, ...hostileNumbers, ...hostileOthers()];
}

function limitValues(schema: Schema): unknown[] {
  const values: unknown[] = [];
  const { minimum, maximum, exclusiveMinimum, minLength, maxLength, maxItems } = schema;
  if (minimum !== undefined) values.push(minimum - 1, minimum);
  if (exclusiveMinimum !== undefined) values.push(exclusiveMinimum);
  if (maximum !== undefined) values.push(maximum + 1);
  if (minLength !== undefined && minLength > 0) values.push("y".repeat(minLength - 1));
  if (maxLength !== undefined) values.push("y".repeat(maxLength), "y".repeat(maxLength + 1), "😀".repeat(maxLength));
  if (maxItems !== undefined) values.push(Array.from({ length: maxItems + 1 }, () => ({})));
  if (schema.enum !== undefined) values.push(`${canary} none of the enum`);
  return values;
}
