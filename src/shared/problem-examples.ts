import type { FieldError } from "./errors.ts";
import type { ProblemCode } from "./problems.ts";

/** Of each problem a detail as it reads, for the OpenAPI document: what happened, and what to do next. */
export const problemDetails: Readonly<Record<ProblemCode, string>> = {
  part_wrong_size: "This part has exactly 8388608 bytes. Send it again, whole.",
  part_wrong_sha256: "The bytes that arrived have another SHA-256 than the header says. Send the part again.",
  malformed_json: "The body could not be read as JSON. Check its syntax and that it is UTF-8.",
  unauthorized:
    "The access token is missing, wrong or expired. Send Authorization: Bearer with the access_token of a sign-in.",
  invalid_credentials:
    "E-mail or password is wrong, or the account cannot sign in. Check both, or ask an Admin of your company.",
  refresh_reused:
    "This refresh token was used before, so its session has been ended. Sign in again; if that was not you, change your password.",
  forbidden:
    "Your group (Reviewer) lacks the permission simulations:write. It takes a Super Admin, Admin, Researcher or Etter Generator.",
  not_found: "There is nothing with this id in your company. Check it.",
  method_not_allowed: "This address answers GET, HEAD.",
  bootstrap_closed: "There is a Super Admin already. Only they can let others in.",
  refresh_raced: "Another call has just used this token. Try again with the one it was given.",
  email_taken: "This e-mail address belongs to another account. Use a different one.",
  last_admin:
    "Nobody else could let others in: this is the last one who can. Make somebody else an Admin first (a Super Admin on the platform).",
  invitation_not_pending:
    "There is nothing to accept: this account has been accepted already, or is not active. Activate it first.",
  too_many_roles: "Your company has 1000 roles of its own. Delete one it does not need.",
  simulation_not_completed: "This simulation is in_progress. Ask again once it has completed.",
  engine_changed: "This run was computed by engine 1.0.0; now there is 1.1.0. Start it again.",
  upload_incomplete: "Parts missing: 1, of a wrong size: 1. Send the listed parts, then complete again.",
  upload_over: "This upload was aborted already. Begin a new one to send another document.",
  upload_completing: "This upload is being completed. Ask again in a moment for the outcome.",
  document_not_ready: "The document is scanning, not ready. Read it until its status says so.",
  scan_outdated: "The document has come to be scanned anew since. Answer the later request.",
  storage_full: "Your company's storage has no room for this document. Delete some, or ask for more.",
  folder_not_empty: "There is something in this folder. Empty it, or delete it with recursive=true.",
  folder_being_deleted: "This folder is being deleted. Choose another, or wait until it is gone.",
  too_many_folders: "Your company has as many folders as it may. Delete some it does not need.",
  upload_expired: "The time for this upload is over, and its parts are gone. Begin a new one.",
  length_required: "Send the part with a Content-Length header.",
  range_not_satisfiable: "The document has 1024 bytes; ask for some of them.",
  payload_too_large: "The body may have at most 65536 bytes.",
  unsupported_media_type: "Send the body as JSON with the header Content-Type: application/json.",
  validation_failed: "email: is missing.",
  token_invalid:
    "This token was used, replaced by a newer one, or has expired. If you have used it already, sign in; else ask for a new one.",
  over_budget:
    "This run would take about 90 minutes of computing, more than is allowed. Ask for fewer iterations, months or roles.",
  idempotency_key_reused: "This Idempotency-Key came with another body before. Use a new key for a new request.",
  document_held: "The document is under a legal hold. An Admin can release it.",
  document_quarantined: "The document is quarantined. An Admin can approve it.",
  rate_limited: "Too many attempts. Try again in 90 seconds.",
  too_many_runs: "Your company has 10 simulations under way. Wait for one to end.",
  too_many_uploads: "Your company has 100 uploads under way. Complete or abort some.",
  internal: "Something went wrong on our side. If it happens again, tell us the request_id.",
  unavailable: "Postgres cannot be reached right now. Nothing was lost; try again in a few seconds.",
};

/** Members that a problem has beyond the standard ones, for the same examples; `field` is one of the operation's own. */
export function problemMembers(code: ProblemCode, field: FieldError): object {
  switch (code) {
    case "validation_failed":
      return { detail: `${field.path}: ${field.message}.`, errors: [field] };
    case "token_invalid":
      return { errors: [{ path: "token", message: "was used, replaced by a newer one, or has expired" }] };
    case "over_budget":
      return {
        estimate: { work_units: 43_200_000_000, cpu_seconds: 5_400, cost_usd: 0.108, wall_seconds: 5_400.5 },
        errors: [{ path: "n_iterations", message: "is too many for these roles and months" }],
      };
    case "upload_incomplete":
      return { missing: [2], wrong: [3] };
    default:
      return {};
  }
}
