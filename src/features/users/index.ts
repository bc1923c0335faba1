export type { UserProfile, UserRepository } from "./repository.ts";
export { userRoutes } from "./routes.ts";
export { userSchema, userToWire } from "./schemas.ts";
export { createUserService, type UserService } from "./service.ts";
