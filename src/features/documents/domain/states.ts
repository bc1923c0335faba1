/** Where a document stands. The upload session has no state of its own: it is read off its document. */
export const documentStates = [
  "planned",
  "uploading",
  "completing",
  "scanning",
  "ready",
  "quarantined",
  "aborting",
  "aborted",
  "expired",
  "deleting",
  "deleted",
] as const;
export type DocumentState = (typeof documentStates)[number];

/** Every edge there is. A document leaves a state only by one of these, in one conditional UPDATE. */
const edges: Readonly<Record<DocumentState, readonly DocumentState[]>> = {
  // Its multipart upload does not exist at S3 yet, or we have not heard of it.
  planned: ["uploading", "aborting"],
  uploading: ["completing", "aborting"],
  // Back to uploading when parts are missing. On to aborting when S3 has lost the upload, and when nobody can complete it.
  completing: ["completing", "uploading", "scanning", "ready", "quarantined", "aborting"],
  scanning: ["ready", "quarantined", "deleting"],
  ready: ["quarantined", "deleting"],
  // Approved: readable, or scanned first where there is a scanner.
  quarantined: ["ready", "scanning", "deleting"],
  aborting: ["aborted", "expired"],
  aborted: [],
  expired: [],
  deleting: ["deleted"],
  deleted: [],
};

export const mayBecome = (from: DocumentState, to: DocumentState): boolean => edges[from].includes(to);

/** The states from which `to` may be reached: what the WHERE of its UPDATE lists. */
export const sourcesOf = (to: DocumentState): readonly DocumentState[] =>
  documentStates.filter((from) => mayBecome(from, to));

/** What people see: everything that was not given up or deleted. */
export const visibleStates: readonly DocumentState[] = [
  "planned",
  "uploading",
  "completing",
  "scanning",
  "ready",
  "quarantined",
];

/** Bytes of these count against the company's quota: the trigger `app.count_stored_bytes` names the others. */
export const storedStates: readonly DocumentState[] = [...visibleStates, "aborting", "deleting"];

/** Uploads under way: what the number of open sessions counts. */
export const openStates: readonly DocumentState[] = ["planned", "uploading", "completing"];

/** The object is whole and checked; from here on the upload is over. */
export const storedWholeStates: readonly DocumentState[] = ["scanning", "ready", "quarantined"];

/** Those in which `due_at` is the end of a lease. */
export const leasedStates: DocumentState[] = ["completing", "aborting", "deleting"];

/** Somebody may read the object: everyone, or the scanner. */
export const readableStates: DocumentState[] = ["scanning", "ready"];

export type SessionState = "open" | "completing" | "completed" | "aborted" | "expired";

/** An upload that nobody completed in time is expired, even before the clock's sweep has cleared it away. */
export function sessionStateOf(document: DocumentState, expiresAt: Date, now: Date): SessionState {
  switch (document) {
    case "planned":
    case "uploading":
      return now < expiresAt ? "open" : "expired";
    case "completing":
      return "completing";
    case "aborting":
    case "aborted":
      return "aborted";
    case "expired":
      return "expired";
    case "scanning":
    case "ready":
    case "quarantined":
    case "deleting":
    case "deleted":
      return "completed";
  }
}

/** How an aborted upload ends: as expired if it was given up because, or after, its time had run out. */
export const endOfAbort = (abortedAt: Date, expiresAt: Date): "aborted" | "expired" =>
  abortedAt < expiresAt ? "aborted" : "expired";
