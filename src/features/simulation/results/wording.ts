/** Numbers and names as the texts for people write them. */

const format = (digits: number) =>
  new Intl.NumberFormat("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
/** Made once: a large run's texts have thousands of numbers, and `toLocaleString` makes a format for each. */
const formats = { 0: format(0), 2: format(2) } as const;

export const number = (value: number, digits: keyof typeof formats = 0): string => formats[digits].format(value);

/** Whole numbers bare, others with two decimals. */
export const figure = (value: number): string => number(value, Number.isInteger(value) ? 0 : 2);

/** What is only rounding away from nothing, or from all. */
const rounding = 1e-9;

/** Little is not told as nothing, nor most as all. */
export function percent(share: number): string {
  const rounded = number(share * 100);
  if (rounded === "0" && share > rounding) return "under 1 %";
  if (rounded === "100" && share < 1 - rounding) return "over 99 %";
  return `${rounded} %`;
}

/** As the beginning of one. */
export const sentence = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);

export const people = (count: number): string => (count === 1 ? "1 person" : `${figure(count)} people`);

export const months = (count: number): string => (count === 1 ? "1 month" : `${number(count)} months`);

export const are = (count: number): string => (count === 1 ? "is" : "are");

/**
 * What some renderer makes a link of, though no sign says so. Escapes do not help: remark-gfm looks once more at the text that
 * they were taken out of, as GitHub does for mail addresses.
 */
const address = /@|\/\/|www\.|[\p{L}\p{N}][.\u3002\uff0e\uff61]\p{L}{2}/iu;

/** A name from a request must not turn into Markdown or HTML, neither by a sign nor as a numbered line; an address becomes code. */
export function plainText(name: string): string {
  const line = name.replace(/\s+/g, " ");
  if (address.test(line)) return code(line);
  return line.replace(/[\\`*_{}[\]<>()#+!|~&-]/g, "\\$&").replace(/(?<=^\s*\d+)\./, "\\.");
}

/** Between more backticks than the text has in a row (CommonMark, code spans). */
function code(text: string): string {
  const fence = "`".repeat(1 + Math.max(0, ...(text.match(/`+/g) ?? []).map((run) => run.length)));
  return `${fence}${/^`|`$/.test(text) ? ` ${text} ` : text}${fence}`;
}
