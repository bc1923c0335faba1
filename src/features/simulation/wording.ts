/** Numbers and names as the texts for people write them. */

export const number = (value: number, digits = 0): string =>
  value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });

/** Whole numbers bare, others with two decimals. */
export const figure = (value: number): string => number(value, Number.isInteger(value) ? 0 : 2);

export const percent = (share: number): string => `${number(share * 100)} %`;

export const people = (count: number): string => (count === 1 ? "1 person" : `${figure(count)} people`);

export const months = (count: number): string => (count === 1 ? "1 month" : `${number(count)} months`);

/** A name from a request must not turn into Markdown or HTML. */
export const plainText = (name: string): string =>
  name.replace(/[\\`*_{}[\]<>()#+!|~&-]/g, "\\$&").replace(/\s+/g, " ");
