/** Numbers and names as the texts for people write them. */

export const number = (value: number, digits = 0): string =>
  value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });

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

/** A name from a request must not turn into Markdown or HTML: neither by a sign, nor as a numbered line, nor as an address. */
export const plainText = (name: string): string =>
  name
    .replace(/[\\`*_{}[\]<>()#+!|~&@-]/g, "\\$&")
    .replace(/:(?=\/\/)|(?<=^\s*\d+)\.|(?<=www)\./gi, "\\$&")
    .replace(/\s+/g, " ");
