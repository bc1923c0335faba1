import type { Actor, Permission } from "../../shared/access.ts";
import type { SessionId } from "../../shared/ids.ts";
import type { Page, PageMark } from "../../shared/pagination.ts";
import type { UserProfile } from "../users/index.ts";
import type { LogoutScope, OwnSession } from "./session-repository.ts";
import { acceptInvitation, type Acceptance } from "./verbs/accept-invitation.ts";
import { admitAdmin, bootstrap } from "./verbs/bootstrap.ts";
import { auditEntry, type AuthDependencies } from "./verbs/dependencies.ts";
import { login } from "./verbs/login.ts";
import { changePassword, forgotPassword, resetPassword } from "./verbs/passwords.ts";
import { refresh } from "./verbs/refresh.ts";
import { register, type Registration } from "./verbs/register.ts";
import { endSession, listSessions, logout } from "./verbs/sessions.ts";
import type { SignIn } from "./verbs/sign-in.ts";
import { verifyEmail } from "./verbs/verify-email.ts";

/** What can be done; each verb's file says how, and what it refuses. All that anybody may call are counted first. */
export interface AuthService {
  /** The caller named by an Authorization header. @throws AppError `unauthorized` */
  authenticate(authorization: string | undefined): Promise<Actor>;
  login(credentials: { email: string; password: string }): Promise<SignIn>;
  refresh(refreshToken: string): Promise<SignIn>;
  logout(actor: Actor, scope: LogoutScope): Promise<void>;
  listSessions(actor: Actor, page: { limit: number; after: PageMark | undefined }): Promise<Page<OwnSession>>;
  endSession(actor: Actor, sessionId: SessionId): Promise<void>;
  register(registration: Registration): Promise<void>;
  verifyEmail(token: string): Promise<void>;
  changePassword(actor: Actor, passwords: { current: string; next: string }): Promise<SignIn>;
  forgotPassword(email: string): Promise<void>;
  resetPassword(reset: { token: string; password: string }): Promise<void>;
  acceptInvitation(acceptance: Acceptance): Promise<void>;
  admitAdmin(adminSecret: string | undefined): Promise<void>;
  bootstrap(person: { email: string; password: string; firstName: string; lastName: string }): Promise<UserProfile>;
  /** Writes down that a known caller was refused. @throws AppError `unauthorized` when their session has ended */
  auditRefusal(actor: Actor, permission: Permission): Promise<void>;
}

const bearerPattern = /^Bearer ([\w.-]+)$/i;

export function createAuthService(deps: AuthDependencies): AuthService {
  const { tokens, clock } = deps;
  return {
    async authenticate(authorization) {
      const token = bearerPattern.exec(authorization ?? "")?.[1] ?? "";
      return tokens.verify(token, clock.now());
    },
    login: (credentials) => login(deps, credentials),
    refresh: (refreshToken) => refresh(deps, refreshToken),
    logout: (actor, scope) => logout(deps, actor, scope),
    listSessions: (actor, page) => listSessions(deps, actor, page),
    endSession: (actor, sessionId) => endSession(deps, actor, sessionId),
    register: (registration) => register(deps, registration),
    verifyEmail: (token) => verifyEmail(deps, token),
    changePassword: (actor, passwords) => changePassword(deps, actor, passwords),
    forgotPassword: (email) => forgotPassword(deps, email),
    resetPassword: (reset) => resetPassword(deps, reset),
    acceptInvitation: (acceptance) => acceptInvitation(deps, acceptance),
    admitAdmin: (adminSecret) => admitAdmin(deps, adminSecret),
    bootstrap: (person) => bootstrap(deps, person),
    auditRefusal: (actor, permission) =>
      deps.accounts.recordRefusal(
        auditEntry(deps, {
          companyId: actor.companyId,
          actorUserId: actor.userId,
          at: clock.now(),
          action: "access.refused",
          targetType: "permission",
          targetId: permission,
          outcome: "refused",
          reason: "forbidden",
        }),
        actor,
      ),
  };
}
