export { auditRoutes } from "./routes.ts";
export { createAuditService, type AuditService } from "./service.ts";
