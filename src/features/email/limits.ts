/** A claim this old belongs to nobody: longer than a sender needs for a batch in which every call hangs. */
export const leaseSeconds = 120;
/** A mail service that has not answered by then is tried again later. */
export const sendTimeoutMs = 10_000;
/** What a sender still needs of its claim to begin a call: the call, and storing what came of it. */
export const leaseReserveSeconds = 30;

/** One claim. Small, so that a sender that dies holds up few mails. */
export const mailsPerClaim = 20;
/** Of those, as many claims' worth are looked at one by one: room for that many senders at the same moment. */
export const claimSlack = 5;
/** What one tick of the clock sends at most, and how long it goes on claiming: the next one comes a minute later. */
export const mailsPerTick = 200;
export const tickSeconds = 45;
/** Due mails that a claim looks at, oldest first, to give every company its turn. */
export const claimWindow = 5_000;
/** Calls to the mail service at a time: providers admit tens a second, and Workers six connections a request. */
export const sendsAtOnce = 5;

/** First pause after a failure; each further one is twice as long, up to the longest. */
export const firstPauseSeconds = 30;
export const longestPauseSeconds = 3_600;
/** With the pauses above about five hours. A claim whose sender died counts too, so nothing is tried for ever. */
export const maxAttempts = 12;

/** Storing an outcome is tried again this often, since a mail that is sent and not marked may be sent twice. */
export const settleTries = 4;
export const settlePauseMs = 500;

/** For the question whether somebody has been written to. */
export const keepSentDays = 7;
/** For an operator to look at, mend and send again. */
export const keepDeadDays = 30;
/** Rows a tick deletes at most. */
export const sweptPerTick = 2_000;

/** What readiness counts up to. */
export const maxCounted = 10_000;
