import type { RatePolicy } from "../../shared/rate-limit.ts";

export const nameLength = 100;
/** A theme is a few colours and switches. */
export const themeLimits = { bytes: 4 * 1024, depth: 5 } as const;

/**
 * A part of an address that many have is found among the newest of the list, without its index; what so many do not hold
 * is rare as a rule, and the index is quick. Two milliseconds of Postgres.
 */
export const newestTried = 2_000;

/** Any fixed number: who changes a company's people waits for whoever else does, so that two cannot both be the last to go. */
export const keepersLock = 727_020;

/** A company that moves in is invited by a script within hours; a stolen session mails to few. */
export const invitationsByCompany: RatePolicy = { name: "invitations-company", limit: 300, windowSeconds: 3600 };
/** Nobody is mailed more often than this because somebody of one company presses buttons: invite, delete, invite, send again. */
export const invitationsByAddress: RatePolicy = { name: "invitations-address", limit: 5, windowSeconds: 3600 };
/** Each change is a line in the audit; nobody picks colours faster. */
export const profileByUser: RatePolicy = { name: "profile", limit: 60, windowSeconds: 60 };
