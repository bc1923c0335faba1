import type { RatePolicy } from "../../shared/rate-limit.ts";

/** Guessing from one network is slow, an office behind one address can still sign in on a Monday morning. */
export const loginByNetwork: RatePolicy = { name: "login-network", limit: 60, windowSeconds: 300 };
/** Ten tries at once, then one every ninety seconds: enough for a person who mistypes, too slow for one who guesses. */
export const loginByAccount: RatePolicy = { name: "login-account", limit: 10, windowSeconds: 900 };
export const bootstrapByNetwork: RatePolicy = { name: "bootstrap", limit: 5, windowSeconds: 900 };

/** Signing in on one device more ends the session used longest ago. */
export const maxSessionsPerUser = 20;

export const passwordLength = { min: 15, max: 128 } as const;
