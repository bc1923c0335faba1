import type { RatePolicy } from "../../shared/rate-limit.ts";

/** Guessing from one network is slow, an office behind one address can still sign in on a Monday morning. */
export const loginByNetwork: RatePolicy = { name: "login-network", limit: 60, windowSeconds: 300 };
/** Ten tries at once, then one every ninety seconds: enough for a person who mistypes, too slow for one who guesses. */
export const loginByAccount: RatePolicy = { name: "login-account", limit: 10, windowSeconds: 900 };
export const bootstrapByNetwork: RatePolicy = { name: "bootstrap", limit: 5, windowSeconds: 900 };
/** Each try costs us a hash and somebody a mail. */
export const registerByNetwork: RatePolicy = { name: "register-network", limit: 20, windowSeconds: 3600 };
export const registerByAccount: RatePolicy = { name: "register-account", limit: 5, windowSeconds: 3600 };
/** Every open tab refreshes twice an hour, and all of an office behind one address. */
export const refreshByNetwork: RatePolicy = { name: "refresh-network", limit: 300, windowSeconds: 300 };
/** Tabs that wake together race with one another; a session that needs more than this is being played with. */
export const refreshBySession: RatePolicy = { name: "refresh-session", limit: 60, windowSeconds: 300 };
export const forgotByNetwork: RatePolicy = { name: "forgot-network", limit: 20, windowSeconds: 3600 };
/** Nobody is sent more mails than this because somebody typed their address. */
export const forgotByAccount: RatePolicy = { name: "forgot-account", limit: 5, windowSeconds: 3600 };
/** Verify, reset and accept: a mailed secret cannot be guessed, but a good one costs a hash. */
export const mailedTokenByNetwork: RatePolicy = { name: "mailed-token-network", limit: 60, windowSeconds: 900 };
export const mailedTokenBySubject: RatePolicy = { name: "mailed-token-subject", limit: 20, windowSeconds: 900 };
/** Who holds a stolen access token must not find out the password with it. */
export const passwordChangeByUser: RatePolicy = { name: "password-change", limit: 10, windowSeconds: 900 };

/** Signing in on one device more ends the session used longest ago. */
export const maxSessionsPerUser = 20;

/** Two tabs refresh at once, or an answer is lost and the call repeated: so long a spent token is a race, then a theft. */
export const refreshRaceSeconds = 10;
/** The winner's answer is on its way to the loser's cookie jar. */
export const refreshRetryAfterSeconds = 1;

export const passwordLength = { min: 15, max: 128 } as const;

/** Any fixed number: serialises the making of the first Super Admin, by HTTP and on the command line. */
export const bootstrapLock = 727_001;
