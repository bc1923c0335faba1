export { auditLog } from "./audit.ts";
export { companies } from "./companies.ts";
export { companyRoles } from "./company-roles.ts";
export {
  companyStorage,
  documents,
  folderDeletionItems,
  folderDeletions,
  folders,
  uploadParts,
  uploadSessions,
} from "./documents.ts";
export { idempotencyKeys } from "./idempotency-keys.ts";
export { mailOutbox } from "./mail-outbox.ts";
export { mailedTokens } from "./mailed-tokens.ts";
export { registrations } from "./registrations.ts";
export { sessions } from "./sessions.ts";
export { simulations, simulationSeries, simulationSweeps } from "./simulations.ts";
export { users } from "./users.ts";
