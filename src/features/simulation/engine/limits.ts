/** The most iterations one accumulator may hold: exact sums have room for so many (2¹⁴). The API allows 10,000. */
export const MAX_ITERATIONS = 16_384;

/** Cells of a quantile counter, per Step and metric: the organisation's, and each role's. */
export const ORGANISATION_BINS = 2048;
export const ROLE_BINS = 512;

/**
 * What the roles' counters may take in one accumulator; beyond it there are none. A merge holds three accumulators at
 * worst (its own, a shard's, the shard's bytes) and has 64 MB for them.
 */
export const COUNTER_MEMORY_BYTES = 8 * 1024 * 1024;
