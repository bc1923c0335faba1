export type { UserProfile, UserRepository } from "./repository.ts";
export { userRoutes } from "./routes.ts";
export { userExample, userSchema, userToWire } from "./schemas.ts";
export { createUserService, type UserService } from "./service.ts";
