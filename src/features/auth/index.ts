export type { AuthRepository } from "./repository.ts";
export { authRoutes } from "./routes.ts";
export { createAuthService, type AuthService } from "./service.ts";
export type { AuthDependencies } from "./verbs/dependencies.ts";
