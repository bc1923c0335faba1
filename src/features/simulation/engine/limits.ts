/** The most iterations one accumulator may hold: exact sums have room for so many (2¹⁴). The API allows 10,000. */
export const MAX_ITERATIONS = 16_384;
