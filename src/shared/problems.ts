/**
 * The closed list of problems a client can meet: one code, one HTTP status, one title (RFC 9457).
 * Adding a code takes a line here and one in problem-examples.ts: the error mapper and the OpenAPI document read these.
 */
export const problems = {
  part_wrong_size: { status: 400, title: "The part has another size" },
  part_wrong_sha256: { status: 400, title: "The part has another SHA-256" },
  malformed_json: { status: 400, title: "The body is not valid JSON" },
  unauthorized: { status: 401, title: "Sign-in needed" },
  invalid_credentials: { status: 401, title: "E-mail or password is wrong" },
  refresh_reused: { status: 401, title: "Refresh token used twice" },
  forbidden: { status: 403, title: "Not allowed" },
  not_found: { status: 404, title: "Not found" },
  method_not_allowed: { status: 405, title: "Method not allowed" },
  bootstrap_closed: { status: 409, title: "Bootstrap is closed" },
  refresh_raced: { status: 409, title: "Refresh token just used" },
  email_taken: { status: 409, title: "E-mail address already in use" },
  last_admin: { status: 409, title: "The last Admin stays" },
  invitation_not_pending: { status: 409, title: "No invitation to accept" },
  too_many_roles: { status: 409, title: "No room for another role" },
  simulation_not_completed: { status: 409, title: "The simulation has not completed" },
  engine_changed: { status: 409, title: "The engine has changed since" },
  upload_incomplete: { status: 409, title: "Parts are missing or wrong" },
  upload_over: { status: 409, title: "The upload is over" },
  upload_completing: { status: 409, title: "The upload is being completed" },
  document_not_ready: { status: 409, title: "The document is not ready" },
  scan_outdated: { status: 409, title: "The verdict is for an earlier scan" },
  storage_full: { status: 409, title: "The company's storage is full" },
  folder_not_empty: { status: 409, title: "The folder is not empty" },
  folder_being_deleted: { status: 409, title: "The folder is being deleted" },
  too_many_folders: { status: 409, title: "No room for another folder" },
  upload_expired: { status: 410, title: "The upload has expired" },
  length_required: { status: 411, title: "Content-Length is needed" },
  range_not_satisfiable: { status: 416, title: "The document has no such bytes" },
  payload_too_large: { status: 413, title: "Body too large" },
  unsupported_media_type: { status: 415, title: "Content type not supported" },
  validation_failed: { status: 422, title: "The request is not valid" },
  token_invalid: { status: 422, title: "Token not valid any more" },
  over_budget: { status: 422, title: "The run would cost too much" },
  idempotency_key_reused: { status: 422, title: "Idempotency-Key was used for another request" },
  document_held: { status: 423, title: "The document is under a legal hold" },
  document_quarantined: { status: 423, title: "The document is quarantined" },
  rate_limited: { status: 429, title: "Too many requests" },
  too_many_runs: { status: 429, title: "Too many simulations at once" },
  too_many_uploads: { status: 429, title: "Too many uploads at once" },
  internal: { status: 500, title: "Internal error" },
  unavailable: { status: 503, title: "Temporarily unavailable" },
} as const satisfies Record<string, { status: number; title: string }>;

export type ProblemCode = keyof typeof problems;
export type ProblemStatus = (typeof problems)[ProblemCode]["status"];

export const problemCodes = Object.keys(problems) as ProblemCode[];
