import type { RatePolicy } from "../../shared/rate-limit.ts";

/** Long enough for the largest document over a slow line with a night in between. */
export const sessionSeconds = 3 * 24 * 3600;
/** As long as one part takes over a slow line; asked for again when it has run out. */
export const partUrlSeconds = 15 * 60;
export const maxUrlsPerCall = 100;
/** A download begins at once or not at all. */
export const downloadUrlSeconds = 300;
/** An uploader that lost its way is stopped; a browser with a hundred files waits its turn. */
export const maxOpenUploadsPerCompany = 100;
export const maxFoldersPerCompany = 10_000;
/** Documents of a folder are counted up to here: a page of folders must not cost more the more is in them. */
export const maxCountedDocuments = 1_000;
/** How a folder is deleted. */
interface DeletionPace {
  /** Documents that one statement takes on, under the company's lock: milliseconds. */
  readonly batch: number;
  /** Documents whose objects one call to S3 deletes. */
  readonly atOnce: number;
  /** Batches that one call of ours, and one turn of the clock, take on. */
  readonly call: number;
  readonly turn: number;
}
/** A call to S3 for each document, two for one that is young. */
export const deletionOneByOne: DeletionPace = { batch: 60, atOnce: 1, call: 3, turn: 5 };
/** Six calls to S3 a batch, all at once: two keys a document at most, which takes Swift some seconds on a slow machine. */
export const deletionTogether: DeletionPace = { batch: 150, atOnce: 25, call: 6, turn: 40 };
/** A caller is answered after this, however much is left. */
export const deletionCallSeconds = 5;
export const deletionTurnSeconds = 20;
/** A deletion that nobody has gone on with for so long is the clock's. */
export const deletionIdleSeconds = 60;
/** A Worker has six connections at once. */
export const clearedAtOnce = 6;
export const healedAtOnce = 6;
/** Deletions that one sweep goes on with; they share its batches and its time. */
export const maxDeletionsPerSweep = 5;
/** What a Worker takes in one request: 100 MB is the platform's bound. */
export const maxProxyPartBytes = 95 * 1024 * 1024;

/** What a page can do by Uppy's address; it asks for another when the hour is over, and goes on with the same upload. */
export const uppyUrlSeconds = 3600;
/**
 * An upload whose size nobody told passes through us, counted. A stock Uppy sends 5 MiB a part, hence 5 GB; with the
 * largest parts it is 16 GB. Each part must find room; only parts that are on their way at once may exceed the quota together.
 */
export const openEndedLimits = { partBytes: 16 * 1024 * 1024, parts: 1_000 } as const;

/** Longer than completing takes when nothing is down: S3's calls are each cut off well before. */
export const leaseSeconds = 120;
/** How long a caller that finds another one completing waits for its outcome, looking so often. */
export const completionWaitMs = 20_000;
export const completionPollMs = { first: 100, most: 1_000 } as const;

/** What content checks look at of a document too large to be read whole: signatures, and an archive's directory. */
export const headBytes = 256 * 1024;
export const tailBytes = 1024 * 1024;
/** Some hundred thousand names. An archive with more of them is not let in unseen. */
export const maxDirectoryBytes = 8 * 1024 * 1024;
/** An older Office document is read through in pieces, within the lease as a hash is. A larger one is not let in unseen. */
export const maxCompoundBytes = 128 * 1024 * 1024;
export const pieceBytes = 4 * 1024 * 1024;

/**
 * Up to here the SHA-256 of the whole is checked when an upload is completed: read through once more, in a few seconds, and
 * at 7 MiB a second still within the lease.
 */
export const maxHashedBytes = 512 * 1024 * 1024;

export const metadataLimits = { bytes: 8 * 1024, depth: 5 } as const;
export const roleLength = 100;
export const reasonLength = 500;
export const searchLength = 200;
/** Rows of the list that a search looks at before it asks the index: a millisecond. */
export const searchedInOrder = 500;

/** A person who clicks is far below; a loop that went wrong is stopped. */
export const uploadsByNetwork: RatePolicy = { name: "uploads-network", limit: 600, windowSeconds: 60 };
export const uploadsByUser: RatePolicy = { name: "uploads-user", limit: 300, windowSeconds: 60 };

/**
 * Calls to other machines that one turn of the clock makes for documents; what is left waits a minute. A kind may pass its
 * bound by what it has under way. With the mails of a turn (some 410) all of it fits into a thousand, which a Worker may make.
 */
export const callsPerTurn = { due: 200, folders: 300, orphans: 25, lostObjects: 30 } as const;
/** Then a turn's sweep takes nothing more on: the next turn begins a minute after this one did. */
export const sweepSeconds = 40;
/** Documents that a turn takes on at most: leases that ended, which people wait for, and all others. Neither can keep the other waiting. */
export const maxDuePerSweep = { leases: 60, others: 190 } as const;
/** An incoming object can be written until its URL runs out; then it is deleted once more, and one whose upload is over needs no longer grace. */
export const incomingGraceSeconds = partUrlSeconds + 5 * 60;
/** A scanner that has not answered is asked again after so long at first, then after as long as it has been waited for. */
export const scanRetrySeconds = { first: 300, most: 2 * 3600 } as const;
/** Then it is given up, and the document quarantined: by then it was asked some eighteen times. */
export const scanGiveUpSeconds = 24 * 3600;
/** A scanner may have a queue; the address it was given to read is then asked for anew. */
export const scanUrlSeconds = 3600;
/** To take a request, not to scan. */
export const scannerTimeoutMs = 4_000;
/** An object without a row is left alone for so long: a database restored from a copy must not cost documents. */
export const orphanGraceSeconds = 7 * 24 * 3600;
export const maxOrphansPerTurn = 20;
/** Documents whose object is looked for in a turn: some forty thousand a day. */
export const maxLooksPerTurn = callsPerTurn.lostObjects;
/** When none of so many is there, the settings name another bucket. */
export const bucketInDoubt = 10;
