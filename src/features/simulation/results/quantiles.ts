/** The quantiles that a run keeps of every metric at every Step: those that can be asked for, ascending. */
export const quantileKeys = ["p5", "p10", "p25", "p50", "p75", "p90", "p95"] as const;
export type QuantileKey = (typeof quantileKeys)[number];

/** `p25,p5` → the keys, ascending, each once. */
export const toQuantileKeys = (text: string): QuantileKey[] => {
  const wanted = new Set(text.split(",").map((key) => key.trim()));
  return quantileKeys.filter((key) => wanted.has(key));
};
