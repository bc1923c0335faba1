export { auditLog } from "./audit.ts";
export { companies } from "./companies.ts";
export { companyRoles } from "./company-roles.ts";
export { idempotencyKeys } from "./idempotency-keys.ts";
export { mailedTokens } from "./mailed-tokens.ts";
export { registrations } from "./registrations.ts";
export { sessions } from "./sessions.ts";
export { simulations, simulationSeries } from "./simulations.ts";
export { users } from "./users.ts";
