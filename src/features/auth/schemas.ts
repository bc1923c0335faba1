import { z } from "@hono/zod-openapi";
import { emailAddress, label, text } from "../../shared/text.ts";
import { userExample, userSchema, userToWire } from "../users/index.ts";
import { pageOf } from "../../shared/pagination.ts";
import { logoutScopes, type OwnSession } from "./session-repository.ts";
import type { SignIn } from "./verbs/sign-in.ts";

/** Longer than any password may be, so that a long wrong one is a wrong password, not a different error. */
const maxSignInPasswordLength = 1_000;
const maxNameLength = 100;
const maxCompanyNameLength = 200;
/** Twice what ours have. */
const maxTokenLength = 500;

const newPassword = () => text(maxSignInPasswordLength).openapi({ description: "15 to 128 characters." });
/** Where the refresh token goes. */
const sessionIn = z.enum(["cookie"]).optional().openapi({
  description: "For browsers: the refresh token lives in a cookie that no script can read, not in the body.",
});
const exampleToken = (version: string, secrets: number): string =>
  [version, "8e2a1d8e1f0a4a569f0a5a1f0b9b7c11", "5b0c7a525d0b4b7e9a510d8f4f1f5a10"]
    .concat(Array.from({ length: secrets }, () => "x".repeat(42) + "A"))
    .join(".");

export const loginSchema = z
  .strictObject({ email: emailAddress(), password: text(maxSignInPasswordLength), session: sessionIn })
  .openapi("Login", { example: { email: "researcher@demo.example", password: "demo only sign in 7071" } });

export const signInSchema = z
  .object({
    access_token: z.string(),
    token_type: z.literal("bearer"),
    expires_in: z.number().int().openapi({ description: "Seconds." }),
    refresh_token: z.string().optional().openapi({ description: "Not there where it went into the cookie." }),
    refresh_expires_in: z.number().int().openapi({ description: "Seconds." }),
    user: userSchema,
  })
  .openapi("SignIn", {
    example: {
      access_token: "eyJhbGciOiJIUzI1NiIsInR5cCI6ImF0K2p3dCJ9.….…",
      token_type: "bearer",
      expires_in: 1800,
      refresh_token: exampleToken("r1", 2),
      refresh_expires_in: 604_800,
      user: userExample,
    },
  });

export const bootstrapSchema = z
  .strictObject({
    email: emailAddress(),
    password: text(maxSignInPasswordLength),
    first_name: label(maxNameLength),
    last_name: label(maxNameLength),
  })
  .openapi("Bootstrap", {
    example: {
      email: "owner@example.com",
      password: "a sentence only you know",
      first_name: "Sam",
      last_name: "Owner",
    },
  });

export const adminSecretHeader = z.object({
  "x-admin-secret": z.string().max(1_000).optional().openapi({ description: "The ADMIN_SECRET of the deployment." }),
});

export const refreshSchema = z
  .strictObject({ refresh_token: text(maxTokenLength).optional(), session: sessionIn })
  .refine(
    ({ refresh_token, session }) => (refresh_token === undefined) !== (session === undefined),
    'must have either refresh_token or session: "cookie"',
  )
  .openapi("Refresh", { example: { refresh_token: exampleToken("r1", 2) } });

export const logoutSchema = z
  .strictObject({
    scope: z
      .enum(logoutScopes)
      .optional()
      .openapi({ default: "current", description: "This session, all others, or all." }),
  })
  .openapi("Logout", { example: { scope: "current" } });

export const registerSchema = z
  .strictObject({
    email: emailAddress(),
    password: newPassword(),
    first_name: label(maxNameLength),
    last_name: label(maxNameLength),
    company_name: label(maxCompanyNameLength),
  })
  .openapi("Register", {
    example: {
      email: "founder@example.com",
      password: "a sentence only you know",
      first_name: "Sam",
      last_name: "Founder",
      company_name: "Acme",
    },
  });

export const acceptedSchema = z
  .object({ message: z.string() })
  .openapi("MailOnItsWay", { example: { message: "If this address can be used, a mail is on its way to it." } });

export const verifySchema = z
  .strictObject({ token: text(maxTokenLength) })
  .openapi("VerifyEmail", { example: { token: exampleToken("v1", 1) } });

export const changePasswordSchema = z
  .strictObject({ current_password: text(maxSignInPasswordLength), new_password: newPassword(), session: sessionIn })
  .openapi("ChangePassword", {
    example: { current_password: "a sentence only you know", new_password: "another that nobody guesses" },
  });

export const forgotPasswordSchema = z
  .strictObject({ email: emailAddress() })
  .openapi("ForgotPassword", { example: { email: "researcher@demo.example" } });

export const resetPasswordSchema = z
  .strictObject({ token: text(maxTokenLength), new_password: newPassword() })
  .openapi("ResetPassword", { example: { token: exampleToken("p1", 1), new_password: "another that nobody guesses" } });

export const acceptInvitationSchema = z
  .strictObject({
    token: text(maxTokenLength),
    password: newPassword(),
    first_name: label(maxNameLength),
    last_name: label(maxNameLength),
  })
  .openapi("AcceptInvitation", {
    example: {
      token: exampleToken("i1", 1),
      password: "a sentence only you know",
      first_name: "Robin",
      last_name: "Researcher",
    },
  });

const sessionExample = {
  id: "5b0c7a52-5d0b-4b7e-9a51-0d8f4f1f5a10",
  device: "Mozilla/5.0 (X11; Linux x86_64)",
  ip: "203.0.113.7",
  current: true,
  created_at: "2026-11-22T09:00:00.000Z",
  last_used_at: "2026-11-22T09:30:00.000Z",
  expires_at: "2026-11-29T09:30:00.000Z",
};

const sessionSchema = z
  .object({
    id: z.uuid(),
    device: z.string().nullable().openapi({ description: "What the client called itself when it signed in." }),
    ip: z.string().nullable(),
    current: z.boolean().openapi({ description: "The session of this call." }),
    created_at: z.iso.datetime(),
    last_used_at: z.iso.datetime().openapi({ description: "The last sign-in or refresh." }),
    expires_at: z.iso.datetime().openapi({ description: "When it ends unless it is refreshed." }),
  })
  .openapi("Session", { example: sessionExample });

export const sessionListSchema = pageOf(sessionSchema).openapi("SessionList", {
  example: { items: [sessionExample], next_cursor: null },
});

export const sessionParams = z.object({
  id: z
    .uuid()
    .toLowerCase()
    .openapi({ param: { name: "id", in: "path" }, example: "5b0c7a52-5d0b-4b7e-9a51-0d8f4f1f5a10" }),
});

export const sessionToWire = (session: OwnSession, currentId: string): z.infer<typeof sessionSchema> => ({
  id: session.id,
  device: session.device,
  ip: session.ip,
  current: session.id === currentId,
  created_at: session.createdAt.toISOString(),
  last_used_at: session.lastUsedAt.toISOString(),
  expires_at: session.expiresAt.toISOString(),
});

/** Without the refresh token where that goes into the cookie. */
export const signInToWire = (signIn: SignIn, inCookie: boolean): z.infer<typeof signInSchema> => ({
  access_token: signIn.accessToken,
  token_type: "bearer",
  expires_in: signIn.expiresIn,
  ...(inCookie ? {} : { refresh_token: signIn.refreshToken }),
  refresh_expires_in: signIn.refreshExpiresIn,
  user: userToWire(signIn.user),
});
